"""The history of one escalation: what staff did, step by step, up to the stage in which it is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.console.plan import NOW, Site
from bot.store.escalations import event_place
from bot.store.judging import SECOND_READ_WITHIN
from bot.store.lifecycle import Stage
from bot.store.types import StaffId

NOTES = (
    "Called, the line was busy. She lives with her sister, who is at work until six; a neighbour has a key.",
    "Spoke for ten minutes. Calmer than yesterday, has put the tablets in the kitchen and will see the GP on Friday.",
    "His own clinician knows. They will call each other tomorrow at nine, and tell us what they agreed.",
)
OUTCOMES = (
    *("safe_plan",) * 4,
    "referred",
    "clinician",
    "emergency_services",
    "not_reached",
    "false_alarm",
    "false_alarm",
)
QUIET_HOURS = timedelta(hours=20)  # the last second readings are still to come


@dataclass
class Course:
    """An escalation while it is written: its columns, and its history up to now."""

    site: Site
    id: str
    opened_at: datetime
    columns: dict[str, Any]
    at: datetime
    events: list[dict[str, Any]] = field(default_factory=list)

    def wait(self, minutes: float) -> datetime:
        """Some time goes by, but the present stays ahead."""
        self.at = min(self.at + timedelta(minutes=minutes), NOW - timedelta(seconds=30))
        return self.at

    def event(self, name: str, staff_id: str | None = None, message_id: int | None = None, **detail: Any) -> None:
        """One entry of its history."""
        place = event_place(self.id, name, self.at)
        self.events.append(
            {"escalation_id": self.id, "at": self.at, "event": name, "staff_id": staff_id, "message_id": message_id,
             "detail_sealed": self.site.vault.seal_json(detail, place) if detail else None}
        )  # fmt: skip

    def act(self, stage: Stage) -> None:
        """What staff did, up to the stage in which it is now."""
        chance, columns = self.site.chance, self.columns
        if stage in (Stage.OPEN, Stage.PAGED):
            return
        owner = chance.choice(self.site.staff)
        self.wait(chance.uniform(1, 8))
        self.event("acknowledged", owner)
        columns |= {"state": Stage.ACKNOWLEDGED, "owner_id": owner, "acknowledged_at": self.at, "version": 2}
        self.wait(0.1)
        self.event("seen_said")
        columns |= {"seen_said_at": self.at, "contact_due_at": self.at + timedelta(minutes=15)}
        owner = self._hand_over(owner)
        self._try(owner)
        if stage is Stage.ACKNOWLEDGED:
            return
        self.wait(chance.uniform(2, 20))
        self.event("contact", owner, how="phone", tried_at=self.at.isoformat(), reached=True, note=chance.choice(NOTES))
        columns |= {"state": Stage.CONTACTED, "contacted_at": self.at, "tries": 0, "contact_due_at": None}
        for _ in range(chance.randrange(3, 9)):
            self.wait(chance.uniform(5, 60))
            self.event("note", chance.choice(self.site.staff), note=chance.choice(NOTES))
        if stage is Stage.RESOLVED:
            self._resolve(owner)

    def _hand_over(self, owner: StaffId) -> StaffId:
        if self.site.chance.random() < 0.8:
            return owner
        to = self.site.chance.choice([one for one in self.site.staff if one != owner])
        self.wait(1)
        self.event("handed_over", owner, to=to)
        self.wait(2)
        self.event("accepted", to)
        self.columns["owner_id"] = to
        return to

    def _try(self, owner: StaffId) -> None:
        for n in range(self.site.chance.randrange(3)):
            self.wait(self.site.chance.uniform(2, 10))
            again = (self.at + timedelta(minutes=10)).isoformat()
            self.event(
                "contact", owner, how="phone", tried_at=self.at.isoformat(), reached=False, note="", next_try_at=again
            )
            self.columns |= {"tries": n + 1, "contact_due_at": self.at + timedelta(minutes=10)}

    def _resolve(self, owner: StaffId) -> None:
        chance, columns = self.site.chance, self.columns
        self.wait(chance.uniform(30, 1_200))
        outcome = chance.choice(OUTCOMES)
        about = columns["message_id"] if outcome == "false_alarm" else None
        self.event("resolved", owner, about, outcome=outcome)
        told = {
            "outcome": outcome, "spoken_to": "herself", "risk": "Low by now, by her own words and by what she plans.",
            "means": "yes", "next_contact_on": self.at.date().isoformat(), "follow_up": "Her own GP", "go_on": True,
        }  # fmt: skip
        columns |= {
            "state": Stage.RESOLVED, "resolved_at": self.at, "resolved_by": owner, "version": 3,
            "resolution_sealed": self.site.vault.seal_json(told, f"escalations.resolution:{self.id}"),
        }  # fmt: skip
        if columns["tier"] != "emergency":
            return
        columns["read_due_at"] = self.at + SECOND_READ_WITHIN
        if self.at < NOW - QUIET_HOURS:
            other = chance.choice([one for one in self.site.staff if one != owner])
            self.wait(chance.uniform(60, 600))
            self.event("second_read", other, note="Read. The plan is sound.")
            columns |= {"read_by": other, "read_at": self.at}
