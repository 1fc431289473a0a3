"""One delivery while it is taken in, and what is told of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.coaching.turns import Answered
from bot.conversation.message import Inbound, MessageClass
from bot.conversation.reception.asides import Aside
from bot.program.turn import Say
from bot.safety.rules import Hit
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
    """What became of a delivery. `message_id` is None where it was a repeat; `queued`: it was answered at once."""

    message_id: MessageId | None
    patient_id: str
    tier: Tier = Tier.NONE
    waits: bool = False
    known: Known | None = None
    queued: bool = False


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
