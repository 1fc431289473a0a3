"""A member's own passkeys: each opens the console by itself, so the password is typed again to add or remove one."""

from __future__ import annotations

from bot.console.account.page import ACCOUNT, NEEDED, account_page
from bot.console.account.password import WRONG, refused, unproved
from bot.console.visit import Answer, Go, Json, Later, Missing, Visit
from bot.console.ways_in import passkeys as asked
from bot.console.ways_in.passkeys import Party, party_of
from bot.store import challenges, factors, passkeys
from bot.store.challenges import Purpose

MOST, LONGEST_NAME = 10, 80
NOT_ADDED = "The passkey was not added: it came too late, or this device has one already. Please try again."
ENOUGH = f"You have {MOST} passkeys. Remove one that you don't use any more."


def _party(visit: Visit) -> Party:
    found = party_of(visit.console.settings.public_url, visit.host)
    if found is None:
        raise Missing
    return found


def ask(visit: Visit) -> Answer:
    """POST /console/account/passkeys/options: for whoever knows the password, a challenge to sign, as JSON."""
    party, me = _party(visit), visit.staff
    known = passkeys.of(visit.connection, me.id)
    if len(known) >= MOST:
        return Json.problem(ENOUGH, 422)
    if wrong := unproved(visit, visit.form.get("password", ""), lambda _: Json.problem(WRONG, 422)):
        return wrong
    site, ids = visit.console.settings.site_name, [one.credential_id for one in known]

    def issue(writing: Visit) -> Answer:
        challenge = challenges.issue(writing.connection, Purpose.REGISTER, writing.csrf, writing.now)
        return Json(asked.to_register(party, site, me, ids, challenge))

    return Later(issue)


def add(visit: Visit) -> Answer:
    """POST /console/account/passkeys: the device has made it. That the challenge is ours shows that the password was typed."""
    party, answer, me = _party(visit), visit.form.get("answer", ""), visit.staff.id
    challenge = asked.challenge_of(answer)
    if challenge is None or not challenges.take(visit.connection, challenge, Purpose.REGISTER, visit.csrf, visit.now):
        return account_page(visit, NOT_ADDED, 422)
    made = asked.made(party, answer, challenge)
    name = visit.form.get("name", "")[:LONGEST_NAME] or "Passkey"
    if made is None or not passkeys.add(
        visit.connection, me, name, visit.now,
        credential_id=made.credential_id, public_key=made.public_key, sign_count=made.sign_count,
    ):  # fmt: skip
        visit.record("passkey.refused", me)
        return account_page(visit, NOT_ADDED, 422)
    visit.record("passkey.added", me)
    return Go(f"{ACCOUNT}?done=passkey")


def remove(visit: Visit) -> Answer:
    """POST /console/account/passkeys/{id}/remove."""
    me = visit.staff.id
    mine = {one.id for one in passkeys.of(visit.connection, me)}
    if visit.path["id"] not in mine:
        raise Missing
    if visit.console.needs_factor and len(mine) == 1 and not factors.is_set(visit.connection, me):
        return account_page(visit, NEEDED, 403)
    if wrong := unproved(visit, visit.form.get("password", ""), refused):
        return wrong

    def take_away(writing: Visit) -> Answer:
        passkeys.remove(writing.connection, me, writing.path["id"])
        writing.record("passkey.removed", me)
        return Go(f"{ACCOUNT}?done=passkey_removed")

    return Later(take_away)
