"""What the safety figures keep in memory is what reading all of it anew comes to, whatever happens to old cases."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from clinic import Clinic, Desk, Enter
from sqlalchemy import Connection, delete, update
from starlette.applications import Starlette

from bot.console.app import routes
from bot.console.measures import settled
from bot.console.measures.settled import History, Kept, Settled
from bot.safety.measures import Limits
from bot.store import judging, rota, staff, tables
from bot.store.steps import Step
from bot.store.types import StaffId

with warnings.catch_warnings():  # as in `clinic`
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

SPAN = "/console/safety?from=2026-11-01&to=2026-12-31"
ROWS = SPAN.replace("safety?", "safety/escalations.csv?")
CLOSED = timedelta(days=30)
OLD = "Ben"  # whose case something happens to
COOKIE = "evenday_console"


@pytest.fixture
def desk(clinic: Clinic, enter: Enter) -> Desk:
    """A supervisor who has looked at the figures of three cases that were closed a month ago, and of one that is open."""
    found = enter()
    for name in ("Ana", OLD, "Cleo"):
        who = clinic.patient(name)
        clinic.writes(who, "x", "urgent", "suicide")
        clinic.sends(who, "Please call 112.", kind="safety")
        clinic.take(who.patient_id, "ana")
        with clinic.store.write() as connection:
            judging.resolve(step(clinic, connection, name), {"outcome": "referred"})
        clinic.minutes(7)
    clinic.clock.turn(CLOSED)
    clinic.writes(clinic.patient("Dan"), "x", "urgent", "abuse")
    assert found.log_in("ana", wanted="/console/health").status_code == 200
    found.get(SPAN)
    return found


def me(connection: Connection, clinic: Clinic) -> StaffId:
    """Who looks."""
    found = staff.by_login(connection, clinic.store.vault, "ana")
    assert found is not None
    return found.id


def patient(connection: Connection, clinic: Clinic, name: str = OLD) -> str:
    """A patient's id, by the name that only the test knows them by."""
    hashed = clinic.store.vault.fingerprint("sms", f"+34600{name}")
    rows = connection.execute(tables.addresses.select().where(tables.addresses.c.address_hash == hashed))
    return str(rows.one().patient_id)


def step(clinic: Clinic, connection: Connection, name: str = OLD) -> Step:
    """A step of hers on somebody's case."""
    cases = tables.escalations.select().where(tables.escalations.c.patient_id == patient(connection, clinic, name))
    one = connection.execute(cases).one()
    return Step(connection, clinic.store.vault, one.id, me(connection, clinic), clinic.clock.now())


def shown(desk: Desk) -> tuple[str, list[str]]:
    """The figures and the rows, without what tells one asking from another."""
    page = re.sub(r'name="csrf" value="[^"]*"|data-now="[^"]*"', "", desk.get(SPAN).text)
    rows = [row.rsplit(",", 2)[0] for row in desk.get(ROWS).text.splitlines()]  # how long what is open lasted goes on
    return page.split("<main", 1)[1].split("</main>", 1)[0], rows


def anew(clinic: Clinic, desk: Desk) -> tuple[str, list[str]]:
    """The same from a process that has kept nothing yet."""
    other = Desk(clinic)
    other.client = TestClient(Starlette(routes=routes(replace(clinic.console, settled=Settled()))))
    other.client.cookies.set(COOKIE, desk.client.cookies[COOKIE])
    return shown(other)


def reopened(clinic: Clinic, connection: Connection) -> None:
    judging.reopen(step(clinic, connection), "She called.")


def missed(clinic: Clinic, connection: Connection) -> None:
    """Long after, somebody finds that the case was graver."""
    found = step(clinic, connection)
    message = tables.escalations.select().where(tables.escalations.c.id == found.escalation_id)
    judging.mark_missed(
        connection, clinic.store.vault, patient(connection, clinic),  # type: ignore[arg-type]  # as stored
        connection.execute(message).one().message_id, "emergency", "suicide", clinic.clock.now(), staff_id=found.staff_id,
    )  # fmt: skip


def deleted(clinic: Clinic, connection: Connection) -> None:
    connection.execute(delete(tables.patients).where(tables.patients.c.id == patient(connection, clinic)))


def made_up(clinic: Clinic, connection: Connection) -> None:
    """They turn out to be made up."""
    mine = tables.patients.c.id == patient(connection, clinic)
    connection.execute(update(tables.patients).where(mine).values(demo=True))


def on_a_rota(clinic: Clinic, connection: Connection) -> None:
    """The rota of that time is written down now: nobody was on duty at night."""
    begins = clinic.clock.now() - CLOSED + timedelta(hours=6)
    who = me(connection, clinic)
    rota.add(connection, who, rota.Post.ON_CALL, begins - timedelta(days=9), begins - timedelta(days=8), begins)
    rota.add(connection, who, rota.Post.ON_CALL, begins, begins + timedelta(days=40), begins)


CHANGES: tuple[Callable[[Clinic, Connection], None], ...] = (reopened, missed, deleted, made_up, on_a_rota)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_happens_to_an_old_case_is_shown_at_once(
    clinic: Clinic, desk: Desk, change: Callable[[Clinic, Connection], None]
) -> None:
    before = shown(desk)
    assert before == anew(clinic, desk)
    with clinic.store.write() as connection:
        change(clinic, connection)
        if change in (deleted, made_up):  # a count of messages is made again after some hours only
            clinic.console.settled._counted_at = None
    after = shown(desk)
    assert after == anew(clinic, desk) and after != before


def test_a_case_that_was_closed_long_ago_is_read_once(clinic: Clinic, desk: Desk) -> None:
    kept = Kept(None, Limits(clinic.console.coach.paging, [], lambda at: at))
    now = clinic.clock.now()

    def since(back: timedelta) -> list[History]:
        with clinic.store.read() as connection:
            return kept.since(connection, clinic.store.vault, now - back, now)

    first, again = since(2 * CLOSED), since(3 * CLOSED)
    assert len(first) == len(again) == 4
    assert sum(one is other for one in first for other in again) == 3, "all but the one that is open"


def test_days_are_counted_once_and_again_after_some_hours(clinic: Clinic, desk: Desk) -> None:
    kept, now = Settled(), clinic.clock.now()
    first_on, last_on = (now - CLOSED).date() - timedelta(days=1), now.date()

    def count(later: timedelta = timedelta(0)) -> int:
        with clinic.store.read() as connection:
            return kept.messages(connection, first_on, last_on, "Europe/London", now + later)

    assert count() == 4
    with clinic.store.write() as connection:
        connection.execute(delete(tables.patients).where(tables.patients.c.id == patient(connection, clinic)))
        connection.execute(delete(tables.patients).where(tables.patients.c.id == patient(connection, clinic, "Dan")))
    assert count() == 3, "what came lately is counted each time"
    assert count(settled.COUNTED_FOR) == 2
