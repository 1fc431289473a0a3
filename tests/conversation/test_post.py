"""Each thing that a provider can do, restarts between offering and settling, opt-outs at the last instant, and order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.conversation.message import RANK, MessageClass, Outcome, SendResult
from bot.conversation.send import AT_ONCE, KEPT_FOR_SAFETY, MOST_ATTEMPTS, Post
from bot.errors import StoreError
from bot.store import outbox, patients
from bot.store.outbox import OutboxRow
from tests.conftest import MakePatient
from tests.conversation.conftest import BuildHouse
from tests.support.house import House, Provider
from tests.support.people import Person

REPLY, SAFETY, CHECKIN = MessageClass.REPLY, MessageClass.SAFETY, MessageClass.CHECKIN
MINUTE = timedelta(minutes=1)


def queue(house: House, who: Person, key: str, kind: MessageClass = REPLY, **more: Any) -> int:
    """A row that waits; its id."""
    with house.store.write() as connection:
        assert outbox.put(
            connection, house.store.vault, patient_id=who.id, address_id=who.address.id, dedupe_key=key,
            message_class=kind, rank=RANK[kind], text=f"text {key}", now=house.clock.now(), **more,
        )  # fmt: skip
        return outbox.recent(connection, house.store.vault, who.id, 1)[0].id


def row(house: House, row_id: int) -> OutboxRow:
    """A row as it stands."""
    with house.store.read() as connection:
        found = outbox.get(connection, house.store.vault, row_id)
    assert found
    return found


def answer(outcome: Outcome, **more: Any) -> SendResult:
    """What the provider makes of a call."""
    return SendResult(outcome, why="why", **more)


def test_sent_is_settled_with_the_providers_id(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    made = queue(house, ana, "reply:1:0")
    assert house.send() == ["text reply:1:0"]
    found = row(house, made)
    assert (found.state, found.attempts, found.why) == (outbox.SENT, 1, None) and found.sent_at
    assert [one.address for one in house.provider.got] == [ana.number]
    assert house.send() == []


# outcome, class -> state afterwards
SETTLED = {
    (Outcome.HOLD, REPLY): outbox.WAITING,
    (Outcome.RETRY, REPLY): outbox.WAITING,
    (Outcome.UNKNOWN, REPLY): outbox.UNKNOWN,
    (Outcome.UNKNOWN, CHECKIN): outbox.UNKNOWN,
    (Outcome.UNKNOWN, SAFETY): outbox.SENT,  # it goes again at once
    (Outcome.OPTED_OUT, REPLY): outbox.FAILED,
    (Outcome.CLOSED, REPLY): outbox.FAILED,
    (Outcome.REFUSED, REPLY): outbox.FAILED,
    (Outcome.SENDER_DOWN, REPLY): outbox.WAITING,
    (Outcome.SENT, REPLY): outbox.SENT,
}


@pytest.mark.parametrize(("outcome", "kind"), SETTLED)
def test_every_outcome_has_its_consequence(
    outcome: Outcome, kind: MessageClass, house: House, a_patient: MakePatient
) -> None:
    made = queue(house, a_patient(), "reply:1:0", kind)
    house.provider.answers = [answer(outcome)]
    house.send()
    assert row(house, made).state == SETTLED[outcome, kind]


def test_every_outcome_is_in_the_table() -> None:
    assert {outcome for outcome, _ in SETTLED} == set(Outcome)


def test_a_channel_that_raises_leaves_the_fate_unknown(house: House, a_patient: MakePatient) -> None:
    made = queue(house, a_patient(), "reply:1:0")
    house.provider.answers = [RuntimeError("text reply")]
    house.send()
    assert row(house, made).state == outbox.UNKNOWN


def test_a_retry_backs_off_and_ends(house: House, a_patient: MakePatient) -> None:
    made = queue(house, a_patient(), "reply:1:0")
    house.provider.answers = [answer(Outcome.RETRY)] * 20
    offered = []
    for _ in range(12):
        offered.append(len(house.send()))
        assert house.send() == []  # not before its time
        house.clock.turn(2 * MINUTE)
    assert sum(offered) == MOST_ATTEMPTS
    assert row(house, made).state == outbox.FAILED


def test_while_one_is_tried_again_what_came_after_it_waits(house: House, a_patient: MakePatient) -> None:
    ana, ben = a_patient(), a_patient()
    queue(house, ana, "reply:1:0")
    house.provider.answers = [answer(Outcome.RETRY)]
    house.send()
    queue(house, ana, "reply:2:0")
    queue(house, ben, "reply:3:0")
    assert house.send() == ["text reply:3:0"]
    house.clock.turn(MINUTE)
    assert house.send() == ["text reply:1:0", "text reply:2:0"]


def test_a_hold_stops_the_whole_sender_and_counts_no_attempt(house: House, a_patient: MakePatient) -> None:
    ana, ben = a_patient(), a_patient()
    first = queue(house, ana, "reply:1:0")
    house.provider.answers = [answer(Outcome.HOLD, retry_after=30)]
    house.send()
    queue(house, ana, "reply:2:0")
    queue(house, ben, "reply:3:0")
    queue(house, ben, "safety:4", SAFETY)
    assert house.send() == []
    assert row(house, first).attempts == 0
    house.clock.turn(timedelta(seconds=31))
    sent = house.send()
    assert sorted(sent) == sorted(["text safety:4", "text reply:1:0", "text reply:3:0", "text reply:2:0"])
    assert sent.index("text reply:1:0") < sent.index("text reply:2:0")


def test_a_sender_that_is_down_is_held(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    queue(house, ana, "reply:1:0")
    house.provider.answers = [answer(Outcome.SENDER_DOWN)]
    house.send()
    with house.store.read() as connection:
        assert [one.sender for one in outbox.held(connection, house.clock.now())] == ["sms"]
    house.clock.turn(6 * MINUTE)
    assert house.send() == ["text reply:1:0"]


@pytest.mark.parametrize(("outcome", "column"), [(Outcome.OPTED_OUT, "opted_out_at"), (Outcome.CLOSED, "closed_at")])
def test_what_the_provider_knows_of_an_address_is_kept(
    outcome: Outcome, column: str, house: House, a_patient: MakePatient
) -> None:
    from bot.store import due

    ana = a_patient()
    queue(house, ana, "reply:1:0")
    house.provider.answers = [answer(outcome)]
    house.send()
    with house.store.read() as connection:
        assert getattr(patients.address(connection, ana.address.id), column)
        assert due.of(connection, ana.id) == {}
    queue(house, ana, "reply:2:0")
    assert house.send() == []


class TestRestart:
    """A process died between marking rows as on their way and settling them."""

    def left(self, house: House, who: Person, key: str, kind: MessageClass) -> int:
        made = queue(house, who, key, kind)
        with house.store.write() as connection:
            assert outbox.take(connection, made, house.clock.now())
        return made

    def test_safety_goes_again_and_nothing_else_does(self, house: House, a_patient: MakePatient) -> None:
        made = {kind: self.left(house, a_patient(), f"{kind}:1", kind) for kind in (SAFETY, REPLY, CHECKIN)}
        house.post.settle_unknown()
        sent = house.send()
        assert sent.count("text safety:1") == 1
        assert "text reply:1" not in sent and "text checkin:1" not in sent
        assert row(house, made[REPLY]).state == row(house, made[CHECKIN]).state == outbox.UNKNOWN

    def test_who_may_have_missed_a_reply_is_told_once(self, house: House, a_patient: MakePatient) -> None:
        ana = a_patient()
        self.left(house, ana, "reply:1:0", REPLY)
        house.post.settle_unknown()
        house.post.settle_unknown()
        (note,) = house.send()
        assert "REPEAT" in note and "{" not in note
        with house.store.write() as connection:  # and if that is cut off as well, there is no end of notes
            (kept,) = [one for one in outbox.recent(connection, house.store.vault, ana.id, 9) if one.text == note]
            outbox.set_state(connection, kept.id, state=outbox.SENDING)
        house.post.settle_unknown()
        assert house.send() == []

    def test_other_channels_rows_are_left_alone(self, house: House, a_patient: MakePatient) -> None:
        made = self.left(house, a_patient(on="telegram"), "reply:1:0", REPLY)
        house.post.settle_unknown()
        assert row(house, made).state == outbox.SENDING

    def test_safety_does_not_go_for_ever(self, house: House, a_patient: MakePatient) -> None:
        made = queue(house, a_patient(), "safety:1", SAFETY)
        house.provider.answers = [answer(Outcome.UNKNOWN)] * 50
        house.send()
        assert len(house.provider.got) == MOST_ATTEMPTS
        assert row(house, made).state == outbox.UNKNOWN

    def test_only_a_row_that_is_offered_is_marked(self, build: BuildHouse, a_patient: MakePatient) -> None:
        """At one a second, a second's kill must not find sixteen rows marked of which fifteen were never offered."""
        house = build()
        post = Post(house.store, house.provider, house.clock, per_second=1.0)
        made = [queue(house, a_patient(), f"reply:{n}:0") for n in range(5)]

        async def a_while() -> None:
            loop = asyncio.create_task(post.run())
            await asyncio.sleep(0.3)
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

        asyncio.run(a_while())
        states = [row(house, one).state for one in made]
        assert states.count(outbox.SENT) == 1 and states.count(outbox.WAITING) == 4


def test_stop_between_queueing_and_sending_wins(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    made = [queue(house, ana, f"{kind}:1", kind) for kind in (REPLY, CHECKIN)]
    with house.store.write() as connection:  # not by way of STOP, which takes the rows back itself
        patients.change_address(connection, ana.address.id, opted_out_at=house.clock.now())
    safety = queue(house, ana, "safety:1", SAFETY)
    assert house.send() == ["text safety:1"]
    assert [row(house, one).state for one in made] == [outbox.DROPPED] * 2
    assert row(house, safety).state == outbox.SENT


def test_a_closed_address_gets_nothing_but_safety(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    queue(house, ana, "reply:1", REPLY)
    queue(house, ana, "safety:1", SAFETY)
    with house.store.write() as connection:
        patients.change_address(connection, ana.address.id, closed_at=house.clock.now())
    assert house.send() == ["text safety:1"]


def test_what_is_too_late_is_not_sent(house: House, a_patient: MakePatient) -> None:
    late = queue(house, a_patient(), "checkin:1", CHECKIN, expires_at=house.clock.now() + MINUTE)
    in_time = queue(house, a_patient(), "checkin:2", CHECKIN, expires_at=house.clock.now() + 3 * MINUTE)
    house.clock.turn(2 * MINUTE)
    assert house.send() == ["text checkin:2"]
    assert (row(house, late).state, row(house, late).why) == (outbox.DROPPED, "too late")
    assert row(house, in_time).state == outbox.SENT


def test_the_gravest_class_goes_first(house: House, a_patient: MakePatient) -> None:
    for kind in (MessageClass.LESSON, CHECKIN, REPLY, SAFETY):
        queue(house, a_patient(), f"{kind}:1", kind)
    assert house.send() == ["text safety:1", "text reply:1", "text checkin:1", "text lesson:1"]


def test_one_persons_messages_never_overtake_each_other(house: House, a_patient: MakePatient) -> None:
    ana, offered = a_patient(), []

    class Slow(Provider):
        async def send(self, outgoing: Any) -> SendResult:
            offered.append(outgoing.reply.text)
            await asyncio.sleep(0.05 if len(offered) == 1 else 0)
            return await super().send(outgoing)

    house.provider = Slow()
    house.post.sender = house.provider
    for n in range(4):
        queue(house, ana, f"reply:{n}:0")
    house.send()
    assert house.provider.texts == [f"text reply:{n}:0" for n in range(4)]


def test_a_slow_call_keeps_nobody_else_waiting_and_safety_has_room(house: House, a_patient: MakePatient) -> None:
    class Stuck(Provider):
        async def send(self, outgoing: Any) -> SendResult:
            if outgoing.message_class is REPLY:
                self.got.append(outgoing)
                await asyncio.sleep(60)
            return await super().send(outgoing)

    stuck = Stuck()
    post = Post(house.store, stuck, house.clock)
    for n in range(AT_ONCE + 3):
        queue(house, a_patient(), f"reply:{n}:0")

    async def a_while() -> None:
        loop = asyncio.create_task(post.run())
        await asyncio.sleep(0.3)
        assert len(stuck.got) == AT_ONCE
        for n in range(KEPT_FOR_SAFETY):
            queue(house, a_patient(), f"safety:{n}", SAFETY)
        post.wake()
        async with asyncio.timeout(5):
            while sum(one.message_class is SAFETY for one in stuck.got) < KEPT_FOR_SAFETY:
                await asyncio.sleep(0.02)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(a_while())


def test_safety_does_not_wait_for_the_rate(house: House, a_patient: MakePatient) -> None:
    post = Post(house.store, house.provider, house.clock, per_second=0.5)
    for n in range(3):
        queue(house, a_patient(), f"reply:{n}:0")

    async def a_while() -> None:
        loop = asyncio.create_task(post.run())
        await asyncio.sleep(0.2)
        queue(house, a_patient(), "safety:1", SAFETY)
        post.wake()
        await asyncio.sleep(0.3)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(a_while())
    assert house.provider.texts == ["text reply:0:0", "text safety:1"]


def test_a_store_that_is_away_while_settling_is_waited_for(
    house: House, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.send.STORE_AWAY_SECONDS", 0.01)
    ana, settle, calls = a_patient(), house.post._settle, []
    made = queue(house, ana, "reply:1:0")
    queue(house, ana, "reply:2:0")

    def fail_twice(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) < 3:
            raise StoreError("away")
        settle(*arguments)

    house.post._settle = fail_twice  # type: ignore[method-assign,assignment]
    house.send()
    assert row(house, made).state == outbox.SENT
    assert house.provider.texts == ["text reply:1:0", "text reply:2:0"]


def test_a_commit_that_may_have_held_is_taken_back(house: House, a_patient: MakePatient) -> None:
    """The mark was committed, but the connection died before we were told: the row was never offered."""
    made = queue(house, a_patient(), "reply:1:0")
    write = house.store.write
    from contextlib import contextmanager

    @contextmanager
    def lost_answer(*, synced: bool = True) -> Any:
        with write(synced=synced) as connection:
            yield connection
        raise StoreError("the connection was lost in commit")

    house.store.write = lost_answer  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        house.send()
    house.store.write = write  # type: ignore[method-assign]
    assert row(house, made).state == outbox.SENDING
    assert house.send() == ["text reply:1:0"]
    assert row(house, made).attempts == 1


def test_nothing_is_offered_before_its_mark_is_on_the_disk(house: House, a_patient: MakePatient) -> None:
    """A power cut would forget the mark, and the row would go a second time."""
    made = queue(house, a_patient(), "reply:1:0")
    sync = house.store.sync

    async def full() -> None:
        raise StoreError("the disk is full")

    house.store.sync = full  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        house.send()
    assert house.provider.got == []
    house.store.sync = sync  # type: ignore[method-assign]
    assert house.send() == ["text reply:1:0"]
    assert row(house, made).attempts == 1


def test_what_waits_behind_a_row_goes_as_soon_as_that_is_settled(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    for n in range(4):
        queue(house, ana, f"reply:{n}:0")

    async def a_while() -> None:
        loop = asyncio.create_task(house.post.run())
        async with asyncio.timeout(2.5):  # a look without cause comes after a second, for each
            while len(house.provider.texts) < 4:
                await asyncio.sleep(0.005)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(a_while())
    assert house.provider.texts == [f"text reply:{n}:0" for n in range(4)]
