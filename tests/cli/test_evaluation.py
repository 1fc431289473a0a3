"""The local evaluation set comes out by a verb, into a file that nobody else may read, in the form that is measured."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from bot.clock import TurnedClock
from bot.errors import InputError
from bot.store import handling, judging, opening, staff
from bot.store.database import Store
from bot.store.steps import Step
from tests.cli.conftest import Evenday
from tests.store.rows import put_in
from tests.support.people import make_patient

LETTER = "I wrote the letter to my boys, naïve as it is"
FILM = "that film killed me"


def marked(site: Store, clock: TurnedClock) -> None:
    """One message that was missed, one alarm that was none, and one message that nobody said anything of."""
    ana, ben = make_patient(site, clock), make_patient(site, clock)
    letter, film = put_in(site, ana, clock, "1", LETTER), put_in(site, ben, clock, "2", FILM, tier="urgent")
    put_in(site, ben, clock, "3", "slept well")
    assert letter and film
    with site.write() as connection:
        eve = staff.create(connection, site.vault, "eve", "Eve", "clinician", "hash", clock.now())
        judging.mark_missed(connection, site.vault, ana.id, letter, "emergency", "suicide", clock.now(), staff_id=eve)
        made = opening.note(connection, site.vault, ben.id, film, "urgent", "suicide", clock.now()).id
        handling.acknowledge(Step(connection, site.vault, made, eve, clock.now()))
        judging.mark_false_alarm(Step(connection, site.vault, made, eve, clock.now()), "a film")


def test_what_people_marked_is_measured_by_the_screen(
    evenday: Evenday, site: Store, clock: TurnedClock, tmp_path: Path
) -> None:
    marked(site, clock)
    file = tmp_path / "marked.jsonl"
    told = evenday("evaluation", str(file))
    assert told.exit_code == 0, told.exception
    assert LETTER not in told.output and told.output.startswith("wrote 2 lines")
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == [
        {"text": LETTER, "tier": "emergency", "kind": "suicide", "style": "missed"},
        {"text": FILM, "tier": "none", "kind": "none", "style": "false_alarm"},
    ]
    report = evenday("screen", "--evaluate", "--without", "opinion", str(file))
    assert report.exit_code == 0 and "false_alarm" in report.output


def test_the_file_is_its_makers_alone_and_the_making_is_in_the_audit(
    evenday: Evenday, site: Store, clock: TurnedClock, tmp_path: Path
) -> None:
    marked(site, clock)
    evenday("evaluation", str(tmp_path / "marked.jsonl"))
    assert stat.S_IMODE((tmp_path / "marked.jsonl").stat().st_mode) == 0o600
    with site.read() as connection:
        (entry,) = [one for one in staff.entries(connection) if one.action == "evaluation.export"]
    assert entry.detail == "2"


def test_a_file_that_is_there_stays_as_it_is(evenday: Evenday, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine", "utf-8")
    told = evenday("evaluation", str(file))
    assert isinstance(told.exception, InputError) and "does not exist" in str(told.exception)
    assert file.read_text("utf-8") == "mine"
