"""Rasa's memory stays bounded, and a broken turn does not silence a talk for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inside = Callable[[str], Any]

CODE = """
import asyncio
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from dialogue.trackers import BoundedTrackerStore
listen, reply = ActionExecuted("action_listen"), ActionExecuted("action_reply")
def said(text): return UserUttered(text, {"name": "greet"})
def talk(sender, *events): return DialogueStateTracker.from_events(sender, list(events))
def names(tracker): return [getattr(e, "text", None) or e.action_name for e in tracker.events]
async def run():
    store = BoundedTrackerStore(Domain.empty(), senders=2, turns=1)
    await store.save(talk("a~1", listen, said("one"), reply, listen, said("two"), reply, listen))
    kept = names(await store.retrieve("a~1"))
    await store.save(talk("b~1", listen, said("one"), reply))
    mended = names(await store.retrieve("b~1"))
    await store.save(talk("a~1", listen))
    await store.save(talk("c~1", listen))
    lost = await store.retrieve("b~1")
    found = await store.retrieve("a~1")
    found.update(said("changed by a turn that failed"))
    return kept, mended, lost is None, sorted(await store.keys()), names(await store.retrieve("a~1"))
print(json.dumps(asyncio.run(run())))
"""


def test_the_store_keeps_the_last_turn_of_the_last_senders(inside: Inside) -> None:
    kept, mended, lost, senders, untouched = inside(CODE)
    assert kept == ["action_listen", "two", "action_reply", "action_listen"]
    assert mended == ["action_listen", "one", "action_reply", "action_listen"]
    assert lost
    assert senders == ["a~1", "c~1"]
    assert untouched == ["action_listen"]
