"""What opens the console once opens it once, on each database, also for two who come at the same instant."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.clock import TurnedClock
from bot.store import challenges, contacts, factors, leaving, passkeys, sessions, staff, staff_links
from bot.store.challenges import Purpose
from bot.store.database import Connection, Store
from bot.store.types import StaffId


@pytest.fixture
def ana(store: Store, clock: TurnedClock) -> StaffId:
    """A member of staff."""
    with store.write() as connection:
        return staff.create(connection, store.vault, "ana", "Ana", "clinician", "hash", clock.now())


def won(store: Store, take: Callable[[Connection], bool], count: int = 4) -> int:
    """How many of some who take the same thing side by side get it."""
    outcomes, ready = list[bool](), threading.Barrier(count)

    def run() -> None:
        ready.wait()
        with store.write() as connection:
            outcomes.append(take(connection))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == count
    return sum(outcomes)


def test_a_challenge_is_taken_once(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        made = challenges.issue(connection, Purpose.LOG_IN, "me", clock.now())
    assert won(store, lambda connection: challenges.take(connection, made, Purpose.LOG_IN, "me", clock.now())) == 1


def test_a_challenge_is_for_one_purpose_and_one_browser(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        made = challenges.issue(connection, Purpose.LOG_IN, "me", clock.now())
        for purpose, asker in ((Purpose.REGISTER, "me"), (Purpose.LOG_IN, "somebody")):
            assert not challenges.take(connection, made, purpose, asker, clock.now())
        assert challenges.take(connection, made, Purpose.LOG_IN, "me", clock.now())


def test_nobody_takes_anothers_passkey_away(store: Store, ana: StaffId, clock: TurnedClock) -> None:
    with store.write() as connection:
        ben = staff.create(connection, store.vault, "ben", "Ben", "clinician", "hash", clock.now())
        passkeys.add(connection, ana, "key", clock.now(), credential_id=b"c", public_key=b"k", sign_count=0)
        (hers,) = passkeys.of(connection, ana)
        assert not passkeys.remove(connection, ben, hers.id) and passkeys.of(connection, ana) == [hers]
        assert passkeys.remove(connection, ana, hers.id) and passkeys.of(connection, ana) == []


def test_a_link_is_spent_once(store: Store, ana: StaffId, clock: TurnedClock) -> None:
    with store.write() as connection:
        link = staff_links.make(connection, ana, None, clock.now())
    assert won(store, lambda connection: staff_links.spend(connection, link, clock.now())) == 1


def test_a_newer_link_takes_the_older_one_s_place_and_none_opens_a_closed_account(
    store: Store, ana: StaffId, clock: TurnedClock
) -> None:
    with store.write() as connection:
        older = staff_links.make(connection, ana, None, clock.now())
        newer = staff_links.make(connection, ana, None, clock.now())
        assert [staff_links.whose(connection, link, clock.now()) for link in (older, newer)] == [None, ana]
        staff.change(connection, ana, closed_at=clock.now())  # and no more than that
        assert staff_links.whose(connection, newer, clock.now()) is None
        assert not staff_links.spend(connection, newer, clock.now())


def test_a_count_rises_for_one_of_two_copies(store: Store, ana: StaffId, clock: TurnedClock) -> None:
    with store.write() as connection:
        assert passkeys.add(connection, ana, "key", clock.now(), credential_id=b"c", public_key=b"k", sign_count=4)
        (mine,) = passkeys.of(connection, ana)
    assert won(store, lambda connection: passkeys.use(connection, mine.id, 5, clock.now())) == 1


@pytest.mark.parametrize(
    ("kept", "said", "holds"), [(0, 0, True), (0, 1, True), (4, 5, True), (4, 9, True), (4, 4, False), (4, 3, False), (4, 0, False)]
)  # fmt: skip
def test_when_a_count_holds(kept: int, said: int, holds: bool, file_store: Store, clock: TurnedClock) -> None:
    with file_store.write() as connection:
        who = staff.create(connection, file_store.vault, "ana", "Ana", "clinician", "hash", clock.now())
        passkeys.add(connection, who, "key", clock.now(), credential_id=b"c", public_key=b"k", sign_count=kept)
        (mine,) = passkeys.of(connection, who)
        assert passkeys.use(connection, mine.id, said, clock.now()) is holds
        assert passkeys.of(connection, who)[0].sign_count == (said if holds else kept)


def test_challenges_that_are_too_old_go_with_the_next_one(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        old = challenges.issue(connection, Purpose.LOG_IN, "me", clock.now())
        clock.turn(challenges.LIFE)
        challenges.issue(connection, Purpose.LOG_IN, "me", clock.now())
        assert connection.exec_driver_sql("SELECT count(*) FROM challenges").scalar() == 1
        assert not challenges.take(connection, old, Purpose.LOG_IN, "me", clock.now() - timedelta(minutes=1))


def test_who_has_more_than_a_password(store: Store, ana: StaffId, clock: TurnedClock) -> None:
    with store.write() as connection:
        ben, cy = (
            staff.create(connection, store.vault, login, login, "clinician", "hash", clock.now())
            for login in ("ben", "cy")
        )
        passkeys.add(connection, ana, "key", clock.now(), credential_id=b"c", public_key=b"k", sign_count=0)
        for who in (ben, cy):
            factors.begin(connection, store.vault, who, "KEY", clock.now())
        factors.confirm(connection, ben, 1, clock.now())
        assert factors.who_have(connection) == {ana, ben}  # Cy's app has shown no code yet
        assert [factors.has_second(connection, who) for who in (ana, ben, cy)] == [True, True, False]
        assert [factors.is_set(connection, who) for who in (ana, ben, cy)] == [False, True, False]


def test_nothing_that_opened_it_or_called_them_is_left_of_a_closed_account(
    store: Store, ana: StaffId, clock: TurnedClock
) -> None:
    with store.write() as connection:
        passkeys.add(connection, ana, "key", clock.now(), credential_id=b"c", public_key=b"k", sign_count=0)
        factors.begin(connection, store.vault, ana, "KEY", clock.now())
        factors.keep_recovery(connection, store.vault, ana, ["CODE"], clock.now())
        sessions.begin(connection, ana, "token", clock.now())
        link = staff_links.make(connection, ana, None, clock.now())
        contacts.add(connection, store.vault, ana, "sms", "+12125550123", clock.now())
        assert leaving.left_of(connection, ana, clock.now()).is_nothing
        leaving.close(connection, ana, clock.now())
        assert not factors.has_second(connection, ana) and not staff_links.spend(connection, link, clock.now())
        for table in ("sessions", "passkeys", "factors", "recovery_codes", "staff_links", "memberships", "contacts"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table
        assert staff.listed(connection, store.vault) == []
        assert [one.id for one in staff.left(connection, store.vault)] == [ana]
        leaving.reopen(connection, ana)
        assert staff.by_id(connection, store.vault, ana).password_hash == staff.NO_PASSWORD
