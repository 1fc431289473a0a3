"""Rasa's memory of a talk: a few events for each of a bounded number of senders, and no more.

Where a person is lives in our store; Rasa needs to know only that it was listening. So the trackers are scrap paper: kept as
event objects (no JSON to write and parse), cut to the last turns, the longest unused sender forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Iterable, List, Optional, Text, Tuple

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker

SENDERS = 2000  # 10 MB with one kept turn each
TURNS = 1  # rules hold one user turn; more would only be posted to the actions and replayed


class BoundedTrackerStore(TrackerStore):
    """Keeps the last turns of the senders that wrote last.

    Args:
        domain: The model's domain; its slots are given to each tracker.
        event_broker: Rasa's; unused.
        senders: How many senders are remembered.
        turns: How many user turns of each.
    """

    def __init__(
        self,
        domain: Optional[Domain],
        event_broker: Optional[EventBroker] = None,
        senders: int = SENDERS,
        turns: int = TURNS,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self.senders = senders
        self.turns = turns
        self.kept: OrderedDict[Text, Tuple[Event, ...]] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tail of a talk; forgets the sender unused for longest."""
        self.kept[tracker.sender_id] = tail(list(tracker.events), self.turns)
        self.kept.move_to_end(tracker.sender_id)
        while len(self.kept) > self.senders:
            self.kept.popitem(last=False)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """A tracker of the kept events, or None for a sender not known or forgotten."""
        events = self.kept.get(sender_id)
        if events is None:
            return None
        return DialogueStateTracker.from_events(sender_id, list(events), self.domain.slots, self.max_event_history)

    async def keys(self) -> Iterable[Text]:
        """The senders remembered."""
        return list(self.kept)


def tail(events: List[Event], turns: int) -> Tuple[Event, ...]:
    """The last turns, from the `action_listen` that each waited on, up to one that waits for the next.

    A turn that broke off (ten actions, an exception) leaves no `action_listen`; rules would then never match again, so
    one is put there.
    """
    if not events:
        return ()
    if not is_listening(events[-1]):
        events = [*events, ActionExecuted(ACTION_LISTEN_NAME)]
    starts = [place for place, event in enumerate(events) if is_listening(event)]
    return tuple(events[starts[-min(turns + 1, len(starts))] :])


def is_listening(event: Event) -> bool:
    """Whether the bot waits for the person after this event."""
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
