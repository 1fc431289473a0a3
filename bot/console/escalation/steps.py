"""What the buttons of an escalation do; of two people at once, the second is told who did what, and overwrites none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.clock import local
from bot.console.escalation.colleagues import readers, takers
from bot.console.escalation.forms import Read, read_contact, read_note, read_resolution, read_snooze, read_words
from bot.console.escalation.page import opened, page
from bot.console.escalation.past import last_change
from bot.console.forms import Draft
from bot.console.visit import Answer, Go, Handler, Visit
from bot.errors import Conflict, Incomplete
from bot.paging import acknowledge as acknowledging
from bot.store import escalations, handling, judging, patients, snoozing
from bot.store.access import Refused
from bot.store.escalations import Escalation
from bot.store.lifecycle import IN_HAND, Action, after, may
from bot.store.patients import Patient
from bot.store.steps import Step
from bot.store.types import StaffId


@dataclass(frozen=True)
class Case:
    """One press of a button: who, on which escalation, of which patient."""

    visit: Visit
    escalation: Escalation
    patient: Patient

    @property
    def version(self) -> int:
        """The version that the page showed; 0, which never was one, where the form names none."""
        given = self.visit.form.get("version", "")
        return int(given) if given.isdecimal() and len(given) < 10 else 0

    @property
    def as_is(self) -> Step:
        """The step for which it is no matter what changed since the page was shown."""
        visit = self.visit
        return Step(visit.connection, visit.vault, self.escalation.id, visit.staff.id, visit.now)

    @property
    def as_shown(self) -> Step:
        """The step that nothing may have come before since the page was shown."""
        return replace(self.as_is, version=self.version)


class Unfit(Exception):
    """What was sent lacks something; it is shown again, with what is missing beside each field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("a form lacks something")
        self.problems = problems


def _fit(read: Read) -> Read:
    if read.problems:
        raise Unfit(read.problems)
    return read


def step(action: Action, name: str, take: Callable[[Case], str | None]) -> Handler:
    """The handler of one button.

    Args:
        action: asked of the tables before anything is read from the form.
        name: of the step in addresses, forms, notices and the audit.
        take: does it, and tells the audit what was done, in codes; None: nothing needed doing. May raise `Unfit`,
            `Incomplete`, `Conflict` and `Refused`.
    """

    def handler(visit: Visit) -> Answer:
        escalation, patient = opened(visit, "escalation.view")
        if not may(visit.staff.role, action):
            raise Refused(f"your role may not {action.replace('_', ' ')}")
        case = Case(visit, escalation, patient)
        try:
            if after(escalation.state, action) is None and not _is_second_tap(action, case):
                raise Conflict("it can't be done at this stage any more")
            detail = take(case)
        except Unfit as unfit:
            return page(visit, escalation, patient, Draft(name, visit.form, unfit.problems), 422)
        except Incomplete as missing:
            problems = {missing.field: f"{str(missing).capitalize()}."}
            return page(visit, escalation, patient, Draft(name, visit.form, problems), 422)
        except Conflict:
            return told(case, name)
        if detail is not None:
            visit.record(f"escalation.{name}", patient.id, f"{escalation.code} {detail}".strip())
        return Go(f"/console/escalation/{escalation.id}?done={name}", wakes=True)

    handler.__name__, handler.__doc__ = name, f"POST …/{name}."
    return handler


def _is_second_tap(action: Action, case: Case) -> bool:
    is_mine = case.escalation.owner_id == case.visit.staff.id
    return action is Action.ACKNOWLEDGE and case.escalation.state in IN_HAND and is_mine


def told(case: Case, name: str) -> Answer:
    """The page as it now is, who changed it first, and what was typed, still there."""
    visit = case.visit
    fresh = escalations.get(visit.connection, visit.vault, case.escalation.id)
    visit.record("escalation.conflict", case.patient.id, f"{fresh.code} {name}")
    notice = f"Something changed first, so nothing of yours was kept. {last_change(visit, fresh)} Read it, then decide."
    return page(visit, fresh, case.patient, Draft(name, visit.form, {}, notice), 409)


def _acknowledge(case: Case) -> str | None:
    """One tap. The version that the page showed is not asked for: another message of the patient's meanwhile is no
    reason to refuse whoever takes the case. Only that somebody else has it, is.
    """
    if _is_second_tap(Action.ACKNOWLEDGE, case):
        return None
    acknowledging.take(case.as_is, case.visit.console.coach)
    return ""


def _hand_over(case: Case) -> str:
    """Offered to somebody; it stays the owner's until the other accepts."""
    visit, to = case.visit, StaffId(case.visit.form.get("to", ""))
    if to not in {member.id for member in takers(visit)}:
        raise Unfit({"to": "Choose to whom you hand it over."})
    policy = visit.console.coach.paging.of(case.escalation.tier)
    within = policy.acknowledge_within if policy else None
    handling.hand_over(case.as_is, to, accept_within=within)
    return f"to {to}"


def _accept(case: Case) -> str:
    handling.accept(case.as_is)
    return ""


def _contact(case: Case) -> str:
    """No version is asked for: that a contact was tried stays true whatever the patient wrote meanwhile."""
    visit = case.visit
    read = _fit(read_contact(visit.form, visit.console.zone, visit.now, case.escalation))
    handling.log_contact(case.as_is, **read.data)
    return "reached" if read.data["reached"] else "not reached"


def _note(case: Case) -> str:
    """Words for the next reader; whoever is named in them finds it in their queue."""
    ids = {member.login: member.id for member in readers(case.visit, case.patient)}
    read = _fit(read_note(case.visit.form, ids))
    named = read.data.get("named", ())
    handling.note(case.as_is, dict(read.data), [ids[login] for login in named])
    return f"{len(named)} named" if named else ""


def _snooze(case: Case) -> str:
    """Out of sight until a time, if nobody changed anything since the page was shown: nothing is hidden unread."""
    if case.version != case.escalation.version:
        raise Conflict("it was changed since it was read")
    read = _fit(read_snooze(case.visit.form, case.visit.console.zone, case.visit.now, case.escalation))
    snoozing.snooze(case.as_shown, read.data["until"], read.data["snooze_why"])
    return f"until {read.data['until']:%Y-%m-%dT%H:%MZ}"


def _show_again(case: Case) -> str | None:
    return "" if snoozing.show_again(case.as_is) else None


def _resolve(case: Case) -> str:
    """Closes the episode, if everything was told and nobody changed it meanwhile."""
    visit = case.visit
    if case.version != case.escalation.version:
        raise Conflict("it was changed since it was read")
    read = _fit(read_resolution(visit.form, local(visit.now, visit.console.zone).date()))
    judging.resolve(case.as_shown, dict(read.data))
    go_on = bool(read.data["go_on"])
    if go_on:
        patients.change(visit.connection, visit.vault, case.patient.id, rests_since=None)
    return f"{read.data['outcome']}, check-ins {'go on' if go_on else 'unchanged'}"


def _false_alarm(case: Case) -> str:
    """A verdict about the message, which stays where it is."""
    if case.version != case.escalation.version:
        raise Conflict("it was changed since it was read")
    read = _fit(read_words(case.visit.form, "verdict", "Write in a few words why this was a false alarm."))
    judging.mark_false_alarm(case.as_shown, read.data["verdict"])
    return ""


def _second_read(case: Case) -> str:
    read = _fit(read_words(case.visit.form, "reading", ""))
    judging.second_read(case.as_shown, read.data["reading"])
    return ""


def _reopen(case: Case) -> str:
    read = _fit(read_words(case.visit.form, "why", "Write why it is opened again."))
    judging.reopen(case.as_shown, read.data["why"])
    return ""


acknowledge = step(Action.ACKNOWLEDGE, "acknowledge", _acknowledge)
hand_over = step(Action.HAND_OVER, "hand_over", _hand_over)
accept = step(Action.ACCEPT, "accept", _accept)
contact = step(Action.LOG_CONTACT, "contact", _contact)
note = step(Action.NOTE, "note", _note)
snooze = step(Action.SNOOZE, "snooze", _snooze)
show_again = step(Action.SHOW_AGAIN, "show_again", _show_again)
resolve = step(Action.RESOLVE, "resolve", _resolve)
false_alarm = step(Action.MARK_FALSE_ALARM, "false_alarm", _false_alarm)
second_read = step(Action.SECOND_READ, "second_read", _second_read)
reopen = step(Action.REOPEN, "reopen", _reopen)
