"""Log in by password and code, and out."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.desk import Console
from bot.console.forms import csrf_token, is_token, safe_next
from bot.console.gate import render
from bot.console.visit import Page
from bot.console.ways_in.entering import (
    STALE,
    TOO_MANY,
    Form,
    address_of,
    admit,
    is_visitors,
    log_in_page,
)
from bot.console.ways_in.password import Then, check
from bot.console.ways_in.second_factor import check_code
from bot.store import sessions, staff
from bot.store.types import token_hash

WRONG = (
    "The login or the password is wrong, or the login is locked. "
    "After 8 wrong tries a login is locked for 15 minutes. An administrator can give you a new start."
)
WRONG_CODE = (
    "That code is wrong, too old, or was used before. Wait for the next one in your app, or use a recovery code. "
    "After 8 wrong tries a login is locked for 15 minutes."
)
LONGEST_CODE = 40


async def show_log_in(console: Console, request: Request, form: Form) -> Response:
    """GET /console/login."""
    return log_in_page(console, request, safe_next(request.query_params.get("next", "")))


async def log_in(console: Console, request: Request, form: Form) -> Response:
    """POST /console/login."""
    wanted = safe_next(form.get("next", ""))
    if not is_visitors(console, request, form):
        return log_in_page(console, request, wanted, 403, STALE)
    login = form.get("login", "")[:64]
    if not console.tries.may_try(address_of(request), login.lower()):
        return log_in_page(console, request, wanted, 429, TOO_MANY, login)
    password = form.get("password", "")
    found = await check(console.store, console.clock, login, password, needs_factor=console.needs_factor)
    if found is None:
        return log_in_page(console, request, wanted, 401, WRONG, login)
    return await anyio.to_thread.run_sync(admit, console, request, *found, wanted)


async def show_code(console: Console, request: Request, form: Form) -> Response:
    """GET /console/login/code: asks for the second factor."""
    token = request.cookies.get(console.session_cookie, "")
    return _code_form(console, token, "", safe_next(request.query_params.get("next", "")), 200)


async def enter_code(console: Console, request: Request, form: Form) -> Response:
    """POST /console/login/code."""
    token, wanted = request.cookies.get(console.session_cookie, ""), safe_next(form.get("next", ""))
    if not is_token(form.get("csrf", ""), csrf_token(console.store.vault, token)):
        return _code_form(console, token, STALE, wanted, 403)
    if not console.tries.may_try(address_of(request), token_hash(token)):
        return _code_form(console, token, TOO_MANY, wanted, 429)
    typed = form.get("code", "")[:LONGEST_CODE]
    who = await anyio.to_thread.run_sync(check_code, console.store, console.clock, token, typed)
    if who is None:
        return _code_form(console, token, WRONG_CODE, wanted, 401)
    return await anyio.to_thread.run_sync(admit, console, request, who, Then.IN, wanted)


def _code_form(console: Console, token: str, problem: str, wanted: str, status: int) -> Response:
    values = {"problem": problem, "next": wanted, "csrf": csrf_token(console.store.vault, token)}
    return render(console, None, Page("login_code.html", values, status))


async def log_out(console: Console, request: Request, form: Form) -> Response:
    """POST /console/logout: ends the session in the database, too."""
    token = request.cookies.get(console.session_cookie, "")
    if not is_token(form.get("csrf", ""), csrf_token(console.store.vault, token)):
        return render(console, None, Page("stale.html", status=403))
    await anyio.to_thread.run_sync(_close, console, token)
    response = RedirectResponse("/console/login", status_code=303)
    response.delete_cookie(console.session_cookie, secure=console.is_secure, httponly=True, samesite="strict")
    return response


def _close(console: Console, token: str) -> None:
    now = console.clock.now()
    with console.store.write() as connection:
        who = sessions.whose(connection, console.store.vault, token, now)
        if who is not None:
            staff.record(connection, console.store.vault, now, who.id, "logout", who.id)
        sessions.close(connection, token)
