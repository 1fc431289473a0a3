"""Messages in and out, on both databases: kept once, in order, and found again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.clock import TurnedClock
from bot.store import (
    inbox,
    outbox,
)
from bot.store.database import Store
from bot.store.types import MessageId
from tests.conftest import MakePatient
from tests.store.rows import put_in, put_out

DAY = timedelta(days=1)


def waiting(store: Store, clock: TurnedClock, **more: Any) -> list[str]:
    """Keys of the rows that may go."""
    with store.read() as connection:
        return [row.dedupe_key for row in outbox.waiting(connection, store.vault, "sms", clock.now(), **more)]


class TestInbox:
    def test_a_repeat_is_known_by_its_key(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        first = put_in(store, ana, clock, "sms:1", "six 🙂", choice=2, evidence=[{"rule": "r"}], tier="watch")
        assert first and put_in(store, ana, clock, "sms:1", "seven") is None
        with store.read() as connection:
            kept = inbox.get(connection, store.vault, first)
            assert (kept.text, kept.choice, kept.tier) == ("six 🙂", 2, "watch")
            assert inbox.evidence(connection, store.vault, first) == [{"rule": "r"}]
            assert inbox.find(connection, "sms:1") == first and inbox.find(connection, "sms:2") is None
            with pytest.raises(KeyError):
                inbox.get(connection, store.vault, MessageId(99_999))

    def test_the_oldest_waiting_comes_next(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        ids = [put_in(store, ana, clock, f"k{n}") for n in range(3)]
        assert ids[0] is not None
        with store.write() as connection:
            inbox.set_state(connection, ids[0], state=inbox.DONE)
            following = inbox.next_waiting(connection, store.vault, ana.id)
        assert following and following.id == ids[1]

    def test_the_newest_are_of_every_state(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        states = [inbox.DONE, inbox.PARKED, inbox.DONE, inbox.WAITING, inbox.DONE, inbox.PARKED, inbox.WAITING]
        made = [put_in(store, ana, clock, f"k{n}", state=state) for n, state in enumerate(states)]
        put_in(store, a_patient(), clock, "another's")
        with store.read() as connection:
            for limit in range(1, len(made) + 2):
                assert [one.id for one in inbox.recent(connection, store.vault, ana.id, limit)] == made[-limit:]
            newest = inbox.recent(connection, store.vault, ana.id, 3, before=made[5])
            assert [one.id for one in newest] == made[2:5]

    def test_recent_until_and_after_are_oldest_first(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana, made, middle = a_patient(), [], clock.now()
        for n in range(5):
            made.append(put_in(store, ana, clock, f"k{n}", f"text {n}"))
            middle = clock.now() if n == 2 else middle
            clock.turn(timedelta(minutes=1))
        with store.read() as connection:
            vault = store.vault
            assert [one.id for one in inbox.recent(connection, vault, ana.id, 2)] == made[3:]
            assert [one.id for one in inbox.recent(connection, vault, ana.id, 2, before=made[3])] == made[1:3]
            assert [one.text for one in inbox.until(connection, vault, ana.id, middle, 2)] == ["text 1", "text 2"]
            assert [one.text for one in inbox.after(connection, vault, ana.id, middle, 1)] == ["text 3"]

    def test_parked_messages_wait_again(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        made = put_in(store, ana, clock, "k", state=inbox.PARKED)
        assert made is not None
        with store.write() as connection:
            assert inbox.parked(connection) == [ana.id]
            inbox.unpark(connection, ana.id, clock.now())
            assert inbox.parked(connection) == []
            assert inbox.get(connection, store.vault, made).state == inbox.WAITING

    def test_what_could_not_be_read_is_kept(self, store: Store, clock: TurnedClock) -> None:
        with store.write() as connection:
            inbox.put_aside(connection, store.vault, "sms", "no sender", b"\xff{\x00", clock.now())
            (one,) = inbox.asides(connection)
            kept, body = inbox.aside_body(connection, store.vault, one.id)
            assert (kept.channel, kept.why, body) == ("sms", "no sender", "\ufffd{\x00")
            with pytest.raises(KeyError):
                inbox.aside_body(connection, store.vault, 999)


class TestOutbox:
    def test_a_key_is_queued_once(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        assert put_out(store, ana, clock, "reply:1:0", buttons=("Yes", "No"), asked="safe_now", image=b"\x89PNG")
        assert not put_out(store, ana, clock, "reply:1:0")
        with store.read() as connection:
            (row,) = outbox.recent(connection, store.vault, ana.id, 5)
            assert (row.buttons, row.asked, row.image) == (("Yes", "No"), "safe_now", b"\x89PNG")
            assert outbox.get(connection, store.vault, row.id) == row
            assert outbox.get(connection, store.vault, 999) is None

    def test_one_row_an_address_the_gravest_class_first(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana, ben, cleo = a_patient(), a_patient(), a_patient(on="telegram")
        for who, key, kind in (
            (ana, "a1", "checkin"), (ana, "a2", "reply"), (ana, "a3", "reply"), (ben, "b1", "lesson"),
            (ben, "b2", "safety"), (cleo, "c1", "safety"),
        ):  # fmt: skip
            put_out(store, who, clock, key, kind)
        assert waiting(store, clock) == ["b2", "a2", "a1", "b1"]  # but not a3: it comes after a2
        assert waiting(store, clock, limit=1) == ["b2"]
        assert waiting(store, clock, most_rank=0) == ["b2"]

    def test_a_row_that_is_tried_again_keeps_its_place(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana = a_patient()
        put_out(store, ana, clock, "first")
        with store.write() as connection:
            (row,) = outbox.waiting(connection, store.vault, "sms", clock.now())
            assert outbox.take(connection, row.id, clock.now())
            assert not outbox.take(connection, row.id, clock.now())
            outbox.set_state(connection, row.id, state=outbox.WAITING, not_before=clock.now() + timedelta(seconds=2))
        put_out(store, ana, clock, "second")
        assert waiting(store, clock) == []
        clock.turn(timedelta(seconds=3))
        assert waiting(store, clock) == ["first"]

    def test_what_is_for_later_keeps_nobody_waiting(
        self, store: Store, a_patient: MakePatient, clock: TurnedClock
    ) -> None:
        ana = a_patient()
        tonight = clock.now() + timedelta(hours=5)
        put_out(store, ana, clock, "tonight", not_before=tonight)
        with store.read() as connection:
            assert outbox.next_at(connection, "sms") == tonight
        put_out(store, ana, clock, "now")
        assert waiting(store, clock) == ["now"]

    def test_a_doubtful_take_is_taken_back(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        put_out(store, ana, clock, "one")
        with store.write() as connection:
            (row,) = outbox.waiting(connection, store.vault, "sms", clock.now())
            outbox.take(connection, row.id, clock.now())
            assert [one.id for one in outbox.unsettled(connection, store.vault)] == [row.id]
            outbox.untake(connection, [row.id])
        assert waiting(store, clock) == ["one"]

    def test_a_provider_never_takes_a_word_back(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        put_out(store, ana, clock, "one")
        with store.write() as connection:
            (row,) = outbox.waiting(connection, store.vault, "sms", clock.now())
            for state in ("delivered", "sent", "waiting"):
                outbox.raise_state(connection, row_id=row.id, provider_id="SM1", state=state, why="")
            found = outbox.get(connection, store.vault, row.id)
            assert found and found.state == "delivered"
            outbox.raise_state(connection, row_id=None, provider_id="SM1", state="failed", why="30003")
            found = outbox.get(connection, store.vault, row.id)
            assert found and (found.state, found.why) == ("failed", "30003")

    def test_stop_takes_back_all_but_safety(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        for key, kind in (("s", "safety"), ("r", "reply"), ("c", "checkin")):
            put_out(store, ana, clock, key, kind)
        with store.write() as connection:
            outbox.drop_waiting(connection, ana.id, "opted out")
            assert outbox.counts(connection) == {"waiting": 1}
        assert waiting(store, clock) == ["s"]

    def test_a_sender_is_held(self, store: Store, clock: TurnedClock) -> None:
        until = clock.now() + timedelta(minutes=5)
        with store.write() as connection:
            outbox.hold(connection, "sms", clock.now() + timedelta(seconds=1), "429")
            outbox.hold(connection, "sms", until, "503")
            assert outbox.held_until(connection, "sms", clock.now()) == until
            assert outbox.held_until(connection, "telegram", clock.now()) is None
            assert [(one.sender, one.why) for one in outbox.held(connection, clock.now())] == [("sms", "503")]
            assert outbox.held_until(connection, "sms", until + DAY) is None

    def test_until_and_after_meet(self, store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
        ana = a_patient()
        for n in range(4):
            put_out(store, ana, clock, f"k{n}")
            clock.turn(timedelta(minutes=1))
        with store.read() as connection:
            at = outbox.recent(connection, store.vault, ana.id, 3)[0].created_at
            before = outbox.until(connection, store.vault, ana.id, at, 9)
            after = outbox.after(connection, store.vault, ana.id, at, 9)
        assert [row.dedupe_key for row in before + after] == ["k0", "k1", "k2", "k3"]


def test_parked_messages_are_found_by_their_index(file_store: Store) -> None:
    """Among a million messages a search without it took 60 ms of each look at the console's health."""
    said: list[tuple[str, Any]] = []
    event.listen(
        file_store.engine, "before_cursor_execute", lambda _c, _k, sql, values, _x, _m: said.append((sql, values))
    )
    with file_store.read() as connection:
        assert inbox.parked(connection) == []
        ((sql, values),) = said
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert any("ix_inbox_parked" in row[3] for row in plan)
