"""The console's routes, which the gateway mounts."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

import bot.paths  # noqa: F401  # so that routes know `:row`
from bot.console import demo
from bot.console.account import factor, passkeys, password, tour
from bot.console.account import page as account
from bot.console.audit import page as audit
from bot.console.desk import Console
from bot.console.escalation import chat, here, page, paper
from bot.console.escalation.buttons import BUTTONS
from bot.console.forms import HOME
from bot.console.gate import endpoint
from bot.console.guard import Guard
from bot.console.look import STATIC
from bot.console.measures import blind
from bot.console.measures import page as measures
from bot.console.pages import aside, glass, health, missed, queue, reach, rota, team, teams
from bot.console.patients import agreed, roster
from bot.console.patients import page as patient
from bot.console.patients.steps import STEPS as CARE
from bot.console.replies import page as replies
from bot.console.stream import stream
from bot.console.ways_in import by_passkey, join, sign_in
from bot.console.ways_in.entering import door

__all__ = ["Console", "routes"]

# (path, handler): pages of patient data and of the rota, each of which leaves an entry in the audit.
VIEWS = (
    ("/", queue.show),
    ("/escalation/{id}", page.show),
    ("/escalation/{id}/paper", paper.show),
    ("/patients", roster.listed),
    ("/patients/{code}", patient.show),
    ("/patients/{code}/missed/{message:row}", missed.show),
    ("/aside", aside.listed),
    ("/patients/{code}/agreed", agreed.show),
    ("/patients/{code}/glass", glass.ask),
    ("/glass", glass.show),
    ("/staff", team.show),
    ("/teams", teams.show),
    ("/replies", replies.show),
    ("/replies/add", replies.show_new),
    ("/replies/{id}", replies.show_one),
    ("/rota", rota.show),
    ("/rota/{id}", rota.show_shift),
)
# (path, handler): the same, which ask the table of roles in `lifecycle` themselves.
FIGURES = (("/safety/read/{week}", blind.show),)
# (path, handler): what reads long, in a transaction that only reads; the entry is a short one of its own.
LONG = (
    ("/safety", measures.show),
    ("/safety/escalations.csv", measures.export),
    ("/audit", audit.show),
)
# (path, handler): steps, each of which leaves its own.
STEPS = (
    *((f"/escalation/{{id}}/{name}", handler) for name, handler in BUTTONS.items()),
    ("/escalation/{id}/fill", chat.fill),
    ("/replies/add", replies.add),
    ("/replies/{id}/change", replies.change),
    ("/replies/{id}/remove", replies.remove),
    ("/find", roster.find),
    ("/patients/find", roster.find),
    *((f"/patients/{{code}}/{name}", handler) for name, handler in CARE.items()),
    ("/patients/{code}/request/{id}", patient.close_request),
    ("/patients/{code}/missed/{message:row}", missed.mark),
    ("/aside/{id:row}", aside.open_body),
    ("/patients/{code}/agreed/contact", agreed.keep_contact),
    ("/patients/{code}/agreed/safety_plan", agreed.keep_safety_plan),
    ("/patients/{code}/glass", glass.break_),
    ("/patients/{code}/team", teams.move),
    ("/glass/{id}/seen", glass.review),
    ("/teams/add", teams.add),
    ("/teams/give", teams.give),
    ("/teams/{team}/rename", teams.rename),
    ("/teams/{team}/remove", teams.remove),
    ("/teams/{team}/join", teams.join),
    ("/teams/{team}/leave", teams.leave),
    ("/staff/add", team.add),
    ("/staff/{login}/password", team.renew),
    ("/staff/{login}/unlock", team.unlock),
    ("/staff/{login}/log_out", team.log_out),
    ("/staff/{login}/factor", team.reset_factor),
    ("/staff/{login}/role", team.change_role),
    ("/staff/{login}/close", team.close),
    ("/staff/{login}/open", team.reopen),
    ("/rota/add", rota.add),
    ("/rota/test/{contact}", reach.test),
    ("/rota/{id}/cover", rota.cover),
    ("/rota/{id}/remove", rota.remove),
    ("/health/redrive", health.redrive),
    ("/demo/remove", demo.remove),
    ("/audit/verify", audit.verify),
    ("/safety/read", blind.draw),
    ("/safety/read/{week}/{place:row}", blind.mark),
)
# (path, method, handler): for whoever is not in yet.
DOORS = (
    ("/login", "GET", sign_in.show_log_in),
    ("/login", "POST", sign_in.log_in),
    ("/login/code", "GET", sign_in.show_code),
    ("/login/code", "POST", sign_in.enter_code),
    ("/login/passkey/options", "POST", by_passkey.ask),
    ("/login/passkey", "POST", by_passkey.log_in),
    ("/join/{token}", "GET", join.show),
    ("/join/{token}", "POST", join.choose),
    ("/logout", "POST", sign_in.log_out),
)
# (path, method, handler): a member's own account, open to every role, and before a second factor is set up.
OWN = (
    ("/account", "GET", account.show),
    ("/account/factor", "GET", factor.show_key),
    ("/account/factor/confirm", "POST", factor.confirm),
    ("/account/factor/remove", "POST", factor.remove),
    ("/account/recovery", "POST", factor.renew),
    ("/account/passkeys", "POST", passkeys.add),
    ("/account/sessions/{handle}/end", "POST", account.end),
    ("/tour/next", "POST", tour.go_on),
    ("/tour/back", "POST", tour.go_back),
    ("/tour/end", "POST", tour.end),
    ("/tour/begin", "POST", tour.begin),
)
# (path, handler): the same, where the password is typed again. It is checked in a transaction that only reads, as that
# is slow work and who writes on SQLite keeps all others waiting; what follows is a short one of its own.
PROVED = (
    ("/account/password", password.change),
    ("/account/factor", factor.begin),
    ("/account/passkeys/options", passkeys.ask),
    ("/account/passkeys/{id}/remove", passkeys.remove),
)
# (path, method, handler): who has what open. Scripts send these by themselves, so no session lasts the longer for them;
# and as they say nothing of anybody but staff, they leave no entry.
HERE = (
    ("/here", "GET", here.all_over),
    ("/escalation/{id}/here", "POST", here.stay),
    ("/escalation/{id}/gone", "POST", here.go),
)
# (path, handler, what tells that nothing changed): parts of pages that a script fetches again and again. None: the handler
# itself does, in a transaction that only reads, as all consoles ask at once when a case is opened.
LIVE = (
    ("/live", queue.live, None),
    ("/escalation/{id}/live", chat.live, chat.is_unchanged),
)


def routes(console: Console) -> list[Mount | Route]:
    """All of /console, guarded; made once at start."""
    inner: list[Mount | Route] = [
        Mount("/static", StaticFiles(directory=STATIC)),
        *(Route(path, door(console, handler), methods=[method]) for path, method, handler in DOORS),
        Route("/stream", stream(console), methods=["GET"]),
        Route("/health", endpoint(console, health.show, only_reads=True, needs_role=False), methods=["GET"]),
        *(
            Route(path, endpoint(console, handler, needs_role=False, needs_factor=False), methods=[method])
            for path, method, handler in OWN
        ),
        *(
            Route(
                path,
                endpoint(console, handler, only_reads=True, needs_role=False, needs_factor=False),
                methods=["POST"],
            )
            for path, handler in PROVED
        ),
        *(
            Route(path, endpoint(console, handler, unless=same, only_reads=same is None), methods=["GET"])
            for path, handler, same in LIVE
        ),
        *(Route(path, endpoint(console, handler, only_reads=True), methods=[method]) for path, method, handler in HERE),
        *(Route(path, endpoint(console, handler), methods=["GET"]) for path, handler in VIEWS),
        *(Route(path, endpoint(console, handler, needs_role=False), methods=["GET"]) for path, handler in FIGURES),
        *(
            Route(path, endpoint(console, handler, only_reads=True, needs_role=False), methods=["GET"])
            for path, handler in LONG
        ),
        *(Route(path, endpoint(console, handler), methods=["POST"]) for path, handler in STEPS),
        # Counts long, so in a transaction that only reads; its entry is committed before the first piece of the file.
        Route("/audit/export", endpoint(console, audit.export, only_reads=True), methods=["POST"]),
        Route(
            "/{rest:path}",
            endpoint(console, health.missing, only_reads=True, needs_role=False),
            methods=["GET", "POST"],
        ),
    ]
    guard = Middleware(Guard, public_url=console.settings.public_url)
    console_app = Router(inner, redirect_slashes=False)  # its redirects would name whatever host a request names
    return [Route("/console", _home), Mount("/console", console_app, middleware=[guard])]


async def _home(_request: Request) -> Response:
    return RedirectResponse(HOME)
