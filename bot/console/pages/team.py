"""Staff and their accounts: who is there, who is locked out, and what an administrator can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.console import staff_accounts
from bot.console.escalation.forms import values_of
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.console.ways_in.join import JOIN
from bot.errors import EvendayError
from bot.store import factors, leaving, sessions, staff
from bot.store.access import Refused, Role
from bot.store.leaving import Left
from bot.store.staff import Staff
from bot.store.types import StaffId

TEAM = "/console/staff"
# What is done -> who may. A supervisor helps a colleague in at night; all that widens what somebody may is for others.
MAY: Mapping[str, frozenset[Role]] = {
    "view": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "unlock": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "log_out": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "add": frozenset({Role.ADMINISTRATOR}),
    "password": frozenset({Role.ADMINISTRATOR}),
    "factor": frozenset({Role.ADMINISTRATOR}),
    "role": frozenset({Role.ADMINISTRATOR}),
    "close": frozenset({Role.ADMINISTRATOR}),
    "open": frozenset({Role.ADMINISTRATOR}),
}
FIELDS = ("login", "name", "role")
DONE = {
    "unlock": "The login is open again.",
    "log_out": "They are logged out everywhere.",
    "factor": "Their codes and passkeys are gone, and they are logged out everywhere.",
    "role": "The role is changed, and they are logged out everywhere.",
    "close": "The account is closed. Nothing opens it any more, they are not called, and what they signed keeps their name.",
}


@dataclass(frozen=True)
class Member:
    """One member of staff, as the page shows them. `is_awaited`: they have a link, and no password yet."""

    staff: Staff
    is_awaited: bool
    has_factor: bool
    is_locked: bool
    sessions: int
    is_me: bool


def show(visit: Visit) -> Answer:
    """GET /console/staff."""
    _check(visit, "view")
    visit.record("staff.view", "staff")
    return _page(visit)


def _check(visit: Visit, what: str) -> None:
    if visit.staff.role not in MAY[what]:
        raise Refused("your role may not do that with accounts: ask an administrator")


def _page(visit: Visit, status: int = 200, **more: object) -> Page:
    with_factor, me = factors.who_have(visit.connection), visit.staff.id
    members = [
        Member(
            one,
            one.password_hash == staff.NO_PASSWORD,
            one.id in with_factor,
            one.barred(visit.now) == "locked",
            len(sessions.of(visit.connection, one.id, visit.now)),
            one.id == me,
        )
        for one in staff.listed(visit.connection, visit.vault)
    ]
    values = {
        "members": members,
        "left": staff.left(visit.connection, visit.vault),
        "may": {what for what, roles in MAY.items() if visit.staff.role in roles},
        "is_required": visit.console.needs_factor,
        "roles": list(Role),
        "typed": values_of({}, FIELDS),
        "problem": "",
        "link": "",
        "whose": "",
        "done": DONE.get(visit.query.get("done", ""), ""),
    }
    return Page("staff.html", {**values, **more}, status)


def add(visit: Visit) -> Answer:
    """POST /console/staff/add: the link by which they choose a password is shown this once."""
    _check(visit, "add")
    given = values_of(visit.form, FIELDS)
    try:
        made = staff_accounts.added(
            visit.connection, visit.vault, visit.now, visit.staff.id, given["login"], given["name"], given["role"]
        )
    except EvendayError as error:
        return _page(visit, 422, typed=given, problem=f"Not added: {error}.")
    return _with_link(visit, made, given["name"])


def _with_link(visit: Visit, whose: StaffId, name: str) -> Page:
    secret = staff_accounts.linked(visit.connection, visit.vault, visit.now, visit.staff.id, whose)
    return _page(visit, link=f"{visit.console.settings.public}{JOIN}{secret}", whose=name)


def renew(visit: Visit) -> Answer:
    """POST /console/staff/{login}/password: a link, shown this once; the old password stops, the login is unlocked."""
    found = _other(visit, "password")
    return _with_link(visit, found.id, found.name)


def unlock(visit: Visit) -> Answer:
    """POST /console/staff/{login}/unlock."""
    found = _other(visit, "unlock")
    staff.clear_failures(visit.connection, found)
    return _done(visit, found, "unlock", "staff.unlocked")


def log_out(visit: Visit) -> Answer:
    """POST /console/staff/{login}/log_out: everywhere, as when a phone is lost."""
    found = _other(visit, "log_out")
    sessions.close_all(visit.connection, found.id)
    return _done(visit, found, "log_out", "staff.logged_out")


def reset_factor(visit: Visit) -> Answer:
    """POST /console/staff/{login}/factor: for whoever lost phone and recovery codes."""
    found = _other(visit, "factor")
    factors.remove_all(visit.connection, found.id)
    sessions.close_all(visit.connection, found.id)
    return _done(visit, found, "factor", "factor.reset")


def change_role(visit: Visit) -> Answer:
    """POST /console/staff/{login}/role."""
    found, role = _other(visit, "role"), visit.form.get("role", "")
    if role not in set(Role):
        return _page(visit, 422, problem="Not changed: choose one of the roles.")
    staff.change(visit.connection, found.id, role=role)
    sessions.close_all(visit.connection, found.id)
    return _done(visit, found, "role", "staff.role_set", f"{found.role} to {role}")


def close(visit: Visit) -> Answer:
    """POST /console/staff/{login}/close: somebody left; not while a case, a chat or a shift is theirs."""
    found = _other(visit, "close")
    left = leaving.left_of(visit.connection, found.id, visit.now)
    if not left.is_nothing:
        return _page(visit, 409, problem=f"Not closed: {found.name} still has {told(left)}. {FIRST}")
    leaving.close(visit.connection, found.id, visit.now)
    return _done(visit, found, "close", "staff.closed")


FIRST = (
    "Cases: they hand them over, or a colleague resolves them. Chats: they are handed back. Shifts: take them out of "
    "the rota, and put somebody else in. If that can’t wait, “New password” and “Take the second factor away” shut "
    "them out at once."
)


def told(left: Left) -> str:
    """What somebody still has to do, in words: "2 cases, 1 shift"."""
    counts = {"case": left.cases, "chat": left.chats, "shift": left.shifts}
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)


def reopen(visit: Visit) -> Answer:
    """POST /console/staff/{login}/open: somebody is back, by a new link."""
    found = _other(visit, "open", is_closed=True)
    leaving.reopen(visit.connection, found.id)
    visit.record("staff.reopened", found.id)
    return _with_link(visit, found.id, found.name)


def _other(visit: Visit, what: str, is_closed: bool = False) -> Staff:
    """Whom the address names; nobody does these things to themselves, so that the last administrator can't be lost."""
    _check(visit, what)
    found = staff.by_login(visit.connection, visit.vault, visit.path["login"])
    if found is None or (found.closed_at is not None) is not is_closed:
        raise Missing
    if found.id == visit.staff.id:
        raise Refused("this is your own account: ask another administrator")
    return found


def _done(visit: Visit, found: Staff, what: str, action: str, detail: str = "") -> Go:
    visit.record(action, StaffId(found.id), detail)
    return Go(f"{TEAM}?done={what}")
