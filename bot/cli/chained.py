"""`evenday audit`: whether the audit is whole, and whether it still says what a file of the console's says."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from bot.cli.operate import open_store, say
from bot.clock import SystemClock
from bot.console.audit.export import COLUMNS, kept
from bot.errors import InputError
from bot.settings import load
from bot.store import chain, staff, trail
from bot.store.chain import Walk
from bot.store.database import Store
from bot.store.migrate import migrate

LONGEST = 18  # figures of an entry's number: more than any database counts to


def told(file: str) -> None:
    """Print how many entries there are, and what the last walk came to."""
    if file:
        raise InputError("--file goes with --verify")
    store = open_store(load())
    migrate(store)
    with store.read() as connection:
        count, since, last = staff.audit_count(connection), chain.first_at(connection), chain.last_walk(connection)
    say(f"{count:,} entries" + (f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""))
    if last is None:
        say("never verified: evenday audit --verify")
    else:
        say(f"verified {last[0].at:%Y-%m-%d %H:%M} UTC: {sentence(last[1])}")


def verified(file: str) -> None:
    """Walk the chain, write down what it came to, and end with status 1 where it is broken or the file says otherwise."""
    store = open_store(load())
    migrate(store)
    found = chain.walk(store)
    with store.write() as connection:
        chain.keep(connection, store.vault, found, None, SystemClock().now())
    say(sentence(found))
    differs = _compared(store, Path(file)) if file else False
    if found.broken_at is not None or differs:
        raise typer.Exit(1)


def sentence(found: Walk) -> str:
    """What a walk came to, in words."""
    if found.broken_at is None:
        since = f" since {found.since:%Y-%m-%d %H:%M} UTC" if found.since else ""
        return f"whole: all {found.count:,} entries{since} are as they were written"
    if found.is_cut:
        return f"BROKEN: entries are missing from {found.broken_at} on; the {found.count:,} before it are as they were written"
    return (
        f"BROKEN at entry {found.broken_at}: it was altered, or one before it was taken out; "
        f"the {found.count:,} before it are as they were written"
    )


def _compared(store: Store, file: Path) -> bool:
    """Whether any line of a file differs from the entry of its number; prints the first one that does."""
    count = 0
    with store.read() as connection:
        for number, row in _lines(file):
            entry_id = int(row["entry"])
            entry = trail.by_id(connection, entry_id)
            stands = kept(entry) if entry else {}
            wrong = [name for name, value in stands.items() if row[name] != value]
            if entry is None:
                say(f"{file}:{number}: DIFFERS: the audit has no entry {entry_id} any more")
                return True
            if wrong:
                say(f"{file}:{number}: DIFFERS from entry {entry_id} in {', '.join(wrong)}")
                return True
            count += 1
    say(f"all {count:,} lines of {file} stand in the audit as they are in the file")
    return False


def _lines(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a file, each with the number of its line.

    Raises:
        InputError: it is no file of the console's; names the line.
    """
    try:
        with file.open(encoding="utf-8", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise InputError(f"{file}:1: is no file that the console's audit page wrote")
            for row in rows:
                given = row["entry"]
                is_whole = None not in row and None not in row.values()
                if not is_whole or not (given.isascii() and given.isdecimal()) or len(given) > LONGEST:
                    raise InputError(f"{file}:{rows.line_num}: is no line that the console's audit page wrote")
                yield rows.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: can't be read ({type(error).__name__})") from None
