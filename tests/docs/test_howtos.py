"""Follows the how-tos: what they tell to write is written into a scratch copy, and what they promise is looked for there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.clock import SystemClock
from bot.console.staff_accounts import ensure_first_supervisor
from bot.content.coach import Coach, load
from bot.content.crisis.book import Moment
from bot.content.crisis.check import load_crisis
from bot.crypto import Vault, new_key
from bot.errors import ContentError, EvendayError
from bot.program.advance import advance, start
from bot.program.facts import facts
from bot.program.person import Person
from bot.program.place import Place
from bot.program.turn import Result as What
from bot.program.turn import Turn
from bot.safety.cover import parse
from bot.settings import load as load_settings
from bot.store.database import Store
from bot.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
HOWTO = ROOT / "docs" / "howto"
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
TODAY = datetime.now(UTC).date()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHERE = re.compile(r"# (new file:|at the end of|before, in|after, in|in) ([\w./-]+)(?:, under (\w+):)?\n")


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a kind on a page."""
    return [text for found, text in FENCE.findall((HOWTO / f"{page}.md").read_text("utf-8")) if found == kind]


def follow(page: str, scratch: Path) -> None:
    """Do what the YAML blocks of a page say, in a copy of the tree."""
    before = ""
    for block in blocks(page, "yaml"):
        told = WHERE.match(block)
        assert told, f"{page}: a block does not say where it belongs"
        (how, name, under), text = told.groups(), block[told.end() :]
        file = scratch / name
        old = file.read_text("utf-8") if file.exists() else ""
        match how:
            case "new file:":
                assert not old, f"{name} is there already"
                new = text
            case "at the end of":
                new = old.rstrip("\n") + "\n" + text
            case "in":
                new = old.replace(f"\n{under}:\n", f"\n{under}:\n{text}", 1)
            case "before, in":
                before, new = text.strip(), old
                assert old.count(before) == 1, f"{name} does not hold {before} once"
            case _:
                new = old.replace(before, text.strip())
        assert new != old or how == "before, in"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(new, "utf-8")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A copy of what content and model are made of."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    for name in ("domain.yml", "config.yml", "endpoints.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def content(root: Path) -> Coach:
    """The content of a tree, checked as at the start."""
    return load(root / "data" / "coach", TODAY)


def test_a_skill_is_added_by_its_page(scratch: Path) -> None:
    follow("add-a-skill", scratch)
    coach = content(scratch)
    assert coach.by_intent["ask_good_thing"] == "good_thing"
    known = facts(coach, Person(today=date(2026, 11, 23)))

    outcome = start(
        coach, Place(), "good_thing", "ask_good_thing", Turn("one good thing pls", None, "ask_good_thing", 0.9), known
    )
    assert outcome.says[0].text == "Gladly. Let's look for one good thing."
    for words, tries in (("warm tea on the step", 0), ("purple", 1), ("seven", 0)):
        outcome = advance(coach, outcome.place, Turn(words, None, "out_of_scope", 0.3), known)
        assert outcome.result is not What.INTERRUPTION
        assert outcome.says
        assert outcome.place.top is None or outcome.place.top.tries == tries
    assert outcome.place.frames == ()
    kept = {effect.name: effect for effect in outcome.effects}
    assert kept["record"].target == "good_thing"
    assert kept["record"].value == {"thing": "warm tea on the step", "lift": 7}
    assert outcome.says[-1].text == "One a day is plenty. It need not be big."


def test_what_is_wrong_in_a_new_skill_is_named_with_its_line(scratch: Path) -> None:
    follow("add-a-skill", scratch)
    file = scratch / "data" / "coach" / "en" / "skills" / "good_thing.yml"
    file.write_text(file.read_text("utf-8").replace("ask: score", "ask: scroe"), "utf-8")
    with pytest.raises(ContentError, match=r"good_thing\.yml:\d+: .*ask") as caught:
        content(scratch)
    assert caught.value.line == 1 + file.read_text("utf-8").splitlines().index("    ask: scroe")


def test_an_intent_is_added_by_its_page(scratch: Path) -> None:
    follow("add-an-intent", scratch)
    coach = content(scratch)
    assert len(coach.replies["ask_weather"].say) == 2
    assert "ask_weather" in yaml.safe_load((scratch / "domain.yml").read_text("utf-8"))["intents"]


READ = """
import json, sys
from dialogue import quiet; quiet.prepare()
from dialogue.importer import SkillImporter
from rasa.shared.core.events import ActionExecuted, UserUttered
found = SkillImporter("config.yml", "domain.yml", ["data/nlu", "data/rules"])
rules = {}
for step in found.get_stories().story_steps:
    intent = [e.intent_name for e in step.events if isinstance(e, UserUttered)]
    rules[intent[0]] = [e.action_name for e in step.events if isinstance(e, ActionExecuted) and e.action_name != "..."]
lines = [line.get("intent") for line in found.get_nlu_data().intent_examples]
print(json.dumps({name: [name in found.get_domain().intents, rules.get(name), lines.count(name)] for name in sys.argv[1:]}))
"""


def in_rasa(scratch: Path, *arguments: str, told: str = "") -> str:
    """Run a program of Rasa's environment in the scratch copy; its output."""
    done = subprocess.run(
        [str(RASA_PYTHON), *arguments],
        cwd=scratch,
        env={**os.environ, "PYTHONPATH": str(ROOT), "EVENDAY_VECTOR_CACHE": str(ROOT / ".cache")},
        input=told,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_new_intents_reach_the_training(scratch: Path) -> None:
    follow("add-a-skill", scratch)
    follow("add-an-intent", scratch)
    found = json.loads(in_rasa(scratch, "-c", READ, "ask_good_thing", "ask_weather").splitlines()[-1])
    assert found == {
        "ask_good_thing": [True, ["action_start_skill"], 10],
        "ask_weather": [True, ["action_reply"], 10],
    }


@pytest.mark.slow
def test_the_new_intents_are_understood_once_trained(scratch: Path) -> None:
    follow("add-a-skill", scratch)
    follow("add-an-intent", scratch)
    model = scratch / "models" / "evenday.tar.gz"
    in_rasa(scratch, "-m", "dialogue.train", "--root", str(scratch), "--out", str(model))
    lines = [shown for page in ("add-a-skill", "add-an-intent") for shown in _asked(page)]
    answers = in_rasa(scratch, "-m", "dialogue.parse_batch", str(model), told="\n".join(lines) + "\n").splitlines()
    assert [json.loads(answer)["intent"] for answer in answers] == ["ask_good_thing", "ask_weather"]


def _asked(page: str) -> list[str]:
    commands = "".join(blocks(page, "sh")).splitlines()
    return [shlex.split(line)[-1] for line in commands if "evenday nlu" in line]


def test_a_crisis_number_is_changed_by_its_page(scratch: Path) -> None:
    before = load_crisis(scratch / "data" / "coach" / "crisis", TODAY).render("NZ", "urgent", "suicide", Moment())
    follow("change-a-crisis-number", scratch)
    after = load_crisis(scratch / "data" / "coach" / "crisis", TODAY).render("NZ", "urgent", "suicide", Moment())
    assert "0508 828 865" in before[0].text
    assert "0800 543 354" in after[0].text
    assert "0508 828 865" not in after[0].text


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('    source: "pegasus.health.nz, nzfamilies.org.nz 2025-12"\n', "", "source"),
        (re.compile(r"checked: \S+"), "checked: 2025-01-01", "days ago: confirm it and change the date"),
        (re.compile(r"checked: \S+"), "checked: 2099-01-01", "yet to come"),
        ("use: emergency", "use: poison", "no number with `use: emergency`"),
        ("use: suicide_call", "use: poison", "no number with `use: suicide_call`"),
    ],
)
def test_a_number_is_refused_as_the_page_says(scratch: Path, was: str | re.Pattern[str], now: str, told: str) -> None:
    file = scratch / "data" / "coach" / "crisis" / "numbers" / "NZ.yml"
    old = file.read_text("utf-8")
    file.write_text(old.replace(was, now) if isinstance(was, str) else was.sub(now, old, count=1), "utf-8")
    with pytest.raises(ContentError, match=rf"NZ\.yml:\d+: .*{re.escape(told)}"):
        load_crisis(scratch / "data" / "coach" / "crisis", TODAY)


def evenday(*words: str) -> Result:
    """One verb, in this process."""
    return CliRunner().invoke(app, list(words))


def done(*words: str) -> str:
    """One verb that must succeed; what it says."""
    result = evenday(*words)
    assert result.exit_code == 0, result.exception
    return result.output


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder and a key, as the settings name them."""
    for name in [name for name in os.environ if name.startswith("EVENDAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EVENDAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EVENDAY_KEYS", new_key())
    return tmp_path / "home"


def test_a_backup_goes_back_into_an_empty_database_and_no_other(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "evenday.backup")
    done("staff", "ana", "--role", "supervisor")
    done("invite")
    assert "keep var/evenday.env (the key) elsewhere" in done("backup", file)
    refused = evenday("backup", file)
    assert isinstance(refused.exception, EvendayError), "the file must not exist yet"
    refused = evenday("restore", file)
    assert "already" in str(refused.exception)
    monkeypatch.setenv("EVENDAY_HOME", str(tmp_path / "other"))
    rows = int(re.search(r"restored (\d+) rows", done("restore", file))[1])  # type: ignore[index]  # it says so
    assert rows >= 3
    assert "ana: new password" in done("staff", "ana"), "ana was not restored"


def test_a_backup_that_is_cut_short_is_refused(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "evenday.backup"
    done("invite")
    done("backup", str(file))
    file.write_bytes(file.read_bytes()[:-20])
    monkeypatch.setenv("EVENDAY_HOME", str(tmp_path / "other"))
    assert "nothing was restored" in str(evenday("restore", str(file)).exception)


def test_keys_are_rotated_by_the_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest, middle, newest = (done("key", "new").strip() for _ in range(3))
    monkeypatch.setenv("EVENDAY_KEYS", oldest)
    done("staff", "ana")
    for keys in (f"{middle},{oldest}", f"{newest},{middle},{oldest}"):
        monkeypatch.setenv("EVENDAY_KEYS", keys)
        assert "sealed 1 values" in done("key", "rotate")
    monkeypatch.setenv("EVENDAY_KEYS", f"{newest},{oldest}")
    assert "sealed 0 values" in done("key", "rotate")
    assert "ana: new password" in done("staff", "ana"), "ana's name no longer opens"


def test_the_settings_of_a_real_site_are_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (
        block for block in blocks("run-it-for-real", "sh") if block.startswith("# /var/lib/evenday/evenday.env")
    )
    key = new_key()
    monkeypatch.delenv("EVENDAY_KEYS")
    home.mkdir()
    (home / "evenday.env").write_text(
        block.replace("EVENDAY_KEYS=…", f"EVENDAY_KEYS={key}").replace("=…", "=abc"), "utf-8"
    )
    settings = load_settings()
    assert settings.key_list == [key]
    assert settings.site_name == "Hill Clinic"
    assert settings.enrolment == "invited"
    assert parse(settings.cover_hours).days == frozenset(range(5))
    assert settings.telegram_secret.get_secret_value() == "abc"


def test_the_first_supervisor_is_the_one_that_was_added(home: Path) -> None:
    (line,) = (line for line in "".join(blocks("run-it-for-real", "sh")).splitlines() if "evenday staff" in line)
    words = shlex.split(line)
    assert "password" in done(*words[words.index(".venv/bin/evenday") + 1 :])
    settings = load_settings()
    store = Store(settings.database, Vault(settings.key_list))
    migrate(store)
    assert ensure_first_supervisor(store, SystemClock()) is None
    store.close()


def test_an_address_of_postgresql_is_taken_as_the_page_writes_it(home: Path) -> None:
    (url,) = re.findall(r"EVENDAY_DATABASE_URL=(\S+)", "".join(blocks("use-postgresql", "sh")))
    store = Store(url.replace("PASSWORD", "a%40b"), Vault([new_key()]))
    assert store.engine.url.password == "a@b"
    assert not store.is_sqlite
    store.close()


@cache
def sayings() -> list[re.Pattern[str]]:
    """Everything that the coach may say, longest first; a placeholder is any few words."""

    def texts(data: Any) -> list[str]:
        if isinstance(data, str):
            return [data]
        parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        return [text for part in parts for text in texts(part)]

    found: set[str] = set()
    for file in (ROOT / "data" / "coach" / "en").rglob("*.yml"):
        found.update(
            text.strip() for text in texts(yaml.load(file.read_text("utf-8"), yaml.CSafeLoader))
        )  # a safe loader
    long = sorted((text for text in found if len(text) > 8), key=len, reverse=True)
    return [re.compile(re.sub(r"\\\{\w+\\\}", r"[\\w' ]+?", re.escape(text))) for text in long]


def test_the_coach_in_the_readme_says_what_content_says() -> None:
    row = next(line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "*coach:*" in line)
    lines = re.findall(r"\*coach:\* (.*?)(?:<br>| \|$)", row)
    assert len(lines) >= 5
    for line in lines:
        left = line
        for saying in sayings():
            left = saying.sub("", left)
        assert not re.search(r"\w{4}", left.replace("what could it be? Or SKIP.", "")), (
            f"not in data/coach/en: {left.strip()}"
        )
