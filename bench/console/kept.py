"""Built clinics, kept in `.cache/` for the next run; each run works on a copy, so that all begin with the same."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.console.fill import Say, fill
from bench.console.plan import KEY, Plan
from bot.crypto import Vault
from bot.settings import ROOT
from bot.store.database import Store
from bot.store.migrate import migrate
from tests.support import cluster as postgresql

FOLDER = ROOT / ".cache" / "bench-console"
BUILDERS = ("plan", "loading", "crowd", "diary", "danger", "course", "house", "entries", "fill")
KEPT, COPY = "kept", "copy"
# The tests' clusters are small, as many of them run at once. Here it has PostgreSQL's own default.
CONFIGURATION = "shared_buffers = 128MB\nmax_wal_size = 4GB\n"


def mark() -> str:
    """Changes whenever a builder does: what another one built is not asked."""
    every = [(Path(__file__).parent / f"{name}.py").read_bytes() for name in BUILDERS]
    return hashlib.sha256(b"\0".join(every)).hexdigest()[:12]


def _home(on: str, plan: Plan) -> Path:
    """The folder of a clinic; those of the same size that other builders built go."""
    home = FOLDER / f"{on}-{plan.name}-{mark()}"
    for other in FOLDER.glob(f"{on}-{plan.name}-*"):
        if other != home:
            shutil.rmtree(other)
    home.mkdir(parents=True, exist_ok=True)
    return home


def opened(url: str) -> Store:
    """A built clinic's database."""
    return Store(url, Vault([KEY]))


def _ready(store: Store, done: Path, plan: Plan, say: Say) -> None:
    """Build it where that was not done before; bring the schema of a kept one up to date."""
    try:
        if done.exists():
            say("a kept clinic is taken")
            migrate(store)
        else:
            fill(store, plan, say)
            done.touch()
    finally:
        store.close()


@contextlib.contextmanager
def clinic(on: str, plan: Plan, say: Say) -> Iterator[str]:
    """The address of a database with a clinic of that size, on `sqlite` or `postgresql`; it is gone afterwards."""
    home = _home(on, plan)
    with (_on_sqlite if on == "sqlite" else _on_postgresql)(home, plan, say) as url:
        yield url


@contextlib.contextmanager
def _on_sqlite(home: Path, plan: Plan, say: Say) -> Iterator[str]:
    kept, copy, done = home / f"{KEPT}.sqlite", home / f"{COPY}.sqlite", home / "done"
    if not done.exists():
        kept.unlink(missing_ok=True)
    _ready(opened(f"sqlite:///{kept}"), done, plan, say)
    shutil.copy(kept, copy)
    with copy.open("rb") as written:
        os.fsync(written.fileno())  # or somebody's first checkpoint waits until all of the copy is on the disk
    try:
        yield f"sqlite:///{copy}"
    finally:
        for file in home.glob(f"{COPY}.sqlite*"):
            file.unlink()


@contextlib.contextmanager
def _on_postgresql(home: Path, plan: Plan, say: Say) -> Iterator[str]:
    done = home / "done"
    with postgresql.running(home / "cluster", CONFIGURATION) as cluster:
        if not done.exists():
            cluster.drop(KEPT)
            cluster.create(KEPT)
        _ready(opened(cluster.url(KEPT)), done, plan, say)
        cluster.drop(COPY)
        cluster.execute(f'CREATE DATABASE "{COPY}" TEMPLATE "{KEPT}" STRATEGY FILE_COPY')
        try:
            yield cluster.url(COPY)
        finally:
            cluster.drop(COPY)
