"""The audit's page: found by who, what, about whom and when; verified; taken out as a file; and who may do so."""

from __future__ import annotations

import csv
import html
import io
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clinic import CRY, NIGHT, Clinic, Desk, Enter, token_in

from bot.console.audit import export
from bot.console.audit.verifying import Verifying
from bot.store import chain, staff
from bot.store.database import Store
from bot.store.lifecycle import Role
from bot.store.staff import Entry
from bot.store.tables import audit
from bot.store.trail import REACH
from bot.store.types import StaffId

HOME = "/console/audit"


def numbers(page: str) -> list[int]:
    """Entries on a page, by their numbers."""
    return [int(one) for one in re.findall(r'<li id="entry-(\d+)"', page)]


def entry(page: str, number: int) -> str:
    """One entry of a page, as its reader reads it."""
    found = re.search(rf'<li id="entry-{number}">(.*?)</li>', page, re.DOTALL)
    assert found, f"entry {number} is not on the page"
    return html.unescape(re.sub(r"<[^>]+>", "", found[1]))


def older(page: str) -> str | None:
    """Where the page goes on."""
    found = re.search(r'class="button" href="([^"]+)" rel="next"', page)
    return html.unescape(found[1]) if found else None


def put(
    clinic: Clinic, who: str | None, action: str, subject: str, detail: str = "", at: datetime | None = None
) -> int:
    """An entry; tells its number."""
    with clinic.store.write() as connection:
        staff.record(connection, clinic.store.vault, at or clinic.clock.now(), who, action, subject, detail)
        return staff.entries(connection, limit=1)[0].id


def kept(clinic: Clinic) -> list[Entry]:
    """All entries, the newest first."""
    with clinic.store.read() as connection:
        return staff.entries(connection, limit=100_000)


def file_of(desk: Desk, **fields: str) -> list[dict[str, str]]:
    """The rows of an export."""
    answer = desk.post(f"{HOME}/export", **fields)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path"), [("GET", HOME), ("POST", f"{HOME}/verify"), ("POST", f"{HOME}/export")])
def test_only_who_answers_for_the_team_or_the_data_may_see_it(
    clinic: Clinic, enter: Enter, role: Role, method: str, path: str
) -> None:
    desk = enter("kim", "Kim Sand", role)
    before = len(clinic.audit())
    answer = desk.get(path) if method == "GET" else desk.post(path)
    may = role in (Role.SUPERVISOR, Role.ADMINISTRATOR)
    assert answer.status_code == (200 if may else 403)
    assert (f'href="{HOME}"' in desk.get("/console/health").text) is may
    if not may:
        assert "Not for your role" in answer.text and "Logged in" not in answer.text
        assert clinic.actions()[before:] == ["refused"]
        assert kept(clinic)[0].detail in ("page.show", "page.verify", "page.export")


@pytest.mark.parametrize("path", ["verify", "export"])
def test_a_step_without_the_forms_token_is_not_taken(clinic: Clinic, enter: Enter, path: str) -> None:
    desk = enter()
    before = len(clinic.audit())
    assert desk.client.post(f"{HOME}/{path}", data={"csrf": "0" * 64}).status_code == 403
    assert desk.get(f"{HOME}/{path}").status_code in (404, 405)
    assert len(clinic.audit()) == before


def test_an_empty_page_says_what_to_do(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    page = desk.get(f"{HOME}?what=drill").text
    assert numbers(page) == [] and "No entry fits all of this." in page and older(page) is None
    page = desk.get(f"{HOME}?before=1").text
    assert "There is nothing older." in page and "Back to the newest" in page
    assert "Never verified." in page


def test_entries_are_told_in_words_with_codes_and_names_and_never_ids(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who, case = clinic.emergency()
    ben = clinic.staff("ben", "Ben Okafor", "clinician")
    code = clinic.code(who.patient_id)
    desk.get(f"/console/escalation/{case.id}")
    desk.post(f"/console/escalation/{case.id}/acknowledge")
    desk.post(f"/console/escalation/{case.id}/hand_over", to=ben)
    drill = clinic.drill(who.patient_id)
    put(clinic, None, "drill", drill.id, drill.code)
    put(clinic, ben, "aside.open", "aside:7", "web")
    put(clinic, "f" * 32, "future.action_name", "e" * 32)
    page = desk.get(HOME).text
    by_action = {one.action: one.id for one in kept(clinic)}
    for action, wanted in {
        "audit.view": "Looked at the audit",
        "escalation.view": f"Opened an escalation · patient {code} · escalation {case.code}",
        "escalation.acknowledge": f"Acknowledged an escalation · patient {code} · escalation {case.code}",
        "escalation.hand_over": f"escalation {case.code}",
        "drill": f"Started a drill · escalation {drill.code}",
        "aside.open": "Opened the body of what was set aside · number 7",
        "login.done": "Logged in · Ana Torres",
    }.items():
        assert wanted in entry(page, by_action[action]), action
    assert "to Ben Okafor" in entry(page, by_action["escalation.hand_over"])
    assert "Nobody logged in" in entry(page, by_action["drill"])
    strange = entry(page, by_action["future.action_name"])
    assert "future.action name" in strange and "Somebody who is not listed" in strange and "e" * 32 in strange
    listed = page[page.index('class="plain entries"') :]
    for hidden in (who.patient_id, ben):
        assert hidden not in listed
    assert f'href="/console/patients/{code}"' in listed and f'href="/console/escalation/{case.id}"' in listed
    assert "pills" not in page and "Madrid" not in page


def test_what_is_stored_is_escaped(clinic: Clinic, enter: Enter) -> None:
    desk = enter("eve", "<img src=x>")
    number = put(clinic, None, "<b>a</b>", "<script>s</script>", '"><script>alert(1)</script>')
    page = desk.get(HOME).text
    assert "<script>alert" not in page and "<b>a</b>" not in page and "<img src=x>" not in page
    assert '"><script>alert(1)</script>' in entry(page, number)


FILTERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "who": ({"who": "{ben}"}, {"b1", "b2", "b3"}),
    "nobody": ({"who": "nobody"}, {"n1"}),
    "action": ({"what": "patient.view"}, {"b1", "k1"}),
    "group": ({"what": "cases"}, {"b2", "b3", "k2"}),
    "patient": ({"about": "{patient}"}, {"b1", "b2", "b3"}),
    "patient, typed otherwise": ({"about": " {patient_small} "}, {"b1", "b2", "b3"}),
    "escalation": ({"about": "{case}"}, {"b2", "b3"}),
    "one day": ({"from": "2026-03-29", "to": "2026-03-29"}, {"b2", "k1"}),
    "until a day": ({"to": "2026-03-28"}, {"b1", "n1"}),
    "all at once": (
        {"who": "{ben}", "what": "cases", "about": "{case}", "from": "2026-03-29", "to": "2026-04-30"},
        {"b2", "b3"},
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_shows_what_fits_and_its_file_holds_the_same(clinic: Clinic, enter: Enter, name: str) -> None:
    desk = enter()
    ben, kim = clinic.staff("ben", "Ben Okafor"), clinic.staff("kim", "Kim Sand")
    who, case = clinic.emergency()
    other = clinic.patient("Olu")

    def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, month, day, hour, minute, tzinfo=UTC)

    # In London 29 March 2026 has 23 hours: from 00:00 UTC until 23:00 UTC.
    made = {
        "b1": put(clinic, ben, "patient.view", who.patient_id, at=at(3, 28, 10)),
        "n1": put(clinic, None, "contact.add", kim, "sms", at(3, 28, 23, 59)),
        "b2": put(clinic, ben, "escalation.view", who.patient_id, case.code, at(3, 29, 0)),
        "k1": put(clinic, kim, "patient.view", other.patient_id, at=at(3, 29, 22, 59)),
        "k2": put(clinic, kim, "escalation.view", other.patient_id, "ZZZZZ", at(3, 29, 23)),
        "b3": put(clinic, ben, "escalation.note", who.patient_id, case.code, at(4, 2, 3)),
    }
    code = clinic.code(who.patient_id)
    given = {"ben": ben, "patient": code, "patient_small": code.lower(), "case": case.code}
    fields, wanted = FILTERS[name]
    query = {field: value.format(**given) for field, value in fields.items()}
    answer = desk.get(HOME, params=query)
    expected = sorted((made[one] for one in wanted), reverse=True)
    shown = [one for one in numbers(answer.text) if one in made.values()]
    assert answer.status_code == 200 and shown == expected
    assert [int(row["entry"]) for row in file_of(desk, **query) if int(row["entry"]) in made.values()] == expected
    views = [one.detail for one in kept(clinic) if one.action == "audit.view"]
    assert views == [f"filter {' '.join(field for field in ('who', 'what', 'about', 'from', 'to') if field in query)}"]


def test_the_form_keeps_what_was_chosen_on_each_page_and_in_the_file(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for _ in range(60):
        put(clinic, None, "rota.import", "rota", "3")
    query = {"who": "nobody", "what": "rota", "from": "2026-11-01"}
    page = desk.get(HOME, params=query).text
    for text in (
        '<option value="nobody" selected>',
        '<option value="rota" selected>',
        'type="date" value="2026-11-01"',
        '<input type="hidden" name="who" value="nobody">',
        '<input type="hidden" name="from" value="2026-11-01">',
    ):
        assert text in page, text
    assert len(numbers(page)) == 50
    second = desk.get(older(page) or "").text
    assert len(numbers(second)) == 10 and '<option value="rota" selected>' in second and older(second) is None


BAD: dict[str, tuple[dict[str, str], str]] = {
    "nobody of the staff": ({"who": "f" * 32}, "Choose somebody of the list."),
    "who is a script": ({"who": "<script>alert(1)</script>"}, "Choose somebody of the list."),
    "no such action": ({"what": "escalation.%"}, "Choose something of the list."),
    "no such code": ({"about": "ZZZZZZ"}, "No patient or escalation has that code."),
    "a wild card": ({"about": "%%%%%%"}, "No patient or escalation has that code."),
    "a long code": ({"about": "A" * 5000}, "No patient or escalation has that code."),
    "no day": ({"from": "yesterday"}, "Give a day, such as 2026-11-24."),
    "no such day": ({"to": "2026-02-30"}, "Give a day, such as 2026-11-24."),
    "the first day of all": ({"from": "0001-01-01"}, "Give a day, such as 2026-11-24."),
    "the last day of all": ({"to": "9999-12-31"}, "Give a day, such as 2026-11-24."),
    "days turned round": ({"from": "2026-11-24", "to": "2026-11-23"}, "The last day is before the first one."),
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_not_be_read_is_told_beside_its_field_and_nothing_is_shown(
    clinic: Clinic, enter: Enter, name: str
) -> None:
    desk = enter()
    query, told = BAD[name]
    page = desk.get(HOME, params=query)
    assert page.status_code == 422 and numbers(page.text) == [] and "1 field needs another look" in page.text
    assert page.text.count(told) == 2 and "<script>alert" not in page.text and 'aria-invalid="true"' in page.text
    answer = desk.post(f"{HOME}/export", **query)
    assert answer.status_code == 422 and "text/html" in answer.headers["content-type"] and told in answer.text
    assert clinic.actions()[-1] == "audit.view"  # no file left


@pytest.mark.parametrize("before", ["", "x", "-1", "1e9", "²", "9" * 30, "9" * 3000, "1;DROP TABLE audit"])
def test_a_page_that_can_not_be_is_the_newest_or_empty(clinic: Clinic, enter: Enter, before: str) -> None:
    answer = enter().get(HOME, params={"before": before})
    assert answer.status_code == 200 and numbers(answer.text) == [2, 1]


def test_pages_hold_each_entry_once_though_many_are_of_one_instant(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    first = [put(clinic, None, "rota.import", "rota", str(n), NIGHT) for n in range(130)]
    at, found = f"{HOME}?what=rota.import", list[int]()
    while at:
        page = desk.get(at).text
        found += numbers(page)
        put(clinic, None, "rota.import", "rota", "later", NIGHT)  # what comes between two pages moves nothing
        at = older(page) or ""
    assert found == first[::-1]


def test_a_look_that_came_back_far_enough_says_so_and_goes_on(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    number = put(clinic, None, "drill", "x", at=NIGHT - timedelta(days=2))
    with clinic.store.write() as connection:  # numbers far apart stand for many entries between
        for far, at in ((REACH, NIGHT - timedelta(days=1)), (2 * REACH, NIGHT)):
            row = {"id": far, "at": at, "action": "rota.import", "subject": "rota", "detail": "", "link": ""}
            connection.execute(audit.insert().values(**row))
    page = desk.get(f"{HOME}?what=drill").text
    assert numbers(page) == [] and "Nothing that fits back to Tue 24 Nov 2026, 02:12 GMT." in page
    assert "No entry fits" not in page and "Look further back" in page
    at, found = older(page), list[int]()
    while at:
        page = desk.get(at).text
        found += numbers(page)
        at = older(page) or ""
    assert found == [number]


# Verify


def altered(clinic: Clinic) -> int:
    with clinic.store.write() as connection:
        connection.execute(audit.update().where(audit.c.id == 2).values(subject="somebody else"))
    return 2


def taken_out(clinic: Clinic) -> int:
    with clinic.store.write() as connection:
        connection.execute(audit.delete().where(audit.c.id == 2))
    return 3


def cut_off(clinic: Clinic) -> int:
    with clinic.store.write() as connection:
        connection.execute(audit.delete().where(audit.c.id > 3))
    return 4


@pytest.mark.parametrize(
    ("tampered", "told"),
    [
        (
            altered,
            "Broken at entry 2.</strong> It was altered, or one before it was taken out. The 1 entry before it is",
        ),
        (
            taken_out,
            "Broken at entry 3.</strong> It was altered, or one before it was taken out. The 1 entry before it",
        ),
    ],
)
def test_tampering_is_found_and_told_in_words(clinic: Clinic, enter: Enter, tampered: Any, told: str) -> None:
    desk = enter()
    for n in range(5):
        put(clinic, None, "rota.import", "rota", str(n))
    number = tampered(clinic)
    page = desk.post(f"{HOME}/verify").text
    assert told in page and "The audit is broken." in page and 'role="status"' not in page
    assert kept(clinic)[1].detail.startswith(f"broken at {number}, 1 entries")
    assert "Broken at entry" in desk.get("/console/health").text


def test_what_is_no_entry_at_all_hides_neither_the_page_nor_the_result(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    with clinic.store.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET at = 'yesterday' WHERE id = 1")
    page = desk.get(HOME)
    assert page.status_code == 200 and "One of these is no entry" in page.text and "No entry fits" not in page.text
    page = desk.post(f"{HOME}/verify")
    assert page.status_code == 200 and "Broken at entry 1." in page.text
    assert numbers(desk.get(f"{HOME}?what=audit.view").text) == [6, 5, 2]


def test_what_was_cut_off_at_the_end_is_missed(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for n in range(5):
        put(clinic, None, "rota.import", "rota", str(n))
    token = token_in(desk.get("/console/health").text)
    cut_off(clinic)
    page = desk.client.post(f"{HOME}/verify", data={"csrf": token}).text
    # The entry of whoever asked was written after the cut, and does not heal it.
    assert "Broken: entries are missing." in page and kept(clinic)[1].detail.startswith("broken at 5 cut, 4 entries")


def test_a_whole_chain_is_told_with_its_size_and_beginning(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    page = desk.post(f"{HOME}/verify").text
    assert "All 2 entries are as they were written since Tue 24 Nov 2026, 02:12 GMT." in page
    assert "Verified Tue 24 Nov 2026, 02:12 GMT by Ana Torres." in page
    verified = kept(clinic)[1]
    assert (verified.action, verified.subject) == ("audit.verified", "chain")


def test_a_long_walk_goes_on_beside_the_pages_and_only_once(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    go_on, walks = threading.Event(), list[int]()

    def slow(store: Store, said: Callable[[int], None], rest: chain.Rest) -> chain.Walk:
        walks.append(1)
        said(1_234)
        assert go_on.wait(10)
        return chain.walk(store, said, rest)

    verifying = clinic.console.verifying
    verifying.walk, verifying.waited = slow, 0.01
    page = desk.post(f"{HOME}/verify").text
    assert "It is being verified," in page and "1,234 entries up to now" in page and "Load this page again" in page
    assert f'action="{HOME}/verify"' not in page
    desk.post(f"{HOME}/verify")  # somebody else asks, too
    assert desk.get("/console/").status_code == 200  # and nobody waits
    assert walks == [1]
    go_on.set()
    verifying.wait(10)
    assert "<strong>Whole</strong>" in desk.get(HOME).text
    assert clinic.actions().count("audit.verify") == 2 and clinic.actions().count("audit.verified") == 1


def test_a_walk_that_fails_ends_and_can_be_asked_for_again(clinic: Clinic, capfd: pytest.CaptureFixture[str]) -> None:
    def fails(*given: object) -> chain.Walk:
        raise RuntimeError(CRY)

    verifying, ana = Verifying(walk=fails), StaffId("a" * 32)
    verifying.start(clinic.store, clinic.clock, ana)
    assert verifying.progress is None and clinic.actions() == []
    told = "".join(capfd.readouterr())
    assert "audit.verify_failed" in told and "pills" not in told
    verifying.walk = chain.walk
    verifying.start(clinic.store, clinic.clock, ana)
    assert clinic.audit() == [("audit.verified", ana)]


# Export


def test_a_file_holds_what_the_pages_show_and_the_chain(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    _, case = clinic.emergency()
    desk.get(f"/console/escalation/{case.id}")
    with clinic.store.write() as connection:
        for n in range(2 * export.PIECE):  # three pieces of a file
            detail = f'{n}, “naïve” "quoted"'
            staff.record(connection, clinic.store.vault, NIGHT, None, "rota.import", "rota", detail)
    at: str | None = HOME
    pages = ""
    while at:
        page = desk.get(at).text
        pages, at = pages + page, older(page)
    before = kept(clinic)
    answer = desk.post(f"{HOME}/export")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b'"entry","time_utc","who"') and answer.content.count(b"\r\n") == len(rows) + 1
    assert [
        (row["entry"], row["time_utc"], row["staff_id"], row["action"], row["subject"], row["detail"], row["link"])
        for row in rows
    ] == [
        (str(one.id), one.at.isoformat(timespec="microseconds"), one.staff_id or "", one.action, one.subject, one.detail, one.link)
        for one in before
    ]  # fmt: skip
    assert all(row["time_utc"].endswith("+00:00") for row in rows)
    shown = numbers(pages)
    both = [row for row in rows if int(row["entry"]) <= shown[0]]  # later ones are the views of these pages
    assert [int(row["entry"]) for row in both] == shown and len(shown) > 2 * export.PIECE
    for row in both[-50:]:
        told = entry(pages, int(row["entry"]))
        assert all(row[name] in told for name in ("what", "who", "about", "escalation", "more"))
    taken = kept(clinic)[0]
    assert (taken.action, taken.detail) == ("audit.export", f"{len(rows)} rows up to {before[0].id}, no filter")
    assert not any(private in answer.text for private in ("pills", "+34600", "Madrid"))


def test_what_was_exported_is_written_down_before_the_first_row_leaves(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    token = token_in(desk.get("/console/health").text)
    with clinic.store.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_entry BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    answer = desk.client.post(f"{HOME}/export", data={"csrf": token})
    assert answer.status_code in (500, 503) and "login.done" not in answer.text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_no_cell_of_a_file_is_a_formula(clinic: Clinic, enter: Enter, formula: str) -> None:
    desk = enter("eve", f"{formula}|Eve")
    put(clinic, None, f"{formula}a", f"{formula}s", f'{formula}","=2')
    rows = file_of(desk)
    for row in rows:
        for name, value in row.items():
            assert not value.lstrip().startswith(export.FORMULA), (name, value)
    assert rows[0]["detail"] == f'\'{formula}","=2' and rows[0]["subject"] == f"'{formula}s"
    assert rows[1]["who"] == f"'{formula}|Eve"


@pytest.mark.parametrize("text", ["", "AB2CD note", "2026-11-24", "a=b", "x@y", "5-6", "'quoted"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert export.cell(text) == text


def test_the_files_name_says_nothing_of_anybody(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    code = clinic.code(clinic.emergency()[0].patient_id)
    answer = desk.post(f"{HOME}/export", about=code)
    assert re.fullmatch(r'attachment; filename="audit-\d{8}T\d{6}Z\.csv"', answer.headers["content-disposition"])
    assert answer.url.query == b""


def test_a_file_without_entries_has_its_header(clinic: Clinic, enter: Enter) -> None:
    assert file_of(enter(), what="drill") == []
    assert kept(clinic)[0].detail == "0 rows up to 1, filter what"
