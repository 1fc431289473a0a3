"""One delivery while it is taken in, and what is told of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.coaching.scene import Answered
from bot.conversation.message import Inbound, MessageClass
from bot.conversation.reception.asides import Aside
from bot.program.turn import Say
from bot.safety.rules import Hit
from bot.safety.screen import First
from bot.safety.tiers import Tier
from bot.store.patients import Address, Outline, Patient, State
from bot.store.types import MessageId


@dataclass(frozen=True)
class Known:
    """What an answer in danger needs to know of a person, should the database go away (see `standby`)."""

    country: str
    zone: str
    enrolled: bool = False
    guided: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Received:
    """What became of a delivery. `message_id` is None where it was a repeat; `queued`: it was answered at once.

    `unheard` is what is still to be heard out, before a reply is queued.
    """

    message_id: MessageId | None
    patient_id: str
    tier: Tier = Tier.NONE
    waits: bool = False
    known: Known | None = None
    queued: bool = False
    unheard: Unheard | None = None


@dataclass(frozen=True)
class Unheard:
    """A stored message that the rules let pass, and that the screen's encoder has yet to read.

    Attributes:
        first: what is found so far.
        tier: what it counts as now, stored with it.
        asked: id of the safety question that was open when it came.
    """

    message_id: MessageId
    inbound: Inbound
    first: First
    tier: Tier = Tier.NONE
    asked: str | None = None


class Unread(Exception):  # nothing went wrong
    """A message is answered at once, and for that the encoder must have read it; nothing was stored."""

    def __init__(self, first: First) -> None:
        super().__init__("to be read before it is answered")
        self.first = first


@dataclass
class Arrival:
    """One delivery while it is taken in."""

    connection: Connection
    inbound: Inbound
    patient: Patient
    address: Address
    now: datetime
    received_at: datetime
    says: list[tuple[Say, MessageClass]] = field(default_factory=list)
    waits: bool = False
    prefix: str = ""
    of_skill: bool = False  # the open safety question was asked by a skill: a "no" to it is the skill's
    aside: Aside | None = None
    answered: Answered | None = None
    wants_help: bool = False
    remark: Hit | None = None  # what they say of an earlier verdict of ours
    disputes: bool = False  # they say that the open alarm is none


def known_of(who: Patient | Outline, *, stopped: bool) -> Known:
    """What an answer in danger needs to know of somebody."""
    enrolled = who.state not in (State.UNKNOWN, State.DECLINED)
    return Known(who.country, who.zone, enrolled, who.mode == "guided", stopped)
