"""`evenday audit`: how the chain stands, with an exit status for cron, and whether it still says what a file says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.clock import TurnedClock
from bot.console.audit import export
from bot.console.audit.filters import read, typed
from bot.errors import InputError
from bot.store import chain, staff
from bot.store.database import Store
from bot.store.tables import audit
from tests.cli.conftest import Evenday


@pytest.fixture
def kept(site: Store, clock: TurnedClock) -> Store:
    """A site with six entries, ids 1 to 6, one of which a spreadsheet would run."""
    for n, detail in enumerate(("", "=1+1", "plain", "a, b", 'a "quoted" word', "naïve")):
        with site.write() as connection:
            staff.record(connection, site.vault, clock.now(), f"staff{n}" if n else None, "queue.view", "queue", detail)
    return site


@pytest.fixture
def file(kept: Store, clock: TurnedClock, tmp_path: Path) -> Path:
    """What the console's page writes of these six."""
    with kept.write() as connection:
        staff.create(connection, kept.vault, "ana", "Ana", "supervisor", "hash", clock.now())
        (ana,) = staff.listed(connection, kept.vault)
    made = tmp_path / "audit.csv"
    asked = read(typed({}), (), None, "UTC")
    made.write_bytes(b"".join(export.begin(kept, clock, ana, asked, 6, 6)))
    return made


def test_it_tells_how_many_there_are_and_how_they_stood_last(evenday: Evenday, kept: Store, clock: TurnedClock) -> None:
    since = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    assert evenday("audit").output == f"6 entries since {since}\nnever verified: evenday audit --verify\n"
    told = evenday("audit", "--verify")
    assert (told.exit_code, told.output) == (0, f"whole: all 6 entries since {since} are as they were written\n")
    lines = evenday("audit").output.splitlines()
    assert lines[0].startswith("7 entries") and lines[1].startswith("verified ") and "whole: all 6 entries" in lines[1]
    with kept.read() as connection:
        newest = staff.entries(connection, limit=1)[0]
    assert (newest.action, newest.staff_id, newest.subject) == (chain.VERIFIED, None, chain.SUBJECT)


def test_a_site_without_entries_is_whole(evenday: Evenday) -> None:
    assert evenday("audit").output.startswith("0 entries\n")
    assert evenday("audit", "--verify").output == "whole: all 0 entries are as they were written\n"


ALTERED = update(audit).where(audit.c.id == 3).values(detail="other")
TAMPERED = {
    "altered": (ALTERED, "BROKEN at entry 3: it was altered, or one before it was taken out; the 2 before it are"),
    "taken out": (
        delete(audit).where(audit.c.id == 3),
        "BROKEN at entry 4: it was altered, or one before it was taken",
    ),
    "cut off": (delete(audit).where(audit.c.id > 4), "BROKEN: entries are missing from 5 on; the 4 before it are"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_named_with_its_place_and_ends_with_status_1(evenday: Evenday, kept: Store, name: str) -> None:
    statement, expected = TAMPERED[name]
    with kept.write() as connection:
        connection.execute(statement)
    told = evenday("audit", "--verify")
    assert told.exit_code == 1 and told.output.startswith(expected)
    assert f"UTC: {expected}" in evenday("audit").output
    again = evenday("audit", "--verify")  # what the first run wrote down did not heal it
    assert again.exit_code == 1 and "BROKEN" in again.output and "whole" not in again.output


def test_a_file_whose_lines_all_stand_is_told_so(evenday: Evenday, file: Path) -> None:
    told = evenday("audit", "--verify", "--file", str(file))
    assert told.exit_code == 0
    assert told.output.splitlines()[1] == f"all 6 lines of {file} stand in the audit as they are in the file"


def rewritten(site: Store) -> None:
    """Whoever holds the key and the database can write the whole chain anew: it holds, but is another one."""
    with site.write() as connection:
        rows = list(reversed(staff.entries(connection)))
        connection.execute(delete(audit))
        connection.exec_driver_sql("DELETE FROM audit_head")
        for row in rows:
            action = "queue.seen" if row.id == 4 else row.action
            staff.record(connection, site.vault, row.at, row.staff_id, action, row.subject, row.detail)


def test_a_chain_written_anew_by_who_holds_the_key_is_found_by_a_file_that_somebody_kept(
    evenday: Evenday, kept: Store, file: Path
) -> None:
    rewritten(kept)
    told = evenday("audit", "--verify", "--file", str(file))
    assert told.output.startswith("whole: ") and told.exit_code == 1
    assert "audit.csv:2: DIFFERS from entry 6 in link" in told.output


Change = Callable[[str], str]
CHANGED: dict[str, tuple[Change, str]] = {
    "a cell": (lambda text: text.replace('"plain"', '"plane"'), "audit.csv:5: DIFFERS from entry 3 in detail"),
    "a time": (lambda text: text.replace('"1","20', '"1","19'), "audit.csv:7: DIFFERS from entry 1 in time_utc"),
    "an entry more": (
        lambda text: text.replace('"6","', '"66","'),
        "audit.csv:2: DIFFERS: the audit has no entry 66 any",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_line_that_differs_is_named(evenday: Evenday, file: Path, name: str) -> None:
    change, expected = CHANGED[name]
    file.write_bytes(change(file.read_bytes().decode()).encode())
    told = evenday("audit", "--verify", "--file", str(file))
    assert told.exit_code == 1 and expected in told.output


UNREADABLE: dict[str, tuple[Change, str]] = {
    "another file": (lambda text: "post,login\r\na,b\r\n", "audit.csv:1: is no file that the console's"),
    "empty": (lambda text: "", "audit.csv:1: is no file that the console's"),
    "a short line": (lambda text: text + '"1","x"\r\n', "audit.csv:8: is no line that the console's"),
    "a long line": (lambda text: text + '"x",' * 20 + "\r\n", "audit.csv:8: is no line that the console's"),
    "no number": (lambda text: text.replace('"6","', '"six","'), "audit.csv:2: is no line that the console's"),
    "a great number": (lambda text: text.replace('"6","', f'"{"9" * 5000}","'), "audit.csv:2: is no line"),
    "an open quote": (lambda text: text + '"', "can't be read (Error)"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_console_did_not_write_is_refused_with_its_line(evenday: Evenday, file: Path, name: str) -> None:
    change, expected = UNREADABLE[name]
    file.write_bytes(change(file.read_bytes().decode()).encode())
    told = evenday("audit", "--verify", "--file", str(file))
    assert isinstance(told.exception, InputError) and expected in str(told.exception)


@pytest.mark.parametrize("words", [("--file", "x.csv"), ("--verify", "--file", "none.csv")])
def test_a_file_that_can_not_be_compared_is_refused(evenday: Evenday, words: tuple[str, ...]) -> None:
    assert isinstance(evenday("audit", *words).exception, InputError)
