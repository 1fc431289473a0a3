"""`evenday answer`, `screen` and `nlu`: what the product makes of lines, for measuring from outside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection
from typing import TYPE_CHECKING

import typer

from bot import answers as grammar
from bot.cli.lines import refuse, rows, write
from bot.errors import InputError, SettingsError

if TYPE_CHECKING:
    from bot.safety.screen import Screen


def answers(file: str) -> None:
    """Read each line as an answer to the question that it names."""
    for number, row in rows(file):
        try:
            write({"value": grammar.read_json(row)})
        except ValueError as error:
            raise refuse(file, number, str(error)) from None


def screened(file: str, without: Collection[str] = ()) -> None:
    """Judge each line by every layer of the screen, but for those left out."""
    from bot.safety.screen import screen_row

    screen = _screen(without)
    for number, row in rows(file):
        try:
            write(screen_row(screen, row))
        except ValueError as error:
            raise refuse(file, number, str(error)) from None


def evaluated(file: str, without: Collection[str] = ()) -> None:
    """Judge labelled lines, and print recall and false alarms by tier, kind and style."""
    from bot.safety.evaluation import report, score
    from bot.safety.screen import screen_row
    from bot.safety.tiers import Tier

    screen = _screen(without)
    labelled, said = [], []
    for number, row in rows(file):
        try:
            Tier(str(row["tier"]))
            said.append(Tier(str(screen_row(screen, row)["tier"])))
        except (KeyError, ValueError) as error:
            what = str(error) if "needs" in str(error) else 'needs "text" and "tier" (none, watch, urgent or emergency)'
            raise refuse(file, number, what) from None
        labelled.append(row)
    for line in report(score(labelled, said)):
        typer.echo(line)


def _screen(without: Collection[str]) -> Screen:
    from bot.app import CONTENT, SCREEN_MODEL
    from bot.content.safety_rules import load
    from bot.safety.screen import LAYERS, Screen

    unknown = sorted(set(without) - set(LAYERS))
    if unknown:
        raise InputError(f"--without {unknown[0]}: there are the layers {', '.join(LAYERS)}")
    return Screen(load(CONTENT / "safety"), SCREEN_MODEL, without=frozenset(without))


def understood(file: str) -> None:
    """Name each line's intent by the trained model, in one batch in Rasa's environment."""
    from bot import rasa
    from bot.settings import ROOT

    texts = []
    for number, row in rows(file):
        if not isinstance(row.get("text"), str):
            raise refuse(file, number, 'needs "text", the words')
        texts.append(json.dumps({"text": row["text"]}))
    rasa.train_if_changed(lambda line: None)
    done = subprocess.run(
        [str(rasa.PYTHON), "-m", "dialogue.parse_batch", str(rasa.MODEL)],
        input="\n".join(texts) + "\n",
        cwd=ROOT,
        env=rasa.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SettingsError("the trained model could not be read: run `make train`")
    for line in done.stdout.splitlines():
        row = json.loads(line)
        write({name: row[name] for name in ("intent", "confidence", "entities")})
