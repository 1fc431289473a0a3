"""An open question hears a message first, once; what it gives back is for the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inside = Callable[[str], Any]

CODE = """
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from dialogue.open_question import choose
listen = ActionExecuted("action_listen")
def heard(is_open): return UserUttered("about a 6", {"name": "report_pain"}, metadata={"open": is_open, "message": "m"})
gone = ActionExecutionRejected("action_take_answer")
talks = {
    "open": [listen, heard(True)],
    "closed": [listen, heard(False)],
    "no metadata": [listen, UserUttered("hello", {"name": "greet"})],
    "given back": [listen, heard(True), gone],
    "taken": [listen, heard(True), ActionExecuted("action_take_answer")],
    "replied": [listen, heard(True), gone, ActionExecuted("action_reply")],
    "fallback": [listen, heard(False), ActionExecuted("action_fallback")],
    "empty": [],
    "given back, then the next message": [listen, heard(True), gone, ActionExecuted("action_reply"), listen, heard(True)],
}
print(json.dumps({name: choose(DialogueStateTracker.from_events("p~1", talk)) for name, talk in talks.items()}))
"""


def test_the_open_question_is_asked_first_and_only_once(inside: Inside) -> None:
    assert inside(CODE) == {
        "open": "action_take_answer",
        "closed": None,
        "no metadata": None,
        "given back": None,
        "taken": "action_listen",
        "replied": "action_listen",
        "fallback": "action_listen",
        "empty": None,
        "given back, then the next message": "action_take_answer",
    }
