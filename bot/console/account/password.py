"""A member's own password: changed by whoever knows it, and typed again before a way in is added or taken away."""

from __future__ import annotations

from bot.console.account.page import ACCOUNT, account_page
from bot.console.visit import Answer, Go, Handler, Later, Visit
from bot.console.ways_in.password import fits, hash_password, unfit
from bot.store import sessions, staff

WRONG = (
    "That is not your password, or there were too many tries. After 8 wrong ones your login is locked for 15 minutes."
)
MEANWHILE = "Your password was changed meanwhile, by you elsewhere or by an administrator. Log in again."


def unproved(visit: Visit, typed: str, wrong: Handler) -> Answer:
    """None where a password is the member's own, so that a browser left open is not enough; wrong ones count as at log-in.

    For handlers whose transaction only reads: the check takes some 50 ms.

    Args:
        visit: of whoever typed it.
        typed: the password.
        wrong: answers where it is not theirs, or there were too many tries.
    """
    me = visit.staff
    if me.barred(visit.now) or not visit.console.tries.may_prove(me.login):
        return wrong(visit)
    if fits(typed, me.password_hash):
        return None

    def count(writing: Visit) -> Answer:
        found = staff.by_id(writing.connection, writing.vault, me.id)
        locks = staff.count_failure(writing.connection, found, writing.now)
        writing.record("password.wrong", me.id, "locked" if locks else "")
        return wrong(writing)

    return Later(count)


def refused(visit: Visit) -> Answer:
    """The account, with why."""
    return account_page(visit, WRONG, 422)


def change(visit: Visit) -> Answer:
    """POST /console/account/password: the old one, then the new one twice; all other sessions end."""
    me, given = visit.staff, visit.form
    new = given.get("password", "")
    if problem := unfit(new, given.get("again", ""), me.login, me.name):
        return account_page(visit, problem, 422)
    if wrong := unproved(visit, given.get("old", ""), refused):
        return wrong
    hashed = hash_password(new)

    def keep(writing: Visit) -> Answer:
        if not staff.replace_password(writing.connection, me, hashed):
            return account_page(writing, MEANWHILE, 409)
        sessions.close_all(writing.connection, me.id, but=writing.session)
        writing.record("password.changed", me.id)
        return Go(f"{ACCOUNT}?done=password")

    return Later(keep)
