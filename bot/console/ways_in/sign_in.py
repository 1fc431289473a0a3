"""Log in and out."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.desk import Console
from bot.console.gate import Page, csrf_token, is_token, read_form, render, safe_next
from bot.console.login import browser_of, check, check_code
from bot.errors import StoreError
from bot.store import factors, staff
from bot.store.types import StaffId

log = structlog.get_logger()

WRONG = (
    "The login or the password is wrong, or the login is locked. "
    "After 8 wrong tries a login is locked for 15 minutes. An administrator can give you a new password."
)
TOO_MANY = "There were too many tries in the last minute. Wait one minute, then try again."
WRONG_CODE = (
    "That code is wrong, too old, or was used before. Wait for the next one in your app, or use a recovery code. "
    "After 8 wrong tries a login is locked for 15 minutes."
)
STALE = "This page was open for too long. Please try again."
CODE, LONGEST_CODE = "/console/login/code", 40
COOKIE_SECONDS = int(staff.SESSION_LIFE.total_seconds())


def show_log_in(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """GET /console/login."""

    async def serve(request: Request) -> Response:
        return _form(console, request, "", safe_next(request.query_params.get("next", "")), 200)

    return serve


def log_in(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """POST /console/login."""

    async def serve(request: Request) -> Response:
        form = await read_form(request) or {}
        wanted = safe_next(form.get("next", ""))
        visit = request.cookies.get(console.visit_cookie, "")
        if not visit or not is_token(form.get("csrf", ""), csrf_token(console.store.vault, visit)):
            return _form(console, request, STALE, wanted, 403)
        login = form.get("login", "")[:64]
        if not console.tries.may_try(request.client.host if request.client else "", login.lower()):
            return _form(console, request, TOO_MANY, wanted, 429, login)
        try:
            who = await check(console.store, console.clock, login, form.get("password", ""))
            if who is None:
                return _form(console, request, WRONG, wanted, 401, login)
            token, awaits_code = await anyio.to_thread.run_sync(_open, console, who, request)
        except StoreError as error:
            log.error("console.store_away", why=str(error))
            return render(console, None, Page("away.html", status=503))
        return _entered(console, f"{CODE}?next={quote(wanted)}" if awaits_code else wanted, token)

    return serve


def show_code(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """GET /console/login/code: asks for the second factor."""

    async def serve(request: Request) -> Response:
        token = request.cookies.get(console.session_cookie, "")
        return _code_form(console, token, "", safe_next(request.query_params.get("next", "")), 200)

    return serve


def enter_code(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """POST /console/login/code."""

    async def serve(request: Request) -> Response:
        form = await read_form(request) or {}
        token, wanted = request.cookies.get(console.session_cookie, ""), safe_next(form.get("next", ""))
        if not is_token(form.get("csrf", ""), csrf_token(console.store.vault, token)):
            return _code_form(console, token, STALE, wanted, 403)
        if not console.tries.may_try(request.client.host if request.client else "", staff.token_hash(token)):
            return _code_form(console, token, TOO_MANY, wanted, 429)
        try:
            typed = form.get("code", "")[:LONGEST_CODE]
            who = await anyio.to_thread.run_sync(check_code, console.store, console.clock, token, typed)
            if who is None:
                return _code_form(console, token, WRONG_CODE, wanted, 401)
            opened, _ = await anyio.to_thread.run_sync(_open, console, who, request, False)
        except StoreError as error:
            log.error("console.store_away", why=str(error))
            return render(console, None, Page("away.html", status=503))
        return _entered(console, wanted, opened)

    return serve


def log_out(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """POST /console/logout: ends the session in the database, too."""

    async def serve(request: Request) -> Response:
        form = await read_form(request) or {}
        token = request.cookies.get(console.session_cookie, "")
        if not is_token(form.get("csrf", ""), csrf_token(console.store.vault, token)):
            return render(console, None, Page("stale.html", status=403))
        try:
            await anyio.to_thread.run_sync(_close, console, token)
        except StoreError as error:
            log.error("console.store_away", why=str(error))
            return render(console, None, Page("away.html", status=503))
        response = RedirectResponse("/console/login", status_code=303)
        response.delete_cookie(console.session_cookie, secure=console.is_secure, httponly=True, samesite="strict")
        return response

    return serve


def _form(console: Console, request: Request, problem: str, wanted: str, status: int, login: str = "") -> Response:
    visit = request.cookies.get(console.visit_cookie, "") or secrets.token_urlsafe(32)
    values = {
        "problem": problem,
        "next": wanted,
        "login": login,
        "csrf": csrf_token(console.store.vault, visit),
    }
    response = render(console, None, Page("login.html", values, status))
    _set_cookie(console, response, console.visit_cookie, visit)
    return response


def _code_form(console: Console, token: str, problem: str, wanted: str, status: int) -> Response:
    values = {"problem": problem, "next": wanted, "csrf": csrf_token(console.store.vault, token)}
    return render(console, None, Page("login_code.html", values, status))


def _entered(console: Console, to: str, token: str) -> Response:
    response = RedirectResponse(to, status_code=303)
    _set_cookie(console, response, console.session_cookie, token)
    response.delete_cookie(console.visit_cookie, secure=console.is_secure, httponly=True, samesite="strict")
    return response


def _set_cookie(console: Console, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=COOKIE_SECONDS, path="/", secure=console.is_secure, httponly=True, samesite="strict"
    )


def _open(console: Console, who: StaffId, request: Request, asks_code: bool = True) -> tuple[str, bool]:
    """A new session under a new token (the old one, if any, ends: nobody can plant it), and whether it awaits a code."""
    token, browser = secrets.token_urlsafe(32), browser_of(request.headers.get("user-agent", ""))
    with console.store.write() as connection:
        awaits_code = asks_code and factors.is_set(connection, who)
        staff.close_session(connection, request.cookies.get(console.session_cookie, ""))
        staff.open_session(connection, who, token, console.clock.now(), awaits_code=awaits_code, browser=browser)
    return token, awaits_code


def _close(console: Console, token: str) -> None:
    now = console.clock.now()
    with console.store.write() as connection:
        who = staff.by_session(connection, console.store.vault, token, now)
        if who is not None:
            staff.record(connection, console.store.vault, now, who.id, "logout", who.id)
        staff.close_session(connection, token)
