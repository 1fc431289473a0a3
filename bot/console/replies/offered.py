"""Ready replies as they are offered in a chat: with both names in them, to be read and changed before they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from bot.console.replies.page import EVERY_TEAM, parts
from bot.console.visit import Visit
from bot.content.staff_replies import fill
from bot.store import replies
from bot.store.patients import Patient

YOUR_TEAMS, TO_BEGIN_WITH = "Your teams", "To begin with"


@dataclass(frozen=True)
class Choice:
    """One reply, filled. `parts`: the SMS segments that it costs."""

    id: str
    title: str
    text: str
    parts: int


def offered(visit: Visit, patient: Patient) -> dict[str, list[Choice]]:
    """What can be chosen, by whose it is: one's teams first, then every team's, then those to begin with."""
    every = replies.listed(visit.connection, visit.vault, visit.staff.teams)
    kept = [(one, _choice(visit, patient, one.id, one.title, one.text)) for one in every]
    found = {
        YOUR_TEAMS: [choice for one, choice in kept if one.team_id],
        EVERY_TEAM: [choice for one, choice in kept if not one.team_id],
        TO_BEGIN_WITH: [
            _choice(visit, patient, f"starter-{n}", one.title, one.say)
            for n, one in enumerate(visit.console.coach.staff_replies)
        ],
    }
    return {whose: choices for whose, choices in found.items() if choices}


def chosen(visit: Visit, patient: Patient, reply_id: str) -> str:
    """The words of the one of that id; "" where it is not offered."""
    every = (one for choices in offered(visit, patient).values() for one in choices)
    return next((one.text for one in every if one.id == reply_id), "")


def _choice(visit: Visit, patient: Patient, reply_id: str, title: str, text: str) -> Choice:
    words = fill(text, patient.first_name or "", visit.staff.name)
    return Choice(reply_id, title, words, parts(words))
