"""Teams of staff, each of a site. A patient of a team is its members' alone; one of no team is every reader's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, true, update

from bot.store import staff
from bot.store.prepared import insert_new
from bot.store.tables import invitations, memberships, patients, teams
from bot.store.types import PatientId, StaffId, TeamId, new_id


@dataclass(frozen=True)
class Team:
    """One team. `site` is the clinic or house that it belongs to."""

    id: TeamId
    site: str
    name: str

    @property
    def title(self) -> str:
        """How pages name it: `North clinic, Day team`."""
        return f"{self.site}, {self.name}"


def of_teams(teams: Collection[TeamId] | None) -> ColumnElement[bool]:
    """A clause over `patients`: those of some teams and of none; None: all, for what no page shows."""
    return true() if teams is None else or_(patients.c.team_id.is_(None), patients.c.team_id.in_(teams))


def add(connection: Connection, site: str, name: str, now: datetime) -> TeamId | None:
    """A new team; None where that site has one of that name."""
    return insert_new(  # type: ignore[no-any-return]
        connection, teams, {"id": new_id(), "site": site, "name": name, "created_at": now}, ["site", "name"]
    )


def listed(connection: Connection) -> list[Team]:
    """All teams, by site and name."""
    rows = connection.execute(select(teams).order_by(teams.c.site, teams.c.name))
    return [Team(TeamId(row.id), row.site, row.name) for row in rows]


def get(connection: Connection, team_id: str) -> Team | None:
    """The team of that id."""
    row = connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
    return Team(TeamId(row.id), row.site, row.name) if row else None


def rename(connection: Connection, team_id: TeamId, site: str, name: str) -> bool:
    """Give a team another name; False where that site has one of that name."""
    taken = select(teams.c.id).where(teams.c.site == site, teams.c.name == name, teams.c.id != team_id)
    if connection.execute(taken).first() is not None:
        return False
    connection.execute(update(teams).where(teams.c.id == team_id).values(site=site, name=name))
    return True


def remove(connection: Connection, team_id: TeamId) -> bool:
    """Take a team away; False while it has patients, whom nobody but everybody would have then."""
    staff.hold_chain(connection)
    connection.execute(select(teams.c.id).where(teams.c.id == team_id).with_for_update())
    if connection.execute(select(patients.c.id).where(patients.c.team_id == team_id).limit(1)).first() is not None:
        return False
    connection.execute(update(invitations).where(invitations.c.team_id == team_id).values(team_id=None))
    connection.execute(delete(memberships).where(memberships.c.team_id == team_id))
    connection.execute(delete(teams).where(teams.c.id == team_id))
    return True


def put_in(connection: Connection, staff_id: StaffId, team_id: TeamId) -> bool:
    """Put somebody of the staff in a team; False where they were in it."""
    values = {"staff_id": staff_id, "team_id": team_id}
    return insert_new(connection, memberships, values, ["staff_id", "team_id"]) is not None


def take_out(connection: Connection, staff_id: StaffId, team_id: TeamId) -> bool:
    """Take somebody out of a team; False where they were not in it."""
    theirs = (memberships.c.staff_id == staff_id) & (memberships.c.team_id == team_id)
    return bool(connection.execute(delete(memberships).where(theirs)).rowcount)


def members(connection: Connection) -> Mapping[TeamId, frozenset[StaffId]]:
    """Who is in which team."""
    found: dict[TeamId, set[StaffId]] = defaultdict(set)
    for row in connection.execute(select(memberships)):
        found[TeamId(row.team_id)].add(StaffId(row.staff_id))
    return {team_id: frozenset(ids) for team_id, ids in found.items()}


def patient_counts(connection: Connection) -> Mapping[TeamId | None, int]:
    """How many patients each team has; under None those of no team."""
    every = select(patients.c.team_id, func.count()).group_by(patients.c.team_id)
    # By themselves, as they are few: counting the others alone would read each of a hundred thousand rows.
    demos = patients.c.id.in_(select(patients.c.id).where(patients.c.demo))  # by their own index
    made_up = {row[0]: row[1] for row in connection.execute(every.where(demos))}
    counted = ((row[0], row[1] - made_up.get(row[0], 0)) for row in connection.execute(every))
    return {team_id: count for team_id, count in counted if count}


def move(connection: Connection, patient_id: PatientId, team_id: TeamId | None) -> None:
    """Give a patient to a team, or to none: for staff, who write it down.

    Raises:
        KeyError: the team is gone, and the patient stays where they were.
    """
    staff.hold_chain(connection)
    if not give(connection, patient_id, team_id):
        raise KeyError(team_id)


def give(connection: Connection, patient_id: PatientId, team_id: TeamId | None) -> bool:
    """The same, for what writes no entry; False where the team is gone.

    The team is kept from being removed until this is committed: a patient of a team that isn't there is nobody's.
    """
    if team_id is not None:
        standing = select(teams.c.id).where(teams.c.id == team_id).with_for_update(read=True, key_share=True)
        if connection.execute(standing).first() is None:
            return False
    connection.execute(update(patients).where(patients.c.id == patient_id).values(team_id=team_id))
    return True
