"""`evenday talk`: a chat in the terminal, or a file played through the real pipeline."""

from __future__ import annotations

import asyncio
import sys

from rich.console import Console

from bot import rasa
from bot.app import CONTENT
from bot.clock import SystemClock
from bot.content.coach import Coach, load
from bot.errors import InputError
from bot.logs import configure
from bot.rehearsal import Rehearsal, rasa_running, rehearsal

CHANNELS = ("terminal", "sms", "telegram", "web")


def _ready(channel: str) -> Coach:
    if channel not in CHANNELS:
        raise InputError(f"--channel {channel}: use one of {', '.join(CHANNELS)}")
    configure("error")
    coach = load(CONTENT, SystemClock().now().date())
    rasa.train_if_changed(lambda line: print(line, file=sys.stderr))
    return coach


def played(file: str, channel: str) -> None:
    """Play a file; see `bot.cli.scripted`."""
    from bot.cli.scripted import play

    coach = _ready(channel)

    async def run() -> None:
        async with rasa_running() as backstage:
            await play(file, channel, coach, backstage)

    asyncio.run(run())


def chat(channel: str) -> None:
    """Chat until the end of input; nothing of it is kept."""
    coach = _ready(channel)
    asyncio.run(_chat(channel, coach))


async def _chat(channel: str, coach: Coach) -> None:
    console = Console(highlight=False)
    with console.status("Starting the dialogue model …"):
        stage_rasa = rasa_running()
        backstage = await stage_rasa.__aenter__()
    try:
        async with rehearsal(backstage, channel, SystemClock().now(), coach=coach) as stage:
            console.print("Write to the coach; Ctrl-D ends. Nothing is kept.\n", style="dim")
            await _turn(stage, console, "hello")
            while True:
                text = await asyncio.to_thread(_read)
                if text is None:
                    return
                await _turn(stage, console, text)
    finally:
        await stage_rasa.__aexit__(None, None, None)


def _read() -> str | None:
    try:
        return input("\x1b[36myou\x1b[0m  " if sys.stdin.isatty() else "")
    except (EOFError, KeyboardInterrupt):
        return None


async def _turn(stage: Rehearsal, console: Console, text: str) -> None:
    _, sent, _ = await stage.say(text)
    for outgoing in sent:
        console.print("coach", outgoing.reply.text, style="green", markup=False, sep="  ")
        for number, label in enumerate(outgoing.reply.buttons, 1):
            console.print(f"       {number}  {label}", style="yellow", markup=False)
    console.print()
