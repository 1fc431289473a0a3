"""Codes of an app besides the password: set up, renewed and turned off by whoever has the account."""

from __future__ import annotations

from datetime import timedelta

from bot.console.account import password
from bot.console.account.page import ACCOUNT, NEEDED, account_page
from bot.console.visit import Answer, Go, Later, Page, Visit
from bot.console.ways_in import codes
from bot.console.ways_in.second_factor import spend_code
from bot.store import factors, passkeys, staff
from bot.store.factors import Factor

FACTOR = f"{ACCOUNT}/factor"
BEGUN_FOR = timedelta(minutes=15)  # then the password is typed again: a set-up left half-way is nobody else's to end
WRONG = "That code does not fit. Wait for the next one in your app, and look whether the phone's clock is right."


def begin(visit: Visit) -> Answer:
    """POST /console/account/factor: by the password, a new key, which counts only once a code of it was typed."""
    if wrong := password.unproved(visit, visit.form.get("password", ""), password.refused):
        return wrong

    def make(writing: Visit) -> Answer:
        if not factors.is_set(writing.connection, writing.staff.id):
            factors.begin(writing.connection, writing.vault, writing.staff.id, codes.new_key(), writing.now)
            writing.record("factor.begun", writing.staff.id)
        return Go(FACTOR)

    return Later(make)


def show_key(visit: Visit) -> Answer:
    """GET /console/account/factor: the key as a picture and in letters, until it is confirmed."""
    return _key_page(visit)


def _begun(visit: Visit) -> Factor | None:
    """The key that is being set up; None where none is, or it was begun too long ago."""
    factor = factors.of(visit.connection, visit.vault, visit.staff.id)
    if factor is None or factor.confirmed_at is not None or visit.now - factor.made_at >= BEGUN_FOR:
        return None
    return factor


def _key_page(visit: Visit, problem: str = "", status: int = 200) -> Answer:
    factor = _begun(visit)
    if factor is None:
        return Go(ACCOUNT)
    address = codes.address(factor.key, visit.staff.login, visit.console.settings.site_name)
    values = {"picture": codes.picture(address), "key": codes.grouped(factor.key), "problem": problem}
    return Page("account_factor.html", values, status)


def confirm(visit: Visit) -> Answer:
    """POST /console/account/factor/confirm: the app has the key; the recovery codes are shown, this once."""
    me, factor = visit.staff.id, _begun(visit)
    if factor is None:
        return Go(ACCOUNT)
    step = codes.step_of(factor.key, visit.form.get("code", ""), visit.now)
    if step is None or not factors.confirm(visit.connection, me, step, visit.now):
        visit.record("factor.wrong_code", me)
        return _key_page(visit, WRONG, 422)
    visit.record("factor.set", me)
    return _new_codes(visit)


def _new_codes(visit: Visit) -> Page:
    made = codes.new_recovery_codes()
    factors.keep_recovery(visit.connection, visit.vault, visit.staff.id, made, visit.now)
    return Page("account_codes.html", {"codes": made})


def renew(visit: Visit) -> Answer:
    """POST /console/account/recovery: new recovery codes, for whoever shows the app's code once more."""
    if not _proved(visit):
        return account_page(visit, WRONG, 422)
    visit.record("factor.codes_renewed", visit.staff.id)
    return _new_codes(visit)


def remove(visit: Visit) -> Answer:
    """POST /console/account/factor/remove: by a code, so that a browser left open is not enough."""
    if visit.console.needs_factor and not passkeys.of(visit.connection, visit.staff.id):
        return account_page(visit, NEEDED, 403)
    if not _proved(visit):
        return account_page(visit, WRONG, 422)
    factors.remove(visit.connection, visit.staff.id)
    visit.record("factor.removed", visit.staff.id)
    return Go(f"{ACCOUNT}?done=removed")


def _proved(visit: Visit) -> bool:
    """Whether the form's code is right; wrong ones count and lock as they do at log-in."""
    me = visit.staff
    if me.barred(visit.now):
        return False
    if spend_code(visit.connection, visit.vault, me.id, visit.form.get("code", ""), visit.now):
        return True
    staff.count_failure(visit.connection, me, visit.now)
    visit.record("factor.wrong_code", me.id)
    return False
