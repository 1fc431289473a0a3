"""`evenday run`, `serve`, `check`, `train`, `migrate`: what an operator does."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from pathlib import Path

import typer
from rich.console import Console

from bot import rasa
from bot.clock import SystemClock
from bot.content.coach import Coach
from bot.content.paging import load_paging
from bot.crypto import Vault
from bot.errors import SettingsError
from bot.paging.drill import parse_weekly
from bot.safety.cover import parse as parse_cover
from bot.settings import ENV_FILE, ROOT, Settings, home, load
from bot.store import pages
from bot.store.database import Store
from bot.store.migrate import migrate

PORTS_TRIED = 20


def say(line: str) -> None:
    """One line for the operator, at once."""
    typer.echo(line)
    sys.stdout.flush()


def checked() -> None:
    """Load settings and content as the gateway would."""
    from bot.app import CONTENT
    from bot.content.demo import load_demo

    settings = load()
    parse_cover(settings.cover_hours)
    parse_weekly("EVENDAY_DRILL", settings.drill)
    parse_weekly("EVENDAY_TEST_PAGE", settings.test_page)
    coach = _content()
    load_demo(CONTENT / "demo", coach)
    if settings.paging_policy:
        load_paging(Path(settings.paging_policy))
    _try_safety_examples()
    for warning in _hard_to_read():
        say(f"warning: {warning}")
    numbers = sum(len(country.numbers) for country in coach.crisis.countries.values())
    say(f"content is sound: {len(coach.skills)} conversations, {len(coach.replies)} replies, {numbers} crisis numbers")


def _try_safety_examples() -> None:
    from bot.app import CONTENT
    from bot.content.safety_rules import load
    from bot.safety.screen import fired_rules

    load(CONTENT / "safety", fired_rules)


def _hard_to_read() -> list[str]:
    from bot.app import CONTENT
    from bot.content.coach import hard_to_read

    return hard_to_read(CONTENT)


def _warn_of_old_numbers(coach: Coach) -> None:
    outdated = coach.crisis.outdated(SystemClock().now().date())
    if outdated:
        say(
            f"WARNING: {outdated} crisis numbers were last confirmed over 90 days ago: docs/howto/change-a-crisis-number.md"
        )


def _content() -> Coach:
    from bot.app import CONTENT
    from bot.content.coach import load as load_content

    return load_content(CONTENT, SystemClock().now().date())


def trained() -> None:
    """Train the model if it is not that of the present files."""
    rasa.train_if_changed(lambda line: say(f"  {line}"))
    say(f"the model is current: {rasa.MODEL.relative_to(ROOT)}")


def migrated() -> None:
    """Apply missing migrations."""
    store = open_store(load())
    migrate(store)
    store.close()
    say("the database has the present schema")


def open_store(settings: Settings) -> Store:
    """The store of these settings; closes itself with the process.

    Raises:
        SettingsError: no key, or a bad address.
    """
    return Store(settings.database, Vault(settings.key_list))


def served() -> None:
    """The gateway, until it is told to end."""
    import uvloop

    from bot.serve import serve

    uvloop.run(serve(load()))


def supervised(port: int) -> None:
    """Prepare what is missing, start everything, print the links, and keep it running."""
    from bot.app import content_of
    from bot.cli.demo import first_look
    from bot.paging.apprise_route import teller
    from bot.supervisor import Supervisor, parts, prepare_home

    started = time.monotonic()
    if prepare_home(home()):
        say(f"made keys in {home() / ENV_FILE}: keep a copy of that file in a safe place")
    settings = load()
    settings.port = free_port_from(settings.host, port or settings.port)
    parse_cover(settings.cover_hours)
    Vault(settings.key_list)
    say("checking content …")
    coach = content_of(settings, SystemClock().now().date())
    _warn_of_old_numbers(coach)
    rasa.train_if_changed(lambda line: say(f"  {line}"))
    password, can_page = _first_supervisor(settings)
    if password:
        first_look(settings, coach)
    say("starting Rasa and the gateway …")
    supervisor = Supervisor(parts(settings), say, teller(settings.operator_url_list))
    ready = f"http://127.0.0.1:{settings.port}/readyz"
    asyncio.run(supervisor.run(ready, lambda: _welcome(settings, password, can_page, time.monotonic() - started)))
    say("ended")


def free_port_from(host: str, wanted: int) -> int:
    """The first free port from `wanted` on.

    Raises:
        SettingsError: twenty in a row are taken.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise SettingsError(f"ports {wanted} to {wanted + PORTS_TRIED - 1} are all taken: use `evenday run --port N`")


def _first_supervisor(settings: Settings) -> tuple[str | None, bool]:
    from bot.console.staff_accounts import ensure_first_supervisor

    store = open_store(settings)
    migrate(store)
    password = ensure_first_supervisor(store, SystemClock())
    with store.read() as connection:
        can_page = pages.can_page_anybody(connection)
    store.close()
    return password, can_page


def _welcome(settings: Settings, password: str | None, can_page: bool, seconds: float) -> None:
    console, base = Console(highlight=False, soft_wrap=True), f"http://127.0.0.1:{settings.port}"
    console.print(f"\n[bold green]Evenday is ready[/] ({seconds:.0f} s)\n")
    console.print(f"  Talk to the coach   {base}/try")
    console.print(f"  Supervisors         {base}/console/")
    if password:
        console.print(f"                      login [bold]supervisor[/], password [bold]{password}[/] (shown only now)")
    if settings.telegram_token.get_secret_value():
        console.print("  Telegram            on, by " + ("webhook" if settings.public_url else "polling"))
    else:
        console.print("  Telegram            docs/howto/connect-telegram.md")
    if settings.twilio_account_sid:
        console.print(f"  SMS                 on, webhook {settings.public}/twilio/in")
    else:
        console.print("  SMS                 docs/howto/connect-twilio.md")
    if not settings.cover_hours:
        console.print(
            "  [yellow]No cover hours are set: people are told that nobody reads along (EVENDAY_COVER_HOURS).[/]"
        )
    if not can_page:
        console.print("  [yellow]No member of staff can be paged: docs/howto/set-up-paging.md[/]")
    console.print("\n  Ctrl-C ends everything.\n")
