"""Colleagues: who can take a case, and who can be named in a note about it."""

from __future__ import annotations

from bot.console.visit import Visit
from bot.store import staff, teams
from bot.store.lifecycle import Action, may
from bot.store.patients import Patient
from bot.store.staff import Staff


def takers(visit: Visit) -> list[Staff]:
    """To whom an escalation can be handed over."""
    return _others(visit, Action.ACCEPT)


def readers(visit: Visit, patient: Patient) -> list[Staff]:
    """Who can be named: those who may open this patient's escalations by their role and team."""
    others = _others(visit, Action.VIEW)
    if patient.team_id is None:
        return others
    of_team = teams.members(visit.connection).get(patient.team_id, frozenset())
    return [member for member in others if member.id in of_team]


def _others(visit: Visit, action: Action) -> list[Staff]:
    every = staff.listed(visit.connection, visit.vault)
    return [member for member in every if may(member.role, action) and member.id != visit.staff.id]
