"""What the safety figures are made of, read the same from both databases: no drill, nobody made up, nothing of other days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from bot.clock import TurnedClock
from bot.store import (
    contacts,
    handling,
    inbox,
    judging,
    measured,
    opening,
    outbox,
    pages,
    patients,
    rota,
    staff,
)
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.steps import Step
from bot.store.tables import inbox as inbox_table
from bot.store.types import EscalationId, MessageId, PatientId, StaffId
from tests.conftest import MakePatient
from tests.support.people import Person

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def writes(store: Store, who: Person, clock: TurnedClock, tier: str, late: timedelta = timedelta(0)) -> Escalation:
    """A message that came `late` ago is stored and opens, joins, raises or reopens."""
    with store.write() as connection:
        now = clock.now()
        made = inbox.put(
            connection, store.vault, patient_id=who.id, address_id=who.address.id, provider_key=f"{who.id}:{now}",
            form="text", text="x", choice=None, received_at=now - late, tier=tier, kind="suicide", evidence=[],
            state=inbox.DONE,
        )  # fmt: skip
        assert made is not None
        return opening.note(connection, store.vault, who.id, made, tier, "suicide", now)


def somebody(store: Store, clock: TurnedClock) -> StaffId:
    with store.write() as connection:
        made = staff.create(connection, store.vault, "olga", "Olga", "clinician", "hash", clock.now())
        contacts.add(connection, store.vault, made, "sms", "+12125550100", clock.now())
        contacts.add(connection, store.vault, made, "call", "+12125550100", clock.now())
        return made


def resolve(store: Store, clock: TurnedClock, one: Escalation, by: StaffId, outcome: str = "referred") -> None:
    with store.write() as connection:
        handling.acknowledge(Step(connection, store.vault, one.id, by, clock.now()))
        judging.resolve(Step(connection, store.vault, one.id, by, clock.now()), {"outcome": outcome})


def touched(connection: Connection, since: datetime) -> list[EscalationId]:
    """Ids of what something may have happened to."""
    return [one.id for one in measured.touched(connection, since, since)]


def test_what_is_settled_has_a_version_that_rises_with_every_step(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    olga, ana, began = somebody(store, clock), a_patient(), clock.now()
    one = writes(store, ana, clock, "urgent")

    def seen(settled_before: timedelta) -> tuple[int, bool]:
        with store.read() as connection:
            (found,) = measured.touched(connection, began, began + settled_before)
        return found.version, found.is_settled

    versions = [seen(DAY)]
    resolve(store, clock, one, olga)
    versions.append(seen(DAY))
    assert versions[-1][1] and not seen(timedelta(0))[1], "only what was resolved before that instant"
    clock.turn(2 * DAY)
    with store.write() as connection:
        judging.reopen(Step(connection, store.vault, one.id, olga, clock.now()), "She called.")
    versions.append(seen(10 * DAY))
    assert versions[0][0] < versions[1][0] < versions[2][0] and not versions[2][1]


def test_a_history_is_read_whole_with_the_receipt_of_what_began_it(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    olga, ana = somebody(store, clock), a_patient()
    since, late = clock.now(), timedelta(seconds=90)
    one = writes(store, ana, clock, "urgent", late)
    clock.turn(HOUR)
    writes(store, ana, clock, "watch")
    resolve(store, clock, one, olga, "false_alarm")
    clock.turn(HOUR)
    writes(store, ana, clock, "emergency")
    with store.read() as connection:
        (case,) = measured.cases(connection, touched(connection, since))
        found = measured.steps(connection, store.vault, [case.id])
        later = measured.touched(connection, clock.now() + HOUR, clock.now())
    assert (case.id, case.patient_id, case.tier, case.kind) == (one.id, ana.id, "emergency", "suicide")
    assert [step.event for step in found] == ["opened", "acknowledged", "resolved", "reopened"], (
        "a joined one starts nothing"
    )
    assert found[0].received_at == found[0].at - late and found[3].received_at == found[3].at
    assert [step.detail.get("tier") for step in found] == ["urgent", None, None, "emergency"]
    assert found[2].detail["outcome"] == "false_alarm" and found[2].staff_id == olga
    assert [one.id for one in later] == [case.id], "it is open still"


def test_drills_made_up_patients_and_what_was_over_before_are_left_out(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    olga, ana, ben, demo = somebody(store, clock), a_patient(), a_patient(), a_patient()
    old = writes(store, ben, clock, "urgent")
    resolve(store, clock, old, olga)
    clock.turn(DAY)
    since = clock.now()
    one = writes(store, ana, clock, "urgent")
    writes(store, demo, clock, "urgent")
    with store.write() as connection:
        patients.change(connection, store.vault, demo.id, demo=True)
        opening.insert_row(connection, ana.id, None, "emergency", "drill", clock.now(), drill=True)
    with store.read() as connection:
        assert touched(connection, since) == [one.id]
        assert set(touched(connection, since - 2 * DAY)) == {one.id, old.id}


def test_the_first_page_of_each_round_is_read(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    olga, ana, since = somebody(store, clock), a_patient(), clock.now()
    one = writes(store, ana, clock, "urgent")
    first = _paged(store, clock, one, olga)
    clock.turn(HOUR)
    second = _paged(store, clock, writes(store, ana, clock, "emergency"), olga)
    with store.read() as connection:
        found = measured.handed_pages(connection, touched(connection, since))
    assert [(page.escalation_id, page.at) for page in found] == [(one.id, min(first)), (one.id, min(second))]


def _paged(store: Store, clock: TurnedClock, one: Escalation, who: StaffId) -> list[object]:
    """Two pages that went, the later one written first, one that is told as delivered only, and one that failed."""
    times = []
    with store.write() as connection:
        ways = contacts.listed(connection, [who])
        now = clock.now()
        for step, (way, after) in enumerate(((ways[0], 9), (ways[1], 4), (ways[0], 6), (ways[1], 1))):
            made = pages.put(
                connection, store.vault, escalation_id=one.id, page_round=one.page_round, step=step, reason="step",
                tier=one.tier, contact=way, now=now,
            )  # fmt: skip
            assert made is not None
            at = now + timedelta(seconds=after)
            if step < 2:
                pages.set_state(connection, made, state=pages.ACCEPTED, accepted_at=at)
                times.append(at)
            elif step == 2:
                pages.set_state(connection, made, state=pages.DELIVERED, delivered_at=at)
                times.append(at)
            else:
                pages.set_state(connection, made, state=pages.FAILED)
    return times


def test_crisis_replies_of_a_span_are_found_in_whatever_state(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, since = a_patient(), clock.now()
    for n, (kind, rank) in enumerate((("safety", 0), ("reply", 1), ("safety", 0), ("checkin", 2), ("safety", 0))):
        with store.write() as connection:
            outbox.put(
                connection, store.vault, patient_id=ana.id, address_id=ana.address.id, dedupe_key=f"k{n}",
                message_class=kind, rank=rank, text="x", now=clock.now(),
            )  # fmt: skip
            row = outbox.recent(connection, store.vault, ana.id, 1)[-1]
            if n == 0:
                outbox.set_state(connection, row.id, state=outbox.DELIVERED, sent_at=clock.now())
            if n == 2:  # tried again an hour from now
                outbox.set_state(connection, row.id, state=outbox.FAILED, not_before=clock.now() + HOUR)
        clock.turn(timedelta(minutes=1))
    with store.read() as connection:
        found = measured.replies(connection, since, clock.now(), [ana.id])
        assert measured.replies(connection, since, clock.now(), [PatientId("somebody else")]) == []
        assert [(reply.state, reply.sent_at is not None) for reply in found] == [
            ("delivered", True), ("failed", False), ("waiting", False),
        ]  # fmt: skip
        assert [reply.state for reply in measured.replies(connection, since + timedelta(minutes=1), clock.now(), [ana.id])] == [
            "failed", "waiting",
        ]  # fmt: skip


def test_messages_are_counted_and_the_rotas_beginning_is_known(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    olga, ana, since = somebody(store, clock), a_patient(), clock.now()
    for _ in range(3):
        writes(store, ana, clock, "watch")
        clock.turn(HOUR)
    with store.write() as connection:
        assert measured.rota_since(connection) is None
        rota.add(connection, olga, rota.Post.LEAD, since, since + DAY, since)
        rota.add(connection, olga, rota.Post.LEAD, since - DAY, since, since)
        assert measured.rota_since(connection) == since - DAY
        assert [measured.messages(connection, since, since + k * HOUR) for k in (0, 1, 2, 9)] == [0, 1, 2, 3]


def test_a_deleted_message_leaves_a_course_that_counts_from_when_it_was_opened(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    ana, since = a_patient(), clock.now()
    one = writes(store, ana, clock, "urgent", timedelta(seconds=30))
    with store.write() as connection:
        connection.execute(delete(inbox_table).where(inbox_table.c.id == MessageId(one.message_id or 0)))
        (step,) = measured.steps(connection, store.vault, touched(connection, since))
    assert step.received_at is None and step.at == one.opened_at
