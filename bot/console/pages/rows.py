"""One escalation as the queue shows it: whose it is, how its clock stands, who has it, and what of it concerns the reader."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields

from bot.console import times
from bot.console.clocks import Clock, is_out_of_sight, running, urgency
from bot.console.escalation.page import acknowledge_within
from bot.console.pages.cases import Cases
from bot.console.visit import Visit
from bot.store.escalations import Escalation
from bot.store.mentions import Mention
from bot.store.types import EscalationId, PatientId, TeamId


@dataclass(frozen=True)
class Known:
    """What all rows of a queue are made with, read once.

    Attributes:
        cases: all that there are, with names and codes.
        near: the patients whom the reader may see.
        mentions: where notes name the reader.
        lookers: who else looks at what; live by a script, so no part of any mark.
    """

    cases: Cases
    near: frozenset[PatientId]
    mentions: tuple[Mention, ...]
    lookers: Mapping[EscalationId, str]

    @property
    def named_in(self) -> frozenset[EscalationId]:
        """The escalations in whose notes the reader is named."""
        return frozenset(mention.escalation_id for mention in self.mentions)


@dataclass(frozen=True)
class Row:
    """One escalation; `is_near` where this person may see whose it is, else `team` says whose.

    Attributes:
        is_hidden: its owner wants it out of sight for now.
        names_me: a note of it names the reader.
        is_mine: the reader has it; `is_offered`: it is offered to them; `is_closed_by_me`: they resolved it.
        open_for: how long it has been open, in words; `left`: how its clock stands, "" where none runs.
    """

    escalation: Escalation
    clock: Clock | None
    is_late: bool
    is_hidden: bool
    patient_code: str
    is_demo: bool
    owner: str
    handing_to: str
    is_near: bool
    team: str
    names_me: bool
    lookers: str
    is_mine: bool
    is_offered: bool
    is_closed_by_me: bool
    open_for: str
    left: str

    @property
    def looks(self) -> tuple[Hashable, ...]:
        """All that a row shows follows from this: two rows with the same look the same, whoever reads them."""
        one = self.escalation
        return one.id, one.version, one.state, *(getattr(self, name) for name in SHOWN)

    @property
    def mark(self) -> str:
        """Changes whenever what is shown of it does, but for a time that goes by."""
        one = self.escalation
        return f"{one.id}:{one.version}:{one.state}:{self.is_late}:{self.is_hidden}:{self.names_me}"


# Every field of a row but the escalation itself, whose version rises with all of it that is shown.
SHOWN = tuple(field.name for field in fields(Row) if field.name != "escalation")


def rows(visit: Visit, found: Iterable[Escalation], known: Known) -> list[Row]:
    """Escalations as rows, in their order."""
    cases, near, named_in = known.cases, known.near, known.named_in

    def row(one: Escalation) -> Row:
        whom, clock = one.patient_id, running(one, acknowledge_within(visit, one))
        return Row(
            escalation=one,
            clock=clock,
            is_late=clock is not None and clock.is_late(visit.now),
            is_hidden=is_out_of_sight(one, clock, visit.now),
            patient_code=cases.whose[whom].code,
            is_demo=cases.whose[whom].is_demo,
            owner=cases.names.get(one.owner_id or "", ""),
            handing_to=cases.names.get(one.handing_to or "", ""),
            is_near=whom in near,
            team=cases.titles.get(cases.whose[whom].team_id or TeamId(""), ""),
            lookers=known.lookers.get(one.id, ""),
            names_me=one.id in named_in,
            is_mine=one.owner_id == visit.staff.id,
            is_offered=one.handing_to == visit.staff.id,
            is_closed_by_me=one.resolved_by == visit.staff.id,
            open_for=times.age(one.opened_at, visit.now),
            left=times.left(clock.due_at, visit.now) if clock else "",
        )

    return [row(one) for one in found]


def first(visit: Visit, found: Iterable[Escalation], known: Known) -> list[Row]:
    """The same, the most urgent first."""
    return sorted(rows(visit, found, known), key=lambda row: urgency(row.escalation, row.clock, visit.now))


def near(found: Iterable[Row]) -> list[Row]:
    """Those of whom this person may see whose they are."""
    return [row for row in found if row.is_near]
