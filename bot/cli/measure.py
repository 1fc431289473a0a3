"""`evenday answer`, `screen` and `nlu`: what the product makes of lines, for measuring from outside."""

from __future__ import annotations

import json
import subprocess

from bot import answers as grammar
from bot.cli.lines import refuse, rows, write
from bot.errors import SettingsError


def answers(file: str) -> None:
    """Read each line as an answer to the question that it names."""
    for number, row in rows(file):
        try:
            write({"value": grammar.read_json(row)})
        except ValueError as error:
            raise refuse(file, number, str(error)) from None


def screened(file: str) -> None:
    """Judge each line by the rules in data/coach/safety and the conversation's state."""
    from bot.app import CONTENT
    from bot.content.safety_rules import load
    from bot.safety.screen import Screen, screen_row

    screen = Screen(load(CONTENT / "safety"))
    for number, row in rows(file):
        try:
            write(screen_row(screen, row))
        except ValueError as error:
            raise refuse(file, number, str(error)) from None


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
