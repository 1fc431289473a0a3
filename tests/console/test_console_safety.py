"""The safety page, its rows to take home, and the weekly blind read: what they count, who may, and attacks on each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from clinic import CRY, NIGHT, Clinic, Desk, Enter, build, token_in
from sqlalchemy import update

from bot.console.measures import asked, columns, told
from bot.console.measures.blind import result
from bot.safety.evaluation import Share
from bot.safety.measures import Hour
from bot.store import blind, escalations, handling, judging, patients, roster, staff
from bot.store.blind import BlindRead, Line, Verdict
from bot.store.lifecycle import MAY_MEASURE, Measure, Role, may_measure
from bot.store.steps import Step
from bot.store.tables import escalations as escalation_table
from bot.store.types import EscalationId, MessageId, StaffId

LONDON = "Europe/London"
WEEK = date(2026, 11, 16)  # the last whole week before NIGHT, a Tuesday


def text_of(page: str) -> str:
    """A page as it is read: without marks, blanks joined."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def table(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the first table after a heading's id: name -> cells."""
    part = page.split(f'id="{heading}"', 1)[1].split("</table>", 1)[0]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", part.split("<tbody>", 1)[1], re.DOTALL):
        name, *cells = (text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL))
        found[name] = cells
    return found


def danger(clinic: Clinic, name: str, acknowledged: float, outcome: str = "referred", tier: str = "emergency") -> str:
    """One escalation: replied to and paged at once, taken after some minutes, the person reached 5 minutes later."""
    with clinic.store.read() as connection:
        ben = staff.by_login(connection, clinic.store.vault, "ben")
    ben_id = ben.id if ben else clinic.staff("ben", "Ben Okafor", "clinician")
    way = clinic.reach(ben_id, "sms", f"+4420{name}")
    who = clinic.patient(name)
    clinic.writes(who, CRY, tier, "suicide")
    clinic.sends(who, "Please call 112.", kind="safety")
    if tier != "watch":
        clinic.page(clinic.escalation(who.patient_id), way)
    clinic.minutes(acknowledged)
    clinic.take(who.patient_id, "ben")
    clinic.minutes(5)
    one = clinic.escalation(who.patient_id)
    with clinic.store.write() as connection:
        now, vault = clinic.clock.now(), clinic.store.vault
        handling.log_contact(Step(connection, vault, one.id, ben_id, now), how="phone", reached=True)
        judging.resolve(Step(connection, vault, one.id, ben_id, now), {"outcome": outcome, "risk": CRY})
    return one.id


def test_times_stand_beside_their_limits(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for n, minutes in enumerate((1, 2, 3, 4, 9)):
        danger(clinic, f"p{n}", minutes)
    page = desk.get("/console/safety?days=7").text
    rows = table(page, "h-tier-emergency")
    assert rows["Acknowledged"] == ["3 min", "too few", "too few", "5", "5 min", "4 of 5 (80 %)"]
    assert rows["First contact tried"][0] == "8 min"
    assert rows["First contact tried"][3:] == ["5", "15 min from the acknowledgement", "5 of 5 (100 %)"]
    assert rows["Person reached"][3:] == ["5", "no limit", "–"]
    assert rows["Crisis reply handed over"][3:] == ["5", "5 s", "5 of 5 (100 %)"]
    assert rows["First page handed over"][3:] == ["5", "10 s", "5 of 5 (100 %)"]
    assert "None in these days." in page.split('id="h-tier-urgent"')[1]
    assert table(page, "h-duty")["Acknowledged"] == ["4 of 5 (80 %)", "none to judge"]
    assert sum(int(cells[0]) for cells in table(page, "h-hours").values()) == 5
    assert table(page, "h-hours") == {
        "02:00": ["5", "4 of 5 (80 %)", "0.0 s", "0.0 s", "3 min", "8 min", "8 min", "8 min"]
    }


def test_what_is_open_is_told_as_waiting_and_as_late_by_kind(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for name, tier, kind in (
        ("Ana", "emergency", "medical"),
        ("Bea", "emergency", "medical"),
        ("Cleo", "urgent", "abuse"),
    ):
        clinic.writes(clinic.patient(name), "x", tier, kind)
    assert table(desk.get("/console/safety").text, "h-open") == {
        "Medical red flag": ["2", "0"],
        "Abuse or violence": ["1", "0"],
    }
    clinic.minutes(6)
    page = desk.get("/console/safety").text
    assert table(page, "h-open")["Medical red flag"] == ["2", "2"]
    assert table(page, "h-open")["Abuse or violence"] == ["1", "0"]
    assert table(page, "h-tier-emergency")["Acknowledged"][3:] == ["0, 2 not yet", "5 min", "0 of 2 (0 %)"]
    assert table(page, "h-tier-urgent")["Acknowledged"][5] == "none to judge"


def test_drills_and_demo_patients_are_never_counted(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who = clinic.patient("Ana")
    clinic.drill(who.patient_id)
    demo = clinic.patient("Demo")
    clinic.writes(demo, "x", "urgent", "suicide")
    with clinic.store.write() as connection:
        patients.change(connection, clinic.store.vault, demo.patient_id, demo=True)
    page = text_of(desk.get("/console/safety").text)
    assert "0 courses of escalations began" in page and "No clocks were started in these days." in page
    rows = desk.get("/console/safety/escalations.csv").text.splitlines()
    assert len(rows) == 1


def test_how_often_the_screen_was_wrong(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    danger(clinic, "p1", 1, "false_alarm")
    danger(clinic, "p2", 1)
    who = clinic.patient("Ana")
    calm = [clinic.writes(who, f"fine {n}") for n in range(6)]
    with clinic.store.read() as connection:
        me = staff.by_login(connection, clinic.store.vault, "ana")
    assert me is not None
    for message, by in ((calm[0], me.id), (calm[1], None)):
        with clinic.store.write() as connection:
            judging.mark_missed(
                connection,
                clinic.store.vault,
                who.patient_id,
                message,
                "watch",
                "suicide",
                clinic.clock.now(),
                staff_id=by,
            )
    page = text_of(desk.get("/console/safety").text)
    for words in (
        "Messages 8", "False alarms 1 of 3 courses", "Per 1,000 messages 125.00", "Missed, marked by staff 1",
        "Missed, told by patients 1", "Opened again 0", "1 found by a person",
    ):  # fmt: skip
        assert words in page, words


def test_an_escalation_opened_again_is_a_course_of_its_own(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    one = danger(clinic, "p1", 1)
    clinic.minutes(60)
    with clinic.store.read() as connection:
        who = escalations.get(connection, clinic.store.vault, EscalationId(one)).patient_id
        where = replace(clinic.patient("x"), patient_id=who)
    clinic.writes(where, CRY, "urgent", "suicide")
    page = desk.get("/console/safety").text
    assert "Opened again 1" in text_of(page) and "2 courses" in text_of(page)
    rows = list(csv.DictReader(io.StringIO(desk.get("/console/safety/escalations.csv").text)))
    assert [(row["escalation"], row["course"], row["began"], row["tier"], row["ended"]) for row in rows] == [
        ("1", "1", "opened", "emergency", "resolved"), ("1", "2", "reopened", "urgent", "open"),
    ]  # fmt: skip


SPANS = [
    ({}, date(2026, 10, 26), date(2026, 11, 24), 30, False),
    ({"days": "7"}, date(2026, 11, 18), date(2026, 11, 24), 7, False),
    ({"days": "90"}, date(2026, 8, 27), date(2026, 11, 24), 90, False),
    ({"from": "2026-11-01", "to": "2026-11-02"}, date(2026, 11, 1), date(2026, 11, 2), None, False),
    ({"from": "2026-11-01", "to": "2030-01-01"}, date(2026, 10, 26), date(2026, 11, 24), 30, True),
    ({"from": "2026-11-20", "to": "2026-12-24"}, date(2026, 11, 20), date(2026, 11, 24), None, False),
    ({"from": "2025-11-24", "to": "2026-11-24"}, date(2025, 11, 24), date(2026, 11, 24), None, False),
    *(
        (query, date(2026, 10, 26), date(2026, 11, 24), 30, True)
        for query in (
            {"days": "8"}, {"days": "٧"}, {"days": "-1"}, {"days": ""}, {"days": "7; DROP TABLE staff"},
            {"from": "2026-11-02", "to": "2026-11-01"}, {"from": "2026-11-02"}, {"to": "2026-11-02"},
            {"from": "<script>", "to": "2026-11-01"}, {"from": "0001-01-01", "to": "0001-01-02"},
            {"from": "9999-12-31", "to": "9999-12-31"}, {"from": "2025-11-01", "to": "2026-11-24"},
            {"from": "2026-02-30", "to": "2026-03-01"}, {"from": "1999-12-31", "to": "1999-12-31"},
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "first_on", "last_on", "days", "is_problem"), SPANS, ids=[str(row[0]) for row in SPANS]
)
def test_a_span_is_read_or_told_what_is_wrong(
    query: dict[str, str], first_on: date, last_on: date, days: int | None, is_problem: bool
) -> None:
    found = asked.read(query, LONDON, NIGHT)
    assert (found.first_on, found.last_on, found.days, bool(found.problem)) == (first_on, last_on, days, is_problem)
    again = asked.read(dict(part.split("=") for part in found.query.split("&")), LONDON, NIGHT)
    assert (again.since, again.until, again.problem) == (found.since, found.until, "")


@pytest.mark.parametrize(("on", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
def test_a_day_is_as_long_as_it_is_on_the_wall(on: str, hours: int) -> None:
    found = asked.read({"from": on, "to": on}, LONDON, NIGHT)
    assert found.until - found.since == timedelta(hours=hours)


@pytest.mark.parametrize(
    "query", ["days=%3Cscript%3E", "from=%3Cb%3E&to=x", "from=2026-11-02&to=2026-11-01", "days=" + "9" * 5000]
)
def test_a_bad_span_is_answered_kindly_and_shows_nothing_that_was_sent(enter: Enter, query: str) -> None:
    desk = enter()
    answer = desk.get(f"/console/safety?{query}")
    assert answer.status_code == 200 and "Here are the last 30 days." in answer.text and 'role="alert"' in answer.text
    assert "script>alert" not in answer.text and "<b>" not in answer.text and "9" * 20 not in answer.text
    file = desk.get(f"/console/safety/escalations.csv?{query}")
    assert file.headers["content-type"].startswith("text/html"), "nobody takes home other days than they asked for"


def test_only_the_days_asked_for_are_counted(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    danger(clinic, "p1", 1)
    for query, count in (("from=2026-11-24&to=2026-11-24", 1), ("from=2026-11-23&to=2026-11-23", 0), ("days=7", 1)):
        assert f"<strong>{count}</strong>" in desk.get(f"/console/safety?{query}").text, query
    clinic.minutes(31 * 24 * 60)
    desk.log_in()
    assert "<strong>0</strong>" in desk.get("/console/safety?days=30").text
    assert "<strong>1</strong>" in desk.get("/console/safety?days=90").text


# The rows to take home.


def test_the_rows_hold_times_and_names_nobody(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    danger(clinic, "Zyxomma", 2)
    danger(clinic, "Quokka", 7, "false_alarm", "urgent")
    answer = desk.get("/console/safety/escalations.csv?days=7")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="escalations-2026-11-18-2026-11-24.csv"'
    assert answer.headers["cache-control"] == "no-store"
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert list(first) == [column.name for column in columns.COLUMNS]
    wanted = {
        "escalation": "1", "person": "1", "week_on": "2026-11-23", "hour": "2", "on_duty": "yes", "tier": "emergency",
        "kind": "suicide", "acknowledged_in_time": "yes", "resolution": "referred",
    }  # fmt: skip
    assert {name: first[name] for name in wanted} == wanted
    assert 120 <= float(first["acknowledged_seconds"]) < 125 and 420 <= float(first["resolved_seconds"]) < 425
    assert (second["person"], second["resolution"], second["page_in_time"]) == ("2", "false_alarm", "yes")
    with clinic.store.read() as connection:
        private = [
            row
            for one in roster.page(connection, clinic.store.vault).patients
            for row in (one.id, one.code, str(one.first_name))
        ]
    for word in (*private, "Zyxomma", "+34600", "pills", "Ben", "Okafor", clinic.escalation(_first(clinic)).code):
        assert word not in answer.text, word


def _first(clinic: Clinic) -> Any:
    with clinic.store.read() as connection:
        return roster.page(connection, clinic.store.vault).patients[0].id


def test_a_file_is_in_the_audit_with_its_number_of_rows(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for n in range(3):
        danger(clinic, f"p{n}", 1)
    desk.get("/console/safety/escalations.csv?days=7")
    with clinic.store.read() as connection:
        last = staff.entries(connection)[0]
    assert (last.action, last.subject, last.detail) == ("safety.export", "safety", "2026-11-18 to 2026-11-24: 3 rows")


EVIL = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1")


@pytest.mark.parametrize("evil", EVIL, ids=repr)
def test_no_cell_is_a_formula(clinic: Clinic, enter: Enter, evil: str) -> None:
    assert columns.defused(evil) == f"'{evil}"
    desk = enter()
    one = danger(clinic, "p1", 1, outcome=evil)
    with clinic.store.write() as connection:
        connection.execute(update(escalation_table).where(escalation_table.c.id == one).values(kind=evil[:16]))
    (row,) = csv.DictReader(io.StringIO(desk.get("/console/safety/escalations.csv").text))
    assert (row["kind"], row["resolution"]) == ("other", "other")
    assert not any(cell.startswith(columns.FORMULA) for cell in row.values())


@pytest.mark.parametrize("plain", ["suicide", "", -5, 2.5, None])
def test_a_plain_cell_stays_as_it_is(plain: columns.Cell) -> None:
    assert columns.defused(plain) == plain


def test_what_is_stored_is_escaped_on_the_page(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    one = danger(clinic, "p1", 1)
    with clinic.store.write() as connection:
        connection.execute(
            update(escalation_table).where(escalation_table.c.id == one).values(kind="<script>1</", state="open")
        )
    page = desk.get("/console/safety").text
    assert "<script>1" not in page and "&lt;script&gt;1" in page


# Who may: every cell of the table, through the door.

DOORS = {
    Measure.FIGURES: ("GET", "/console/safety", 200, ["safety.view"]),
    Measure.EXPORT: ("GET", "/console/safety/escalations.csv", 200, ["safety.export"]),
    Measure.BLIND_READ: ("GET", f"/console/safety/read/{WEEK}", 200, ["blind.read"]),
    Measure.DRAW: ("POST", "/console/safety/read", 303, ["blind.draw"]),
}


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Clinic, dict[Role, Desk]]]:
    clinic = build(tmp_path_factory.mktemp("figures"))
    _calm_week(clinic, 3)
    desks = {}
    for role in Role:
        clinic.staff(role, role.title(), role)
        desks[role] = Desk(clinic)
        assert desks[role].log_in(role, wanted="/console/health").status_code == 200
    with clinic.store.write() as connection:
        blind.draw(connection, WEEK, NIGHT - timedelta(days=20), NIGHT, "s", NIGHT, None)
    yield clinic, desks
    clinic.store.close()


def _calm_week(clinic: Clinic, count: int, name: str = "Ana") -> list[MessageId]:
    """Somebody wrote some lines in the last whole week that nothing flagged."""
    clinic.clock.turn(-timedelta(days=5))
    who = clinic.patient(name)
    made = []
    for n in range(count):
        made.append(clinic.writes(who, f"line {n} of {name}, <b>bold</b> & calm"))
        clinic.minutes(1)
    clinic.clock.turn(timedelta(days=5) - timedelta(minutes=count))
    return made


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("what", DOORS)
def test_a_role_may_what_the_table_says(ward: tuple[Clinic, dict[Role, Desk]], role: Role, what: Measure) -> None:
    clinic, desks = ward
    desk, (method, path, status, entries) = desks[role], DOORS[what]
    token = token_in(desk.get("/console/health").text)
    before = len(clinic.audit())
    answer = desk.client.request(
        method, path, data={"csrf": token} if method == "POST" else None, follow_redirects=False
    )
    allowed = what in MAY_MEASURE[role]
    assert answer.status_code == (status if allowed else 403)
    assert clinic.actions()[before:] == (entries if allowed else ["refused"])
    if not allowed:
        assert "Not for your role" in answer.text and "line 0" not in answer.text


@pytest.mark.parametrize("role", Role)
def test_a_page_offers_only_what_the_role_may(ward: tuple[Clinic, dict[Role, Desk]], role: Role) -> None:
    page = ward[1][role].get("/console/safety").text
    offered = {
        Measure.EXPORT: "escalations.csv" in page,
        Measure.BLIND_READ: f"/console/safety/read/{WEEK}" in page,
        Measure.OPEN_LATE: 'id="h-open"' in page,
    }
    assert offered == {what: may_measure(role, what) for what in offered}
    assert 'aria-current="page">Safety' in page


def test_a_mark_of_a_role_that_may_not_is_refused_and_keeps_nothing(ward: tuple[Clinic, dict[Role, Desk]]) -> None:
    clinic, desks = ward
    desk = desks[Role.RESEARCHER]
    token = token_in(desk.get("/console/health").text)
    given = {"csrf": token, "verdict": "missed", "tier": "urgent", "kind": "suicide"}
    assert desk.client.post(f"/console/safety/read/{WEEK}/1", data=given).status_code == 403
    assert clinic.actions()[-1] == "refused"
    with clinic.store.read() as connection:
        assert not any(line.marks for line in blind.lines(connection, WEEK))


@pytest.mark.parametrize("role", ["", "root", "Supervisor"])
def test_an_unknown_role_may_nothing(role: str) -> None:
    assert not any(may_measure(role, what) for what in Measure)


def test_a_view_leaves_its_entry_with_codes_and_counts_only(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    danger(clinic, "p1", 1)
    desk.get("/console/safety?days=7")
    with clinic.store.read() as connection:
        last = staff.entries(connection)[0]
    assert (last.action, last.subject, last.detail) == ("safety.view", "safety", "2026-11-18 to 2026-11-24: 1 courses")


# The weekly blind read.


def begin(clinic: Clinic, desk: Desk) -> Any:
    """Choose the week's messages, and open the first."""
    assert "The messages are chosen." in desk.post("/console/safety/read", "/console/safety").text
    return desk.get(f"/console/safety/read/{WEEK}")


def say(desk: Desk, page: Any, verdict: str, **more: str) -> Any:
    action = re.search(r'action="(/console/safety/read/[\d-]+/\d+)"', page.text)
    assert action
    return desk.client.post(action[1], data={"csrf": token_in(page.text), "verdict": verdict, **more})


def shown(page: Any) -> str:
    found = re.search(r"<blockquote>(.*?)</blockquote>", page.text, re.DOTALL)
    assert found
    return found[1]


def test_a_message_is_shown_without_who_wrote_it_or_what_was_made_of_it(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    page = begin(clinic, desk)
    assert shown(page) == "line 0 of Ana, &lt;b&gt;bold&lt;/b&gt; &amp; calm"
    rest = page.text.replace(shown(page), "").replace("Ana Torres", "")
    with clinic.store.read() as connection:
        (who,) = roster.page(connection, clinic.store.vault).patients
    for private in (who.id, who.code, "Ana", "Madrid", "+34600", "No sign of risk"):
        assert private not in rest, private
    assert "line 0" not in str(page.url) and "line 0" not in re.findall(r"<title>(.*?)</title>", page.text)[0]


def test_each_verdict_is_kept_and_counted_and_a_second_reader_gets_the_same(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 4)
    page, first = begin(clinic, desk), []
    for _ in range(4):
        first.append(shown(page))
        page = say(desk, page, "fine")
    assert "You have read them all." in page.text and "4 of 4 read, 0 missed." in text_of(page.text)
    assert "at most 49.0 % of such messages" in text_of(page.text), "Wilson's upper bound of 0 of 4"
    other = enter("ben", "Ben Okafor", "clinician")
    page, second = other.get(f"/console/safety/read/{WEEK}"), []
    for verdict in ("fine", "fine", "missed", "fine"):
        second.append(shown(page))
        page = say(other, page, verdict, tier="urgent", kind="suicide")
    assert second == first
    assert "4 of 4 read, 1 missed." in text_of(page.text)
    assert "Of 4 read by two or more, all readers agreed on 3." in text_of(page.text)


def test_a_missed_one_opens_an_escalation_and_pages(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    (message,) = _calm_week(clinic, 1)
    page = begin(clinic, desk)
    before = len(clinic.audit())
    woken = len(clinic.woken)
    say(desk, page, "missed", tier="urgent", kind="suicide")
    one = clinic.escalation(_first(clinic))
    assert (one.tier, one.kind, one.missed, one.message_id, one.state) == ("urgent", "suicide", True, message, "open")
    assert one.next_page_at is not None and len(clinic.woken) == woken + 1
    assert clinic.actions()[before : before + 2] == ["blind.mark", "escalation.missed"]
    assert "Missed, marked by staff 1" in text_of(desk.get("/console/safety").text)


@pytest.mark.parametrize(
    ("tier", "state", "version"), [("watch", "resolved", 3), ("urgent", "resolved", 3), ("emergency", "open", 4)]
)
def test_a_second_reader_opens_it_again_only_for_something_graver(
    clinic: Clinic, enter: Enter, tier: str, state: str, version: int
) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    say(desk, begin(clinic, desk), "missed", tier="urgent", kind="suicide")
    who = _first(clinic)
    clinic.take(who, "ana")
    one = clinic.escalation(who)
    with clinic.store.write() as connection:
        assert one.owner_id is not None
        judging.resolve(
            Step(connection, clinic.store.vault, one.id, one.owner_id, clinic.clock.now()), {"outcome": "referred"}
        )
    other = enter("ben", "Ben Okafor", "clinician")
    say(other, other.get(f"/console/safety/read/{WEEK}"), "missed", tier=tier, kind="suicide")
    now = clinic.escalation(who)
    assert (now.state, now.version) == (state, version)
    page = text_of(other.get("/console/safety").text)
    assert "1 of 1 read, 1 missed." in page and "Missed, marked by staff 1" in page, "one message, whoever marks it"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"verdict": "missed"}, 422, "Choose how grave it is."),
        ({"verdict": "missed", "tier": "urgent"}, 422, "Choose what it is about."),
        ({"verdict": "missed", "tier": "none", "kind": "suicide"}, 422, "Choose how grave it is."),
        ({"verdict": "missed", "tier": "urgent", "kind": "<script>"}, 422, "Choose what it is about."),
        ({"verdict": "<script>"}, 422, "Choose whether it is fine or was missed."),
        ({}, 422, "Choose whether it is fine or was missed."),
    ],
)
def test_half_a_verdict_is_not_kept(
    clinic: Clinic, enter: Enter, given: dict[str, str], status: int, words: str
) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    page = begin(clinic, desk)
    answer = desk.client.post(f"/console/safety/read/{WEEK}/1", data={"csrf": token_in(page.text), **given})
    assert answer.status_code == status and words in answer.text and "<script>" not in answer.text
    with clinic.store.read() as connection:
        assert [line.marks for line in blind.lines(connection, WEEK)] == [{}]


def test_a_verdict_sent_twice_counts_once_and_opens_one_escalation(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 2)
    page = begin(clinic, desk)
    say(desk, page, "missed", tier="watch", kind="suicide")
    version = clinic.escalation(_first(clinic)).version
    for verdict in ("missed", "fine"):
        assert say(desk, page, verdict, tier="emergency", kind="suicide").status_code == 200
    assert clinic.escalation(_first(clinic)).version == version
    assert "1 of 2 read, 1 missed." in text_of(desk.get("/console/safety").text)


@pytest.mark.parametrize(
    "path",
    [
        "read/2026-11-09",
        "read/yesterday",
        "read/2026-11-16%27",
        "read/2026-11-16/99",
        "read/2026-11-16/0",
        f"read/{'9' * 400}",
    ],
)
def test_a_read_that_is_not_there_is_said_so(clinic: Clinic, enter: Enter, path: str) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    page = begin(clinic, desk)
    full = f"/console/safety/{path}"
    answer = (
        desk.client.post(full, data={"csrf": token_in(page.text), "verdict": "fine"})
        if path.count("/") > 1
        else desk.get(full)
    )
    assert answer.status_code == 404


def test_a_form_without_its_token_draws_and_marks_nothing(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    for path in ("/console/safety/read", f"/console/safety/read/{WEEK}/1"):
        assert desk.client.post(path, data={"verdict": "fine"}).status_code == 403
    with clinic.store.read() as connection:
        assert blind.drawn(connection, 9) == []


def test_a_week_in_which_nothing_was_written_has_nothing_to_read(clinic: Clinic, enter: Enter) -> None:
    page = enter().post("/console/safety/read", "/console/safety").text
    assert "There is no message to read" in page and "Begin to read" not in page


def test_no_more_than_a_hundred_are_chosen_and_drawing_again_changes_none(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 120)
    begin(clinic, desk)
    with clinic.store.read() as connection:
        first = blind.lines(connection, WEEK)
    desk.post("/console/safety/read", "/console/safety")
    with clinic.store.read() as connection:
        assert blind.lines(connection, WEEK) == first and len(first) == 100
    assert "Chosen from 120 messages" in text_of(desk.get("/console/safety").text)


def test_a_read_leaves_an_entry_of_whose_message_it_was(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    begin(clinic, desk)
    with clinic.store.read() as connection:
        entries = staff.entries(connection)
    assert (entries[0].action, entries[0].subject, entries[0].detail) == (
        "blind.read",
        _first(clinic),
        f"{WEEK} place 1",
    )
    assert not any("line 0" in entry.detail for entry in entries)


ME, OTHER = StaffId("me"), StaffId("other")
READ = BlindRead(WEEK, "seed", 500, datetime(2026, 11, 23, tzinfo=UTC))
LINES = [
    Line(1, MessageId(1), {ME: Verdict.FINE, OTHER: Verdict.FINE}),
    Line(2, MessageId(2), {ME: Verdict.MISSED, OTHER: Verdict.FINE}),
    Line(3, MessageId(3), {OTHER: Verdict.MISSED}),
    Line(4, None, {ME: Verdict.FINE}),
    Line(5, None, {}),
    Line(6, MessageId(6), {}),
]


def test_a_result_by_hand() -> None:
    found = result(READ, LINES, ME)
    assert (found.size, found.missed, found.read_twice, found.agreed, found.mine) == (5, Share(2, 4), 2, 1, 3)


def test_a_hundred_read_and_none_missed_bounds_the_rate() -> None:
    none = result(READ, [Line(n, MessageId(n), {ME: Verdict.FINE}) for n in range(100)], ME)
    assert none.missed.interval[1] == pytest.approx(0.0370, abs=0.0001)  # Wilson: z²/(n + z²) = 3.8415/103.8415


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (12.4, "12 s"), (59.7, "1 min"), (185, "3 min 5 s"), (3600, "1 h"),
     (7500, "2 h 5 min"), (3 * 86_400, "3 days")],
)  # fmt: skip
def test_a_time_is_told_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert told.duration(seconds) == words


def hours(**counts: int) -> list[Hour]:
    return [Hour(f"{n:02d}:00", counts.get(f"h{n}", 0), Share(0, 0)) for n in range(24)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (hours(), "No clocks were started in these days."),
        (hours(h3=2, h4=1), "Most came in the hour from 03:00: 2 of 3. Hours without any: 22 of 24."),
        (
            hours(h1=1, h2=1, h3=1, h4=1),
            "Most came in the hour from 01:00, 02:00, 03:00 and 1 more: 1 of 4. Hours without any: 20 of 24.",
        ),
    ],
)
def test_the_chart_is_also_in_words(given: list[Hour], words: str) -> None:
    assert told.hours_sentence(given) == words


def test_nothing_that_anybody_wrote_is_in_a_log(
    clinic: Clinic, enter: Enter, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = enter()
    _calm_week(clinic, 1)
    danger(clinic, "Zyxomma", 1)
    say(desk, begin(clinic, desk), "missed", tier="watch", kind="suicide")
    desk.get("/console/safety/escalations.csv")
    written = "".join(capfd.readouterr())
    assert not any(word in written for word in ("line 0", "pills", "Zyxomma", "+34600"))
