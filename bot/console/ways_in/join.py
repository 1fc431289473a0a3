"""A link by which somebody chooses their own password: an invitation, or a new start. Looking takes nothing."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from bot.console.desk import Console
from bot.console.forms import HOME
from bot.console.gate import render
from bot.console.visit import Page
from bot.console.ways_in.entering import (
    STALE,
    TOO_MANY,
    Form,
    address_of,
    admit,
    is_visitors,
    visitors_page,
)
from bot.console.ways_in.password import Then, hash_password, unfit, what_follows
from bot.store import sessions, staff, staff_links
from bot.store.staff import Staff
from bot.store.types import token_hash

JOIN = "/console/join/"


async def show(console: Console, request: Request, form: Form) -> Response:
    """GET /console/join/<token>."""
    found = await anyio.to_thread.run_sync(_whose, console, request)
    return _page(console, request, found) if found else _not_good(console)


async def choose(console: Console, request: Request, form: Form) -> Response:
    """POST /console/join/<token>: the link is spent, and whoever had it is in, as far as a password lets them."""
    found = await anyio.to_thread.run_sync(_whose, console, request)
    if found is None:
        return _not_good(console)
    if not is_visitors(console, request, form):
        return _page(console, request, found, 403, STALE)
    if not console.tries.may_try(address_of(request), token_hash(_token(request))):
        return _page(console, request, found, 429, TOO_MANY)
    password = form.get("password", "")
    if problem := unfit(password, form.get("again", ""), found.login, found.name):
        return _page(console, request, found, 422, problem)
    hashed = await anyio.to_thread.run_sync(hash_password, password)
    then = await anyio.to_thread.run_sync(_keep, console, _token(request), found, hashed)
    if then is None:
        return _not_good(console)
    return await anyio.to_thread.run_sync(admit, console, request, found.id, then, HOME)


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _whose(console: Console, request: Request) -> Staff | None:
    with console.store.read() as connection:
        found = staff_links.whose(connection, _token(request), console.clock.now())
        return staff.by_id(connection, console.store.vault, found) if found else None


def _keep(console: Console, token: str, found: Staff, hashed: str) -> Then | None:
    """Spend the link and keep the password; what follows, None where the link was spent meanwhile."""
    now = console.clock.now()
    with console.store.write() as connection:
        if not staff_links.spend(connection, token, now):
            return None
        staff.change(connection, found.id, password_hash=hashed)
        staff.clear_failures(connection, found)
        sessions.close_all(connection, found.id)
        staff.record(connection, console.store.vault, now, found.id, "password.chosen", found.id)
        return what_follows(connection, found.id, console.needs_factor)


def _page(console: Console, request: Request, found: Staff, status: int = 200, problem: str = "") -> Response:
    return visitors_page(console, request, Page("join.html", {"who": found, "problem": problem}, status))


def _not_good(console: Console) -> Response:
    """The same for a link that was used, is too old, or never was one."""
    return render(console, None, Page("join_not_good.html", status=404))
