"""The form that all black-box commands share: JSON lines in, one JSON line for each out, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.errors import InputError


def rows(file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a file, or of standard input for `-`, with their numbers from 1.

    Raises:
        InputError: the file can't be read, or a line is no JSON object; names the line.
    """
    name = "standard input" if file == "-" else file
    try:
        stream = sys.stdin if file == "-" else Path(file).open(encoding="utf-8")  # noqa: SIM115  # closed below
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    number = 0
    try:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, _object(line, name, number)
    except UnicodeDecodeError:
        raise InputError(f"{name}:{number + 1}: is not UTF-8") from None
    finally:
        if file != "-":
            stream.close()


def _object(line: str, name: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise InputError(f"{name}:{number}: is not JSON") from None
    if not isinstance(row, dict):
        raise InputError(f'{name}:{number}: is not a JSON object such as {{"text": "hello"}}')
    return row


def refuse(file: str, number: int, what: str) -> InputError:
    """An error that names a line."""
    return InputError(f"{'standard input' if file == '-' else file}:{number}: {what}")


def write(row: dict[str, Any]) -> None:
    """One line of output, at once."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()
