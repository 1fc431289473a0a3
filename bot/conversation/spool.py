"""Messages on disk while the database is away: sealed, and safe from a power cut before the provider is told.

One file a message, named by its time, so that they are taken up in the order in which they came.
"""

from __future__ import annotations

import os
import threading
from bisect import insort
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.conversation.message import Form, Inbound
from bot.crypto import Vault
from bot.errors import StoreError
from bot.safety.tiers import Tier

HALF_WRITTEN, UNREADABLE = ".new", ".unreadable"
MARK_LETTERS = 32


@dataclass(frozen=True)
class Said:
    """Crisis words that went out directly: text, and id of the safety question in it."""

    text: str
    asked: str | None


@dataclass(frozen=True)
class Called:
    """One page that went out while the database was away; `token` is the secret of its link."""

    staff_id: str
    contact_id: str
    way: str
    token: str
    accepted: bool = True


@dataclass(frozen=True)
class Paged:
    """Staff were paged from memory, under a code of its own; who took it by its link, if somebody did."""

    code: str
    at: datetime
    called: tuple[Called, ...] = ()
    taken_by: str | None = None


@dataclass(frozen=True)
class Spooled:
    """One message that waits for the database.

    Attributes:
        tier: what the screen made of it, alone.
        country: whose crisis numbers `said` gives.
        said: what the provider has accepted already, so that it isn't sent again.
        paged: whom staff's pages reached already.
    """

    inbound: Inbound
    received_at: datetime
    tier: Tier = Tier.NONE
    country: str = ""
    said: tuple[Said, ...] = ()
    paged: Paged | None = None

    def with_said(self, country: str, said: list[Said]) -> Spooled:
        """The same, once the person was answered."""
        return replace(self, country=country, said=tuple(said))


class Spool:
    """The folder; any thread may call.

    Args:
        folder: made when it is first needed.
        vault: seals the files; their names hold a time and a keyed hash of the provider's key.
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder, self._vault = folder, vault
        self._lock = threading.Lock()
        self._names = sorted(path.name for path in folder.glob("*-*") if not path.suffix) if folder.is_dir() else []

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._names

    def names(self) -> list[str]:
        """What waits, the oldest first."""
        with self._lock:
            return list(self._names)

    def keep(self, entry: Spooled) -> str | None:
        """Write a message down; its name, or None where the same delivery is kept already.

        Raises:
            StoreError: the disk refused as well; nothing is kept, and the provider should try again.
        """
        mark = self._vault.fingerprint("spool", entry.inbound.provider_key)[:MARK_LETTERS]
        with self._lock:
            if any(name.endswith(mark) for name in self._names):
                return None
            name = f"{int(entry.received_at.timestamp() * 1_000_000):020d}-{mark}"
            self._write(name, entry)
            insort(self._names, name)
            return name

    def update(self, name: str, entry: Spooled) -> None:
        """Put a changed entry in a kept one's place; a kill at any instant leaves one of the two.

        Raises:
            StoreError: the disk refused.
        """
        with self._lock:
            self._write(name, entry)

    def open(self, name: str) -> Spooled:
        """A kept message.

        Raises:
            SettingsError: the key is gone, or the file was altered.
            StoreError: it can't be read.
        """
        try:
            sealed = (self._folder / name).read_bytes()
        except OSError as error:
            raise _refused(error) from None
        return _entry(self._vault.open_json(sealed, _place(name)))

    def drop(self, name: str) -> None:
        """Forget a message that the database has now.

        Raises:
            StoreError: the disk refused; it will be offered again, and be a repeat.
        """
        with self._lock:
            try:
                (self._folder / name).unlink(missing_ok=True)
                self._sync_folder()
            except OSError as error:
                raise _refused(error) from None
            self._names.remove(name)

    def set_apart(self, name: str) -> None:
        """Take a file that can't be used out of the way, and leave it for the operator."""
        with self._lock:
            (self._folder / name).rename(self._folder / f"{name}{UNREADABLE}")
            self._names.remove(name)

    def _write(self, name: str, entry: Spooled) -> None:
        new = self._folder / f"{name}{HALF_WRITTEN}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(self._vault.seal_json(_plain(entry), _place(name)))
                out.flush()
                os.fsync(out.fileno())
            new.rename(self._folder / name)
            self._sync_folder()
        except OSError as error:
            raise _refused(error) from None

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refused(error: OSError) -> StoreError:
    return StoreError(f"the spool can't be used ({error.strerror}): look at the disk under EVENDAY_HOME")


def _place(name: str) -> str:
    return f"spool:{name}"


def _plain(entry: Spooled) -> dict[str, Any]:
    plain = {**asdict(entry), "received_at": entry.received_at.isoformat()}
    if entry.paged:
        plain["paged"]["at"] = entry.paged.at.isoformat()
    return plain


def _entry(data: dict[str, Any]) -> Spooled:
    inbound = Inbound(**{**data["inbound"], "form": Form(data["inbound"]["form"])})
    said = tuple(Said(**row) for row in data["said"])
    at = datetime.fromisoformat(data["received_at"])
    return Spooled(inbound, at, Tier(data["tier"]), data["country"], said, _paged(data.get("paged")))


def _paged(data: dict[str, Any] | None) -> Paged | None:
    if not data:
        return None
    called = tuple(Called(**row) for row in data["called"])
    return Paged(data["code"], datetime.fromisoformat(data["at"]), called, data["taken_by"])
