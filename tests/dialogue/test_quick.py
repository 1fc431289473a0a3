"""What is left out of Rasa's turn changes none of its decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from tests.dialogue.conftest import ROOT

Inside = Callable[[str], Any]

DECIDE = """
from pathlib import Path
from rasa.core.agent import Agent
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from dialogue import open_question, quick
MODEL = "models/evenday.tar.gz"
def decisions():
    agent = Agent.load(MODEL)
    domain, listen, found = agent.domain, ActionExecuted("action_listen"), {}
    for intent in [*domain.intents, None]:
        for is_open in (True, False):
            said = UserUttered("words", {"name": intent}, metadata={"open": is_open, "message": 1})
            talks = {"said": [listen, said], "given back": [listen, said, ActionExecutionRejected(open_question.TAKE)]}
            talks |= {name: [listen, said, ActionExecuted(name)] for name in sorted(open_question.ACTIONS)}
            for name, events in talks.items():
                tracker = DialogueStateTracker.from_events("p~1", events, domain.slots)
                told = agent.processor._predict_next_with_tracker(tracker)
                best = told.probabilities.index(max(told.probabilities))
                found[f"{intent} {is_open} {name}"] = domain.action_names_or_texts[best]
    return found
"""
COMPARE = (
    DECIDE
    + """
theirs = decisions()
quick.use_quick_turns()
ours = decisions()
different = {name: (action, ours[name]) for name, action in theirs.items() if action != ours[name]}
print(json.dumps({"count": len(theirs), "different": different}))
"""
)
NAMES = """
from dialogue.open_question import ACTIONS
print(json.dumps(sorted(ACTIONS)))
"""


def test_rasa_decides_as_it_does_unhurried(inside: Inside) -> None:
    told = inside(COMPARE)
    assert told["count"] > 400
    assert told["different"] == {}


def test_every_action_of_the_domain_ends_a_turn(inside: Inside) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert inside(NAMES) == sorted(domain["actions"])
