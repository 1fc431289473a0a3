"""`evenday demo`, and what `evenday run` does at the very first start: made-up people, to look at."""

from __future__ import annotations

from bot.app import CONTENT, SCREEN_MODEL, content_of
from bot.cli.operate import open_store, say
from bot.clock import SystemClock
from bot.content.coach import Coach
from bot.content.demo import load_demo
from bot.demo import Stage, add
from bot.errors import EvendayError
from bot.safety.cover import parse as parse_cover
from bot.safety.screen import Screen
from bot.settings import Settings, load
from bot.store import demos, staff
from bot.store.database import Store
from bot.store.migrate import migrate


def _stage(store: Store, settings: Settings, coach: Coach) -> Stage:
    screen, cover = Screen(coach.rules, SCREEN_MODEL), parse_cover(settings.cover_hours)
    return Stage(store, coach, screen, settings, cover, load_demo(CONTENT / "demo", coach))


def is_wanted(store: Store, settings: Settings) -> bool:
    """Whether this is a first try-out, which gets made-up people by itself: nobody is stored, and nobody could write."""
    is_connected = settings.telegram_token.get_secret_value() or settings.twilio_account_sid
    if not settings.demo or is_connected or not store.is_sqlite:
        return False
    with store.read() as connection:
        return demos.is_untouched(connection)


def first_look(settings: Settings, coach: Coach) -> None:
    """At the first start: put the made-up people in, if this is a try-out.

    Nothing that goes wrong with them ends the start: the first supervisor's password is told after it, and only then.
    """
    store = open_store(settings)
    try:
        if is_wanted(store, settings):
            count = add(_stage(store, settings, coach), SystemClock())
            say(f"put {count} made-up people in, marked as Demo: evenday demo remove takes them out")
    except Exception as error:
        why = str(error) if isinstance(error, EvendayError) else type(error).__name__
        say(f"warning: no made-up people were put in ({why}): evenday demo add tries again")
    finally:
        store.close()


def added() -> None:
    """Put them in."""
    settings = load()
    store = open_store(settings)
    migrate(store)
    count = add(_stage(store, settings, content_of(settings, SystemClock().now().date())), SystemClock())
    store.close()
    say(f"{count} made-up people are in, marked as Demo")


def removed() -> None:
    """Take them out."""
    store = open_store(load())
    migrate(store)
    with store.write() as connection:
        gone = demos.remove(connection)
        if gone:
            staff.record(connection, store.vault, SystemClock().now(), None, "demo.removed", "demo", f"{gone} people")
    store.close()
    say(f"{gone} made-up people are out" if gone else "there were no made-up people")
