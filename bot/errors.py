"""Every error that Evenday raises on purpose, in one tree, so that each edge can treat a whole branch at once.

EvendayError               something the operator or the caller can act on; its text says what to do
├── SettingsError          a setting, key or database address is unusable
├── ContentError           a file under data/coach is broken: names file and line
├── InputError             a line of a black-box command can't be read: names file and line
├── StoreError             the database refused or is away
│   └── Conflict           somebody else changed the row first
├── Incomplete             a step of an escalation's life lacks what it needs: names the field
├── LeaseLost              another worker holds the lane now; drop what you were doing
├── DialogueDown           Rasa or the action endpoint gave no usable reply; may be tried again
└── SendError              a provider refused or lost a message; see `channels.outcome`
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


class EvendayError(Exception):
    """Base of all errors raised on purpose. The message is fit for an operator and holds no patient data."""


class SettingsError(EvendayError):
    """A setting is missing or unusable; the message names it and says what to set."""


class ContentError(EvendayError):
    """A content file can't be used.

    Args:
        file: path of the file.
        line: line number, 1-based; 0 where the whole file is meant.
        what: what is wrong and what to write instead.
    """

    def __init__(self, file: Path | str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")
        self.file, self.line, self.what = str(file), line, what


class InputError(EvendayError):
    """A line handed to a black-box command can't be read; names the file and line."""


class StoreError(EvendayError):
    """The database is unreachable or refused the statement."""


class Conflict(StoreError):
    """Somebody else changed the row first; read it again and tell the person who and what.

    Args:
        what: what happened, without a name: it may be logged.
        who: the name of whoever was first, for the page of the one who was second; "" where nobody knows.
        event: what they did, as the history calls it.
        at: when.
    """

    def __init__(self, what: str, *, who: str = "", event: str = "", at: datetime | None = None) -> None:
        super().__init__(what)
        self.who, self.event, self.at = who, event, at


class Incomplete(EvendayError):
    """A step of an escalation's life lacks what it needs; nothing was written.

    Args:
        field: which one, as the form names it.
        what: what to write there.
    """

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


class LeaseLost(EvendayError):
    """This worker no longer holds the patient's lane: nothing it computed may be written."""


class DialogueDown(EvendayError):
    """Rasa gave no usable reply. The same message may be offered again under the same id."""


class SendError(EvendayError):
    """A provider did not take a message. Holds no address and no text."""
