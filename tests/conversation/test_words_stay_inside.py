"""What a person wrote is in no log, and in clear in no database: a conversation with words that can be looked for."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.conversation.message import Outcome, SendResult
from bot.crypto import Vault
from bot.safety.screen import Screen
from bot.store.database import Store
from tests.conftest import MakePatient
from tests.support.cluster import Cluster
from tests.support.house import House
from tests.support.people import Person, make_patient

CANARY, NAME = "zyxomma", "Quillfeather"
TALK = (
    "hello",
    "check in",
    f"six, my {CANARY} hurts",
    f"{CANARY}",
    f"I want to kill myself with {CANARY}",
    "no",
    f"can I talk to a human about {CANARY}?",
    "STOP",
    "START",
)


def whole_conversation(house: House, who: Person) -> None:
    """All kinds of turns and failures."""
    house.dialogue.hears.update({"check in": "start_checkin", "hello": "greet", TALK[6]: "talk_to_human"})
    house.dialogue.fails = 1
    house.provider.answers = [SendResult(Outcome.SENT, "1"), RuntimeError(CANARY), SendResult(Outcome.UNKNOWN)]
    for n, text in enumerate(TALK):
        received = house.receive(who.writes(text, key=f"telegram:42:{n}"))
        for _ in range(2):
            house.work(received.patient_id, 1)
        house.send()
    broken = house.dialogue.say

    async def fail(*_: Any) -> Any:
        raise ValueError(CANARY)

    house.dialogue.say = fail  # type: ignore[method-assign,assignment]
    received = house.receive(who.writes(f"again {CANARY}"))
    house.work(received.patient_id)
    house.dialogue.say = broken  # type: ignore[method-assign]
    house.work(received.patient_id, 10)
    house.send()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, as the gateway would log it, at the lowest level."""
    out, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    monkeypatch.setattr(sys, "stderr", out)
    logs.configure("debug")
    root.setLevel(logging.DEBUG)
    yield out
    logging.captureWarnings(False)
    root.handlers, root.level, sys.excepthook = before
    structlog.reset_defaults()


@pytest.fixture
def ana(a_patient: MakePatient) -> Person:
    """Somebody with a name that can be looked for."""
    return a_patient(on="telegram", name=NAME)


def test_no_log_holds_words_names_or_addresses(
    told: io.StringIO, file_store: Store, clock: TurnedClock, coach: Coach, screen: Screen, ana: Person
) -> None:
    whole_conversation(House(file_store, clock, coach, screen, "telegram"), ana)
    said = told.getvalue()
    for word in (CANARY, NAME, ana.number, "kill myself", "hurts"):
        assert word not in said
    events = [json.loads(line)["event"] for line in said.splitlines() if line.startswith("{")]
    assert {"outbox.settled", "dialogue.down", "channel.raised"} <= set(events)


def test_unknown_keys_are_dropped_and_strange_values_named(told: io.StringIO) -> None:
    log = structlog.get_logger()
    log.info("a.thing", text=CANARY, address=CANARY, message={"text": CANARY}, why="w" * 1000, count=3)
    entry = json.loads(told.getvalue())
    assert CANARY not in told.getvalue()
    assert set(entry) == {"event", "level", "timestamp", "message", "why", "count"}
    assert (entry["message"], entry["count"], len(entry["why"])) == ("dict", 3, 200)


def test_libraries_keep_their_words_to_themselves(told: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot parse {CANARY}")
    except ValueError as error:
        logging.getLogger("uvicorn.error").exception("failed on %s", CANARY)
        sys.excepthook(type(error), error, error.__traceback__)
    said = told.getvalue()
    assert CANARY not in said
    assert "uvicorn.error ERROR" in said and "ValueError" in said and "test_words_stay_inside.py" in said


def bytes_of(store: Store, request: pytest.FixtureRequest) -> bytes:
    """All that the database keeps: the file and its log, or a dump."""
    if store.is_sqlite:
        file = store.engine.url.database or ""
        found = b""
        for name in (file, f"{file}-wal"):
            found += Path(name).read_bytes()
        return found
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.dump(str(store.engine.url.database))


def test_no_plain_text_is_at_rest(
    request: pytest.FixtureRequest, store: Store, clock: TurnedClock, coach: Coach, screen: Screen
) -> None:
    house = House(store, clock, coach, screen, "telegram")
    ana = make_patient(store, clock, on="telegram", name=NAME)
    whole_conversation(house, ana)
    kept = bytes_of(store, request)
    assert ana.id.encode() in kept  # it is there, and can be looked for
    said = {row.text for row in house.rows(ana.id)}
    assert said
    for words in (CANARY, NAME, ana.number, "kill myself", *said):
        assert words.encode() not in kept, words


def test_the_secret_is_nowhere(store: Store, vault: Vault, secret: str, clock: TurnedClock) -> None:
    make_patient(store, clock)
    assert secret not in repr(vault) + str(vault) + repr(store.engine.url)
