"""`evenday answer`, `screen`, `evaluation` and `nlu`: what the product makes of lines, for measuring from outside."""

from __future__ import annotations

import json
import os
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


def kept_lines(file: str) -> None:
    """Write the local evaluation set to a new file that nobody else may read; it holds what people wrote, in clear."""
    from bot.cli.operate import open_store
    from bot.clock import SystemClock
    from bot.settings import load
    from bot.store import evaluation, staff
    from bot.store.migrate import migrate

    store = open_store(load())
    migrate(store)
    with store.write() as connection:
        lines = evaluation.verdicts(connection, store.vault)
        now, count = SystemClock().now(), str(len(lines))
        staff.record(connection, store.vault, now, None, "evaluation.export", "evaluation", count)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            for line in lines:
                row = {"text": line.text, "tier": line.tier, "kind": line.kind, "style": line.verdict}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(
            f"{file}: {error.strerror}: name a file that does not exist, in a folder that can be written"
        ) from None
    typer.echo(f"wrote {count} lines to {file}. They are patients' own words: measure here, then delete the file.")


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
