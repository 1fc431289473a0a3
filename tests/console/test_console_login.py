"""Who gets in, who does not, and what a form must carry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from clinic import PASSWORD, Clinic, Desk, Enter, build, token_in

from bot.console.forms import safe_next
from bot.console.staff_accounts import add_staff, ensure_first_supervisor, set_password
from bot.errors import EvendayError
from bot.store import staff
from bot.store.staff import FAILURES


def is_in(desk: Desk) -> bool:
    return bool(desk.get("/console/", follow_redirects=False).status_code == 200)


def test_the_right_password_opens_the_queue(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    assert "Nothing is open" in desk.get("/console/").text
    assert clinic.actions()[0] == "login.done"


@pytest.mark.parametrize(
    ("login", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("ana' or 1=1 --", "x")]
)
def test_all_else_is_refused_in_the_same_words(clinic: Clinic, login: str, password: str) -> None:
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    answer = desk.log_in(login, password)
    assert answer.status_code == 401
    assert "The login or the password is wrong, or the login is locked." in answer.text
    assert not is_in(desk)


def test_eight_failures_lock_a_login_for_fifteen_minutes(clinic: Clinic) -> None:
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    for _ in range(FAILURES):
        assert desk.log_in("ana", "wrong").status_code == 401
    assert desk.log_in("ana").status_code == 401
    assert clinic.actions() == ["login.failed"] * (FAILURES - 1) + ["login.locked", "login.refused"]
    clinic.minutes(15.1)
    assert desk.log_in("ana").status_code == 200
    assert is_in(desk)


def test_a_right_password_clears_the_count(clinic: Clinic) -> None:
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    for _ in range(3):
        desk.log_in("ana", "wrong")
    desk.log_in("ana")
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, "ana")
    assert found is not None and found.failed == 0


def test_too_many_tries_in_a_minute_are_not_even_checked(clinic: Clinic) -> None:
    desk = Desk(clinic)
    answers = [desk.log_in("nobody", "x").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    assert clinic.actions() == ["login.unknown"] * 10


def test_the_session_cookie_is_out_of_reach(tmp_path: Path) -> None:
    clinic = build(tmp_path, public_url="https://coach.example")
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic, "https://coach.example")
    desk.client.follow_redirects = False
    given = desk.log_in().headers.get_list("set-cookie")
    session = next(cookie for cookie in given if cookie.startswith("__Host-evenday_console="))
    assert "; HttpOnly" in session and "; Secure" in session
    assert "samesite=strict" in session.lower() and "Path=/;" in session and "Domain" not in session
    clinic.store.close()


def test_each_log_in_has_a_new_session_and_ends_the_old_one(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    old = desk.client.cookies["evenday_console"]
    desk.client.cookies.set("evenday_console", old)
    desk.log_in()
    other = Desk(clinic)
    other.client.cookies.set("evenday_console", old)
    assert not is_in(other)


def test_a_session_that_was_planted_is_worth_nothing(clinic: Clinic) -> None:
    clinic.staff("ana", "Ana Torres")
    desk = Desk(clinic)
    desk.client.cookies.set("evenday_console", "planted")
    assert not is_in(desk)
    desk.log_in()
    assert "planted" not in [cookie.value for cookie in desk.client.cookies.jar if cookie.path == "/" and cookie.domain]
    other = Desk(clinic)
    other.client.cookies.set("evenday_console", "planted")
    assert not is_in(other)


def test_logging_out_ends_the_session_for_whoever_has_the_cookie(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    cookie = desk.client.cookies["evenday_console"]
    desk.post("/console/logout")
    other = Desk(clinic)
    other.client.cookies.set("evenday_console", cookie)
    assert not is_in(desk) and not is_in(other)
    assert clinic.actions()[-1] == "logout"


def test_a_session_ends_after_eight_idle_hours_and_after_a_day_at_most(clinic: Clinic, enter: Enter) -> None:
    idle, busy = enter(), enter("ben", "Ben Okafor")
    for _ in range(3):
        clinic.minutes(7 * 60)
        assert is_in(busy)
    assert not is_in(idle)
    clinic.minutes(3.5 * 60)
    assert not is_in(busy)


def test_a_queue_that_refreshes_itself_keeps_no_session_alive(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    clinic.minutes(7 * 60)
    assert desk.get("/console/live").status_code == 200
    clinic.minutes(61)
    assert desk.get("/console/live").status_code == 401


def test_whoever_follows_a_link_gets_there_after_logging_in(clinic: Clinic) -> None:
    clinic.staff("ana", "Ana Torres")
    _, escalation = clinic.emergency()
    path = f"/console/escalation/{escalation.id}"
    desk = Desk(clinic)
    assert desk.get(path).url.params["next"] == path
    assert desk.log_in(wanted=path).url.path == path


def test_a_link_from_another_site_is_asked_for_again_so_that_the_strict_cookie_comes_along(clinic: Clinic) -> None:
    desk = Desk(clinic)
    answer = desk.get("/console/patients", headers={"sec-fetch-site": "cross-site"}, follow_redirects=False)
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0"' in answer.text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/console/..//evil",
        "/console\\evil",
        "/other",
        "javascript:1",
        "",
        "/console/\n",
    ],
)
def test_log_in_leads_nowhere_else(wanted: str) -> None:
    assert safe_next(wanted) == "/console/"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver", "sec-fetch-site": "same-origin"}, 303),
    ],
    ids=["other origin", "no origin told", "other site", "other host of this site", "ours"],
)
def test_a_form_from_elsewhere_is_refused(clinic: Clinic, enter: Enter, headers: dict[str, str], status: int) -> None:
    desk = enter()
    csrf = token_in(desk.get("/console/").text)
    answer = desk.client.post("/console/logout", data={"csrf": csrf}, headers=headers, follow_redirects=False)
    assert answer.status_code == status


def test_a_form_whose_sender_tells_no_origin_is_refused(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    csrf = token_in(desk.get("/console/").text)
    for name in ("origin", "sec-fetch-site"):
        del desk.client.headers[name]
    assert desk.client.post("/console/logout", data={"csrf": csrf}).status_code == 403


@pytest.mark.parametrize("csrf", ["", "0" * 64, "ü"])
def test_a_form_without_its_token_is_refused(clinic: Clinic, enter: Enter, csrf: str) -> None:
    desk = enter()
    _, escalation = clinic.emergency()
    answer = desk.client.post(f"/console/escalation/{escalation.id}/acknowledge", data={"csrf": csrf})
    assert answer.status_code == 403
    assert desk.client.post("/console/logout", data={"csrf": csrf}).status_code == 403
    assert clinic.escalation(escalation.patient_id).state == "open"


def test_the_token_of_another_session_is_refused(clinic: Clinic, enter: Enter) -> None:
    ana, ben = enter(), enter("ben", "Ben Okafor")
    _, escalation = clinic.emergency()
    csrf = token_in(ben.get("/console/").text)
    answer = ana.client.post(f"/console/escalation/{escalation.id}/acknowledge", data={"csrf": csrf})
    assert answer.status_code == 403


def test_a_body_that_is_too_long_or_no_form_is_refused(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _, escalation = clinic.emergency()
    path = f"/console/escalation/{escalation.id}/note"
    assert desk.client.post(path, data={"note": "x" * 70_000}).status_code == 400
    assert desk.client.post(path, json={"note": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["/console/", "/console/login", "/console/nowhere", "/console/static/console.css"])
def test_every_answer_has_the_secure_headers(enter: Enter, path: str) -> None:
    headers = enter().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


def test_no_page_holds_script_or_style_of_its_own() -> None:
    for file in (Path(__file__).parents[2] / "bot" / "console" / "templates").iterdir():
        text = file.read_text()
        assert "style=" not in text and "<style" not in text and "onclick" not in text and "|safe" not in text, (
            file.name
        )
        assert text.count("<script") == len(
            re.findall(r'<script src="/console/static/\w+\.js" defer></script>', text)
        ), file.name


def test_the_first_supervisor_is_made_once(clinic: Clinic) -> None:
    password = ensure_first_supervisor(clinic.store, clinic.clock)
    assert password is not None and len(password) == 16
    assert ensure_first_supervisor(clinic.store, clinic.clock) is None
    assert Desk(clinic).log_in("supervisor", password).status_code == 200


def test_staff_are_added_and_given_new_passwords(clinic: Clinic) -> None:
    first = add_staff(clinic.store, clinic.clock, " Ben ", "Ben Okafor", "clinician")
    desk = Desk(clinic)
    assert desk.log_in("ben", first).status_code == 200
    second = set_password(clinic.store, clinic.clock, "ben")
    assert not is_in(desk)
    assert desk.log_in("ben", first).status_code == 401
    assert desk.log_in("ben", second).status_code == 200
    assert clinic.actions()[0] == "staff.added" and "staff.password_set" in clinic.actions()


@pytest.mark.parametrize(
    ("login", "name", "role", "says"),
    [("ana", "Ana", "clinician", "taken"), ("", "Ana", "clinician", "needs"), ("ben", "Ben", "boss", "no role")],
)
def test_an_account_that_makes_no_sense_is_refused(clinic: Clinic, login: str, name: str, role: str, says: str) -> None:
    clinic.staff("ana", "Ana Torres")
    with pytest.raises(EvendayError, match=says):
        add_staff(clinic.store, clinic.clock, login, name, role)


@pytest.mark.parametrize(("login", "password", "says"), [("ana", "short", "12"), ("nobody", None, "nobody")])
def test_a_password_that_makes_no_sense_is_refused(clinic: Clinic, login: str, password: str | None, says: str) -> None:
    clinic.staff("ana", "Ana Torres")
    with pytest.raises(EvendayError, match=says):
        set_password(clinic.store, clinic.clock, login, password)
