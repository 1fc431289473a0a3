"""The compiled check of action replies must refuse what Rasa's own check refuses, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inside = Callable[[str], Any]

CODE = """
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
theirs = RemoteAction._validate_action_result
from dialogue import open_question
ours = RemoteAction._validate_action_result
action = RemoteAction("action_reply", None)
rejected = {"event": "action_execution_rejected", "name": "action_take_answer", "policy": None, "confidence": None}
cases = [
    {"events": [], "responses": []},
    {"events": [], "responses": [{"text": "Hello", "buttons": [{"title": "Yes", "payload": "yes"}]}]},
    {"events": [rejected], "responses": []},
    {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": 1}], "responses": []},
    {},
    {"events": {}, "responses": []},
    {"events": [{"event": "nonsense"}], "responses": []},
    {"events": [{"name": "no event"}], "responses": []},
    {"events": [], "responses": "Hello"},
    {"events": [], "responses": ["Hello"]},
    [],
    None,
]
def accepts(check, reply):
    try:
        return check(action, reply)
    except ValidationError as fault:
        return "Hello" in fault.message and "told"
print(json.dumps([ours is not theirs, [bool(accepts(theirs, c)) is True and accepts(theirs, c) != "told" for c in cases],
                  [accepts(ours, c) for c in cases]]))
"""


def test_malformed_replies_are_refused_as_by_rasa_and_their_words_are_not_repeated(inside: Inside) -> None:
    replaced, theirs, ours = inside(CODE)
    assert replaced
    assert ours == theirs
    assert ours[:5] == [True] * 5
    assert ours[5:] == [False] * 7
