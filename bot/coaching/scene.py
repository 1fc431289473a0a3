"""What a decision of the coach is made from: what was understood, all that was read for it, and an answer that is a risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.program.person import Person
from bot.program.place import Place
from bot.program.turn import Outcome, Turn
from bot.safety.tiers import Kind, Tier
from bot.store.inbox import Message
from bot.store.patients import Patient
from bot.store.types import MessageId


@dataclass(frozen=True)
class Understood:
    """What Rasa hands to an action: whose message, and what the model made of it.

    Attributes:
        holder: the worker that holds the patient's lane; "" where none does (tests, the terminal).
    """

    message_id: MessageId
    intent: str
    confidence: float
    holder: str = ""


@dataclass(frozen=True)
class Scene:
    """All that one decision needs, read within its transaction."""

    connection: Connection
    message: Message
    patient: Patient
    place: Place
    person: Person
    facts: dict[str, Any]
    turn: Turn


@dataclass(frozen=True)
class Answered:
    """An answer that its question marks as a risk (`risk:` in content), and the turn that it makes.

    Attributes:
        where: the question, `skill.step`, for staff.
    """

    tier: Tier
    kind: Kind
    where: str
    outcome: Outcome
    scene: Scene
