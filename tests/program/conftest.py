"""The real content, and a small skill of our own to try answers on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.content.coach import Coach
from bot.content.skill import Skill
from tests.support import once

TEA = {
    "id": "tea",
    "title": "Making tea",
    "intents": ["ask_pacing"],
    "steps": [
        {"id": "hello", "say": "Tea, then."},
        {
            "id": "cups",
            "ask": "score",
            "say": "How many cups, 0-10?",
            "again": ["A number of cups.", "0 to 10 cups?"],
            "passed": "No cups then.",
            "cues": ["cups"],
            "reply": [{"when": {"cups": {"at_least": 8}}, "say": "That is a lot of tea."}],
        },
        {"id": "pot", "calculate": "halved", "given": ["cups"]},
        {"id": "pots", "when": {"pot": {"at_least": 2}}, "say": "That is {pot} pots."},
        {
            "id": "milk",
            "ask": "yes_no",
            "say": "Milk?",
            "again": ["Yes or no?", "With milk, yes or no?"],
            "cues": ["milk"],
            "reply": [{"when": {"milk": "no"}, "say": "Black, then."}],
        },
        {
            "id": "kind",
            "ask": "choice",
            "options": ["Green", "Black", "Herbs"],
            "values": ["green", "black", "herbs"],
            "say": "Which tea?",
            "again": ["1, 2 or 3?", "Green, black or herbs?"],
            "default": "black",
        },
        {
            "id": "why",
            "ask": "text",
            "say": "Why tea?",
            "again": ["Any reason.", "One word."],
            "passed": "No reason needed.",
        },
        {"id": "ready", "ask": "text", "look": True, "say": "Put the kettle on. Send OK."},
        {
            "id": "sure",
            "ask": "yes_no",
            "required": True,
            "say": "Do you agree?",
            "again": ["Yes or no, please.", "I need a yes or a no."],
            "reply": [{"when": {"sure": "no"}, "say": "No tea.", "go": "leave"}],
        },
    ],
    "record": {"kind": "tea", "fields": ["cups", "pot", "milk", "kind", "why"]},
    "practice": {"what": "{kind} tea", "when": "why", "sure": "cups"},
    "done": "Enjoy your {kind} tea.",
}


@pytest.fixture(scope="session")
def content() -> Coach:
    """All content."""
    return once.coach()


@pytest.fixture(scope="session")
def coach(content: Coach) -> Coach:
    """All content, and the small skill."""
    tea = Skill.model_validate(TEA)
    return replace(content, skills={**content.skills, "tea": tea}, by_intent={**content.by_intent, "ask_pacing": "tea"})
