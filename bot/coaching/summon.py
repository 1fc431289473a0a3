"""Writes the pages that are due for an escalation: the first ones in the commit that opens it, the next ones by time.

Every call is safe to repeat: what is due stands in the escalation's row (`next_page_at`), and is moved on in the same
transaction that writes the pages. A process killed before the commit has done nothing, after it everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.content.paging import Policy, Step, TierPolicy, Who
from bot.crypto import Vault
from bot.safety.cover import Cover
from bot.safety.duty import Team, whom
from bot.store import contacts, escalations, handling, made_up, pages, rota, rounds, staff
from bot.store.contacts import Contact
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND
from bot.store.pages import PageRow
from bot.store.types import EscalationId, StaffId

LOOK = timedelta(days=8)
STEP, CONTACT_LATE, HAND_OVER, REVIEW_LATE, NO_ANSWER = "step", "contact_late", "hand_over", "review_late", "no_answer"
LATE_AGAIN = timedelta(days=1)  # a watch that nobody has reviewed is paged once a day
WORKING_DAYS = range(5)


@dataclass(frozen=True)
class Bell:
    """What paging needs: the open transaction, who can be paged, and by which rules."""

    connection: Connection
    vault: Vault
    policy: Policy
    cover: Cover
    now: datetime

    def team(self) -> Team:
        """Everybody who can be paged, and the rota as it is at this moment."""
        reachable = {contact.staff_id for contact in contacts.usable(self.connection)}
        roles = {StaffId(one): role for one, role in staff.roles(self.connection).items() if one in reachable}
        return Team(roles, shifts_now(self.connection, self.now))


def shifts_now(connection: Connection, now: datetime) -> tuple[rota.Shift, ...] | None:
    """Shifts around the present; None where the site keeps no rota. An old rota that has run out is a rota still."""
    found = tuple(rota.between(connection, now - timedelta(days=1), now + LOOK))
    return found if found or rota.is_kept(connection) else None


def cover_now(connection: Connection, cover: Cover, now: datetime) -> Cover:
    """Cover hours with the rota as it stands in this transaction: what a person in danger is told must be true."""
    return cover.with_rota(shifts_now(connection, now))


def advance(bell: Bell, escalation_id: EscalationId) -> int:
    """Write the pages that are due for an escalation now, and note when the next are; tells how many were written.

    Nobody is called for somebody who is made up.
    """
    found = escalations.get(bell.connection, bell.vault, escalation_id)
    if found.next_page_at is None or found.next_page_at > bell.now:
        return 0
    is_made_up = made_up.is_made_up(bell.connection, found.patient_id)
    if found.is_waiting and not is_made_up:
        tier = bell.policy.of(found.tier)
        return _climb(bell, found, tier) if tier else _review_late(bell, found)
    if found.state in IN_HAND and not is_made_up:
        return _late(bell, found)
    handling.set_times(bell.connection, found.id, next_page_at=None)
    return 0


def _climb(bell: Bell, found: Escalation, policy: TierPolicy) -> int:
    """The next step of a tier, or the last one again."""
    cover = cover_now(bell.connection, bell.cover, bell.now)
    on_duty = cover.on_duty(bell.now)
    opens_at = None if on_duty else cover.next_start(bell.now)
    if found.tier != "emergency" and opens_at is not None:
        # Urgent pages wait for the start of cover; the person was told that nobody reads before it (safety.md §6).
        handling.set_times(bell.connection, found.id, clock_at=opens_at, next_page_at=opens_at)
        return 0
    n = step_of(policy.steps, bell.now - found.clock_at)
    step = policy.steps[n]
    written = call(bell, found, whom(step.who, bell.team(), bell.now, on_duty), step.ways, STEP)
    last = n + 1 == len(policy.steps)
    at = bell.now + policy.repeat_every if last else found.clock_at + _after(policy.steps[n + 1])
    times: dict[str, datetime | int] = {"page_step": found.page_step + 1, "next_page_at": at}
    if opens_at is not None and opens_at <= at:  # whoever comes on duty is paged as if it had begun then
        times |= {"clock_at": opens_at, "next_page_at": opens_at}
    handling.set_times(bell.connection, found.id, **times)
    return written


def _after(step: Step) -> timedelta:
    return timedelta(minutes=step.after_minutes)


def step_of(steps: Sequence[Step], elapsed: timedelta) -> int:
    """Number of the step that is due so long after the clock began; pure. What was slept through is not caught up on."""
    return max((n for n, step in enumerate(steps) if _after(step) <= elapsed), default=0)


def call(bell: Bell, found: Escalation, people: Iterable[StaffId], ways: int, reason: str) -> int:
    """Write one page for each of some people's first ways; if there is nobody, a row that says so."""
    before = rounds.times_paged(bell.connection, found.id, found.page_round)
    written = 0
    for person in people:
        for contact in first_ways(contacts.listed(bell.connection, [person]), ways):
            written += _put(bell, found, contact, reason, before.get(person, 0)) is not None
    if not written and not rounds.of_step(bell.connection, found.id, found.page_round, found.page_step):
        _nobody(bell, found, reason)
    return written


def _put(bell: Bell, found: Escalation, contact: Contact | None, reason: str, again: int, why: str = "") -> int | None:
    return pages.put(
        bell.connection,
        bell.vault,
        escalation_id=found.id,
        page_round=found.page_round,
        step=found.page_step,
        reason=reason,
        tier=found.tier,
        contact=contact,
        now=bell.now,
        again=again,
        drill=found.drill,
        why=why,
    )


def _nobody(bell: Bell, found: Escalation, reason: str) -> None:
    _put(bell, found, None, reason, 0, "no member of staff can be paged")
    escalations.write_event(bell.connection, bell.vault, found.id, bell.now, "nobody_to_page")


def first_ways(listed: Iterable[Contact], count: int) -> list[Contact]:
    """A person's first `count` contacts, each of another way as far as there are so many."""
    usable = [contact for contact in listed if contact.has_address]
    chosen: list[Contact] = []
    for contact in usable:
        if len(chosen) < count and contact.way not in {one.way for one in chosen}:
            chosen.append(contact)
    rest = [contact for contact in usable if contact not in chosen]
    return chosen + rest[: count - len(chosen)]


def fall_back(bell: Bell, failed: PageRow) -> bool:
    """A page did not get through: the same person's next way at once; where none is left for anybody, the next step.

    Returns:
        Whether another way was found.
    """
    found = escalations.get(bell.connection, bell.vault, failed.escalation_id)
    if not (found.is_waiting or found.state in IN_HAND) or failed.round != found.page_round:
        return False
    if failed.reason in (STEP, REVIEW_LATE) and not found.is_waiting:
        return False  # somebody has taken it meanwhile
    mine = contacts.listed(bell.connection, [failed.staff_id] if failed.staff_id else [])
    for contact in mine:
        if contact.has_address and contact.id != failed.contact_id and not found.drill:
            made = pages.put(
                bell.connection, bell.vault, escalation_id=found.id, page_round=failed.round, step=failed.step,
                reason=failed.reason, tier=found.tier, contact=contact, now=bell.now, again=failed.again,
                drill=found.drill,
            )  # fmt: skip
            if made is not None:
                return True
    _hurry(bell, found, failed)
    return False


def _hurry(bell: Bell, found: Escalation, failed: PageRow) -> None:
    """Nobody of this step was reached by any way: the next step need not wait for its minute."""
    policy = bell.policy.of(found.tier)
    step = rounds.of_step(bell.connection, found.id, failed.round, failed.step)
    hopeless = all(page.state in (pages.FAILED, pages.UNKNOWN) for page in step)
    if policy is None or not found.is_waiting or found.drill or not hopeless or failed.step + 1 != found.page_step:
        return
    n = step_of(policy.steps, bell.now - found.clock_at) + 1
    if n < len(policy.steps):
        clock_at = bell.now - _after(policy.steps[n])
        handling.set_times(bell.connection, found.id, clock_at=clock_at, next_page_at=bell.now)


def _late(bell: Bell, found: Escalation) -> int:
    """It is somebody's, and something is late: a contact, or a hand-over that nobody accepts."""
    policy = bell.policy.of(found.tier)
    ways, repeat = (policy.steps[0].ways, policy.repeat_every) if policy else (1, LATE_AGAIN)
    contact_late = found.contact_due_at is not None and found.contact_due_at <= bell.now
    if not contact_late and found.handing_to is None:
        handling.set_times(bell.connection, found.id, next_page_at=found.contact_due_at)
        return 0
    reason = CONTACT_LATE if contact_late else HAND_OVER
    people = [one for one in (found.handing_to, found.owner_id) if one]
    people += whom((Who.LEAD,), bell.team(), bell.now, on_duty=True) if contact_late else []
    written = call(bell, found, dict.fromkeys(people), ways, reason)
    handling.set_times(bell.connection, found.id, page_step=found.page_step + 1, next_page_at=bell.now + repeat)
    if written:
        event = "contact_late" if contact_late else "hand_over_late"
        escalations.write_event(bell.connection, bell.vault, found.id, bell.now, event)
    return written


def _review_late(bell: Bell, found: Escalation) -> int:
    """A watch that nobody has reviewed in time: the first person on call is told, once a day."""
    people = whom((Who.ON_CALL,), bell.team(), bell.now, on_duty=True)[:1]
    written = call(bell, found, people, 1, REVIEW_LATE)
    handling.set_times(bell.connection, found.id, page_step=found.page_step + 1, next_page_at=bell.now + LATE_AGAIN)
    return written


def start_review(bell: Bell, found: Escalation) -> None:
    """A watch was opened: until when it must be reviewed."""
    at = working_days_later(bell.now, bell.policy.watch.review_working_days, bell.cover)
    handling.set_times(bell.connection, found.id, review_due_at=at, next_page_at=at)


def working_days_later(now: datetime, days: int, cover: Cover) -> datetime:
    """The same time of day that many working days on: the days of cover, or Monday to Friday where there is none."""
    working = cover.days or frozenset(WORKING_DAYS)
    at = now
    while days > 0:
        at += timedelta(days=1)
        days -= at.weekday() in working
    return at


def call_again(bell: Bell, escalation_id: EscalationId) -> int:
    """A safety question has had no answer for too long: whoever has the escalation is paged, or everybody anew.

    Returns:
        How many pages were written; 0 for a watch, and where the person was reached.
    """
    found = escalations.get(bell.connection, bell.vault, escalation_id)
    policy = bell.policy.of(found.tier)
    escalations.write_event(bell.connection, bell.vault, found.id, bell.now, "no_answer")
    if policy is None or made_up.is_made_up(bell.connection, found.patient_id):
        return 0
    if found.is_waiting:
        handling.set_times(
            bell.connection,
            found.id,
            page_round=found.page_round + 1,
            page_step=0,
            clock_at=bell.now,
            next_page_at=bell.now,
        )
        return advance(bell, found.id)
    if found.state == "acknowledged" and found.owner_id:
        handling.set_times(bell.connection, found.id, page_step=found.page_step + 1)
        fresh = escalations.get(bell.connection, bell.vault, escalation_id)
        return call(bell, fresh, [found.owner_id], policy.steps[0].ways, NO_ANSWER)
    return 0
