"""The life of an escalation as two tables: which step leads where, and who may take it (safety.md §5).

Pure, and as low as the store, so that every function which writes a step asks the same tables as the pages that offer it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """Where an escalation is in its life. Reopened, it is `open` again, with the event in its history."""

    OPEN = "open"
    PAGED = "paged"  # a page was handed over; nobody has answered yet
    ACKNOWLEDGED = "acknowledged"  # a named person owns it; the clock to contact runs
    CONTACTED = "contacted"
    RESOLVED = "resolved"


class Action(StrEnum):
    """What can be done with an escalation, by a person."""

    VIEW = "view"
    ACKNOWLEDGE = "acknowledge"
    HAND_OVER = "hand_over"
    ACCEPT = "accept"
    TAKE_OVER = "take_over"  # of the chat: the bot falls silent
    HAND_BACK = "hand_back"
    NOTE = "note"
    LOG_CONTACT = "log_contact"
    SNOOZE = "snooze"  # out of sight until a time, for a reason
    SHOW_AGAIN = "show_again"  # in sight before that time
    RESOLVE = "resolve"
    SECOND_READ = "second_read"
    REOPEN = "reopen"
    MARK_FALSE_ALARM = "mark_false_alarm"
    MARK_MISSED = "mark_missed"


class Measure(StrEnum):
    """What can be done with the safety figures, which name no patient."""

    FIGURES = "figures"  # counts, percentiles and shares
    OPEN_LATE = "open_late"  # what is open beyond its limits now
    EXPORT = "export"  # one row an escalation, without names, words or addresses
    BLIND_READ = "blind_read"  # read messages that nothing flagged, not knowing whose, and say what was missed
    DRAW = "draw"  # choose the messages of a week's blind read


class Crossing(StrEnum):
    """What can be done about patients of teams that one is not in."""

    BREAK = "break"  # open one for some hours, with a reason
    REVIEW = "review"  # look at what was opened of one's own teams
    REVIEW_ALL = "review_all"  # and of all others
    MOVE = "move"  # give a patient of one's own team, or of none, to another
    MOVE_ALL = "move_all"  # and those of all others, without seeing them


class Role(StrEnum):
    """What a member of staff is."""

    SUPERVISOR = "supervisor"
    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"
    RESEARCHER = "researcher"


NOBODY_HAS_IT = frozenset({Stage.OPEN, Stage.PAGED})
IN_HAND = frozenset({Stage.ACKNOWLEDGED, Stage.CONTACTED})

# Stage -> action -> stage after it. What is not here can't be done: no resolving of what nobody has taken, and nothing
# but reading, a note, the second reading and reopening once it is resolved.
MOVES: Mapping[Stage, Mapping[Action, Stage]] = {
    **{
        stage: {
            Action.VIEW: stage,
            Action.NOTE: stage,
            Action.MARK_MISSED: stage,
            Action.TAKE_OVER: stage,
            Action.HAND_BACK: stage,
            Action.ACKNOWLEDGE: Stage.ACKNOWLEDGED,
        }
        for stage in (Stage.OPEN, Stage.PAGED)
    },
    Stage.ACKNOWLEDGED: {
        Action.VIEW: Stage.ACKNOWLEDGED,
        Action.NOTE: Stage.ACKNOWLEDGED,
        Action.MARK_MISSED: Stage.ACKNOWLEDGED,
        Action.TAKE_OVER: Stage.ACKNOWLEDGED,
        Action.HAND_BACK: Stage.ACKNOWLEDGED,
        Action.HAND_OVER: Stage.ACKNOWLEDGED,
        Action.ACCEPT: Stage.ACKNOWLEDGED,
        Action.LOG_CONTACT: Stage.CONTACTED,  # reached; a try that reached nobody leaves it where it is
        Action.SNOOZE: Stage.ACKNOWLEDGED,
        Action.SHOW_AGAIN: Stage.ACKNOWLEDGED,
        Action.RESOLVE: Stage.RESOLVED,
        Action.MARK_FALSE_ALARM: Stage.RESOLVED,
    },
    Stage.CONTACTED: {
        Action.VIEW: Stage.CONTACTED,
        Action.NOTE: Stage.CONTACTED,
        Action.MARK_MISSED: Stage.CONTACTED,
        Action.TAKE_OVER: Stage.CONTACTED,
        Action.HAND_BACK: Stage.CONTACTED,
        Action.HAND_OVER: Stage.CONTACTED,
        Action.ACCEPT: Stage.CONTACTED,
        Action.LOG_CONTACT: Stage.CONTACTED,
        Action.SNOOZE: Stage.CONTACTED,
        Action.SHOW_AGAIN: Stage.CONTACTED,
        Action.RESOLVE: Stage.RESOLVED,
        Action.MARK_FALSE_ALARM: Stage.RESOLVED,
    },
    Stage.RESOLVED: {
        Action.VIEW: Stage.RESOLVED,
        Action.NOTE: Stage.RESOLVED,
        Action.HAND_BACK: Stage.RESOLVED,
        Action.SECOND_READ: Stage.RESOLVED,
        Action.REOPEN: Stage.OPEN,
        Action.MARK_MISSED: Stage.OPEN,
    },
}

_CARES = frozenset(Action)
# Role -> what it may do. Whoever cares for patients may do every step; an administrator reads (and reports what was
# missed, as anybody may who sees it); a researcher sees no patient.
MAY: Mapping[Role, frozenset[Action]] = {
    Role.SUPERVISOR: _CARES,
    Role.CLINICIAN: _CARES,
    Role.ADMINISTRATOR: frozenset({Action.VIEW, Action.MARK_MISSED}),
    Role.RESEARCHER: frozenset(),
}


# Role -> what it may do with the figures. Rows of single escalations leave the house only by whoever answers for it. A
# researcher sees sums and shares, no row, no message, and nothing of who is in danger now.
MAY_MEASURE: Mapping[Role, frozenset[Measure]] = {
    Role.SUPERVISOR: frozenset(Measure),
    Role.ADMINISTRATOR: frozenset(Measure),
    Role.CLINICIAN: frozenset({Measure.FIGURES, Measure.OPEN_LATE, Measure.BLIND_READ}),
    Role.RESEARCHER: frozenset({Measure.FIGURES}),
}


# Role -> what it may do across teams. Who cares may open what they must, and answers for it; who keeps the accounts sees
# that it was done, and opens nothing.
MAY_CROSS: Mapping[Role, frozenset[Crossing]] = {
    Role.SUPERVISOR: frozenset({Crossing.BREAK, Crossing.REVIEW, Crossing.MOVE}),
    Role.CLINICIAN: frozenset({Crossing.BREAK}),
    Role.ADMINISTRATOR: frozenset({Crossing.REVIEW, Crossing.REVIEW_ALL, Crossing.MOVE_ALL}),
    Role.RESEARCHER: frozenset(),
}


def may_cross(role: str, what: Crossing) -> bool:
    """Whether a role may do something across teams; an unknown role may nothing."""
    return what in MAY_CROSS.get(Role(role), frozenset()) if role in set(Role) else False


def may_measure(role: str, what: Measure) -> bool:
    """Whether a role may do something with the safety figures; an unknown role may nothing."""
    return what in MAY_MEASURE.get(Role(role), frozenset()) if role in set(Role) else False


def may(role: str, action: Action) -> bool:
    """Whether a role may take a step; an unknown role may nothing."""
    return action in MAY.get(Role(role), frozenset()) if role in set(Role) else False


def after(stage: Stage, action: Action) -> Stage | None:
    """The stage after a step, None where the step can't be taken from there."""
    return MOVES[stage].get(action)
