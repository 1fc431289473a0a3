"""A throw-away PostgreSQL: its own folder, a free port, fsync on, gone afterwards. Nothing is skipped where it is missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

USER = "postgres"
FOLDERS = (Path("/usr/lib/postgresql/15/bin"), Path("/usr/lib/postgresql/16/bin"), Path("/usr/lib/postgresql/17/bin"))
START_SECONDS = 30


@dataclass(frozen=True)
class Cluster:
    """One running server."""

    home: Path
    port: int

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """One statement outside of any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, copied from a template; its address."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Take a database away, with whoever is connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def restart(self, mode: str = "immediate") -> None:
        """Restart as after a crash (`immediate`), and wait until it takes connections."""
        _run("pg_ctl", "restart", "-D", str(self.home / "data"), "-m", mode, "-w", "-t", str(START_SECONDS),
             "-l", str(self.home / "log"))  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        """Stop at once; `fast`: in order, where it is to go on later."""
        _run("pg_ctl", "stop", "-D", str(self.home / "data"), "-m", mode, "-w")

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        _run("pg_ctl", "start", "-D", str(self.home / "data"), "-w", "-t", str(START_SECONDS),
             "-l", str(self.home / "log"), "-o", f"-p {self.port}")  # fmt: skip

    def dump(self, database: str) -> bytes:
        """All that a database holds, as `pg_dump` writes it."""
        return _run("pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, database)

    def backends(self) -> list[int]:
        """Process ids of the server's connections to clients, this one left out."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [int(row[0]) for row in rows]


def binary(name: str) -> str:
    """A program of PostgreSQL's, from Debian's folder or the path."""
    found = next((str(folder / name) for folder in FOLDERS if (folder / name).exists()), shutil.which(name))
    if found is None:
        raise RuntimeError(f"{name} is not here: install PostgreSQL 15 or later (apt install postgresql)")
    return found


def _run(name: str, *arguments: str) -> bytes:
    # initdb and the server refuse root.
    as_other = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    quiet = name == "pg_ctl"  # a server started by it would keep our pipe open
    done = subprocess.run(
        [*as_other, binary(name), *arguments],
        cwd="/tmp",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed with {done.returncode}: {(done.stderr or b'')[-500:]!r}")
    return done.stdout or b""


CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
max_connections = 60
shared_buffers = 32MB
"""


@contextmanager
def running(home: Path | None = None, more: str = "") -> Iterator[Cluster]:
    """A cluster for as long as the block lasts.

    Args:
        home: a folder in which it is kept, and goes on the next time; None: it is thrown away.
        more: lines of its configuration, besides ours.
    """
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evenday-pg-", dir="/tmp")))
        _make(folder, more)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cluster = Cluster(folder, port)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate" if home is None else "fast")


def _make(home: Path, more: str) -> None:
    """An empty cluster, where there is none yet."""
    if (home / "data" / "PG_VERSION").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(home, USER)
    home.chmod(0o700)
    _run("initdb", "-D", str(home / "data"), "-U", USER, "--auth=trust", "-E", "UTF8", "--no-sync")
    with (home / "data" / "postgresql.conf").open("a") as conf:
        conf.write(CONFIGURATION + more)
