"""What an action needs of the tracker: whose message it is, and what the model made of it."""

from __future__ import annotations

from rasa_sdk import Tracker

from bot.coaching.scene import Understood
from bot.store.types import MessageId


def heard(tracker: Tracker) -> Understood:
    """The message that is being answered.

    Raises:
        KeyError: it did not come through the gateway, which names it in the metadata.
    """
    message = tracker.latest_message
    metadata = message.get("metadata") or {}
    guess = message.get("intent") or {}
    return Understood(
        message_id=MessageId(int(metadata["message"])),
        intent=str(guess.get("name") or ""),
        confidence=float(guess.get("confidence") or 0.0),
        holder=str(metadata.get("holder") or ""),
    )
