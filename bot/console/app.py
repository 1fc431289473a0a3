"""The console's routes, which the gateway mounts."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console.desk import Console
from bot.console.gate import Endpoint, endpoint
from bot.console.guard import Guard
from bot.console.look import STATIC
from bot.console.pages import aside, escalation, health, patients, queue, sign_in, steps

__all__ = ["Console", "routes"]

# (path, handler): pages of patient data, each of which leaves an entry in the audit.
VIEWS = (
    ("/", queue.show),
    ("/escalation/{id}", escalation.show),
    ("/patients", patients.listed),
    ("/patients/{code}", patients.show),
    ("/aside", aside.listed),
)
# (path, handler): steps, each of which leaves its own.
STEPS = (
    ("/escalation/{id}/acknowledge", steps.acknowledge),
    ("/escalation/{id}/contact", steps.contact),
    ("/escalation/{id}/note", steps.note),
    ("/escalation/{id}/resolve", steps.resolve),
    ("/patients/{code}/request/{id}", patients.close_request),
    ("/aside/{id:int}", aside.open_body),
)


def routes(console: Console) -> list[Mount | Route]:
    """All of /console, guarded; made once at start."""
    inner: list[Mount | Route] = [
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/login", sign_in.show_log_in(console), methods=["GET"]),
        Route("/login", sign_in.log_in(console), methods=["POST"]),
        Route("/logout", sign_in.log_out(console), methods=["POST"]),
        Route("/live", endpoint(console, queue.live, unless=queue.is_unchanged), methods=["GET"]),
        Route("/health", endpoint(console, health.show, only_reads=True, needs_role=False), methods=["GET"]),
        Route("/health/redrive", _redrive(console), methods=["POST"]),
        *(Route(path, endpoint(console, handler), methods=["GET"]) for path, handler in VIEWS),
        *(Route(path, endpoint(console, handler), methods=["POST"]) for path, handler in STEPS),
        Route(
            "/{rest:path}",
            endpoint(console, health.missing, only_reads=True, needs_role=False),
            methods=["GET", "POST"],
        ),
    ]
    guard = Middleware(Guard, public_url=console.settings.public_url)
    return [Mount("/console", routes=inner, middleware=[guard])]


def _redrive(console: Console) -> Endpoint:
    serve = endpoint(console, health.redrive)

    async def and_wake(request: Request) -> Response:
        response = await serve(request)
        console.woken()
        return response

    return and_wake
