"""Who looks at what: told by views, kept up by pages that are seen, and gone soon; no audit, no session, no patient in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from clinic import Clinic, Desk, Enter, token_in
from sqlalchemy import func, select
from test_console_life import member, path_of

from bot.console.escalation.here import together
from bot.store import presences, sessions
from bot.store.escalations import Escalation
from bot.store.tables import presences as table
from bot.store.tables import sessions as session_rows
from bot.store.types import StaffId

GONE_AFTER = presences.GONE_AFTER.total_seconds() / 60  # minutes


@pytest.fixture
def ben(enter: Enter) -> Desk:
    return enter("ben", "Ben O'Kafor", "clinician")


def beat(desk: Desk, case: Escalation, what: str = "here") -> tuple[int, str]:
    answer = desk.post(f"{path_of(case)}/{what}")
    return answer.status_code, answer.text.strip()


@pytest.mark.parametrize(
    ("names", "told"),
    [(["Ben"], "Ben is"), (["Ben", "Eve"], "Ben and Eve are"), (["Ben", "Eve", "Kai"], "Ben, Eve and Kai are")],
)
def test_people_are_told_together(names: list[str], told: str) -> None:
    assert together(names) == told


def test_a_view_is_seen_by_the_others_on_the_page_and_in_the_queue(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    ben.get(path_of(case))
    page = ana.get(path_of(case)).text
    assert f'role="status" data-here="{path_of(case)}">Ben O&#39;Kafor is looking at this, too.</p>' in page
    assert f'data-here-of="{case.id}">Ben O&#39;Kafor is looking</span>' in ana.get("/console/").text
    assert "Ben O&#39;Kafor is" not in ben.get("/console/").text  # nobody is told of themselves
    assert "Ana Torres is looking at this, too." in ben.get(path_of(case)).text
    clinic.minutes(GONE_AFTER)
    assert "is looking" not in ana.get(path_of(case)).text


def test_a_page_that_is_seen_keeps_it_up_and_one_that_is_closed_ends_it(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    ben.get(path_of(case))
    ana.get(path_of(case))
    for _ in range(3):
        clinic.minutes(0.5)
        assert beat(ben, case) == (200, "Ana Torres is looking at this, too.")
        assert beat(ana, case) == (200, "Ben O&#39;Kafor is looking at this, too.")
    assert beat(ben, case, "gone") == (204, "")
    assert beat(ana, case) == (200, "")
    assert f"here-{case.id}" not in ana.get("/console/here").text
    assert beat(ben, case)[0] == 200  # they look at it again: a tab that was covered
    assert f'<li id="here-{case.id}">Ben O&#39;Kafor is looking</li>' in ana.get("/console/here").text


def test_who_was_gone_stays_so_when_the_word_comes_twice(clinic: Clinic, ben: Desk, case: Escalation) -> None:
    ben.get(path_of(case))
    clinic.minutes(10)
    with clinic.store.read() as connection:
        before = connection.execute(select(table.c.seen_at)).scalar_one()
    beat(ben, case, "gone")
    with clinic.store.read() as connection:
        assert connection.execute(select(table.c.seen_at)).scalar_one() == before


def test_nobody_is_said_to_look_at_what_they_have_not_opened(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    assert beat(ana, case)[0] == 404
    assert beat(ana, case, "gone")[0] == 204
    assert ana.post("/console/escalation/nope/here").status_code == 404
    with clinic.store.read() as connection:
        assert presences.looking(connection, clinic.clock.now()) == {}


def test_a_beat_writes_no_audit_and_prolongs_no_session(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    ana.get(path_of(case))
    csrf, count = token_in(ana.get("/console/health").text), len(clinic.actions())

    def lasts_until() -> object:
        with clinic.store.read() as connection:
            return connection.execute(select(session_rows.c.expires_at)).scalar_one()

    until = lasts_until()
    clinic.minutes(60)
    for path in (f"{path_of(case)}/here", f"{path_of(case)}/gone"):
        assert ana.client.post(path, data={"csrf": csrf}).status_code in (200, 204)
    assert ana.get("/console/here").status_code == 200
    assert (lasts_until(), len(clinic.actions())) == (until, count)


@pytest.mark.parametrize("what", ["here", "gone"])
def test_a_beat_without_the_forms_token_says_nothing(clinic: Clinic, ben: Desk, case: Escalation, what: str) -> None:
    ben.get(path_of(case))
    clinic.minutes(1 if what == "here" else 0)
    before = _seen_by_anybody(clinic)
    assert ben.client.post(f"{path_of(case)}/{what}", data={"csrf": "0" * 64}).status_code == 403
    assert _seen_by_anybody(clinic) is before is (what == "gone")


def _seen_by_anybody(clinic: Clinic) -> bool:
    with clinic.store.read() as connection:
        return bool(presences.looking(connection, clinic.clock.now()))


def test_who_sees_no_patient_is_told_nothing(clinic: Clinic, enter: Enter, case: Escalation) -> None:
    rita = enter("rita", "Rita Kay", "researcher")
    assert rita.get("/console/here").status_code == 403
    assert beat(rita, case)[0] == 403


def test_a_colleagues_look_is_no_change_of_the_queue(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation) -> None:
    mark = ana.get("/console/live").text.partition('data-mark="')[2][:16]
    ben.get(path_of(case))
    assert ana.get(f"/console/live?mark={mark}").status_code == 204  # else each look were a view by all who watch


def test_what_is_old_is_swept_by_the_next_view(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    other = clinic.emergency("Bea")[1]
    with clinic.store.write() as connection:
        long_ago = clinic.clock.now() - sessions.IDLE - timedelta(minutes=1)
        presences.come(connection, other.id, member(clinic, "ana"), long_ago)
    ana.get(path_of(case))
    with clinic.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1


@pytest.mark.slow
def test_fifty_pages_that_are_seen_cost_little(clinic: Clinic, ana: Desk, case: Escalation) -> None:
    """Each says so every 20 s: 2.5 a second of all of them together must be a small part of one."""
    import time

    ids = [clinic.staff(f"c{n}", f"Cleo {n}") for n in range(50)]
    ana.get(path_of(case))
    with clinic.store.write() as connection:
        for one in ids:
            presences.come(connection, case.id, StaffId(one), clinic.clock.now())
    csrf = token_in(ana.get("/console/health").text)
    began = time.perf_counter()
    for _ in range(50):
        assert ana.client.post(f"{path_of(case)}/here", data={"csrf": csrf}).status_code == 200
    each = (time.perf_counter() - began) / 50
    print(f"{each * 1000:.1f} ms a beat")
    assert each * 2.5 < 0.1
