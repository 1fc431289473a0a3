"""What is read, and rendered, once for all who look at the same moment: never what is not so any more, nor another's."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields, replace
from datetime import timedelta

from clinic import Clinic, Desk, Enter
from markupsafe import Markup

from bot.console.clocks import Clock, Limit
from bot.console.fragments import MOST, Fragments
from bot.console.pages.rows import Row
from bot.console.shared import Shared
from bot.store import changes

LIVE = "/console/live?mark=old"


def tell(clinic: Clinic) -> None:
    """The stream tells all pages of what has changed."""
    with clinic.store.read() as connection:
        clinic.console.shared.tell(changes.mark(connection))


def codes(desk: Desk) -> set[str]:
    """Codes of the escalations that a queue shows."""
    return set(re.findall(r'class="row-code code">([A-Z0-9]{5})<', desk.get(LIVE).text))


def test_all_who_are_told_of_a_change_get_one_reading(clinic: Clinic) -> None:
    read: list[str] = []
    one = Shared()

    def ask(name: str) -> str:
        with clinic.store.read() as connection:
            return one.at(connection).of(name, lambda: read.append(name) or f"{name} {len(read)}")  # type: ignore[func-returns-value]

    assert [ask("cases"), ask("cases")] == ["cases 1", "cases 2"], "nothing was told: each reads"
    with clinic.store.read() as connection:
        one.tell(changes.mark(connection))
    assert [ask("cases"), ask("cases"), ask("alarms"), ask("cases")] == ["cases 3", "cases 3", "alarms 4", "cases 3"]


def test_who_sees_another_state_than_was_told_reads_by_themselves(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _, first = clinic.emergency("Ana")
    tell(clinic)
    assert codes(desk) == {first.code}
    _, second = clinic.emergency("Ben")
    assert codes(desk) == {first.code, second.code}, "told or not"
    tell(clinic)
    assert codes(desk) == {first.code, second.code}


def test_a_reading_is_shared_for_a_moment_only(clinic: Clinic) -> None:
    one, numbers = Shared(seconds=0.0), itertools.count()
    with clinic.store.read() as connection:
        one.tell(changes.mark(connection))
        assert [one.at(connection).of("n", lambda: next(numbers)) for _ in range(2)] == [0, 1]


def test_what_one_reader_sees_of_a_case_is_not_shown_to_another(clinic: Clinic, enter: Enter) -> None:
    ana, ben = enter(), enter("ben", "Ben Okafor")
    who, _ = clinic.emergency()
    clinic.take(who.patient_id, "ana")
    for _ in range(2):
        tell(clinic)
        assert "You have it" in ana.get(LIVE).text
        assert "You have it" not in (page := ben.get(LIVE).text) and "Ana Torres has it" in page


def test_times_go_on_in_what_was_rendered_before(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    clinic.emergency()
    before = desk.get(LIVE).text
    clinic.minutes(17)
    after = desk.get(LIVE).text
    assert "overdue by 16 min" in after and "overdue by 16 min" not in before


def a_row(clinic: Clinic) -> Row:
    """A row with nothing special about it."""
    _, one = clinic.emergency()
    clock = Clock(Limit.ACKNOWLEDGE, one.opened_at)
    values = {
        field.name: False if field.type == "bool" else "" for field in fields(Row) if field.name not in ("escalation", "clock")
    }  # fmt: skip
    return Row(escalation=one, clock=clock, **values)  # type: ignore[arg-type]  # by their types


def test_all_that_a_row_shows_tells_it_from_others(clinic: Clinic) -> None:
    row = a_row(clinic)
    others = [
        replace(row, clock=None),
        replace(row, clock=Clock(Limit.ACKNOWLEDGE, row.escalation.opened_at + timedelta(minutes=1))),
        replace(row, escalation=replace(row.escalation, version=row.escalation.version + 1)),
        *(
            replace(row, **{field.name: not value if isinstance(value, bool) else f"{value}x"})
            for field in fields(Row)
            if isinstance(value := getattr(row, field.name), bool | str)
        ),
    ]
    assert len(others) == len(fields(Row)) + 1
    assert len({row.looks, *(other.looks for other in others)}) == len(others) + 1


def test_a_fragment_is_rendered_once_for_each_key_and_their_number_is_bounded() -> None:
    kept, rendered = Fragments(), []

    def piece(key: int) -> Markup:
        return kept("row", key, lambda: rendered.append(key) or Markup(f"<b>{key}</b>"))  # type: ignore[func-returns-value]

    assert [piece(1), piece(1), piece(2)] == ["<b>1</b>", "<b>1</b>", "<b>2</b>"] and rendered == [1, 2]
    assert kept("other", 1, lambda: Markup("other")) == "other"
    for key in range(MOST + 1):
        piece(key)
    assert len(kept._kept) <= MOST
