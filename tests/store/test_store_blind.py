"""The weekly blind read: chosen by a seed alone, kept, and never more than what nothing flagged; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from bot.clock import TurnedClock
from bot.store import blind, inbox, judging, patients, staff
from bot.store.blind import Verdict, chosen
from bot.store.database import Store
from bot.store.tables import blind_lines, blind_marks
from bot.store.tables import inbox as inbox_table
from bot.store.types import MessageId, StaffId
from tests.conftest import MakePatient
from tests.support.people import Person

WEEK = date(2026, 11, 16)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def write(
    store: Store, who: Person, clock: TurnedClock, text: str, tier: str = "none", form: str = "text"
) -> MessageId:
    with store.write() as connection:
        made = inbox.put(
            connection, store.vault, patient_id=who.id, address_id=who.address.id, provider_key=f"{who.id}:{text}",
            form=form, text=text, choice=None, received_at=clock.now(), tier=tier, kind="none", evidence=[],
            state=inbox.DONE,
        )  # fmt: skip
    assert made is not None
    return made


def reader(store: Store, clock: TurnedClock, login: str = "rita") -> StaffId:
    with store.write() as connection:
        return staff.create(connection, store.vault, login, login, "supervisor", "hash", clock.now())


@pytest.mark.parametrize("size", [0, 1, 100, 999, 1000, 2000])
def test_the_same_seed_chooses_the_same_in_whatever_order_they_come(size: int) -> None:
    ids = list(range(1, 1001))
    first = chosen(ids, "a1", size)
    assert first == chosen(reversed(ids), "a1", size)
    assert len(first) == len(set(first)) == min(size, 1000)
    assert chosen(ids, "a1", 100) == chosen(ids, "a1", 2000)[:100]
    assert chosen(ids, "a1", 100) != chosen(ids, "b2", 100)


def test_a_known_seed_chooses_known_messages() -> None:
    # The first five by `printf "evenday:$i" | sha256sum`, for 1 to 50, sorted.
    assert chosen(range(1, 51), "evenday", 5) == [34, 20, 7, 33, 35]


def test_every_message_has_the_same_chance() -> None:
    counts = [0] * 20
    for seed in range(2000):
        for one in chosen(range(20), str(seed), 5):
            counts[one] += 1
    # Binomial(2000, 1/4): mean 500, standard deviation 19.4; five of these either way.
    assert all(403 <= count <= 597 for count in counts), counts


def test_only_words_of_the_week_that_nothing_flagged_are_in_the_pool(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, demo = a_patient(), a_patient()
    since = clock.now()
    early = write(store, ana, clock, "in the first instant")
    clock.turn(HOUR)
    calm = write(store, ana, clock, "calm")
    edited = write(store, ana, clock, "edited", form="edit")
    write(store, ana, clock, "watch", tier="watch")
    write(store, ana, clock, "", form="photo")
    write(store, demo, clock, "made up")
    told = write(store, ana, clock, "found by a person")
    rita = reader(store, clock)
    with store.write() as connection:
        patients.change(connection, store.vault, demo.id, demo=True)
        judging.mark_missed(connection, store.vault, ana.id, told, "watch", "suicide", clock.now(), staff_id=rita)
    clock.turn(HOUR)
    until = clock.now()
    write(store, ana, clock, "after the week")
    with store.read() as connection:
        found = blind.pool(connection, since, until)
    assert set(found) == {early, calm, edited}


def test_what_was_drawn_stands_whoever_draws_again(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, rita = a_patient(), reader(store, clock)
    wanted = [write(store, ana, clock, f"line {n}") for n in range(30)]
    since, until = clock.now() - DAY, clock.now() + DAY
    with store.write() as connection:
        first = blind.draw(connection, WEEK, since, until, "one", clock.now(), rita, size=10)
        before = blind.lines(connection, WEEK)
    write(store, ana, clock, "later")
    with store.write() as connection:
        again = blind.draw(connection, WEEK, since, until, "two", clock.now(), rita, size=20)
        after = blind.lines(connection, WEEK)
    assert (again.seed, again.pool) == (first.seed, first.pool) == ("one", 30)
    assert after == before
    assert [line.place for line in after] == list(range(1, 11))
    assert [line.message_id for line in after] == chosen(wanted, "one", 10)


def test_each_reader_says_one_thing_of_each_line(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    ana, rita, otto = a_patient(), reader(store, clock), reader(store, clock, "otto")
    write(store, ana, clock, "calm")
    with store.write() as connection:
        blind.draw(connection, WEEK, clock.now() - DAY, clock.now() + DAY, "s", clock.now(), rita)
        assert blind.mark(connection, WEEK, 1, rita, Verdict.FINE, clock.now())
        assert not blind.mark(connection, WEEK, 1, rita, Verdict.MISSED, clock.now())
        assert blind.mark(connection, WEEK, 1, otto, Verdict.MISSED, clock.now())
        (line,) = blind.lines(connection, WEEK)
    assert line.marks == {rita: Verdict.FINE, otto: Verdict.MISSED}


def test_a_deleted_message_leaves_its_line_and_what_was_said_of_it(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, rita = a_patient(), reader(store, clock)
    write(store, ana, clock, "calm")
    with store.write() as connection:
        blind.draw(connection, WEEK, clock.now() - DAY, clock.now() + DAY, "s", clock.now(), rita)
        blind.mark(connection, WEEK, 1, rita, Verdict.FINE, clock.now())
        connection.execute(delete(inbox_table).where(inbox_table.c.patient_id == ana.id))
        (line,) = blind.lines(connection, WEEK)
        assert line.message_id is None and line.marks == {rita: Verdict.FINE}
        assert ana.id not in str(
            connection.execute(select(blind_lines)).all() + connection.execute(select(blind_marks)).all()
        )


def test_an_empty_week_is_drawn_too(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        made = blind.draw(connection, WEEK, clock.now(), clock.now() + DAY, "s", clock.now(), None)
        assert made.pool == 0 and blind.lines(connection, WEEK) == []
        assert [one.week_on for one in blind.drawn(connection, 5)] == [WEEK]
        assert blind.get(connection, WEEK + 7 * DAY) is None
