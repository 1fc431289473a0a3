"""Adding a skill needs content and utterances: an intent without a rule opens its skill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Inside = Callable[[str], Any]
ROOT = Path(__file__).resolve().parents[2]

CODE = """
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.importers.importer import TrainingDataImporter
found = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data/rules", {nlu!r}])
rules = {{}}
for step in found.get_stories().story_steps:
    intent = [e.intent_name for e in step.events if isinstance(e, UserUttered)]
    actions = [e.action_name for e in step.events if isinstance(e, ActionExecuted) and e.action_name != "..."]
    rules.setdefault(intent[0], []).extend(actions)
print(json.dumps([sorted(found.get_domain().intents), rules, sorted(found.get_nlu_data().intents)]))
"""


def test_an_intent_that_no_rule_names_opens_its_skill(inside: Inside, tmp_path: Path) -> None:
    lines = (
        "nlu:\n- intent: ask_cold_packs\n  examples: |\n    - does ice help\n- intent: greet\n  examples: |\n    - hi\n"
    )
    (tmp_path / "cold.yml").write_text(lines)
    intents, rules, heard = inside(CODE.format(nlu=str(tmp_path)))
    assert "ask_cold_packs" in intents
    assert rules["ask_cold_packs"] == ["action_start_skill"]
    assert rules["greet"] == ["action_reply"]
    assert "ask_cold_packs" in heard


def test_every_intent_has_one_action_and_every_danger_its_own(inside: Inside) -> None:
    intents, rules, heard = inside(CODE.format(nlu=str(ROOT / "data" / "nlu")))
    assert set(heard) <= set(intents)
    assert set(rules) == set(heard) | {"nlu_fallback"}
    assert all(len(actions) == 1 for actions in rules.values())
    assert {name for name, actions in rules.items() if actions == ["action_risk"]} == {
        name for name in heard if name.startswith("risk_")
    }


@pytest.mark.parametrize(
    "content", ["nlu: [{intent: greet}]", "nlu:\n- intent: greet\n  examples: |\n    hello", "[", "3"]
)
def test_a_file_of_another_form_is_named(inside: Inside, tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.yml").write_text(content)
    code = f"""
from dialogue.importer import UtteranceError, read
try:
    list(read([{str(tmp_path / "odd.yml")!r}]))
except UtteranceError as error:
    print(json.dumps(str(error)))
"""
    assert "odd.yml" in inside(code)
