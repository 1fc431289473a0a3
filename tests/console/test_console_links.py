"""Links by which somebody chooses a password, and passwords that are changed: once, in time, by whoever may."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from authenticator import ACCOUNT, Device, added, logged_in
from clinic import PASSWORD, Clinic, Desk, Enter, build, token_in
from test_console_factor import CODE, is_in, set_up
from test_console_staff import TEAM, chosen, link_in

from bot.console.staff_accounts import link_for, set_password
from bot.console.ways_in.password import unfit
from bot.store import staff
from bot.store.staff import FAILURES

CHANGE, NEW = "/console/account/password", "chosen by myself"


@pytest.fixture
def link(clinic: Clinic) -> str:
    """A link for Bea, a clinician."""
    return f"/console/join/{link_for(clinic.store, clinic.clock, 'bea', 'Bea Lund', 'clinician')}"


def test_looking_at_a_link_takes_nothing(link: str, clinic: Clinic) -> None:
    for _ in range(3):
        page = Desk(clinic).get(link)
        assert page.status_code == 200 and "Hello Bea Lund" in page.text and ">bea<" in page.text
    assert "password.chosen" not in clinic.actions()
    assert is_in(chosen(clinic, link))
    assert "password.chosen" in clinic.actions()


def test_links_that_were_used_are_too_old_or_never_were_are_told_alike(link: str, clinic: Clinic) -> None:
    old = f"/console/join/{link_for(clinic.store, clinic.clock, 'cy', 'Cy', 'clinician')}"
    chosen(clinic, link)
    clinic.minutes(72 * 60)
    pages = [
        re.sub(r'data-now="[^"]*"', "", answer.text)
        for path in (link, old, "/console/join/" + "x" * 43, "/console/join/%27%20or%201", "/console/join/é")
        for answer in (Desk(clinic).get(path), Desk(clinic).post(path, "/console/login", password=NEW, again=NEW))
        if answer.status_code == 404
    ]
    assert len(pages) == 10 and len(set(pages)) == 1 and "This link opens nothing" in pages[0]


def test_a_link_is_good_until_the_last_minute_of_72_hours(link: str, clinic: Clinic) -> None:
    clinic.minutes(72 * 60 - 1)
    assert is_in(chosen(clinic, link))


def test_a_link_that_was_used_opens_nothing_to_whoever_looked_at_it_before(link: str, clinic: Clinic) -> None:
    thief = Desk(clinic)
    token = token_in(thief.get(link).text)
    chosen(clinic, link)
    answer = thief.client.post(
        link, data={"csrf": token, "password": "a thief's password", "again": "a thief's password"}
    )
    assert answer.status_code == 404 and not is_in(thief)
    bea = Desk(clinic)
    bea.log_in("bea", NEW)
    assert is_in(bea)


def test_a_newer_link_takes_the_older_one_s_place(link: str, clinic: Clinic) -> None:
    newer = f"/console/join/{link_for(clinic.store, clinic.clock, 'BEA', '', '')}"
    assert Desk(clinic).get(link).status_code == 404
    assert is_in(chosen(clinic, newer))


def test_a_password_by_command_voids_a_link(link: str, clinic: Clinic) -> None:
    set_password(clinic.store, clinic.clock, "bea")
    assert Desk(clinic).get(link).status_code == 404


def test_only_the_hash_of_a_link_is_kept(link: str, clinic: Clinic) -> None:
    clinic.store.close()
    secret = link.rpartition("/")[2].encode()
    for file in Path(str(clinic.store.engine.url.database)).parent.iterdir():
        assert secret not in file.read_bytes()


@pytest.mark.parametrize(
    "guess",
    ["", "a login that does not exist costs the same work", "!", PASSWORD],
    ids=["none", "nobody's", "!", "all's"],
)
def test_who_has_yet_to_choose_a_password_is_in_by_none(guess: str, link: str, clinic: Clinic) -> None:
    desk = Desk(clinic)
    assert desk.log_in("bea", guess).status_code == 401
    assert not is_in(desk)


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("elevenchars", "elevenchars", "12 characters or more"),
        ("x" * 201, "x" * 201, "at most 200"),
        ("chosen by me", "chosen by you", "not the same"),
        ("", "", "12 characters or more"),
    ],
)
def test_a_password_that_can_not_be_is_told_and_the_link_stays_good(
    password: str, again: str, says: str, link: str, clinic: Clinic
) -> None:
    desk = Desk(clinic)
    answer = desk.post(link, link, password=password, again=again)
    assert answer.status_code == 422 and says in answer.text
    assert not password or password not in answer.text
    assert not is_in(desk) and is_in(chosen(clinic, link))


@pytest.mark.parametrize("password", ["Gwendolyn.Ode-Smith", "gwendolyn ode smith", "GWENDOLYN@CLINIC.EXAMPLE"])
def test_a_password_is_neither_login_nor_name_however_it_is_written(password: str) -> None:
    assert "Others know" in unfit(password, password, "gwendolyn@clinic.example", "Gwendolyn Ode-Smith")


def test_who_has_codes_is_asked_for_one_after_the_link_too(clinic: Clinic, enter: Enter) -> None:
    phone, _ = set_up(clinic, enter("bea", "Bea Lund"))
    ana = enter("ana", "Ana Torres", "administrator")
    desk = chosen(clinic, link_in(ana.post(f"{TEAM}/bea/password").text))
    assert not is_in(desk)
    desk.post(CODE, CODE, code=phone.code())
    assert is_in(desk)


def test_choosing_a_password_ends_what_was_opened_meanwhile(clinic: Clinic, enter: Enter) -> None:
    device = added(enter("bea", "Bea Lund"), Device())
    link = f"/console/join/{link_for(clinic.store, clinic.clock, 'bea', '', '')}"
    meanwhile = Desk(clinic)
    logged_in(meanwhile, device)
    assert is_in(meanwhile) and is_in(chosen(clinic, link))
    assert not is_in(meanwhile)


def test_who_has_only_passkeys_where_more_than_a_password_is_required_is_sent_to_them(tmp_path: Path) -> None:
    clinic = build(tmp_path, second_factor="required")
    clinic.staff("ana", "Ana Torres")
    ana = Desk(clinic)
    ana.log_in("ana")
    device = added(ana, Device())
    link = f"/console/join/{link_for(clinic.store, clinic.clock, 'ana', '', '')}"
    desk = Desk(clinic)
    assert "Log in with your passkey" in desk.post(link, link, password=NEW, again=NEW).text
    assert not is_in(desk)
    logged_in(desk, device)
    assert is_in(desk)
    clinic.store.close()


def test_where_more_than_a_password_is_required_a_new_member_is_led_to_set_it_up(tmp_path: Path) -> None:
    clinic = build(tmp_path, second_factor="required")
    link = f"/console/join/{link_for(clinic.store, clinic.clock, 'bea', 'Bea', 'clinician')}"
    desk = Desk(clinic)
    answer = desk.post(link, link, password=NEW, again=NEW)
    assert answer.url.path == ACCOUNT and "asks for more than a password" in answer.text
    assert desk.get("/console/").url.path == ACCOUNT
    clinic.store.close()


def test_a_form_of_a_link_that_is_not_ours_spends_nothing(link: str, clinic: Clinic) -> None:
    desk = Desk(clinic)
    other = token_in(Desk(clinic).get(link).text)
    for csrf in ("", "0" * 64, other):
        desk.get(link)
        assert desk.client.post(link, data={"csrf": csrf, "password": NEW, "again": NEW}).status_code == 403
    assert is_in(chosen(clinic, link))


def test_links_are_tried_only_so_often(link: str, clinic: Clinic) -> None:
    desk = Desk(clinic)
    codes = [desk.post(link, link, password="short", again="short").status_code for _ in range(11)]
    assert codes[:10] == [422] * 10 and codes[10] == 429


def test_a_session_that_was_planted_is_not_the_one_that_a_link_opens(link: str, clinic: Clinic, enter: Enter) -> None:
    planted = enter().client.cookies["evenday_console"]
    desk = Desk(clinic)
    desk.client.cookies.set("evenday_console", planted, domain="testserver.local", path="/")
    desk.post(link, link, password=NEW, again=NEW)
    other = Desk(clinic)
    other.client.cookies.set("evenday_console", planted)
    assert not is_in(other)


def test_a_password_is_changed_by_whoever_knows_it_and_other_sessions_end(clinic: Clinic, enter: Enter) -> None:
    here, there = enter(), Desk(clinic)
    there.log_in("ana")
    answer = here.post(CHANGE, ACCOUNT, old=PASSWORD, password=NEW, again=NEW)
    assert "Your password is changed" in answer.text
    assert is_in(here) and not is_in(there)
    assert there.log_in("ana").status_code == 401
    there.log_in("ana", NEW)
    assert is_in(there) and "password.changed" in clinic.actions()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"old": "not it, not it", "password": NEW, "again": NEW}, "That is not your password"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "12 characters or more"),
        ({"old": PASSWORD, "password": NEW, "again": "chosen by you"}, "not the same"),
        ({"old": PASSWORD}, "12 characters or more"),
        ({"password": NEW, "again": NEW}, "That is not your password"),
    ],
)
def test_a_change_that_can_not_be_changes_nothing(
    form: dict[str, str], says: str, clinic: Clinic, enter: Enter
) -> None:
    desk = enter()
    answer = desk.post(CHANGE, ACCOUNT, **form)
    assert answer.status_code == 422 and says in answer.text
    other = Desk(clinic)
    other.log_in("ana")
    assert is_in(other)


def test_wrong_passwords_of_an_open_session_lock_as_at_log_in(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for _ in range(FAILURES):
        desk.post(CHANGE, ACCOUNT, old="not it, not it", password=NEW, again=NEW)
        clinic.console.tries.limiter.storage.reset()  # type: ignore[no-untyped-call]  # slowly, for the limit a minute
    assert desk.post(CHANGE, ACCOUNT, old=PASSWORD, password=NEW, again=NEW).status_code == 422
    assert Desk(clinic).log_in("ana").status_code == 401


def test_passwords_of_an_open_session_are_tried_only_so_often(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, checked = enter(), list[str]()
    monkeypatch.setattr("bot.store.staff.FAILURES", 100)
    monkeypatch.setattr("bot.console.account.password.fits", lambda typed, kept: bool(checked.append(typed)))
    for _ in range(13):
        desk.post(CHANGE, ACCOUNT, old="not it, not it", password=NEW, again=NEW)
    assert len(checked) == 10


def test_a_password_that_was_taken_meanwhile_is_not_changed(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enter()

    def slowly(password: str) -> str:
        with clinic.store.write() as connection:
            who = staff.by_login(connection, clinic.store.vault, "ana")
            assert who
            staff.change(connection, who.id, password_hash=staff.NO_PASSWORD)
        return "the hash"

    monkeypatch.setattr("bot.console.account.password.hash_password", slowly)
    assert desk.post(CHANGE, ACCOUNT, old=PASSWORD, password=NEW, again=NEW).status_code == 409
    with clinic.store.read() as connection:
        who = staff.by_login(connection, clinic.store.vault, "ana")
        assert who and who.password_hash == staff.NO_PASSWORD
