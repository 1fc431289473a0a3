"""The six things that the coach does with a message. None holds an `if` about therapy: that belongs in `bot.program`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.heard import heard
from bot.coaching.scene import Understood
from bot.coaching.turns import Coaching
from bot.store.database import Store

TAKE_ANSWER = "action_take_answer"


class CoachAction(Action):
    """One action: it hands the message to one method of `Coaching` and tells the gateway which message is dealt with.

    The replies themselves are in the store, under the message's id: a Rasa that dies now loses none of them.

    Args:
        action_name: the name in domain.yml.
        store: decides whether to act here or in a thread.
        act: what to do; False says that the message was none of its business.
    """

    def __init__(self, action_name: str, store: Store, act: Callable[[Understood], bool]) -> None:
        self._name, self._store, self._act = action_name, store, act

    def name(self) -> str:
        """The name in domain.yml."""
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Act; a message that was not taken goes back to the rules."""
        message = heard(tracker)
        if not await self._store.run(self._act, message):
            return [ActionExecutionRejected(self._name)]
        dispatcher.utter_message(json_message={"message": message.message_id, "intent": message.intent})
        return []


def coach_actions(coaching: Coaching) -> list[CoachAction]:
    """Every custom action of domain.yml."""
    return [
        CoachAction(TAKE_ANSWER, coaching.store, coaching.take_answer),
        CoachAction("action_start_skill", coaching.store, coaching.start_skill),
        CoachAction("action_reply", coaching.store, coaching.reply),
        CoachAction("action_move", coaching.store, coaching.reply),
        CoachAction("action_fallback", coaching.store, coaching.reply),
        CoachAction("action_risk", coaching.store, coaching.risk),
    ]
