"""The pages under docs/reference that are made from the code: `.venv/bin/python tests/docs/reference_pages.py` writes them anew.

The first column of intents.md is written by hand and kept; all else on these pages comes from settings, verbs and content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr
from typer.main import get_command

from bot.cli.main import app
from bot.coaching.alarm import RISK_INTENTS
from bot.console.measures import asked, columns, told
from bot.content.coach import Coach, load
from bot.content.crisis.book import ALWAYS, UNKNOWN
from bot.content.crisis.forms import Country
from bot.content.gsm import count
from bot.content.paging import Policy
from bot.program.move import INTENTS as MOVES
from bot.safety import measures
from bot.safety.courses import Milestone
from bot.safety.crisis import crisis_reply
from bot.safety.tiers import Kind, Tier
from bot.settings import Settings
from bot.store.blind import SIZE
from bot.store.lifecycle import MAY_MEASURE, Measure, Role

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
MADE = "Made from the code by `tests/docs/reference_pages.py`; a test compares."


@cache
def coach() -> Coach:
    """All content, as it is today."""
    return load(ROOT / "data" / "coach", datetime.now(UTC).date())


def settings_page() -> str:
    """Every setting: name, default, and the description in bot/settings.py."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable, or a line `NAME=value` in `evenday.env` in the home folder (`var/` beside the code, or",
        "what `EVENDAY_HOME` names). The environment wins. A value that can't be used stops the start with one line that names it.",
        "",
        MADE,
        "",
        "| setting | default | what it is |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `EVENDAY_{name.upper()}` | {_default(name, field.default)} | {field.description} |")
    return "\n".join(lines) + "\n"


def _default(name: str, value: Any) -> str:
    if name == "home":
        return "`var`"
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if plain == "" else f"`{str(plain).lower() if isinstance(plain, bool) else plain}`"


def verbs() -> Iterator[tuple[str, Any]]:
    """Every verb of the command with its click command, `key new` and the like included."""
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {below}", found) for below, found in inner.items())


def commands_page() -> str:
    """Every verb: what it does, what it takes, and the example of its --help."""
    lines = [
        "# Commands",
        "",
        "`make setup` puts the command at `.venv/bin/evenday`. What goes wrong on purpose is one line on standard error, and exit",
        "status 1. The form of the lines that `answer`, `screen`, `nlu` and `talk` read and write: [json-lines.md](json-lines.md).",
        "",
        MADE,
    ]
    for name, command in verbs():
        lines += ["", f"## evenday {name}", "", command.help.strip()]
        if command.hidden:
            lines += ["", "Not listed by `evenday --help`."]
        if command.params:
            lines += ["", "| | default | |", "|---|---|---|"]
            lines += [f"| `{_shown(given)}` | {_given(given)} | {given.help} |" for given in command.params]
        lines += ["", "```sh", *example(command), "```"]
    return "\n".join(lines) + "\n"


def example(command: Any) -> list[str]:
    """The commands of a verb's example."""
    return [part.strip() for part in str(command.epilog).removeprefix("Example: ").split("   or   ")]


def _shown(given: Any) -> str:
    return str(given.name.upper() if given.param_type_name == "argument" else given.opts[0])


def _given(given: Any) -> str:
    return "" if given.default in (None, "", False, 0) else f"`{given.default}`"


def intents_page(means: Mapping[str, str]) -> str:
    """Every intent: what the person is doing, and what the coach does then.

    Args:
        means: intent -> the column written by hand.
    """
    lines = [
        "# Intents",
        "",
        "An intent is what a person is doing with a message, whatever words they use. Numbers, times and choices that answer an",
        "open question are no intents: the open question reads them first ([architecture](../architecture.md)). The names stand in",
        "`domain.yml`, what people say in `data/nlu`, what follows in `data/rules` and `data/coach`.",
        "",
        "A reply is followed by the open question again, and so is a conversation that ends on top of another.",
        "",
        "The second column is written by hand; the third is " + MADE[0].lower() + MADE[1:],
        "",
        "| intent | the person … | what happens |",
        "|---|---|---|",
    ]
    lines += [f"| `{name}` | {means.get(name, '')} | {happens(name)} |" for name in intents()]
    return "\n".join(lines) + "\n"


def intents() -> list[str]:
    """The intents of domain.yml, in its order."""
    return list(yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"])


def rules() -> dict[str, list[str]]:
    """Intent -> actions, as data/rules has them."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(file.read_text("utf-8"))["rules"]:
            steps = {key: value for step in rule["steps"] for key, value in step.items()}
            found.setdefault(steps["intent"], []).append(steps["action"])
    return found


def happens(intent: str) -> str:
    """What the coach does with a message of that intent when no open question takes it."""
    if intent in RISK_INTENTS:
        tier, kind = RISK_INTENTS[intent]
        return f"crisis text of the country; escalation, at least {tier.value}, {kind.value}"
    said = []
    if intent in MOVES:
        said.append(f"a question that is open: {MOVES[intent].value}; else")
    if intent in coach().by_intent:
        said.append(f"opens `{coach().by_intent[intent]}`")
    elif intent in coach().replies:
        reply = coach().replies[intent]
        said.append("a reply" + (f", and offers `{reply.offers}`" if reply.offers else ""))
    return " ".join(said)


def written(page: str) -> dict[str, str]:
    """The hand-written column of intents.md."""
    rows = (line.split(" | ") for line in page.splitlines() if line.startswith("| `"))
    return {cells[0].strip("| `"): cells[1].strip() for cells in rows if len(cells) >= 3}


ALERTS = (Tier.EMERGENCY, Tier.URGENT, Tier.WATCH)
COVERS = {"on duty": (True, "until 20:00"), "off duty": (False, "at 8:00"), "no hours": (False, "")}


def crisis_texts_page() -> str:
    """What somebody in danger reads in each country, as it goes out by SMS, with its segments."""
    book = coach().crisis
    countries = {country.code: country for country in book.countries.values()}
    lines = [
        "# Crisis texts",
        "",
        "What somebody in danger reads, country by country, as it stands on a phone. The words are in `data/coach/crisis/en.yml`,",
        "the numbers in `data/coach/crisis/numbers`; who must approve them: [safety](../safety/README.md). Shown is a patient who",
        "is enrolled, outside cover hours, with nobody on duty until 8:00. The last two columns count SMS segments: of the text",
        "shown, and of the longest that any state makes of it (on duty or not, hours told or not, enrolled, after STOP, guided).",
        "",
        MADE,
        "",
        "## What differs by state",
        "",
        "The line on who reads, in an emergency and otherwise:",
        "",
        "| state | emergency | urgent, watch |",
        "|---|---|---|",
    ]
    for stopped, (name, (on_duty, hours)) in product((False, True), COVERS.items()):
        said = [_cover_line(tier, on_duty, hours, enrolled=True, stopped=stopped) for tier in (ALERTS[0], ALERTS[1])]
        lines.append(f"| {name}{', after STOP' if stopped else ''} | {' | '.join(said)} |")
    for stopped in (False, True):
        said = [_cover_line(tier, False, "", enrolled=False, stopped=stopped) for tier in (ALERTS[0], ALERTS[1])]
        lines.append(f"| not enrolled{', after STOP' if stopped else ''} | {' | '.join(said)} |")
    texts = book.texts
    lines += [
        "",
        "## Questions",
        "",
        "| id | in the first reply | later | passed over once | segments |",
        "|---|---|---|---|---|",
    ]
    for name, question in texts.questions.items():
        most = max(count(words).parts for words in (question.ask, question.first, question.again) if words)
        lines.append(f"| `{name}` | {question.first or question.ask} | {question.ask} | {question.again} | {most} |")
    lines += ["", f'After "0" to a reply that offered it: {texts.after_hide}']
    for code in sorted(countries):
        lines += ["", f"## {code}", "", _numbers_of(countries[code]), "", *_texts_of(code)]
    return "\n".join(lines) + "\n"


def _cover_line(tier: Tier, on_duty: bool, hours: str, *, enrolled: bool, stopped: bool) -> str:
    given = {"on_duty": on_duty, "cover": hours, "enrolled": enrolled, "stopped": stopped}
    (message,) = crisis_reply(coach().crisis, "GB", tier, Kind.NONE, **given)  # type: ignore[arg-type]  # by name
    marks = ("lagged", "reads", "person may not")
    return next(line for line in message.text.splitlines() if any(mark in line for mark in marks))


def _numbers_of(country: Country) -> str:
    covers = f" Also for {', '.join(country.covers)}." if country.covers else ""
    looked_up = sum(number.mark == "V" for number in country.numbers)
    oldest = min(number.checked for number in country.numbers)
    hours = [f"{n.number} {n.hours}" for n in country.numbers if n.show and n.hours not in (ALWAYS, UNKNOWN)]
    closes = f" Not open day and night: {'; '.join(hours)}." if hours else ""
    name = country.name[0].upper() + country.name[1:]
    return f"{name}.{covers} {looked_up} of {len(country.numbers)} numbers found in a source, checked {oldest} or later.{closes}"


def _texts_of(code: str) -> Iterator[str]:
    yield "| tier | kind | text | segments | at most |"
    yield "|---|---|---|---|---|"
    for tier in ALERTS:
        kinds: dict[str, list[str]] = {}
        for kind in Kind:
            kinds.setdefault(_text(code, tier, kind), []).append("not known" if kind is Kind.NONE else kind.value)
        for text, named in kinds.items():
            kind = Kind.NONE if named == ["not known"] else Kind(next(one for one in named if one != "not known"))
            shown = text.replace("|", "/").replace("\n", "<br>")
            yield f"| {tier} | {', '.join(sorted(named))} | {shown} | {count(text).parts} | {_most(code, tier, kind)} |"
    for tier, (kind, named_as) in product(ALERTS[:2], {Kind.ABUSE: "abuse", Kind.NONE: "all others"}.items()):
        text = _text(code, tier, kind, help_word=True)
        most = _most(code, tier, kind, help_word=True)
        shown = text.replace("\n", "<br>")
        yield f"| {tier} | a word for another line, {named_as} | {shown} | {count(text).parts} | {most} |"


def _text(code: str, tier: Tier, kind: Kind, *, help_word: bool = False) -> str:
    (message,) = crisis_reply(
        coach().crisis, code, tier, kind, cover="at 8:00", on_duty=False, can_hide=True, help_word=help_word
    )
    return message.text


def _most(code: str, tier: Tier, kind: Kind, *, help_word: bool = False) -> int:
    """Segments of the longest that any state makes of a text; the longest words that hours may have are 20 and 24 long."""
    longest = "x" * (20 if tier is Tier.EMERGENCY else 24)
    most = 0
    for cover, on_duty, enrolled, stopped in product((longest, ""), (True, False), (True, False), (True, False)):
        (message,) = crisis_reply(
            coach().crisis, code, tier, kind, cover=cover, on_duty=on_duty, enrolled=enrolled, stopped=stopped,
            guided=True, can_hide=True, site="x" * 20, help_word=help_word,
        )  # fmt: skip
        most = max(most, count(message.text).parts)
    return most


COUNTED = f"""# Safety metrics

What the console's page *Safety* tells, and the code book of the file that it gives (`escalations-<first day>-<last day>.csv`).

{MADE}

## What is counted

- A **course** is from what starts the clocks of an escalation until it is resolved: a message opens it, raises it to a higher
  tier, or opens it again, or a person does. An escalation may have several; each counts once, by when it began.
- Drills and made-up patients are never counted.
- Times count from the **receipt** of the message that began the course; of one that a person began, from when they did (a
  message that the screen had missed may have lain for days: that is no fault of whoever was paged).
- A **contact** counts from when it was tried, not from when it was written down.
- What is **open still**, or was raised before a step came, counts as "at least so long" (Kaplan and Meier 1958): it is neither
  left out, which would make a bad night look quick, nor taken for late before its time. Beside the percentiles stands how many.
- What was **resolved without a step** is in none of that step's percentiles; beside them stands how many. A false alarm owes
  nobody a contact.
- A percentile is the smallest time within which that share had reached it. It is told only from enough:
  {{least}}.
- A limit is **kept** where the step came within it. What can still keep it, or ended before it was due, is not judged yet.
- **Off duty**, the limits of an urgent page count from the start of cover, as that page waits for it; those of an emergency
  never wait. Cover hours are those set when the page is made; the rota is the one that was kept.
- The **hour of the day** is the one on the wall in the console's zone: the hour that autumn has twice is one.
- **False alarms per 1,000 messages**: courses of the span that staff resolved as false alarms, of all messages received in it.
- **Missed** are messages that a person marked in the span, each once, however many marked it.
- The longest span is {{longest}} days.

## Limits

As this project's paging policy (`data/coach/safety/paging.yml`) and safety.md section 4 set them; a site's own policy counts
there.
"""
READ_BLIND = """
Each view, each file with its number of rows, and each message read blind is in the audit.

## The weekly blind read

{size} messages with words of the last whole week (Monday to Sunday in the console's zone) that nothing flagged, neither screen
nor person, are chosen by chance: those whose SHA-256 of `seed:message` is smallest. The seed is kept, and so is the choice, so
that a second reader gets the same. A message is read if anybody has read it, and missed if any reader says so. The first who says
so opens an escalation; a later reader does so again only for something graver. The upper bound of the rate is that of Wilson's
95 % interval. It says how many of such messages are missed, not how many of those in danger.

## Columns of the file

Comma-separated, UTF-8, a header first (RFC 4180), one row a course. No name, code, word or address is in it. A text that a
spreadsheet would take for a formula begins with an apostrophe.
"""
MAY_TELL = {
    Measure.FIGURES: "see the figures",
    Measure.OPEN_LATE: "see what is open beyond its limits now",
    Measure.EXPORT: "take home the rows",
    Measure.BLIND_READ: "read blind, and mark",
    Measure.DRAW: "choose the week's messages",
}


def safety_metrics_page() -> str:
    """How the safety figures are counted, who may see them, and the code book of the rows to take home."""
    policy = coach().paging
    counted = COUNTED.format(least=told.least(), longest=asked.LONGEST)
    lines = [*counted.splitlines(), "", "| until | " + " | ".join(measures.TIERS) + " |", "|---|---|---|---|"]
    for milestone in Milestone:
        limits = [_limit(tier, milestone, policy) for tier in measures.TIERS]
        lines.append(f"| {told.MILESTONES[milestone].lower()} | {' | '.join(limits)} |")
    lines += [
        "",
        "## Who may",
        "",
        "| | " + " | ".join(role.value for role in Role) + " |",
        "|---|" + "---|" * len(Role),
    ]
    lines += [
        f"| {MAY_TELL[what]} | {' | '.join('yes' if what in MAY_MEASURE[role] else 'no' for role in Role)} |"
        for what in Measure
    ]
    lines += [
        *READ_BLIND.format(size=SIZE).splitlines(),
        "",
        "| column | what it means | values |",
        "|---|---|---|",
    ]
    lines += [f"| `{column.name}` | {column.meaning} | {column.values} |" for column in columns.COLUMNS]
    return "\n".join(lines) + "\n"


def _limit(tier: Tier, milestone: Milestone, policy: Policy) -> str:
    return "not paged" if (tier, milestone) == (Tier.WATCH, Milestone.PAGE) else told.limit(tier, milestone, policy)


def pages() -> dict[Path, str]:
    """Every page that is made, and what should stand in it."""
    intents_file = REFERENCE / "intents.md"
    means = written(intents_file.read_text("utf-8")) if intents_file.exists() else {}
    return {
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "commands.md": commands_page(),
        intents_file: intents_page(means),
        REFERENCE / "crisis-texts.md": crisis_texts_page(),
        REFERENCE / "safety-metrics.md": safety_metrics_page(),
    }


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text, "utf-8")
        print(f"wrote {file.relative_to(ROOT)}")
