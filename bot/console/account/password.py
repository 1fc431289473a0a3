"""A member's own password: changed by whoever knows it, and typed again before a way in is added or taken away."""

from __future__ import annotations

from bot.console.account.page import ACCOUNT, account_page
from bot.console.visit import Answer, Go, Visit
from bot.console.ways_in.password import fits, hash_password, unfit
from bot.store import sessions, staff

WRONG = (
    "That is not your password, or there were too many tries. After 8 wrong ones your login is locked for 15 minutes."
)
MEANWHILE = "Your password was changed meanwhile, by you elsewhere or by an administrator. Log in again."


def proved(visit: Visit, typed: str) -> bool:
    """Whether a password is the member's own, so that a browser left open is not enough; wrong ones count as at log-in.

    For handlers whose transaction only reads: the check takes some 50 ms.
    """
    me = visit.staff
    if me.barred(visit.now) or not visit.console.tries.may_prove(me.login):
        return False
    if fits(typed, me.password_hash):
        return True
    with visit.writing() as connection:
        locks = staff.count_failure(connection, staff.by_id(connection, visit.vault, me.id), visit.now)
        detail = "locked" if locks else ""
        staff.record(connection, visit.vault, visit.now, me.id, "password.wrong", me.id, detail)
    return False


def change(visit: Visit) -> Answer:
    """POST /console/account/password: the old one, then the new one twice; all other sessions end."""
    me, given = visit.staff, visit.form
    new = given.get("password", "")
    if problem := unfit(new, given.get("again", ""), me.login, me.name):
        return account_page(visit, problem, 422)
    if not proved(visit, given.get("old", "")):
        return account_page(visit, WRONG, 422)
    hashed = hash_password(new)
    with visit.writing() as connection:
        if not staff.replace_password(connection, me, hashed):
            return account_page(visit, MEANWHILE, 409)
        sessions.close_all(connection, me.id, but=visit.session)
        staff.record(connection, visit.vault, visit.now, me.id, "password.changed", me.id)
    return Go(f"{ACCOUNT}?done=password")
