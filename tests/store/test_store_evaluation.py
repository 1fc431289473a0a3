"""What people said of the screen's work is counted as it is listed, without opening a word of it."""

from __future__ import annotations

from datetime import timedelta

from bot.store import evaluation, handling, inbox, judging, opening, staff
from bot.store.database import Store
from bot.store.judging import FALSE_ALARM
from bot.store.steps import Step
from bot.store.types import MessageId
from tests.conftest import MORNING, MakePatient
from tests.support.people import Person


def written(store: Store, who: Person, text: str, tier: str = "none") -> MessageId:
    """A message of somebody's."""
    with store.write() as connection:
        made = inbox.put(
            connection, store.vault, patient_id=who.id, address_id=who.address.id, provider_key=text, form="text",
            text=text, choice=None, received_at=MORNING, tier=tier, kind="suicide", evidence=[], state=inbox.DONE,
        )  # fmt: skip
    assert made is not None
    return made


def test_counts_are_those_of_the_lines(store: Store, a_patient: MakePatient) -> None:
    ana, ben = a_patient(), a_patient()
    seen, unseen = written(store, ana, "they all die", "urgent"), written(store, ben, "nothing matters now")
    with store.write() as connection:
        lea = staff.create(connection, store.vault, "lea", "Lea", "supervisor", "none", MORNING)
        alarm = opening.note(connection, store.vault, ana.id, seen, "urgent", "suicide", MORNING)
        for minutes in (0, 1):  # by two people: one message all the same
            judging.mark_missed(
                connection, store.vault, ben.id, unseen, "urgent", "suicide", MORNING + timedelta(minutes=minutes),
                staff_id=lea,
            )  # fmt: skip
        assert evaluation.counts(connection) == {"missed": 1, FALSE_ALARM: 0}
        step = Step(connection, store.vault, alarm.id, lea, MORNING)
        handling.acknowledge(step)
        judging.mark_false_alarm(step, "She meant her plants.")
    with store.read() as connection:
        lines = [line.verdict for line in evaluation.verdicts(connection, store.vault)]
        assert evaluation.counts(connection) == {name: lines.count(name) for name in ("missed", FALSE_ALARM)}
        assert sorted(lines) == [FALSE_ALARM, "missed"]
