"""One patient's time line: all of it, once, in order, and never more of it than a page; and ninety days as a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from clinic import Clinic, Desk, Enter

from bot.console.patients import chart, line
from bot.console.patients.line import Kind, Looks, Moment, Place, read_place, with_looks
from bot.store import diary, staff
from bot.store.patients import Address
from bot.store.tables import inbox, outbox
from bot.store.types import PatientId

NOW = datetime(2026, 11, 24, 2, 12, 0, 123456, tzinfo=UTC)


def path(clinic: Clinic, who: Address, query: str = "") -> str:
    return f"/console/patients/{clinic.code(who.patient_id)}{query}"


def years(clinic: Clinic, who: Address, count: int) -> None:
    """So many of each kind: three of a kind at each instant, and all messages of both sides at one."""
    now, vault = clinic.clock.now(), clinic.store.vault
    for n in range(count):
        clinic.writes(who, f"says {n}.")
        clinic.sends(who, f"hears {n}.")
    with clinic.store.write() as connection:
        for n in range(count):
            at = now - timedelta(days=n // 3)
            diary.checkin(connection, vault, who.patient_id, (now - timedelta(days=100 + n)).date(), at)
            diary.keep(connection, vault, who.patient_id, "plan", "pacing", "kept", {"activity": f"plan {n}."}, at)
            staff.record(connection, vault, at, None, "patient.moved", who.patient_id)
        connection.execute(inbox.update().where(inbox.c.patient_id == who.patient_id).values(received_at=now))
        connection.execute(outbox.update().where(outbox.c.patient_id == who.patient_id).values(created_at=now))


def pages(desk: Desk, first: str) -> list[str]:
    """The page and all that its link to older ones leads to."""
    found = [desk.get(first).text]
    while older := re.search(r'class="button" href="([^"]+)">Older<', found[-1]):
        assert len(found) < 50
        found.append(desk.get(older[1].replace("&amp;", "&")).text)
    return found


@pytest.mark.parametrize("size", [1, 4, 7, 1000])
def test_every_moment_is_shown_once_however_many_are_of_one_instant(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(line, "PER_PAGE", size)
    who, desk = clinic.patient("Ben"), enter()
    years(clinic, who, 7)
    told = "".join(pages(desk, path(clinic, who)))
    for what, wanted in (
        (r"(says \d)\.", 7), (r"(hears \d)\.", 7), (r"(plan \d)\.", 7), ("(Gave a patient to another team)", 7),
        ("(>Check-in<)", 14),
    ):  # fmt: skip
        found = re.findall(what, told)
        assert len(found) == wanted, what
        assert len(set(found)) == (wanted if "\\d" in what else 1), what


@pytest.mark.parametrize(
    ("show", "has"),
    [
        ("", {"says", "plan", "Check-in", "Escalation", "Logged a contact"}),
        ("messages", {"says"}),
        ("checkins", {"Check-in"}),
        ("exercises", {"plan"}),
        ("escalations", {"Escalation"}),
        ("staff", {"Logged a contact"}),
        ("<script>", {"says", "plan", "Check-in", "Escalation", "Logged a contact"}),
    ],
)
def test_the_line_is_cut_to_a_kind(clinic: Clinic, enter: Enter, show: str, has: set[str]) -> None:
    who, case = clinic.emergency()
    desk = enter()
    with clinic.store.write() as connection:
        staff.record(
            connection, clinic.store.vault, clinic.clock.now(), None, "escalation.contact", who.patient_id, case.code
        )
        diary.keep(
            connection, clinic.store.vault, who.patient_id, "plan", "pacing", "kept", {"activity": "plan"},
            clinic.clock.now(),
        )  # fmt: skip
    clinic.writes(who, "says")
    page = desk.get(path(clinic, who, f"?show={show}"))
    listed = page.text[page.text.index('<ol class="lines">') :]
    found = {
        words for words in ("says", "plan", "Check-in", "Escalation", "Logged a contact")
        if f">{words}" in listed or f": {words}" in listed
    }  # fmt: skip
    assert page.status_code == 200 and found == has


def test_a_cut_line_pages_on_within_its_kind(clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "PER_PAGE", 3)
    who, desk = clinic.patient("Ben"), enter()
    years(clinic, who, 5)
    told = pages(desk, path(clinic, who, "?show=exercises"))
    assert sorted(re.findall(r"plan (\d)\.", "".join(told))) == list("01234")
    assert not re.findall(r"says \d", "".join(told))
    assert 'href="/console/patients/' in told[-1] and "show=exercises#line" in told[-1]


def test_what_staff_did_is_told_and_looks_are_counted_between_moments(clinic: Clinic, enter: Enter) -> None:
    who = clinic.patient("Ben")
    desk, other = enter(), enter("kim", "Kim Sand", "clinician")
    clinic.writes(who, "first")
    for _ in range(3):
        clinic.minutes(1)
        desk.get(path(clinic, who))
    clinic.minutes(1)
    other.get(path(clinic, who))
    clinic.minutes(1)
    clinic.writes(who, "second")
    clinic.minutes(1)
    request = clinic.asks(who, "export_data")
    desk.post(f"{path(clinic, who)}/request/{request}")  # and the look that comes with it needs no line
    clinic.minutes(1)
    desk.get(path(clinic, who))
    clinic.minutes(1)
    page = desk.get(path(clinic, who)).text
    told = re.findall(r"(Noted a patient’s request as done|[\w ]+ looked [^<]+|first|second)", page)
    assert told[-5:] == [
        "Ana Torres looked once",
        "Noted a patient’s request as done",
        "second",
        "Kim Sand looked once, Ana Torres looked 3 times",
        "first",
    ]
    assert "Ana Torres (staff)" in page
    seen = other.get(path(clinic, who)).text
    assert "looked" not in seen and "Noted a patient’s request as done" in seen


def test_a_long_life_costs_no_more_than_a_short_one(
    clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "PER_PAGE", 5)
    desk, opened = enter(), []
    real = clinic.store.vault.open
    short, long = clinic.patient("Ben"), clinic.patient("Cleo")
    clinic.minutes(1)  # apart from what they have from the start
    years(clinic, short, 8)
    years(clinic, long, 40)

    def counted(sealed: bytes, place: str) -> str:
        opened.append(place)
        return real(sealed, place)

    monkeypatch.setattr(clinic.store.vault, "open", counted)
    costs = []
    for who in (short, long):
        opened.clear()
        assert desk.get(path(clinic, who)).status_code == 200
        costs.append(len(opened))
    assert costs[0] == costs[1] < 60


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-11-24T02:12:00+00:00", "-", "1-", "-1", "1-2-3", "１-2", "9" * 40 + "-0", "1.5-0", "1- 0"],
)
def test_a_place_that_is_none_is_the_present(text: str) -> None:
    assert read_place(text, NOW).at in (NOW, *([] if text[:1] != "9" else [NOW]))
    assert read_place(text, NOW).skip == 0


def test_a_place_comes_back_to_the_microsecond_and_holds_nothing_else() -> None:
    place = Place(NOW, 3)
    assert read_place(str(place), datetime(2030, 1, 1, tzinfo=UTC)) == place
    assert re.fullmatch(r"\d+-\d+", str(place))
    assert read_place(f"1-{'9' * 30}", NOW).skip == line.MOST_AT_ONCE


def moment(minute: int) -> Moment:
    return Moment(NOW + timedelta(minutes=minute), Kind.MESSAGES, (0, ""), line.Act("", ""))


@pytest.mark.parametrize(
    ("moments", "looks", "wanted"),
    [
        ([], [], []),
        ([], [(5, "Ana"), (3, "Ben"), (2, "Ana")], [{"Ana": 2, "Ben": 1}]),
        ([4], [(5, "Ana"), (4, "Ana"), (3, "Ben")], [{"Ana": 1}, 4, {"Ana": 1, "Ben": 1}]),
        ([4, 2], [(3, "Ana")], [4, {"Ana": 1}, 2]),
        ([4, 2], [], [4, 2]),
        ([2], [(1, "Ben")], [2, {"Ben": 1}]),
    ],
    ids=["nothing", "looks alone", "on both sides", "between", "none", "below"],
)
def test_looks_fall_between_the_moments(
    moments: list[int], looks: list[tuple[int, str]], wanted: list[int | dict[str, int]]
) -> None:
    at = [(NOW + timedelta(minutes=minute), who) for minute, who in looks]
    found = with_looks([moment(minute) for minute in moments], at)
    told = [
        dict(one.it.times) if isinstance(one.it, Looks) else int((one.at - NOW).total_seconds() // 60) for one in found
    ]
    assert told == wanted


@pytest.mark.parametrize(
    ("scores", "days"),
    [
        ({}, []),
        ({0: 1.0}, [[0]]),
        ({0: 1.0, 1: 2.0, 3: 4.0, 5: 1.0, 6: 1.0}, [[0, 1], [3], [5, 6]]),
        ({89: 1.0, 88: 2.0}, [[88, 89]]),
    ],
    ids=["nothing", "one day", "gaps", "out of order"],
)
def test_a_day_without_an_answer_is_a_gap(scores: Mapping[int, float], days: list[list[int]]) -> None:
    assert [[day for day, _ in run] for run in chart.runs(scores)] == days
    picture = chart.drawn(scores, {})
    assert picture.count("<polyline") == sum(1 for run in days if len(run) > 1)
    assert picture.count("<circle") == len(scores) and picture.count("<rect") == 0


def test_the_picture_needs_no_colour_and_no_style() -> None:
    picture = chart.drawn({0: 3.0, 1: 99.0}, {0: -5.0, 1: 10.0})
    assert "style" not in picture and picture.count("stroke-dasharray") == 1 and picture.count("<rect") == 2
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', picture)]
    assert heights == [84.0, 0.0]  # what is beyond 0 to 10 is drawn at its edge


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ({}, "Pain was not told in these 90 days."),
        ({80: 4.0}, "Pain was told on 1 of 90 days: always 4 of 10, 4.0 on average."),
        ({1: 2.0, 2: 4.0}, "Pain was told on 2 of 90 days: between 2 and 4 of 10, 3.0 on average."),
        (
            {59: 2.0, 60: 6.5},
            "Pain was told on 2 of 90 days: between 2 and 6.5 of 10, 4.2 on average; 6.5 in the last 30 days, 2.0 before.",
        ),
    ],
    ids=["nothing", "once", "long ago", "then and now"],
)
def test_the_picture_is_told_in_words(scores: Mapping[int, float], told: str) -> None:
    assert chart.summed("Pain", scores) == told


def test_ninety_days_are_drawn_told_and_tabled(clinic: Clinic, enter: Enter) -> None:
    desk, who = enter(), clinic.patient("Ben")
    page = desk.get(path(clinic, who)).text
    assert "Pain was told on 7 of 90 days: between 4 and 8 of 10, 5.9 on average." in page
    assert 'role="img" aria-labelledby="chart-told"' in page and page.count("chart-pain-point") == 7
    assert 'style="' not in page
    table = page[page.index("These days as a table") :]
    table = table[: table.index("</table>")]
    assert table.count('scope="row"') == 7 and "Mon 23 Nov 2026" in table
    empty = clinic.patient("Cleo")
    _forget(clinic, empty.patient_id)
    page = desk.get(path(clinic, empty)).text
    assert "Mood was not told in these 90 days." in page and '<svg class="chart"' not in page


def _forget(clinic: Clinic, patient_id: PatientId) -> None:
    with clinic.store.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM checkins WHERE patient_id = '{patient_id}'")
