"""What takes seconds to read and nobody changes: read once in a process, for whichever tests need it."""

from __future__ import annotations

from datetime import date
from functools import cache

from bot.app import CONTENT, SCREEN_MODEL
from bot.content.coach import HOWEVER_OLD, Coach, load
from bot.content.safety_models import RuleBook
from bot.safety.rules import Rules
from bot.safety.screen import Screen


@cache
def coach() -> Coach:
    """All content; how old its numbers are is for `evenday check` to say."""
    return load(CONTENT, date(2026, 11, 24), numbers_days=HOWEVER_OLD)


def rule_book() -> RuleBook:
    """The rules of the screen."""
    return coach().rules


@cache
def rules() -> Rules:
    """The same, compiled."""
    return Rules(rule_book())


@cache
def screen() -> Screen:
    """The screen by rules and conversation."""
    return Screen(rule_book())


@cache
def whole_screen() -> Screen:
    """The screen with its encoder."""
    return Screen(rule_book(), SCREEN_MODEL)
