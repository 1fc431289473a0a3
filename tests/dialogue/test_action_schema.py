"""The compiled check of action replies must refuse what Rasa's own check refuses, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk.events import ActionExecutionRejected

from actions.coach import TAKE_ANSWER

Inside = Callable[[str], Any]

CODE = """
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
theirs = RemoteAction._validate_action_result
from dialogue import open_question
ours = RemoteAction._validate_action_result
action = RemoteAction("action_reply", None)
rejected = {"event": "action_execution_rejected", "name": "action_take_answer", "policy": None, "confidence": None}
from dialogue.action_schema import ACCEPTED, CHECK
assert all(CHECK.is_valid({"events": events, "responses": []}) for events in ACCEPTED)
cases = [
    {"events": [], "responses": []},
    {"events": [], "responses": [{"text": "Hello", "buttons": [{"title": "Yes", "payload": "yes"}]}]},
    {"events": [rejected], "responses": []},
    {"events": ACCEPTED[1], "responses": []},
    {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": 1}], "responses": []},
    {},
    {"events": {}, "responses": []},
    {"events": [{"event": "nonsense"}], "responses": []},
    {"events": [{"name": "no event"}], "responses": []},
    {"events": [], "responses": "Hello"},
    {"events": [], "responses": ["Hello"]},
    {"events": ACCEPTED[1], "responses": ["Hello"]},
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
    assert ours[:6] == [True] * 6
    assert ours[6:] == [False] * 8


def test_the_events_of_our_actions_are_known(inside: Inside) -> None:
    known = inside("from dialogue.action_schema import ACCEPTED; print(json.dumps(ACCEPTED))")
    assert known == [[], [ActionExecutionRejected(TAKE_ANSWER)]]
