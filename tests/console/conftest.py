"""Fixtures of the console's tests: a clinic, and browsers of its staff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clinic import Clinic, Desk, Enter, build

from bot.store.escalations import Escalation


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """An empty clinic."""
    made = build(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def enter(clinic: Clinic) -> Enter:
    """Makes a member of staff and logs them in."""

    def logged_in(login: str = "ana", name: str = "Ana Torres", role: str = "supervisor") -> Desk:
        clinic.staff(login, name, role)
        desk = Desk(clinic)
        assert desk.log_in(login, wanted="/console/health").status_code == 200
        return desk

    return logged_in


@pytest.fixture
def ana(enter: Enter) -> Desk:
    """A supervisor."""
    return enter()


@pytest.fixture
def ben(enter: Enter) -> Desk:
    """A clinician."""
    return enter("ben", "Ben Okafor", "clinician")


@pytest.fixture
def case(clinic: Clinic) -> Escalation:
    """An emergency that nobody has."""
    return clinic.emergency()[1]
