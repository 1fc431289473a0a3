"""What a handler of the console is given, and what it answers with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.console.alarms import Alarm
from bot.console.desk import Console
from bot.console.shared import Reading
from bot.crypto import Vault
from bot.store import staff
from bot.store.access import Connection
from bot.store.staff import Staff


class Missing(Exception):
    """What the address names is not there."""


@dataclass(frozen=True)
class Visit:
    """One request of a member of staff, inside its transaction.

    Attributes:
        console: the console.
        connection: the open transaction.
        staff: who asks.
        now: when.
        csrf: the token that every form of the page must carry.
        session: the handle by which this session is named among the member's own.
        path: parameters of the address.
        query: what stands after the `?`.
        form: what was sent, {} where nothing was.
        host: the name by which the browser reached us, with its port.
        shared: what this transaction may have from others who were told of the same change.
        alarms: what the red bar above the page tells.
    """

    console: Console
    connection: Connection
    staff: Staff
    now: datetime
    csrf: str
    session: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    host: str
    shared: Reading
    alarms: tuple[Alarm, ...] = ()

    @property
    def vault(self) -> Vault:
        """Opens what is sealed."""
        return self.console.store.vault

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all staff, by id, read once."""
        return staff.names(self.connection, self.vault)

    def record(self, action: str, subject: str, detail: str = "") -> None:
        """Write down a step in the audit, with what it did."""
        staff.record(self.connection, self.vault, self.now, self.staff.id, action, subject, detail)


@dataclass(frozen=True)
class Page:
    """A page to render once the transaction is committed.

    Attributes:
        entry: writes down in the audit that it is seen, where the page's own transaction only reads: in a short one of
            its own, once that is over and before the page is sent. Many may look at once, and a transaction that waits
            for another one keeps a connection from those who wait for one.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    entry: Callable[[Connection], None] | None = None


@dataclass(frozen=True)
class Go:
    """Send the browser on, after a step was done.

    Attributes:
        to: the address.
        wakes: whoever may have something to do now: workers, post, pager.
        then: called once the step is committed, outside of any transaction, in a thread of its own.
    """

    to: str
    wakes: bool = False
    then: Callable[[], None] | None = None


@dataclass(frozen=True)
class Download:
    """A file, sent piece by piece once the transaction is over.

    Attributes:
        name: of the file; says nothing of anybody.
        begin: commits the entry of the audit, then hands out the pieces, each read in a transaction of its own.
        kind: media type.
    """

    name: str
    begin: Callable[[], Iterator[bytes]]
    kind: str = "text/csv; charset=utf-8; header=present"


@dataclass(frozen=True)
class Json:
    """What a script of ours asked for: the options of a passkey, and nothing else goes this way."""

    text: str
    status: int = 200

    @classmethod
    def problem(cls, words: str, status: int) -> Json:
        """Why there are none, in words to be shown."""
        return cls(json.dumps({"problem": words}), status)


@dataclass(frozen=True)
class Later:
    """What goes on in a transaction of its own, once that of the handler is over.

    For what reads long or checks slowly, and then writes: on SQLite who writes keeps all others waiting, people in
    danger among them. And no request holds two connections: each would keep one from whoever waits for it.

    Attributes:
        go_on: is given the visit with the new transaction; may raise what a handler may.
        only_reads: whether that one only reads, too.
    """

    go_on: Callable[[Visit], Answer]
    only_reads: bool = False


Outcome = Page | Go | Download | Json | None
Answer = Outcome | Later
Handler = Callable[[Visit], Answer]
