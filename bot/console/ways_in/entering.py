"""What all ways in share: the visitor's cookie and form, the log-in page, and the session that is opened at the end."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.desk import Console
from bot.console.forms import csrf_token, is_token, read_form
from bot.console.gate import Endpoint, render
from bot.console.visit import Page
from bot.console.ways_in.passkeys import party_of
from bot.console.ways_in.password import Then
from bot.errors import StoreError
from bot.store import sessions
from bot.store.types import StaffId

log = structlog.get_logger()

CODE = "/console/login/code"
STALE = "This page was open for too long. Please try again."
TOO_MANY = "There were too many tries in the last minute. Wait one minute, then try again."
ONLY_PASSKEY = "Your password is right, but it opens nothing here by itself. Log in with your passkey."
COOKIE_SECONDS = int(sessions.LIFE.total_seconds())

Form = Mapping[str, str]
Door = Callable[[Console, Request, Form], Awaitable[Response]]


def door(console: Console, handler: Door) -> Endpoint:
    """An endpoint for whoever is not in yet; a store that is away ends here."""

    async def serve(request: Request) -> Response:
        form = (await read_form(request) or {}) if request.method == "POST" else {}
        try:
            return await handler(console, request, form)
        except StoreError as error:
            log.error("console.store_away", why=str(error))
            return render(console, None, Page("away.html", status=503))

    return serve


def address_of(request: Request) -> str:
    """The network address that tries are counted by."""
    return request.client.host if request.client else ""


def visitors_token(console: Console, request: Request) -> str:
    """The token of a visitor's forms; "" where their browser has no cookie of ours."""
    visit = request.cookies.get(console.visit_cookie, "")
    return csrf_token(console.store.vault, visit) if visit else ""


def is_visitors(console: Console, request: Request, form: Form) -> bool:
    """Whether a form is one that we gave to this visitor."""
    wanted = visitors_token(console, request)
    return bool(wanted) and is_token(form.get("csrf", ""), wanted)


def visitors_page(console: Console, request: Request, page: Page) -> Response:
    """A page with a form for somebody who is not in: it is bound to a cookie that they get with it."""
    visit = request.cookies.get(console.visit_cookie, "") or secrets.token_urlsafe(32)
    values = {**page.values, "csrf": csrf_token(console.store.vault, visit)}
    response = render(console, None, Page(page.template, values, page.status))
    _set_cookie(console, response, console.visit_cookie, visit)
    return response


def log_in_page(
    console: Console, request: Request, wanted: str, status: int = 200, problem: str = "", login: str = ""
) -> Response:
    """The log-in page."""
    party = party_of(console.settings.public_url, request.headers.get("host", ""))
    values = {"problem": problem, "next": wanted, "login": login, "takes_passkeys": party is not None}
    return visitors_page(console, request, Page("login.html", values, status))


def admit(console: Console, request: Request, who: StaffId, then: Then, wanted: str) -> Response:
    """What follows a right password; for a thread, as it writes."""
    if then is Then.PASSKEY:
        return log_in_page(console, request, wanted, 403, ONLY_PASSKEY)
    awaits_code = then is Then.CODE
    token, browser = secrets.token_urlsafe(32), browser_of(request.headers.get("user-agent", ""))
    with console.store.write() as connection:
        # Under a new token each time; the old one, if any, ends: nobody can plant it.
        sessions.close(connection, request.cookies.get(console.session_cookie, ""))
        sessions.begin(connection, who, token, console.clock.now(), awaits_code=awaits_code, browser=browser)
    response = RedirectResponse(f"{CODE}?next={quote(wanted)}" if awaits_code else wanted, status_code=303)
    _set_cookie(console, response, console.session_cookie, token)
    response.delete_cookie(console.visit_cookie, secure=console.is_secure, httponly=True, samesite="strict")
    return response


def _set_cookie(console: Console, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=COOKIE_SECONDS, path="/", secure=console.is_secure, httponly=True, samesite="strict"
    )


# The first that a browser's own words hold: most claim to be several.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


def browser_of(user_agent: str) -> str:
    """A browser in the words of the member's own list of sessions: "Firefox on Windows"."""
    browser, system = (
        next((name for mark, name in known.items() if mark in user_agent), "") for known in (BROWSERS, SYSTEMS)
    )
    return " on ".join(filter(None, (browser or "A browser", system)))
