"""A patient's programme as two tables: which step of staff may be taken in which state, and who may take it.

Pure, and as low as the store, so that what is offered and what is done ask the same tables, as in `lifecycle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.store.lifecycle import Role
from bot.store.patients import State


class Care(StrEnum):
    """What staff can do with a patient's programme."""

    PAUSE = "pause"  # check-ins rest until a day
    GO_ON = "go_on"
    SET_MODE = "set_mode"  # unguided or guided
    CLOSE = "close"
    REOPEN = "reopen"


class Mode(StrEnum):
    """How a patient is looked after."""

    UNGUIDED = "unguided"
    GUIDED = "guided"


class Closing(StrEnum):
    """Why a programme was closed."""

    FINISHED = "finished"
    ASKED = "asked"
    CARE_ELSEWHERE = "care_elsewhere"
    NOT_FITTING = "not_fitting"
    NOT_REACHED = "not_reached"
    DIED = "died"
    OTHER = "other"


# State -> steps that make sense in it. Who has not joined, or declined to, has no programme to do anything with.
STEPS: Mapping[State, frozenset[Care]] = {
    State.UNKNOWN: frozenset(),
    State.DECLINED: frozenset(),
    State.ENROLLING: frozenset({Care.SET_MODE}),
    State.ACTIVE: frozenset({Care.PAUSE, Care.GO_ON, Care.SET_MODE, Care.CLOSE}),  # on: an alarm may have let them rest
    State.PAUSED: frozenset({Care.PAUSE, Care.GO_ON, Care.SET_MODE, Care.CLOSE}),
    State.STOPPED: frozenset({Care.REOPEN}),
}
# Role -> what it may do: whoever cares for patients, all of it. An administrator reads, a researcher sees no patient.
MAY: Mapping[Role, frozenset[Care]] = {
    Role.SUPERVISOR: frozenset(Care),
    Role.CLINICIAN: frozenset(Care),
    Role.ADMINISTRATOR: frozenset(),
    Role.RESEARCHER: frozenset(),
}


def may(role: str, step: Care) -> bool:
    """Whether a role may take a step; an unknown role may nothing."""
    return step in MAY.get(Role(role), frozenset()) if role in set(Role) else False
