"""What staff may say on the telephone: a script for every kind of risk, checked as it is read, filled as it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.call_scripts import Line, load_call_scripts, spoken
from bot.errors import ContentError
from bot.safety.tiers import Kind
from tests.support.once import coach

ALL = ", ".join(kind for kind in Kind if kind is not Kind.NONE)
WHOLE = f"""opening:
  - say: "Hello {{name}}, this is {{me}}."
call_scripts:
  - kinds: [{ALL}]
    lines:
      - do: "Tell {{name}} to call {{number}}."
closing:
  - say: "When may I call again?"
"""


def test_every_kind_of_risk_has_one_that_says_who_calls_and_where_help_is() -> None:
    found = coach().call_scripts
    assert set(found) == set(Kind) - {Kind.NONE}
    for kind, lines in found.items():
        words = " ".join(line.words for line in lines)
        assert "{me}" in lines[1].say and "{number}" in words, kind
        assert "safe" in words or kind is Kind.MEDICAL, kind


@pytest.mark.parametrize("kind", [Kind.SUICIDE, Kind.SELF_HARM, Kind.HOPELESSNESS])
def test_who_may_want_to_die_is_asked_straight_and_about_means(kind: Kind) -> None:
    said = " ".join(line.say for line in coach().call_scripts[kind])
    assert "are you thinking of killing yourself?" in said and "Is that near you now?" in said


@pytest.mark.parametrize(
    ("was", "put", "line", "words"),
    [
        ('- say: "When', '- say: "{name} {when}', 8, "nothing fills {when}"),
        ('"When may I call again?"', f'"{"x" * 161}"', 8, "at most 160 letters"),
        ("none", "none", 0, ""),
        ("suicide, ", "", 3, "no script for suicide"),
        (ALL, f"{ALL}, suicide", 4, "suicide has a script already"),
        ('- do: "Tell', '- say: "x"\n        do: "Tell', 6, "either `say` or `do`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, was: str, put: str, line: int, words: str) -> None:
    file = tmp_path / "call_scripts.yml"
    file.write_text(WHOLE.replace(was, put), encoding="utf-8")
    if not words:
        assert len(load_call_scripts(file)) == len(Kind) - 1
        return
    with pytest.raises(ContentError, match=f"call_scripts.yml:{line}") as caught:
        load_call_scripts(file)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana", [(True, "Hello Ana, this is Ben."), (False, "Tell Ana to call 112.")]),
        ("", [(True, "Hello, this is Ben."), (False, "Tell them to call 112.")]),
    ],
)
def test_places_are_filled_also_where_no_name_is_known(name: str, expected: list[tuple[bool, str]]) -> None:
    lines = (Line(say="Hello {name}, this is {me}."), Line(do="Tell {name} to call {number}."))
    assert spoken(lines, name, "Ben", "112") == expected
