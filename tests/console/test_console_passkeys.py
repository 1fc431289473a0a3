"""Passkeys: both factors at once, for whoever holds the device; and each way in which one may be false."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authenticator import (
    ACCOUNT,
    LOG_IN,
    PASSKEYS,
    Device,
    added,
    challenged,
    data,
    logged_in,
    shown,
    text,
    wanted,
)
from clinic import PASSWORD, Clinic, Desk, Enter, build, token_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_console_factor import is_in, set_up, with_password

from bot.console.ways_in import passkeys as protocol
from bot.console.ways_in.passkeys import Party, party_of
from bot.store import factors, passkeys, staff
from bot.store.staff import FAILURES

REMOVE = re.compile(r"passkeys/([0-9a-f]{32})/remove")


def kept(clinic: Clinic, login: str = "ana") -> list[passkeys.Passkey]:
    with clinic.store.read() as connection:
        who = staff.by_login(connection, clinic.store.vault, login)
        assert who
        return passkeys.of(connection, who.id)


def test_a_passkey_opens_the_console_by_itself_and_leads_where_they_wanted_to_go(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    set_up(clinic, desk)
    device = added(desk, Device(), "my <b>phone</b>")
    assert "my &lt;b&gt;phone&lt;/b&gt;" in desk.get(ACCOUNT).text and "not used yet" in desk.get(ACCOUNT).text
    other = Desk(clinic)
    assert logged_in(other, device, "/console/rota").url.path == "/console/rota"
    assert is_in(other)  # no code was asked for: the device is one factor, and who it knows the other
    assert clinic.actions()[-3:-1] == ["login.done", "rota.view"]
    assert kept(clinic)[0].used_at is not None
    assert "last used" in other.get(ACCOUNT).text


def test_what_a_browser_is_asked_names_nobody_before_log_in_and_wants_the_owner_checked(
    clinic: Clinic, enter: Enter
) -> None:
    desk = enter()
    device = added(desk, Device())
    asked, known = challenged(Desk(clinic)), json.dumps(challenged(Desk(clinic)))
    assert asked["rpId"] == "testserver" and asked["userVerification"] == "required"
    assert not asked.get("allowCredentials") and "ana" not in known and text(device.credential_id) not in known
    again = wanted(desk).json()
    assert (
        again["authenticatorSelection"] | {"residentKey": "required", "userVerification": "required"}
        == again["authenticatorSelection"]
    )
    assert [one["id"] for one in again["excludeCredentials"]] == [text(device.credential_id)]
    assert len(data(asked["challenge"])) == 32 != asked["challenge"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"rp": "evil.example"},
        {"verified": False},
        {"present": False},
        {"kind": "webauthn.create"},
        {"challenge": text(b"x" * 32)},
        {"owner": b"somebody else"},
        {"key": Device().key},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_does_not_hold_opens_nothing(wrong: dict[str, Any], clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    desk = Desk(clinic)
    answer = logged_in(desk, device, **wrong)
    assert answer.status_code == 401 and "That passkey did not open the console" in answer.text
    assert not is_in(desk) and clinic.actions()[-1] == "login.passkey_failed"
    assert is_in(Desk(clinic)) is False
    logged_in(desk, device)
    assert is_in(desk)  # and the right one does, after it


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp": "evil.example"},
        {"verified": False},
        {"present": False},
        {"kind": "webauthn.get"},
        {"challenge": text(b"x" * 32)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_does_not_hold_is_not_added(wrong: dict[str, Any], clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    answer = desk.post(PASSKEYS, ACCOUNT, name="x", answer=Device().create(wanted(desk).json(), **wrong))
    assert answer.status_code == 422 and "was not added" in answer.text
    assert kept(clinic) == [] and "passkey.added" not in clinic.actions()


def test_what_was_signed_once_opens_nothing_again(clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device(counts=False))  # its count would tell nothing
    desk = Desk(clinic)
    answer = device.get(challenged(desk))
    shown(desk, answer)
    assert is_in(desk)
    desk.post("/console/logout")
    assert shown(desk, answer).status_code == 401
    assert not is_in(desk)


def test_a_challenge_is_spent_by_a_wrong_answer_too(clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    desk = Desk(clinic)
    asked = challenged(desk)
    shown(desk, device.get(asked, verified=False))
    assert shown(desk, device.get(asked)).status_code == 401


def test_a_challenge_of_another_browser_or_purpose_opens_nothing(clinic: Clinic, enter: Enter) -> None:
    ana = enter()
    device = added(ana, Device())
    desk, other = Desk(clinic), Desk(clinic)
    assert shown(desk, device.get(challenged(other))).status_code == 401
    to_register = wanted(ana).json()
    assert shown(desk, device.get({"rpId": "testserver", **to_register})).status_code == 401
    assert not is_in(desk)
    for asked in (challenged(desk), wanted(enter("bea", "Bea")).json()):  # of log-in, and of another session
        more = {"rp": {"id": "testserver"}, "user": to_register["user"], "challenge": asked["challenge"]}
        assert ana.post(PASSKEYS, ACCOUNT, name="x", answer=Device().create(more)).status_code == 422
    assert len(kept(clinic)) == 1


def test_a_challenge_is_good_for_five_minutes(clinic: Clinic, enter: Enter) -> None:
    ana = enter()
    device, desk = added(ana, Device()), Desk(clinic)
    asked, to_register = challenged(desk), wanted(ana).json()
    clinic.minutes(5)
    assert shown(desk, device.get(asked)).status_code == 401
    assert ana.post(PASSKEYS, ACCOUNT, name="x", answer=Device().create(to_register)).status_code == 422
    asked = challenged(desk)
    clinic.minutes(4.9)
    shown(desk, device.get(asked))
    assert is_in(desk)


@pytest.mark.parametrize("count", [1, 2, 0], ids=["the same", "less", "none"])
def test_a_count_that_does_not_rise_is_taken_for_a_copy(count: int, clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    device.count = 4
    logged_in(Desk(clinic), device)
    desk = Desk(clinic)
    assert logged_in(desk, device, count=5 - count if count else 0).status_code == 401
    assert not is_in(desk) and clinic.actions()[-1] == "login.passkey_copied"
    assert kept(clinic)[0].sign_count == 5


def test_a_device_that_does_not_count_says_0_each_time(clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device(counts=False))
    for _ in range(2):
        desk = Desk(clinic)
        logged_in(desk, device)
        assert is_in(desk)


def test_wrong_passkeys_lock_the_login_and_a_locked_one_is_opened_by_none(clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    for _ in range(FAILURES):
        logged_in(Desk(clinic), device, key=Device().key)
        clinic.console.tries.limiter.storage.reset()  # type: ignore[no-untyped-call]  # slowly, for the limit a minute
    desk = Desk(clinic)
    assert logged_in(desk, device).status_code == 401
    assert not is_in(desk) and clinic.actions()[-1] == "login.refused"
    clinic.minutes(15.1)
    logged_in(desk, device)
    assert is_in(desk)


def test_the_passkey_of_a_closed_account_opens_nothing(clinic: Clinic, enter: Enter) -> None:
    ana = enter()
    device = added(ana, Device())
    with clinic.store.write() as connection:
        who = staff.by_login(connection, clinic.store.vault, "ana")
        assert who
        staff.change(
            connection, who.id, closed_at=clinic.clock.now()
        )  # and no more than that: the door itself is tried
    desk = Desk(clinic)
    assert logged_in(desk, device).status_code == 401
    assert not is_in(desk) and not is_in(ana) and clinic.actions()[-1] == "login.refused"
    assert desk.log_in("ana").status_code == 401


def test_a_passkey_that_was_removed_opens_nothing(clinic: Clinic, enter: Enter) -> None:
    ana = enter()
    device = added(ana, Device())
    path = f"{PASSKEYS}/{REMOVE.findall(ana.get(ACCOUNT).text)[0]}/remove"
    assert ana.post(path, ACCOUNT, password="not it, not it").status_code == 422
    assert len(kept(clinic)) == 1
    assert "opens nothing any more" in ana.post(path, ACCOUNT, password=PASSWORD).text
    desk = Desk(clinic)
    assert logged_in(desk, device).status_code == 401 and not is_in(desk)
    assert clinic.actions()[-1] == "login.passkey_failed" and "passkey.removed" in clinic.actions()


def test_nobody_removes_a_colleagues(clinic: Clinic, enter: Enter) -> None:
    ana, bea = enter(), enter("bea", "Bea")
    added(ana, Device())
    assert bea.post(f"{PASSKEYS}/{kept(clinic)[0].id}/remove", ACCOUNT, password=PASSWORD).status_code == 404
    assert len(kept(clinic)) == 1


def test_a_credential_is_one_persons(clinic: Clinic, enter: Enter) -> None:
    ana, bea, device = enter(), enter("bea", "Bea"), Device()
    added(ana, device)
    asked = wanted(bea).json()
    assert bea.post(PASSKEYS, ACCOUNT, name="x", answer=device.create(asked)).status_code == 422
    assert kept(clinic, "bea") == []


def test_a_browser_left_open_is_not_enough_to_add_one_and_wrong_passwords_lock(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for _ in range(FAILURES):
        refused = wanted(desk, "not it, not it")
        assert refused.status_code == 422 and "That is not your password" in refused.json()["problem"]
        clinic.console.tries.limiter.storage.reset()  # type: ignore[no-untyped-call]  # slowly, for the limit a minute
    assert wanted(desk).status_code == 422  # the right one, of a login that is locked
    assert clinic.actions().count("password.wrong") == FAILURES


def test_ten_are_enough(clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = enter()
    monkeypatch.setattr("bot.console.account.passkeys.MOST", 1)
    added(desk, Device())
    assert wanted(desk).status_code == 422


def test_tries_are_counted_by_address_and_by_passkey(clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    desk = Desk(clinic)
    answers = [logged_in(desk, device, key=Device().key) for _ in range(11)]
    assert {answer.status_code for answer in answers[:7]} == {401} and answers[10].status_code == 429
    other = Desk(clinic)
    codes = [
        other.client.post(f"{LOG_IN}/options", data={"csrf": token_in(other.get("/console/login").text)}).status_code
        for _ in range(12)
    ]
    assert codes[-1] == 429


@pytest.mark.parametrize("path", [f"{LOG_IN}/options", LOG_IN])
def test_a_form_that_is_not_ours_is_refused(path: str, clinic: Clinic, enter: Enter) -> None:
    device = added(enter(), Device())
    desk, other = Desk(clinic), Desk(clinic)
    answer = device.get(challenged(desk))
    for csrf in ("", "0" * 64, token_in(other.get("/console/login").text)):
        assert desk.client.post(path, data={"csrf": csrf, "answer": answer}).status_code == 403
    assert desk.client.post(path, data={}, headers={"origin": "https://evil.example"}).status_code == 403
    assert not is_in(desk)
    strangers = Desk(clinic).client.post(f"{PASSKEYS}/options", data={}, follow_redirects=False)
    assert strangers.status_code == 303  # to log in


def test_each_log_in_by_passkey_has_a_new_session_and_ends_the_old_one(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    device, old = added(desk, Device()), desk.client.cookies["evenday_console"]
    logged_in(desk, device)
    assert desk.client.cookies["evenday_console"] != old
    planted = Desk(clinic)
    planted.client.cookies.set("evenday_console", old)
    assert not is_in(planted)


def test_wrong_passwords_are_told_alike_whether_there_are_passkeys_or_not(clinic: Clinic, enter: Enter) -> None:
    added(enter(), Device())
    enter("bea", "Bea")
    pages = []
    for login in ("ana", "bea", "nobody"):
        page = Desk(clinic).log_in(login, "not it, not it")
        pages.append((page.status_code, re.sub(r'value="[^"]*"|data-now="[^"]*"', "", page.text)))
    assert pages[0] == pages[1] == pages[2]


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Clinic]:
    """A site that requires a second factor."""
    made = build(tmp_path, second_factor="required")
    yield made
    made.store.close()


def test_where_more_than_a_password_is_required_a_passkey_is_more(strict: Clinic) -> None:
    strict.staff("ana", "Ana Torres")
    desk = Desk(strict)
    desk.log_in("ana")
    assert desk.get("/console/health").url.path == ACCOUNT
    device = added(desk, Device())
    assert desk.get("/console/health").url.path == "/console/health"
    by_password = Desk(strict)
    answer = by_password.log_in("ana")
    assert answer.status_code == 403 and "Log in with your passkey" in answer.text
    for path in ("/console/", ACCOUNT, "/console/health", "/console/live", "/console/login/code"):
        assert by_password.get(path, follow_redirects=False).status_code in (200 if "login" in path else 303, 401)
    assert "evenday_console" not in by_password.client.cookies
    assert strict.actions()[-1] == "login.needs_passkey"
    logged_in(by_password, device)
    assert is_in(by_password)


def test_the_last_thing_that_is_more_than_a_password_is_not_given_up(strict: Clinic) -> None:
    strict.staff("ana", "Ana Torres")
    desk = Desk(strict)
    desk.log_in("ana")
    added(desk, Device())
    remove = f"{PASSKEYS}/{kept(strict)[0].id}/remove"
    assert desk.post(remove, ACCOUNT, password=PASSWORD).status_code == 403
    phone, _ = set_up(strict, desk)
    assert desk.post(remove, ACCOUNT, password=PASSWORD).status_code == 200
    assert desk.post(f"{ACCOUNT}/factor/remove", ACCOUNT, code=phone.code()).status_code == 403
    added(desk, Device())
    assert desk.post(f"{ACCOUNT}/factor/remove", ACCOUNT, code=phone.code()).status_code == 200
    with strict.store.read() as connection:
        assert factors.has_second(connection, kept(strict)[0].staff_id)


def test_where_it_is_not_required_the_password_opens_as_before(clinic: Clinic, enter: Enter) -> None:
    added(enter(), Device())
    desk = Desk(clinic)
    desk.log_in("ana")
    assert is_in(desk)


def test_codes_are_asked_for_after_the_password_whatever_passkeys_there_are(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    set_up(clinic, desk)
    added(desk, Device())
    assert not is_in(with_password(clinic))


@pytest.mark.parametrize(
    ("public_url", "host", "party"),
    [
        ("", "localhost:8080", Party("localhost", ("https://localhost:8080", "http://localhost:8080"))),
        ("", "127.0.0.1:8080", None),
        ("", "[::1]:8080", None),
        ("", "[::1", None),
        ("", "", None),
        ("https://Console.Clinic.example", "evil.example", Party("console.clinic.example", ("https://console.clinic.example",))),
        ("https://clinic.example:8443/", "x", Party("clinic.example", ("https://clinic.example:8443",))),
        ("http://203.0.113.5", "clinic.example", None),
    ],
)  # fmt: skip
def test_for_whom_a_passkey_is_good(public_url: str, host: str, party: Party | None) -> None:
    assert party_of(public_url, host) == party


def test_where_the_console_is_reached_by_number_none_is_offered(clinic: Clinic, enter: Enter) -> None:
    enter()
    desk = Desk(clinic, "http://127.0.0.1:8080")
    page = desk.get("/console/login").text
    assert "passkey" not in page.lower()
    csrf = token_in(page)
    assert desk.client.post(f"{LOG_IN}/options", data={"csrf": csrf}).status_code == 403
    desk.log_in("ana")
    assert "not by a number" in desk.get(ACCOUNT).text and wanted(desk).status_code == 404


def test_behind_a_public_address_only_that_one_is_good(tmp_path: Path) -> None:
    clinic = build(tmp_path, public_url="https://console.clinic.example")
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic, "https://console.clinic.example")
    desk.log_in("ana")
    device = added(desk, Device(origin="https://console.clinic.example"))
    other = Desk(clinic, "https://console.clinic.example")
    assert logged_in(other, device, origin="http://console.clinic.example").status_code == 401
    logged_in(other, device)
    assert other.get("/console/", follow_redirects=False).status_code == 200
    clinic.store.close()


def test_pages_may_ask_for_passkeys_and_nobody_else_s_frames(enter: Enter) -> None:
    policy = enter().get("/console/login").headers["permissions-policy"]
    assert "publickey-credentials-get=(self)" in policy and "publickey-credentials-create=(self)" in policy


PARTY, CHALLENGE = Party("testserver", ("http://testserver",)), b"c" * 32
TO_CREATE = {"rp": {"id": "testserver"}, "user": {"id": text(b"ana")}, "challenge": text(CHALLENGE)}
TO_GET = {"rpId": "testserver", "challenge": text(CHALLENGE)}
_device = Device()
CREATED, SIGNED = _device.create(TO_CREATE), _device.get(TO_GET)
_made = protocol.made(PARTY, CREATED, CHALLENGE)
assert _made is not None and protocol.signed(PARTY, SIGNED, CHALLENGE, _made.public_key) == 1
PUBLIC = _made.public_key
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=timedelta(seconds=2), suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_whatever_is_sent_as_an_answer_is_no_error(answer: str) -> None:
    assert protocol.challenge_of(answer) is None
    assert protocol.claim_of(answer).credential_id == b"" or protocol.claim_of(answer)
    assert protocol.made(PARTY, answer, CHALLENGE) is None
    assert protocol.signed(PARTY, answer, CHALLENGE, PUBLIC) is None


def flipped(answer: str, part: str, place: int) -> str:
    """An answer with one bit changed."""
    whole = json.loads(answer)
    bits = bytearray(data(whole["response"][part]))
    bits[place // 8 % len(bits)] ^= 1 << place % 8
    whole["response"][part] = text(bytes(bits))
    return json.dumps(whole)


@settings(deadline=timedelta(seconds=2), max_examples=100)
@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), st.integers(0, 2000))
def test_no_bit_of_what_was_signed_can_be_changed(part: str, place: int) -> None:
    assert protocol.signed(PARTY, flipped(SIGNED, part, place), CHALLENGE, PUBLIC) is None


@settings(deadline=timedelta(seconds=2), max_examples=100)
@given(st.integers(0, 2000))
def test_a_new_passkey_that_is_broken_is_no_error(place: int) -> None:
    found = protocol.made(PARTY, flipped(CREATED, "attestationObject", place), CHALLENGE)
    assert found is None or found.credential_id


@pytest.mark.parametrize("nested", ["[" * 60_000, '{"a":' * 10_000, '{"response":' * 9_000])
def test_what_is_nested_without_end_is_no_answer(nested: str) -> None:
    assert protocol.challenge_of(nested) is None and protocol.claim_of(nested).credential_id == b""
    assert protocol.made(PARTY, nested, CHALLENGE) is None
