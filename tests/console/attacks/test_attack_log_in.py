"""Enumeration and brute force: whoever guesses learns nothing, is slowed down, and can't put a colleague out.

Replayed and guessed codes are attacked in tests/console/test_console_factor.py.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher
from clinic import PASSWORD, Clinic, Desk, Enter

from bot.console.forms import csrf_token
from bot.console.ways_in import password as log_in
from bot.console.ways_in.tries import Tries
from bot.store import staff
from bot.store.staff import FAILURES

WRONG = {
    "an unknown login": ("nobody", PASSWORD),
    "a wrong password": ("ana", "wrong"),
    "a locked login, the right password": ("ben", PASSWORD),
    "a locked login, a wrong password": ("ben", "wrong"),
    "no login": ("", PASSWORD),
    "a login of another writing": ("ａｎａ", PASSWORD),
    "a login with a NUL": ("ana\x00b", PASSWORD),
    "a long login": ("a" * 10_000, PASSWORD),
    "a long password": ("ana", PASSWORD + "x" * 10_000),
    "a password that begins with theirs": ("ana", PASSWORD + " " * 3 + "x"),
    "the hash itself": ("ana", "$argon2id$v=19$m=8,t=1,p=1$"),
}


@pytest.fixture
def two(clinic: Clinic) -> Clinic:
    """Ana, and Ben, whose login is locked."""
    clinic.staff("ana", "Ana Torres")
    clinic.staff("ben", "Ben Okafor")
    with clinic.store.write() as connection:
        for _ in range(FAILURES):
            found = staff.by_login(connection, clinic.store.vault, "ben")
            assert found is not None
            staff.count_failure(connection, found, clinic.clock.now())
    return clinic


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were asked for, in order."""
    asked: list[str] = []

    class Counting(PasswordHasher):
        """The real one, which notes what it is asked."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  # argon2's own name
            """As argon2's."""
            asked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(log_in, "_hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    log_in._nobodys_hash.cache_clear()
    return asked


@pytest.fixture(autouse=True)
def _own_hash() -> Iterator[None]:
    yield
    log_in._nobodys_hash.cache_clear()


def shape(page: str, typed: str) -> str:
    """A page without what differs from one time to the next, and without what was typed into it."""
    page = re.sub(r'value="[0-9a-f]{64}"|data-now="[^"]*"|\d\d:\d\d| autofocus', "", page)
    return re.sub(r'<input id="login"[^>]*>', "", page).replace(typed, "")


def test_all_who_are_wrong_are_told_the_same_at_the_same_cost(two: Clinic, verified: list[str]) -> None:
    told = set()
    for login, password in WRONG.values():
        desk = Desk(two)
        verified.clear()
        answer = desk.log_in(login, password)
        assert answer.status_code == 401, login[:20]
        assert len(verified) == 1, f"{login[:20]}: {len(verified)} hashes were made"
        assert "set-cookie" not in answer.headers or "evenday_console" not in answer.headers["set-cookie"]
        told.add(
            (
                shape(answer.text, login[:64].replace("\x00", "")),
                tuple(sorted(name for name, _ in answer.headers.items())),
            )
        )
    assert len(told) == 1
    assert len({action for action in two.actions() if action.startswith("login.")}) == 3  # the audit knows them apart


def test_a_hash_that_is_nobodys_costs_what_a_members_does() -> None:
    ours, nobodys = log_in.hash_password("x").split("$"), log_in._nobodys_hash().split("$")
    assert ours[:4] == nobodys[:4] and ours[1] == "argon2id"
    assert [len(part) for part in ours] == [len(part) for part in nobodys]


def test_one_address_can_not_try_many_logins(clinic: Clinic, verified: list[str]) -> None:
    desk = Desk(clinic)
    answers = [desk.log_in(f"member{n}", "password1").status_code for n in range(22)]
    assert answers == [401] * 20 + [429] * 2 and len(verified) == 20


def test_many_addresses_can_not_try_one_login(clinic: Clinic, verified: list[str]) -> None:
    clinic.staff("ana", "Ana Torres")
    answers = []
    for n in range(12):
        desk = Desk(clinic)
        desk.client._transport.client = (f"198.51.100.{n}", 1)  # type: ignore[attr-defined]  # the test client's peer
        answers.append(desk.log_in("ana" if n % 2 else "ANA ", "wrong").status_code)
    assert answers == [401] * 10 + [429] * 2 and len(verified) == 10


def test_an_address_that_a_client_only_claims_counts_for_nothing(clinic: Clinic, verified: list[str]) -> None:
    answers = []
    for n in range(21):
        desk = Desk(clinic, **{"x-forwarded-for": f"198.51.100.{n}", "x-real-ip": f"198.51.100.{n}"})
        answers.append(desk.log_in(f"member{n}", "wrong").status_code)
    assert answers[-1] == 429 and len(verified) == 20


def test_who_locks_a_login_does_not_put_out_whoever_is_in(two: Clinic, enter: Enter) -> None:
    inside = enter("cy", "Cy Lund")
    attacker = Desk(two)
    for _ in range(FAILURES):
        assert attacker.log_in("cy", "wrong").status_code == 401
    assert attacker.log_in("cy").status_code == 401, "it is locked"
    who, escalation = two.emergency()
    assert inside.get("/console/", follow_redirects=False).status_code == 200
    done = inside.post(f"/console/escalation/{escalation.id}/acknowledge", f"/console/escalation/{escalation.id}")
    assert done.status_code == 200 and not two.escalation(who.patient_id).is_waiting


def test_the_right_password_opens_nothing_while_a_login_is_locked_and_says_no_more(two: Clinic) -> None:
    desk = Desk(two)
    assert desk.log_in("ben").status_code == desk.log_in("ben", "wrong").status_code == 401
    assert desk.get("/console/", follow_redirects=False).status_code == 303
    two.minutes(15.1)
    assert desk.log_in("ben").status_code == 200


def test_a_crowd_that_tries_to_log_in_keeps_no_page_waiting(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = enter().client.cookies["evenday_console"]
    going, go_on = threading.Semaphore(0), threading.Event()

    def slowly(_password: str, _kept: str | None) -> bool:
        going.release()
        return go_on.wait(5) and False

    monkeypatch.setattr(log_in, "fits", slowly)

    async def work() -> float:
        transport = httpx.ASGITransport(clinic.app)
        own = {"origin": "http://here", "sec-fetch-site": "same-origin"}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=own) as crowd:
            crowd.cookies.set("evenday_visit", "v")
            token = csrf_token(clinic.store.vault, "v")
            tries = [
                asyncio.create_task(
                    crowd.post("/console/login", data={"csrf": token, "login": f"m{n}", "password": "x"})
                )
                for n in range(60)
            ]
            await asyncio.to_thread(going.acquire)
            started = time.monotonic()
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as member:
                member.cookies.set("evenday_console", cookie)
                answer = await asyncio.wait_for(member.get("/console/account"), 4)
            waited = time.monotonic() - started
            go_on.set()
            await asyncio.gather(*tries)
        assert answer.status_code == 200
        return waited

    monkeypatch.setattr(Tries, "may_try", lambda *_: True)  # a crowd of many addresses
    assert asyncio.run(work()) < 2
