"""A member's own account: their ways in, and where they are logged in."""

from __future__ import annotations

from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.console.ways_in.passkeys import party_of
from bot.store import factors, passkeys, sessions

ACCOUNT = "/console/account"
DONE = {
    "removed": "You are not asked for a code any more.",
    "tour": "The tour is over. You can take it again from here.",
    "ended": "That session is ended.",
    "password": "Your password is changed. You are logged out everywhere else.",
    "passkey": "Your passkey is added. From now on it logs you in by itself.",
    "passkey_removed": "That passkey opens nothing any more. You may still have to delete it on the device.",
}
NEEDED = (
    "This site asks for more than a password, and this is all that you have. Set up the other way first, or ask an "
    "administrator for a new start."
)


def show(visit: Visit) -> Answer:
    """GET /console/account."""
    return account_page(visit)


def account_page(visit: Visit, problem: str = "", status: int = 200) -> Page:
    """The page, with what keeps a step from being done."""
    connection, me = visit.connection, visit.staff
    is_set, keys = factors.is_set(connection, me.id), passkeys.of(connection, me.id)
    values = {
        "is_set": is_set,
        "left": factors.recovery_left(connection, me.id),
        "is_required": visit.console.needs_factor,
        "needs_one": visit.console.needs_factor and not (is_set or keys),
        "passkeys": keys,
        "takes_passkeys": party_of(visit.console.settings.public_url, visit.host) is not None,
        "sessions": sessions.of(connection, me.id, visit.now),
        "this_one": visit.session,
        "problem": problem,
        "done": DONE.get(visit.query.get("done", ""), "") if not problem else "",
    }
    return Page("account.html", values, status)


def end(visit: Visit) -> Answer:
    """POST /console/account/sessions/{handle}/end: log out elsewhere."""
    if not sessions.end(visit.connection, visit.staff.id, visit.path["handle"]):
        raise Missing
    visit.record("session.ended", visit.staff.id)
    return Go(f"{ACCOUNT}?done=ended")
