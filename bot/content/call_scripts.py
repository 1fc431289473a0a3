"""What staff may say on the telephone: read from content, one script for each kind of risk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import model_validator

from bot.content.safety_models import KINDS, KindName
from bot.content.skill import Strict
from bot.content.source import Source, read

PLACES = frozenset({"name", "me", "number"})
LONGEST = 160  # letters of a line, which is read at night on a phone
_PLACE = re.compile(r"\{(\w*)\}")


class Line(Strict):
    """One line: what is said, or what is done."""

    say: str = ""
    do: str = ""

    @model_validator(mode="after")
    def _is_one(self) -> Line:
        if bool(self.say) == bool(self.do):
            raise ValueError("write either `say` or `do`")
        return self

    @property
    def words(self) -> str:
        """Whichever it is."""
        return self.say or self.do


class _Script(Strict):
    kinds: tuple[KindName, ...]
    lines: tuple[Line, ...]


class _Scripts(Strict):
    """The form of call_scripts.yml."""

    opening: tuple[Line, ...]
    call_scripts: tuple[_Script, ...]
    closing: tuple[Line, ...]


def load_call_scripts(file: Path) -> Mapping[str, tuple[Line, ...]]:
    """Read and check them; by kind, each whole.

    Raises:
        ContentError: names file and line of a kind without a script or with two, of a line that is too long, or of a
            place that nothing fills.
    """
    source = read(file)
    form = source.parse(_Scripts)
    found: dict[str, tuple[Line, ...]] = {}
    _check(source, ("opening",), form.opening)
    _check(source, ("closing",), form.closing)
    for n, script in enumerate(form.call_scripts):
        at = ("call_scripts", n)
        _check(source, (*at, "lines"), script.lines)
        for kind in script.kinds:
            if kind in found:
                raise source.error((*at, "kinds"), f"{kind} has a script already")
            found[kind] = (*form.opening, *script.lines, *form.closing)
    missing = set(KINDS) - set(found)
    if missing:
        raise source.error(("call_scripts",), f"there is no script for {', '.join(sorted(missing))}")
    return found


def _check(source: Source, at: tuple[str | int, ...], lines: tuple[Line, ...]) -> None:
    for n, line in enumerate(lines):
        if len(line.words) > LONGEST:
            raise source.error((*at, n), f"a line has at most {LONGEST} letters")
        unknown = next((place for place in _PLACE.findall(line.words) if place not in PLACES), None)
        if unknown is not None:
            raise source.error((*at, n), f"nothing fills {{{unknown}}}: there are {{name}}, {{me}} and {{number}}")


def spoken(lines: tuple[Line, ...], name: str, me: str, number: str) -> list[tuple[bool, str]]:
    """Each line with its places filled, and whether it is said.

    Args:
        name: the person's first name; "" where it is not known.
        me: who calls.
        number: of the emergency service where the person is.
    """
    filled = {"name": name or "them", "me": me, "number": number}
    greeting = {**filled, "name": name}
    return [(bool(line.say), _fill(line.words, greeting if line.say else filled)) for line in lines]


def _fill(text: str, values: Mapping[str, str]) -> str:
    if not values["name"]:
        text = re.sub(r",?\s*\{name\}", "", text)
    return _PLACE.sub(lambda found: values[found[1]], text)
