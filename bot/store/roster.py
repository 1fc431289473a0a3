"""The list of patients, page by page and by name. Staff reach it by `access` alone, which says whom they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union_all

from bot.crypto import Vault
from bot.store import names
from bot.store import patients as people
from bot.store.patients import Patient, State
from bot.store.tables import patients
from bot.store.types import PatientId, TeamId

PER_PAGE = 50
NO_TEAM = ""
FEW_TEAMS = 20  # of so many each is asked for its first ones; of more, all patients are looked through
MOST_NAMED = 500  # so many of one name are put in order; of more, those that come first to hand


@dataclass(frozen=True)
class Which:
    """Which patients a list is of.

    Attributes:
        state: only those who stand so; None: all who have begun to join.
        teams: only those of these teams, None among them for those of none; None: of all.
    """

    state: State | None = None
    teams: frozenset[TeamId | None] | None = None


EVERYBODY = Which()


@dataclass(frozen=True)
class Listing:
    """One page of the list, the newest first; `more` tells that others follow."""

    patients: tuple[Patient, ...]
    more: bool


def page(connection: Connection, vault: Vault, which: Which = EVERYBODY, after: PatientId | None = None) -> Listing:
    """One page.

    Args:
        connection: an open transaction.
        vault: opens names.
        which: of whom.
        after: whom the page before ended with; None, or somebody who is gone: the first page.
    """
    beyond = _beyond(connection, after) if after is not None else []
    if which.teams is not None and 0 < len(which.teams) <= FEW_TEAMS:
        firsts = [_first_of(team, which.state, beyond) for team in which.teams]
        return _listing(connection, vault, select(patients).where(patients.c.id.in_(union_all(*firsts))))
    return _listing(connection, vault, select(patients).where(*_within(which), *beyond))


def _first_of(team: TeamId | None, state: State | None, beyond: list[ColumnElement[bool]]) -> Select[Any]:
    """As many of one team as a page may need: by the team's index, however few they are among all."""
    query = select(patients.c.id).where(patients.c.team_id == team, *_within(Which(state)), *beyond)
    return select(_ordered(query).subquery().c.id)


def named(connection: Connection, vault: Vault, typed: str, which: Which = EVERYBODY) -> Listing:
    """Whose first name holds every word that was typed; nobody where no word was."""
    ids = names.having(vault, typed, _within(which), MOST_NAMED)
    if ids is None:
        return Listing((), more=False)
    return _listing(connection, vault, select(patients).where(patients.c.id.in_(ids)))


def _within(which: Which) -> list[ColumnElement[bool]]:
    state = patients.c.state
    return [state != State.UNKNOWN if which.state is None else state == which.state, *_of_teams(which.teams)]


def _of_teams(teams: frozenset[TeamId | None] | None) -> list[ColumnElement[bool]]:
    if teams is None:
        return []
    # By no index: it would bring its teams whole, to be put in order, where the page is found in a few steps.
    return [func.coalesce(patients.c.team_id, NO_TEAM).in_([team or NO_TEAM for team in teams])]


def _beyond(connection: Connection, after: PatientId) -> list[ColumnElement[bool]]:
    at = connection.execute(select(patients.c.created_at).where(patients.c.id == after)).scalar_one_or_none()
    if at is None:
        return []
    created_at = patients.c.created_at
    # The first half is for the index; a row of the same instant is told apart by its id.
    return [created_at <= at, or_(created_at < at, and_(created_at == at, patients.c.id < after))]


def _ordered(query: Select[Any]) -> Select[Any]:
    return query.order_by(patients.c.created_at.desc(), patients.c.id.desc()).limit(PER_PAGE + 1)


def _listing(connection: Connection, vault: Vault, query: Select[Any]) -> Listing:
    rows = connection.execute(_ordered(query)).all()
    return Listing(tuple(people.of_row(row, vault) for row in rows[:PER_PAGE]), len(rows) > PER_PAGE)
