"""The audit as a CSV file (RFC 4180): the entries that a filter shows, with what each link of the chain was made over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.clock import Clock
from bot.console.audit.entries import Shown, shown
from bot.console.audit.filters import Filter
from bot.store import staff, trail
from bot.store.database import Store
from bot.store.staff import Entry, Staff

PIECE = 500  # rows of one transaction and one piece of the file
# As people read it, then as it is kept. `KEPT` and the link before are what a link is made over.
READ = ("entry", "time_utc", "who", "what", "about", "escalation", "more")
KEPT = ("staff_id", "action", "subject", "detail", "link")
COLUMNS = (*READ, *KEPT)
# What a spreadsheet takes for a formula when a cell begins with it, after blanks, too (OWASP, CSV Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what could be a formula."""
    is_formula = text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_formula else text


def utc(at: datetime) -> str:
    """An instant as the chain holds it: ISO 8601, UTC, to the microsecond."""
    return at.isoformat(timespec="microseconds")


def kept(entry: Entry) -> dict[str, str]:
    """An entry as it is kept, as cells of the file."""
    return {
        "entry": str(entry.id),
        "time_utc": utc(entry.at),
        "staff_id": cell(entry.staff_id or ""),
        "action": cell(entry.action),
        "subject": cell(entry.subject),
        "detail": cell(entry.detail),
        "link": cell(entry.link),
    }


def row(one: Shown) -> list[str]:
    """One line of the file."""
    cells = {
        **kept(one.entry),
        "who": cell(one.who),
        "what": cell(one.what),
        "about": cell(one.about),
        "escalation": cell(one.case),
        "more": cell(one.more),
    }
    return [cells[name] for name in COLUMNS]


def written(rows: list[list[str]]) -> bytes:
    """Lines of the file, every cell in quotes."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


def file_name(now: datetime) -> str:
    """Says when it was made, and nothing of anybody."""
    return f"audit-{now:%Y%m%dT%H%M%SZ}.csv"


def begin(store: Store, clock: Clock, reader: Staff, asked: Filter, rows: int, top: int) -> Iterator[bytes]:
    """Write down that so many rows leave, then hand them out; nothing is read before that is committed.

    Args:
        store: the database.
        clock: the present.
        reader: who takes the file.
        asked: the filter.
        rows: how many entries it shows, up to `top`.
        top: id of the newest entry that is in the file; the chain only grows, so their number stands.
    """
    with store.write() as connection:
        detail = f"{rows} rows up to {top}, {asked.names}"
        staff.record(connection, store.vault, clock.now(), reader.id, "audit.export", "audit", detail)
        names = staff.names(connection, store.vault)
    return _pieces(store, reader, names, asked.wanted, top)


def _pieces(store: Store, reader: Staff, names: Mapping[str, str], wanted: trail.Wanted, top: int) -> Iterator[bytes]:
    yield written([list(COLUMNS)])
    before: int | None = top + 1
    while before is not None:
        with store.read() as connection:
            found = trail.piece(connection, wanted, PIECE, before)
            lines = [row(one) for one in shown(connection, reader, names, found)]
        before = found[-1].id if len(found) == PIECE else None
        if lines:
            yield written(lines)  # outside of the transaction: a browser may take its time
