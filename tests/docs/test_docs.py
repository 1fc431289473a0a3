"""The documents against the code: what they name exists, and what exists is named."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import reference_pages as pages
import yaml
from typer.testing import CliRunner

from bot.cli.main import app
from bot.console.measures.columns import written
from bot.logs import KEYS
from bot.settings import Settings
from bot.store.tables import metadata

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
BEGINS = r"(?:^ *|/|[$]\(|[|&] |sudo -u \w+ )"
SPOKEN = re.compile(BEGINS + r"evenday +([a-z][a-z-]*)(?: +([a-z]+))?", re.MULTILINE)
MADE = re.compile(BEGINS + r"make((?: +[a-z][a-z-]*)+)", re.MULTILINE)
SHELL = ("sh", "ini", "")
TEST = re.compile(r"`((?:tests|bench)/[\w/]+\.(?:py|yml))(?:::(\w+))?`")
ROWS = re.compile(r"^\| `([^`]+)` \|(.*)$", re.MULTILINE)


def name(file: Path) -> str:
    """A page as pytest shows it."""
    return file.relative_to(ROOT).as_posix()


@cache
def read(file: Path) -> str:
    """A page."""
    return file.read_text("utf-8")


def code(text: str) -> str:
    """What may hold commands: fenced blocks that are no YAML or JSON, and spans."""
    fences = [found[2] for found in FENCE.finditer(text) if found[1] in SHELL]
    return "\n".join([*fences, *CODE.findall(FENCE.sub("", text))])


every_page = pytest.mark.parametrize("file", PAGES, ids=name)


@pytest.mark.parametrize(
    "file",
    [REFERENCE / f"{page}.md" for page in ("settings", "commands", "intents", "crisis-texts", "safety-metrics")],
    ids=name,
)
def test_a_page_made_from_the_code_is_current(file: Path) -> None:
    assert read(file) == pages.pages()[file], "run: .venv/bin/python tests/docs/reference_pages.py"


def test_every_column_of_the_rows_to_take_home_is_told_and_none_besides() -> None:
    told = [column for column, _ in ROWS.findall(read(REFERENCE / "safety-metrics.md"))]
    assert told == written([]).splitlines()[0].split(",")


def test_every_setting_has_its_line_and_every_line_its_setting() -> None:
    told = {row[0] for row in ROWS.findall(read(REFERENCE / "settings.md"))}
    assert told == {f"EVENDAY_{setting.upper()}" for setting in Settings.model_fields}
    assert all(field.description for field in Settings.model_fields.values())


@every_page
def test_every_setting_that_is_named_exists(file: Path) -> None:
    known = {f"EVENDAY_{setting.upper()}" for setting in Settings.model_fields} | {"EVENDAY_TWILIO_SPEC"}  # for tests
    assert set(re.findall(r"\bEVENDAY_[A-Z_]+\b", read(file))) <= known


def test_every_table_is_told_with_its_sealed_columns() -> None:
    told = {}
    for table, rest in ROWS.findall(read(REFERENCE / "tables.md")):
        what, sealed = rest.rstrip("|").rsplit("|", 1)
        assert what.strip(), table
        told[table] = set(CODE.findall(sealed))
    is_sealed = {
        table.name: {column.name for column in table.columns if column.name.endswith("_sealed")}
        for table in metadata.sorted_tables
    }
    assert told == is_sealed


def test_every_key_of_the_logs_is_told() -> None:
    assert {key for key, _ in ROWS.findall(read(REFERENCE / "logs.md"))} == set(KEYS)


def test_every_verb_has_its_heading_and_its_help_an_example() -> None:
    verbs = dict(pages.verbs())
    told = {heading.removeprefix("evenday ") for heading in HEADING.findall(read(REFERENCE / "commands.md"))[1:]}
    assert told == set(verbs)
    for verb, command in verbs.items():
        assert all(
            line.split()[: 1 + len(verb.split())] == ["evenday", *verb.split()] for line in pages.example(command)
        )


@pytest.mark.parametrize("verb", [verb for verb, _ in pages.verbs()])
def test_every_verb_helps(verb: str) -> None:
    done = CliRunner().invoke(app, [*verb.split(), "--help"])
    assert done.exit_code == 0
    assert "Example: evenday" in done.output


def test_every_intent_is_told_and_none_besides() -> None:
    told = [intent for intent, _ in ROWS.findall(read(REFERENCE / "intents.md"))]
    assert told == pages.intents()
    assert all(pages.written(read(REFERENCE / "intents.md")).values()), "the second column is written by hand"


def test_every_intent_has_one_rule_and_something_to_answer() -> None:
    rules, content = pages.rules(), pages.coach()
    for intent in pages.intents():
        assert len(rules.get(intent, [])) == 1, intent
        assert pages.happens(intent), f"{intent} has neither skill nor reply"
        assert (rules[intent] == ["action_risk"]) == intent.startswith("risk_")
    spoken_of = set(content.by_intent) | set(content.replies)
    assert spoken_of <= set(pages.intents()) | {"nlu_fallback"} | set(_uttered()), "content names an intent of nobody's"


def _uttered() -> Iterator[str]:
    for file in (ROOT / "data" / "nlu").rglob("*.yml"):
        yield from re.findall(r"^- intent: (\w+)$", file.read_text("utf-8"), re.MULTILINE)


def test_every_intent_has_thirty_lines() -> None:
    lines: dict[str, set[str]] = {}
    for file in (ROOT / "data" / "nlu").rglob("*.yml"):
        for group in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)["nlu"]:  # a safe loader
            lines.setdefault(group["intent"], set()).update(group["examples"].splitlines())
    assert set(lines) >= set(pages.intents())
    assert {intent: len(found) for intent, found in lines.items() if len(found) < 30} == {}


def test_every_direct_dependency_has_its_line_of_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    page = read(DOCS / "dependencies.md")
    parts = {part.splitlines()[0]: part for part in page.split("\n## ")[1:]}
    for heading, wanted in (
        ("The application (`.venv`)", project["project"]["dependencies"]),
        ("Rasa (`.venv-rasa`)", groups["rasa"]),
        ("For tests and checks", groups["dev"]),
    ):
        told = re.findall(r"^\| ([\w@/.-]+) \| \S", parts[heading], re.MULTILINE)
        stand_ins = {"telemelya", "fakeredis", "telegram-test-api", "@stoplight/prism-cli"}
        named = {re.split(r"[\[<>=]", one)[0] for one in wanted}
        assert set(told) - {"package"} - stand_ins == named, heading


def test_every_stand_in_of_the_tests_is_told() -> None:
    source = (ROOT / "tests" / "contracts" / "stand_ins" / "processes.py").read_text("utf-8")
    pinned = {re.split(r"==|(?<=.)@", found)[0] for found in re.findall(r'"([\w@/.-]+(?:==|@)\d[\w.]*)"', source)}
    assert pinned
    assert all(f"| {package} |" in read(DOCS / "dependencies.md") for package in pinned)


def test_the_readme_is_short() -> None:
    assert len(read(ROOT / "README.md").splitlines()) <= 120


@every_page
def test_every_relative_link_resolves(file: Path) -> None:
    for first, second in LINK.findall(FENCE.sub("", read(file))):
        target, _, anchor = (first or second).partition("#")
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        found = (file.parent / target).resolve() if target else file
        assert found.exists(), f"{target} is not there"
        assert ROOT in (found, *found.parents), f"{target} leads out of the project"
        if anchor:
            assert anchor in {_anchor(heading) for heading in HEADING.findall(read(found))}, f"no heading #{anchor}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@every_page
def test_every_command_names_a_real_verb(file: Path) -> None:
    verbs = {verb for verb, _ in pages.verbs()}
    groups = {verb.split()[0] for verb in verbs if " " in verb}
    for verb, below in SPOKEN.findall(code(read(file))):
        assert (f"{verb} {below}" if verb in groups else verb) in verbs, f"evenday {verb} {below}"


@every_page
def test_every_make_names_a_real_target(file: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for found in MADE.findall(code(read(file))):
        assert set(found.split()) <= targets, f"make {found}"


@every_page
def test_a_page_names_no_machine_of_ours_and_ends_well(file: Path) -> None:
    text = read(file)
    assert not re.search(r"/wor[k]/|/roo[t]/|\.\./share[d]|/tmp/brief", text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\t" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_every_invariant_names_tests_that_exist() -> None:
    part = read(DOCS / "architecture.md").split("\n## Invariants\n")[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == 11
    for row in rows:
        named = TEST.findall(row)
        assert named, row
        for file, function in named:
            assert (ROOT / file).is_file(), file
            assert not function or f"def {function}(" in (ROOT / file).read_text("utf-8"), f"{file}::{function}"


def test_every_threat_names_tests_that_exist_and_every_attack_is_named() -> None:
    page = read(DOCS / "security.md")
    rows = re.findall(r"^\|.*\|$", page.split("\n## Threats\n")[1].split("\n## ")[0], re.MULTILINE)[2:]
    assert len(rows) >= 19
    named: set[str] = set()
    for row in rows:
        found = TEST.findall(row)
        assert found, row
        for file, function in found:
            assert (ROOT / file).is_file(), file
            assert not function or f"def {function}(" in (ROOT / file).read_text("utf-8"), f"{file}::{function}"
            named.add(file)
    attacks = {name(file) for file in (ROOT / "tests").rglob("test_attack_*.py")}
    assert attacks <= named, "an attack that docs/security.md does not tell of"


@every_page
def test_every_test_that_is_named_exists(file: Path) -> None:
    tests = "\n".join(found.read_text("utf-8") for found in (ROOT / "tests").rglob("*.py"))
    for function in re.findall(r"`(test_\w+)`", read(file)):
        assert f"def {function}(" in tests, function


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    part = read(DOCS / "architecture.md").split("\n## Layers\n")[1]
    assert FENCE.search(part)[2].splitlines() == layers  # type: ignore[index]  # there is one


def test_every_file_and_folder_of_the_picture_exists() -> None:
    part = read(DOCS / "architecture.md").split("\n## The house\n")[1]
    names: list[str] = []
    for line in FENCE.search(part)[2].splitlines():  # type: ignore[index]  # there is one
        first = [
            word
            for word in re.split(r"\s{1,}", line)
            if re.fullmatch(r"[\w./-]+(?:/|\.(?:py|yml|md|toml))|LICENSE|Makefile", word)
        ]
        folder = (
            str(Path(first[0]).parent) if first and first[0].startswith("bot/") and first[0].endswith(".py") else ""
        )
        names += [word if "/" in word or not folder else f"{folder}/{word}" for word in first]
    missing = [one for one in names if not (ROOT / one).exists() and not (ROOT / "bot" / "channels" / one).exists()]
    assert names
    assert missing == []


def test_every_decision_has_its_four_parts() -> None:
    files = sorted((DOCS / "adr").glob("*.md"))
    assert [file.name[:3] for file in files] == [f"{n:03}" for n in range(1, len(files) + 1)]
    for file in files:
        text = read(file)
        assert text.startswith(f"# {file.name[:3]} ")
        for part in ("**Question.**", "**Choice.**", "**What it costs.**", "**How we would notice that it is wrong.**"):
            assert part in text, f"{file.name}: {part}"
        assert len(text.splitlines()) <= 60, "one page"


def test_the_licence_is_apache_2() -> None:
    text = read_plain("LICENSE")
    assert "Apache License" in text.splitlines()[0]
    assert "END OF TERMS AND CONDITIONS" in text


def read_plain(file: str) -> str:
    """A file of the root."""
    return (ROOT / file).read_text("utf-8")


def _examples() -> dict[str, list[tuple[str, str]]]:
    """Verb -> (line in, line out), as the page on JSON lines shows them."""
    blocks = [(found[1], found[2].strip()) for found in FENCE.finditer(read(REFERENCE / "json-lines.md"))]
    found: dict[str, list[tuple[str, str]]] = {}
    for (kind, command), (answer_kind, answer) in pairwise(blocks):
        if kind == "sh" and answer_kind == "json":
            _, verb, dash, here, line = shlex.split(command)
            assert (dash, here) == ("-", "<<<")
            found.setdefault(verb, []).append((line, answer))
    return found


@pytest.mark.parametrize("verb", ["answer", "screen"])
def test_the_examples_print_what_stands_below_them(verb: str) -> None:
    shown = _examples()[verb]
    done = CliRunner().invoke(app, [verb, "-"], input="".join(f"{line}\n" for line, _ in shown))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [answer for _, answer in shown]


@pytest.mark.parametrize("verb", ["answer", "screen"])
def test_the_example_of_the_help_is_among_them(verb: str) -> None:
    (command,) = pages.example(dict(pages.verbs())[verb])
    assert shlex.split(command)[-1] in [line for line, _ in _examples()[verb]]


def test_a_line_that_can_not_be_read_is_named() -> None:
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "evenday", "answer", "-"],
        input="{}\nx\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "standard input:1" in done.stderr
