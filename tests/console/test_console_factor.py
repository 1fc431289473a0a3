"""The second factor: set up by whoever holds the account, asked for at log-in, each code good once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
from clinic import PASSWORD, Clinic, Desk, Enter, build, token_in

from bot.console.staff_accounts import remove_factor
from bot.console.ways_in import codes
from bot.console.ways_in.entering import browser_of
from bot.errors import EvendayError
from bot.store import factors, staff
from bot.store.staff import FAILURES
from bot.store.types import StaffId

ACCOUNT, FACTOR, CODE = "/console/account", "/console/account/factor", "/console/login/code"


class Phone:
    """An authenticator app, by another maker's arithmetic than none: pyotp at the clinic's time."""

    def __init__(self, clinic: Clinic, key: str) -> None:
        self.clinic, self.key = clinic, key

    def code(self, steps: int = 0) -> str:
        """The code shown so many steps from now."""
        return str(pyotp.TOTP(self.key).at(int(self.clinic.clock.now().timestamp()) + 30 * steps))

    def wrong(self) -> str:
        """Six digits that fit no step near."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(100)) if code not in near)


def set_up(clinic: Clinic, desk: Desk) -> tuple[Phone, list[str]]:
    """Turn the second factor on, as a person does; the phone and the recovery codes."""
    page = desk.post(FACTOR, ACCOUNT, password=PASSWORD).text
    found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert found and "<svg" in page
    phone = Phone(clinic, found[1].replace(" ", ""))
    shown = desk.post(f"{FACTOR}/confirm", FACTOR, code=phone.code()).text
    recovery = re.findall(r'class="key">([A-Z0-9-]{14})<', shown)
    assert len(recovery) == 10 == len(set(recovery))
    clinic.minutes(1)
    return phone, recovery


def with_password(clinic: Clinic, wanted: str = "") -> Desk:
    """A fresh browser, as far as the password brings it."""
    desk = Desk(clinic)
    assert desk.log_in("ana", wanted=wanted).url.path == CODE
    return desk


def is_in(desk: Desk) -> bool:
    return bool(desk.get("/console/", follow_redirects=False).status_code == 200)


def test_a_password_alone_opens_nothing_once_it_is_set(clinic: Clinic, enter: Enter) -> None:
    set_up(clinic, enter())
    desk = with_password(clinic)
    for path in ("/console/", "/console/patients", "/console/live", ACCOUNT, FACTOR, "/console/health"):
        assert desk.get(path, follow_redirects=False).status_code in (303, 401)
    assert clinic.actions()[-1] == "login.password"


def test_the_code_lets_them_in_where_they_wanted_to_go(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    desk = with_password(clinic, "/console/rota")
    answer = desk.post(CODE, f"{CODE}?next=/console/rota", code=phone.code(), next="/console/rota")
    assert answer.url.path == "/console/rota"
    assert clinic.actions()[-2:] == ["login.done", "rota.view"]
    assert is_in(desk)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(steps: int, clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    clinic.minutes(2)
    desk = with_password(clinic)
    desk.post(CODE, CODE, code=phone.code(steps))
    assert is_in(desk)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "0" * 40, "' or 1=1"])
def test_what_is_no_code_is_refused_kindly(typed: str, clinic: Clinic, enter: Enter) -> None:
    set_up(clinic, enter())
    desk = with_password(clinic)
    answer = desk.post(CODE, CODE, code=typed)
    assert answer.status_code == 401 and "That code is wrong" in answer.text
    assert not is_in(desk)


@pytest.mark.parametrize("steps", [-5, -2, 2, 5])
def test_codes_of_other_times_open_nothing(steps: int, clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    clinic.minutes(5)
    desk = with_password(clinic)
    desk.post(CODE, CODE, code=phone.code(steps))
    assert not is_in(desk)


def test_a_code_that_was_used_opens_nothing_more(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    code, before = phone.code(), phone.code(-1)
    first, second = with_password(clinic), with_password(clinic)
    first.post(CODE, CODE, code=code)
    for replayed in (code, before):  # nor the one before it, which may have been seen over a shoulder
        second.post(CODE, CODE, code=replayed)
    assert is_in(first) and not is_in(second)


def test_the_code_that_confirmed_it_is_used_too(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    page = desk.post(FACTOR, ACCOUNT, password=PASSWORD).text
    phone = Phone(clinic, re.search(r'class="key">([A-Z2-7 ]+)<', page)[1].replace(" ", ""))  # type: ignore[index]
    desk.post(f"{FACTOR}/confirm", FACTOR, code=phone.code())
    other = with_password(clinic)
    other.post(CODE, CODE, code=phone.code())
    assert not is_in(other)


def test_a_key_counts_only_once_a_code_was_typed(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    desk.post(FACTOR, ACCOUNT, password=PASSWORD)
    assert "That code does not fit" in desk.post(f"{FACTOR}/confirm", FACTOR, code="000000").text
    other = Desk(clinic)
    other.log_in("ana")
    assert is_in(other)  # nobody is locked out by a set-up that was left half-way


def test_a_browser_left_open_is_not_enough_to_set_one_up_and_wrong_passwords_lock(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for typed in ({}, *({"password": f"no {n}"} for n in range(FAILURES))):
        assert desk.post(FACTOR, ACCOUNT, **typed).status_code == 422
    assert desk.post(FACTOR, ACCOUNT, password=PASSWORD).status_code == 422  # locked
    assert desk.get(FACTOR).url.path == ACCOUNT and "factor.begun" not in clinic.actions()


def test_a_set_up_left_half_way_is_nobody_elses_to_end(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    page = desk.post(FACTOR, ACCOUNT, password=PASSWORD).text
    phone = Phone(clinic, re.search(r'class="key">([A-Z2-7 ]+)<', page)[1].replace(" ", ""))  # type: ignore[index]
    clinic.minutes(15)
    assert desk.get(FACTOR).url.path == ACCOUNT
    assert desk.post(f"{FACTOR}/confirm", ACCOUNT, code=phone.code()).url.path == ACCOUNT
    assert "factor.set" not in clinic.actions()
    set_up(clinic, desk)


def test_each_recovery_code_opens_once_however_it_is_typed(clinic: Clinic, enter: Enter) -> None:
    _, recovery = set_up(clinic, enter())
    desk = with_password(clinic)
    desk.post(CODE, CODE, code=f" {recovery[0].lower().replace('-', ' ')} ")
    assert is_in(desk)
    assert "9 recovery codes are left" in desk.get(ACCOUNT).text
    again = with_password(clinic)
    again.post(CODE, CODE, code=recovery[0])
    assert not is_in(again)


def test_recovery_codes_and_keys_are_not_kept_in_clear(clinic: Clinic, enter: Enter) -> None:
    phone, recovery = set_up(clinic, enter())
    clinic.store.close()
    for file in Path(str(clinic.store.engine.url.database)).parent.iterdir():
        data = file.read_bytes()
        assert phone.key.encode() not in data
        assert not any(code.replace("-", "").encode() in data or code.encode() in data for code in recovery)


def test_wrong_codes_lock_the_login_and_right_passwords_between_them_do_not_help(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    for _ in range(FAILURES):
        with_password(clinic).post(CODE, CODE, code=phone.wrong())
        clinic.console.tries.limiter.storage.reset()  # type: ignore[no-untyped-call]  # slowly, for the limit a minute
    desk = Desk(clinic)
    desk.log_in("ana")
    assert not is_in(desk) and "login.locked" in clinic.actions()
    clinic.minutes(15.1)
    desk = with_password(clinic)
    desk.post(CODE, CODE, code=phone.code())
    assert is_in(desk)


def test_a_session_that_awaits_its_code_ends_after_ten_minutes(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    desk = with_password(clinic)
    token = token_in(desk.get(CODE).text)
    clinic.minutes(10.1)
    desk.client.post(CODE, data={"csrf": token, "code": phone.code()})
    assert not is_in(desk)


def test_the_full_session_has_another_token_than_the_half_one(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    desk = with_password(clinic)
    half = desk.client.cookies["evenday_console"]
    desk.post(CODE, CODE, code=phone.code())
    assert desk.client.cookies["evenday_console"] != half
    planted = Desk(clinic)
    planted.client.cookies.set("evenday_console", half)
    assert not is_in(planted)


def test_a_form_from_elsewhere_is_refused(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    desk = with_password(clinic)
    assert desk.client.post(CODE, data={"csrf": "0" * 64, "code": phone.code()}).status_code == 403
    assert not is_in(desk)


@pytest.mark.parametrize(
    ("path", "action"), [(f"{FACTOR}/remove", "factor.removed"), ("/console/account/recovery", "factor.codes_renewed")]
)
def test_changes_need_a_code_again(path: str, action: str, clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    phone, recovery = set_up(clinic, desk)
    assert desk.post(path, ACCOUNT, code=phone.wrong()).status_code == 422
    assert action not in clinic.actions()
    desk.post(path, ACCOUNT, code=phone.code())
    assert action in clinic.actions()
    with clinic.store.read() as connection:
        who = staff.by_login(connection, clinic.store.vault, "ana")
        assert who and factors.is_set(connection, who.id) is (action != "factor.removed")
    other = Desk(clinic)
    other.log_in("ana")
    other.get(CODE)
    other.client.post(CODE, data={"csrf": token_in(other.get(CODE).text), "code": recovery[0]})
    assert is_in(other) is (action == "factor.removed")  # older recovery codes are void


def test_wrong_codes_in_an_open_session_lock_too(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    phone, _ = set_up(clinic, desk)
    for _ in range(FAILURES + 2):
        desk.post(f"{FACTOR}/remove", ACCOUNT, code=phone.wrong())
    assert desk.post(f"{FACTOR}/remove", ACCOUNT, code=phone.code()).status_code == 422


@pytest.fixture
def strict(tmp_path: Path) -> Any:
    """A site that requires a second factor."""
    made = build(tmp_path, second_factor="required")
    yield made
    made.store.close()


@pytest.mark.parametrize("role", ["supervisor", "clinician", "administrator", "researcher"])
def test_where_it_is_required_nothing_else_opens_before_it_is_set(role: str, strict: Clinic) -> None:
    strict.staff("ana", "Ana Torres", role)
    desk = Desk(strict)
    desk.log_in("ana")
    for path in ("/console/", "/console/patients", "/console/rota", "/console/health", "/console/live"):
        assert desk.get(path).url.path == ACCOUNT
    assert desk.post("/console/rota/add", ACCOUNT).url.path == ACCOUNT
    set_up(strict, desk)
    assert desk.get("/console/health").url.path == "/console/health"
    assert desk.post(f"{FACTOR}/remove", ACCOUNT, code="123456").status_code == 403


def test_sessions_elsewhere_are_shown_and_ended_by_their_owner_alone(clinic: Clinic, enter: Enter) -> None:
    here = enter()
    there = Desk(
        clinic, **{"user-agent": "Mozilla/5.0 (Android 15; <b>Mobile</b>; rv:145.0) Gecko/145.0 Firefox/145.0"}
    )
    there.log_in("ana")
    page = here.get(ACCOUNT).text
    assert "Firefox on Android" in page and "<b>Mobile" not in page and page.count("(this one)") == 1
    handle = re.search(r"sessions/([0-9a-f]{16})/end", page)[1]  # type: ignore[index]
    bea = enter("bea", "Bea")
    assert bea.post(f"/console/account/sessions/{handle}/end", ACCOUNT).status_code == 404
    assert is_in(there)
    here.post(f"/console/account/sessions/{handle}/end", ACCOUNT)
    assert is_in(here) and not is_in(there)


@pytest.mark.parametrize("handle", ["%", "%25", "_" * 16, "0" * 16, "a", "x" * 64])
def test_a_handle_that_names_no_session_ends_none(handle: str, clinic: Clinic, enter: Enter) -> None:
    desk, other = enter(), enter("bea", "Bea")
    assert desk.post(f"/console/account/sessions/{handle}/end", ACCOUNT).status_code == 404
    assert is_in(desk) and is_in(other)


def test_two_who_spend_one_code_at_once_are_one(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    with clinic.store.write() as connection:
        who = staff.by_login(connection, clinic.store.vault, "ana")
        assert who is not None
        step = codes.step_of(phone.key, phone.code(), clinic.clock.now())
        assert step is not None
        spent = [factors.use_step(connection, StaffId(who.id), step) for _ in range(2)]
    assert spent == [True, False]


def test_rfc_6238_vectors() -> None:
    """Appendix B, SHA-1, its 8 digits cut to the last 6."""
    from datetime import UTC, datetime

    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        now = datetime.fromtimestamp(second, UTC)
        assert codes.step_of(key, code, now) == second // 30


def test_the_password_of_all_is_still_needed(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter())
    desk = Desk(clinic)
    assert desk.log_in("ana", f"{PASSWORD}x").status_code == 401
    desk.client.post(CODE, data={"csrf": token_in(desk.get(CODE).text), "code": phone.code()})
    assert not is_in(desk)


def test_an_administrator_gives_a_new_start(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    set_up(clinic, desk)
    remove_factor(clinic.store, clinic.clock, "Ana")
    assert not is_in(desk)  # whoever found the phone is out, too
    again = Desk(clinic)
    again.log_in("ana")
    assert is_in(again) and "factor.reset" in clinic.actions()
    for login, why in (("ana", "no second factor"), ("nobody", "nobody has that login")):
        with pytest.raises(EvendayError, match=why):
            remove_factor(clinic.store, clinic.clock, login)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/142.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_plain_words(said: str, shown: str) -> None:
    assert browser_of(said) == shown
