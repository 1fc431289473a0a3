"""Conversations that a clinician signs: every file in this folder, on every channel that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.coach import Coach
from bot.rehearsal import Backstage
from bot.safety.screen import Screen
from tests.conversations.conversation_file import Conversation, read
from tests.conversations.player import Player

FOLDER = Path(__file__).parent
GOLDEN = FOLDER / "golden"
FILES = [read(file) for file in sorted(FOLDER.rglob("*.yml"))]
PLAYED = [
    pytest.param(script, channel, id=f"{script.name}-{channel}") for script in FILES for channel in script.channels
]
KEPT = [
    pytest.param(script, channel, id=f"{script.golden}-{channel}")
    for script in FILES
    if script.golden
    for channel in script.channels
]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("script", "channel"), PLAYED)
def test_conversation(
    script: Conversation,
    channel: str,
    coach: Coach,
    screen: Screen,
    backstage: Backstage,
    request: pytest.FixtureRequest,
) -> None:
    transcript = Player(script, channel, coach, screen, backstage).play()
    if script.golden:
        text = f"# {script.about}\n\n" + "\n".join(transcript) + "\n"
        file = GOLDEN / f"{script.golden}.{channel}.txt"
        if request.config.getoption("--golden"):
            file.write_text(text, encoding="utf-8")
        assert file.exists() and file.read_text(encoding="utf-8") == text, "not as written: review, then `make golden`"


@pytest.mark.parametrize(("script", "channel"), KEPT[::3])
def test_losing_every_tracker_changes_nothing(
    script: Conversation, channel: str, coach: Coach, screen: Screen, backstage: Backstage
) -> None:
    forgotten = Player(script, channel, coach, screen, backstage, forgets=True).play()
    kept = (GOLDEN / f"{script.golden}.{channel}.txt").read_text(encoding="utf-8").split("\n\n", 1)[1]
    assert "\n".join(forgotten) + "\n" == kept


def test_there_are_enough_conversations() -> None:
    assert len(FILES) >= 35
