"""`evenday rota`: shifts of a file all or none, who is on duty now, and the hours that nobody covers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.store import rota, staff
from bot.store.database import Store
from tests.cli.conftest import Evenday

HEAD = "post,login,from,until\n"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # the verbs go by the machine's clock


def shift(post: str, login: str, first_day: int, last_day: int) -> str:
    """A line of the file: whole days, counted from today."""
    start, end = TODAY + timedelta(days=first_day), TODAY + timedelta(days=last_day)
    return f"{post},{login},{start:%Y-%m-%d} 00:00,{end:%Y-%m-%d} 24:00\n"


@pytest.fixture
def team(site: Store) -> Store:
    """A site with Ana and Ben."""
    with site.write() as connection:
        for login in ("ana", "ben"):
            staff.create(connection, site.vault, login, login.title(), "clinician", "hash", TODAY)
    return site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ana is on call for three weeks, Ben second from next week on."""
    made = tmp_path / "rota.csv"
    made.write_text(HEAD + shift("on_call", "ana", -1, 20) + shift("second", "Ben", 7, 13), "utf-8")
    return made


def test_a_site_without_a_rota_says_who_is_on_call_then(evenday: Evenday) -> None:
    told = evenday("rota", "show")
    assert (told.exit_code, told.output) == (0, "no rota is kept: whoever can be paged is on call\n")


def test_what_was_imported_is_shown_with_who_is_on_duty_now(evenday: Evenday, team: Store, file: Path) -> None:
    told = evenday("rota", "import", str(file))
    assert told.exit_code == 0 and told.output.startswith("2 shifts from ")
    (ana,) = [line for line in evenday("rota", "show").output.splitlines() if "ana" in line]
    assert "on_call" in ana and ana.endswith("(now)")
    (ben,) = [line for line in evenday("rota", "show", "--days", "14").output.splitlines() if "ben" in line]
    assert "second" in ben and "(now)" not in ben
    with team.read() as connection:
        assert [entry.detail for entry in staff.entries(connection) if entry.action == "rota.import"] == ["2"]


def test_a_second_import_takes_the_place_of_the_first(evenday: Evenday, team: Store, file: Path) -> None:
    evenday("rota", "import", str(file))
    file.write_text(HEAD + shift("on_call", "ben", -1, 20), "utf-8")
    evenday("rota", "import", str(file))
    shown = evenday("rota", "show").output
    assert "ben" in shown and "ana" not in shown


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("porter,ana,2026-12-01 09:00,2026-12-01 17:00\n", ":3: write on_call"),
        (shift("second", "eve", 1, 2), ":3: write"),
    ],
)
def test_of_a_file_with_a_bad_line_nothing_is_kept(
    evenday: Evenday, team: Store, file: Path, line: str, why: str
) -> None:
    file.write_text(HEAD + shift("on_call", "ana", 0, 5) + line, "utf-8")
    told = evenday("rota", "import", str(file))
    assert told.exit_code == 1 and isinstance(told.exception, InputError) and why in str(told.exception)
    with team.read() as connection:
        assert not rota.is_kept(connection)


def test_without_cover_hours_there_are_no_gaps(evenday: Evenday) -> None:
    told = evenday("rota", "gaps")
    assert told.exit_code == 0 and "EVENDAY_COVER_HOURS" in told.output


def test_hours_of_cover_that_nobody_serves_end_with_status_1(
    evenday: Evenday, team: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENDAY_COVER_HOURS", "Mon-Sun 00:00-24:00 UTC")
    told = evenday("rota", "gaps")
    assert told.exit_code == 1 and told.output.startswith("nobody is on call from ")
    evenday("rota", "import", str(file))
    assert evenday("rota", "gaps", "--days", "14").exit_code == 0
    late = evenday("rota", "gaps", "--days", "30")
    assert late.exit_code == 1 and f"{TODAY + timedelta(days=21):%a %d %b} 00:00" in late.output
