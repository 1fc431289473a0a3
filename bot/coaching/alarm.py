"""A message showed risk: open or raise the escalation, let the programme rest, and give the fixed crisis words."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.clock import local
from bot.coaching import schedule, summon
from bot.coaching.effects import STATEMENT
from bot.content.coach import Coach
from bot.crypto import Vault
from bot.program.turn import Say
from bot.safety.cover import Cover
from bot.safety.crisis import crisis_reply
from bot.safety.tiers import Kind, Tier
from bot.safety.trend import is_worsening
from bot.store import diary, due, escalations, opening, outbox, patients, positions, signs, vigils
from bot.store.patients import Patient, State
from bot.store.types import MessageId

WATCH_BACK, MOOD_BACK = timedelta(days=4), timedelta(days=14)

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
    """Write the escalation and its first pages, and say the crisis words of the person's country.

    The escalation joins the open one, so a second call for the same message does no harm. From urgent on, what waits
    to be sent is taken back, the coaching task is dropped, and the programme rests until a person resumes it.

    Args:
        stopped: the person has opted out of messages, and now wrote.
        known: safety questions that need no asking any more, besides those asked in this episode.
        help_word: they sent a word that another line asks for.

    Returns:
        What must go out at once, class safety.
    """
    cover = summon.cover_now(connection, cover, now)
    if tier is Tier.WATCH and _is_worsening(connection, vault, patient, now):
        tier = Tier.URGENT
    episode = opening.note(connection, vault, patient.id, message_id, tier, kind, now)
    ring(summon.Bell(connection, vault, coach.paging, cover, now), episode)
    if tier.rank >= Tier.URGENT.rank:
        patients.change(connection, vault, patient.id, rests_since=now)
        if not patient.taken_over_by:  # what waits then are a person's words
            outbox.drop_waiting(connection, patient.id, "risk")
        vigils.keep(connection, patient.id, vigils.CHECK_IN, _day_after(patient, now), tier)
        due.clear(connection, patient.id, "reminder")
        positions.put(connection, vault, patient.id, {}, now)
    if episode.kind == Kind.ABUSE:  # whoever hurts them may read the phone, and it speaks of danger
        due.clear(connection, patient.id, STATEMENT)
    else:
        due.set_at(connection, patient.id, STATEMENT, now + schedule.STATEMENT_AFTER_RISK)
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
    asked = next((reply.asked for reply in replies if reply.asked), None)
    if asked:
        wait_for_answer(connection, coach, patient, Tier(episode.tier), now)
    return [Say(reply.text, asked=reply.asked) for reply in replies]


def ring(bell: summon.Bell, episode: escalations.Escalation) -> None:
    """Write what is due for an escalation in the commit that opened, raised or reopened it."""
    if bell.policy.of(episode.tier) is not None:
        summon.advance(bell, episode.id)
    elif episode.review_due_at is None and episode.is_waiting:
        summon.start_review(bell, episode)


def wait_for_answer(connection: Connection, coach: Coach, patient: Patient, tier: Tier, now: datetime) -> None:
    """A safety question goes out: from now on its silence is watched (it counts as the graver answer)."""
    at = now + coach.paging.no_answer_after(tier)
    vigils.keep(connection, patient.id, vigils.SILENCE, at, tier)


def _day_after(patient: Patient, now: datetime) -> datetime:
    return schedule.next_checkin(now, patient.checkin_time, patient.zone, after_today=True)


def _is_worsening(connection: Connection, vault: Vault, patient: Patient, now: datetime) -> bool:
    today = local(now, patient.zone).date()
    days = {local(at, patient.zone).date() for at in signs.since(connection, patient.id, now - WATCH_BACK)}
    rows = diary.checkins_of(connection, vault, patient.id, today - MOOD_BACK)
    return is_worsening(days, today, [row.mood for row in rows if row.mood is not None])
