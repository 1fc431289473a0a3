"""A queue of more open cases than one page shows."""

from __future__ import annotations

import re

from clinic import Clinic, Enter

from bot.console.pages.queue import MOST_ROWS
from bot.store import opening, teams
from bot.store.patients import Address


def emergencies(clinic: Clinic, who: Address, count: int) -> None:
    """So many more cases, the gravest there are."""
    with clinic.store.write() as connection:
        for _ in range(count):
            opening.insert_row(connection, who.patient_id, None, "emergency", "suicide", clinic.clock.now())


def of_another_team(clinic: Clinic) -> Address:
    """Somebody of a team that nobody of the staff is in."""
    who = clinic.patient("Far")
    with clinic.store.write() as connection:
        teams.move(connection, who.patient_id, teams.add(connection, "North", "Day team", clinic.clock.now()))
    return who


def test_ones_own_case_is_there_however_many_graver_ones_other_teams_have(clinic: Clinic, enter: Enter) -> None:
    ana = enter()
    emergencies(clinic, of_another_team(clinic), MOST_ROWS + 5)
    mine = clinic.patient("Rut")
    clinic.writes(mine, "x", "watch", "suicide")
    page = ana.get("/console/").text
    assert clinic.escalation(mine.patient_id).code in page and "<title>(1) Queue" in page
    assert "5 more are not shown" in page and page.count("row-emergency") == MOST_ROWS
    clinic.take(mine.patient_id, "ana")
    assert clinic.escalation(mine.patient_id).code in ana.get("/console/?show=mine").text


def test_what_is_not_shown_is_counted_and_said(clinic: Clinic, enter: Enter) -> None:
    ana, who = enter(), clinic.patient()
    emergencies(clinic, who, MOST_ROWS + 1)
    page = ana.get("/console/").text
    assert f"<title>({MOST_ROWS + 1}) Queue" in page and "1 more is not shown" in page
    assert page.count("row-emergency") == MOST_ROWS
    before = re.search('data-mark="([^"]+)"', page)
    emergencies(clinic, who, 1)
    after = ana.get(f"/console/live?mark={before[1] if before else ''}")
    assert after.status_code == 200 and "2 more are not shown" in after.text
