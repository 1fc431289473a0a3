"""A message showed risk: open or raise the escalation, let the programme rest, and give the fixed crisis words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.content.coach import Coach
from bot.crypto import Vault
from bot.program.turn import Say
from bot.safety.cover import Cover
from bot.safety.crisis import crisis_reply
from bot.safety.tiers import Kind, Tier
from bot.store import due, escalations, outbox, patients, positions
from bot.store.patients import Patient, State
from bot.store.types import MessageId

# What the dialogue's own risk intents mean where the screen before it saw less (safety.md §1).
RISK_INTENTS = {
    "risk_suicide": (Tier.URGENT, Kind.SUICIDE),
    "risk_self_harm": (Tier.URGENT, Kind.SELF_HARM),
    "risk_overdose": (Tier.URGENT, Kind.OVERDOSE),
    "risk_medical_emergency": (Tier.EMERGENCY, Kind.MEDICAL),
    "risk_abuse": (Tier.URGENT, Kind.ABUSE),
    "risk_hopelessness": (Tier.WATCH, Kind.HOPELESSNESS),
    "risk_other_person": (Tier.URGENT, Kind.OTHER_PERSON),
}


def raise_alarm(
    connection: Connection,
    vault: Vault,
    coach: Coach,
    cover: Cover,
    patient: Patient,
    message_id: MessageId,
    tier: Tier,
    kind: Kind,
    now: datetime,
    *,
    stopped: bool = False,
    known: frozenset[str] = frozenset(),
    help_word: bool = False,
) -> list[Say]:
    """Write the escalation and say the crisis words of the person's country.

    The escalation joins the open one, so a second call for the same message does no harm. From urgent on, what waits
    to be sent is taken back, the coaching task is dropped, and the programme rests until a person resumes it.

    Args:
        stopped: the person has opted out of messages, and now wrote.
        known: safety questions that need no asking any more, besides those asked in this episode.
        help_word: they sent a word that another line asks for.

    Returns:
        What must go out at once, class safety.
    """
    episode = escalations.note(connection, vault, patient.id, message_id, tier, kind, now)
    if tier.rank >= Tier.URGENT.rank:
        patients.change(connection, vault, patient.id, rests_since=now)
        outbox.drop_waiting(connection, patient.id, "risk")
        due.clear(connection, patient.id, "reminder")
        positions.put(connection, vault, patient.id, {}, now)
    shown = max(tier, min(Tier(episode.tier), Tier.URGENT))  # within an episode no reply is gentler than it was
    replies = crisis_reply(
        coach.crisis,
        patient.country,
        shown,
        kind if shown is tier else Kind(episode.kind),
        cover=cover.brief(now, patient.zone),
        on_duty=cover.on_duty(now),
        enrolled=patient.state not in (State.UNKNOWN, State.DECLINED),
        stopped=stopped,
        guided=patient.mode == "guided",
        can_hide=True,  # the reception acts on "0"
        help_word=help_word,
        known=known | outbox.asked_since(connection, patient.id, episode.opened_at),
    )
    return [Say(reply.text, asked=reply.asked) for reply in replies]
