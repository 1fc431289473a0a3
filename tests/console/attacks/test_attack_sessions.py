"""Forged, stolen, planted and outlived sessions: none opens a page, a step or a stream.

Sessions that are planted, stolen or idle are attacked in tests/console/test_console_login.py and test_console_factor.py, too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clinic import Clinic, Desk, Enter, build, token_in
from surface import places

from bot.console.app import DOORS
from bot.console.forms import csrf_token
from bot.console.staff_accounts import set_password
from bot.store import sessions
from bot.store.sessions import HANDLE
from bot.store.types import token_hash

COOKIE = "evenday_console"
OPEN = ("/console", *(f"/console{path}" for path, *_ in DOORS))  # to everybody
PARTS = 4
Forge = Callable[[Clinic, str], str]
FORGED: dict[str, Forge] = {
    "random": lambda *_: secrets.token_urlsafe(32),
    "empty": lambda *_: "",
    "cut short": lambda _, token: token[:-1],
    "made longer": lambda _, token: token + "A",
    "in the other case": lambda _, token: token.swapcase(),
    "its hash, as a stolen database has it": lambda _, token: token_hash(token),
    "its handle, as the page of sessions has it": lambda _, token: token_hash(token)[:HANDLE],
    "its form token": lambda clinic, token: csrf_token(clinic.store.vault, token),
    "any": lambda *_: "%",
    "always true": lambda *_: "' OR '1'='1",
    "another statement": lambda *_: "x'; DELETE FROM sessions;--",
    "a NUL": lambda _, token: token + "%00",
    "very long": lambda *_: "a" * 7_000,
    "signed by another site's key": lambda _, token: (
        token + "." + hmac.new(b"another key", token.encode(), hashlib.sha256).hexdigest()
    ),
}


def whoever_has(clinic: Clinic, cookie: str) -> Desk:
    """A browser with a cookie that it was never given."""
    desk = Desk(clinic)
    desk.client.follow_redirects = False
    desk.client.cookies.set(COOKIE, cookie)
    return desk


def opened(clinic: Clinic, cookie: str, token: str = "0" * 64, besides: str = "", part: int | None = None) -> list[str]:
    """Routes that let in whoever has this cookie: of all, or of a part, so that each attack needs to try one in `PARTS`."""
    desk, found = whoever_has(clinic, cookie), []
    asked = [one for one in places(clinic.console) if one.path not in (*OPEN, besides)]
    for place in asked if part is None else asked[part::PARTS]:
        answer = desk.client.request(
            place.method, place.filled({}), data={"csrf": token} if place.method == "POST" else None
        )
        away = answer.headers.get("location", "").startswith("/console/login")
        if not (answer.status_code in (401, 403) or (answer.status_code == 303 and away)):
            found.append(f"{place.method} {place.path}: {answer.status_code}")
    return found


@pytest.mark.parametrize(("part", "name"), [(n % PARTS, name) for n, name in enumerate(FORGED)])
def test_a_forged_session_opens_nothing(clinic: Clinic, enter: Enter, part: int, name: str) -> None:
    token = enter().client.cookies[COOKIE]
    assert opened(clinic, FORGED[name](clinic, token), part=part) == []


def test_the_right_session_opens_all_of_it_so_that_the_refusals_mean_something(clinic: Clinic, enter: Enter) -> None:
    token = enter().client.cookies[COOKIE]
    right = opened(clinic, token, csrf_token(clinic.store.vault, token), besides="/console/stream")  # which goes on
    assert len(right) > 40


def test_a_session_of_another_site_opens_nothing(tmp_path: Path, clinic: Clinic) -> None:
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other")
    other.staff("ana", "Ana Torres")
    clinic.staff("ana", "Ana Torres")
    desk = Desk(other)
    desk.log_in()
    assert opened(clinic, desk.client.cookies[COOKIE]) == []
    other.store.close()


ENDS: dict[str, Callable[[Clinic, Desk], object]] = {
    "logged out": lambda _, desk: desk.post("/console/logout"),
    "a day later": lambda clinic, _: clinic.minutes(24 * 60 + 1),
    "idle for eight hours": lambda clinic, _: clinic.minutes(8 * 60 + 1),
    "a new password": lambda clinic, _: set_password(clinic.store, clinic.clock, "ana"),
    "another role, given in the console": lambda clinic, _: _by_the_head(clinic, "role", role="researcher"),
    "a new password, given in the console": lambda clinic, _: _by_the_head(clinic, "password"),
    "put out in the console": lambda clinic, _: _by_the_head(clinic, "log_out"),
}


def _by_the_head(clinic: Clinic, step: str, **fields: str) -> Any:
    clinic.staff("head", "Head of all", "administrator")
    head = Desk(clinic)
    head.log_in("head", wanted="/console/staff")
    done = head.post(f"/console/staff/ana/{step}", "/console/staff", **fields)
    assert done.status_code == 200, done.status_code
    return done


@pytest.mark.parametrize(("part", "name"), [(n % PARTS, name) for n, name in enumerate(ENDS)])
def test_a_session_that_is_over_opens_nothing_for_whoever_kept_the_cookie(
    clinic: Clinic, enter: Enter, part: int, name: str
) -> None:
    desk = enter()
    cookie = desk.client.cookies[COOKIE]
    token = token_in(desk.get("/console/account").text)
    ENDS[name](clinic, desk)
    assert opened(clinic, cookie, token, part=part) == []


def test_logging_in_never_keeps_a_session_that_was_there_before(clinic: Clinic, enter: Enter) -> None:
    mine = enter("eve", "Eve Holm")
    planted = mine.client.cookies[COOKIE]
    clinic.staff("ana", "Ana Torres")
    victim = Desk(clinic)
    victim.client.cookies.set(COOKIE, planted)  # Eve's own, put into Ana's browser
    victim.log_in("ana")
    assert victim.client.cookies.get(COOKIE, domain="testserver.local") != planted
    assert opened(clinic, planted) == [], "it ends, so that Ana does not go on in Eve's name"


def test_a_code_that_is_owed_opens_nothing_but_its_page(clinic: Clinic) -> None:
    who = clinic.staff("ana", "Ana Torres")
    token = secrets.token_urlsafe(32)
    with clinic.store.write() as connection:
        sessions.begin(connection, who, token, clinic.clock.now(), awaits_code=True)
    assert opened(clinic, token, csrf_token(clinic.store.vault, token)) == []


def test_the_database_holds_no_session_that_can_be_used(clinic: Clinic, enter: Enter) -> None:
    token = enter().client.cookies[COOKIE]
    kept = b"".join(
        file.read_bytes() for file in Path(str(clinic.store.engine.url.database)).parent.glob("clinic.sqlite*")
    )
    assert token_hash(token).encode() in kept and token.encode() not in kept


def test_a_session_is_as_hard_to_guess_as_it_can_be(clinic: Clinic, enter: Enter) -> None:
    desk, seen = enter(), set()
    for _ in range(5):
        desk.log_in("ana")
        seen.add(desk.client.cookies[COOKIE])
        clinic.clock.turn(timedelta(minutes=2))
    assert len(seen) == 5 and all(len(token) == 43 for token in seen)  # 256 bits
