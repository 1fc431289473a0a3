"""Fixtures by intent, and which tests are slow: those that start a server, a browser, Rasa, PostgreSQL or whole commands."""

from __future__ import annotations

import base64
import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.crypto import Vault
from bot.safety.screen import Screen
from bot.store.database import Store
from bot.store.migrate import migrate
from tests.support import cluster as postgresql
from tests.support import once
from tests.support.cluster import Cluster
from tests.support.people import Person, make_patient
from tests.support.standing import StandingClock

HERE = Path(__file__).parent
SLOW_FOLDERS = {HERE / name for name in ("conversations", "contracts", "dialogue", "faults", "browser", "cli", "docs")}
SLOW_FIXTURES = {"cluster", "postgresql_url"}
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # a Monday, ten in New York


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Don't even read the folders of slow tests where only the fast ones are asked for."""
    return True if config.option.markexpr == "not slow" and collection_path in SLOW_FOLDERS else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what is slow by its place or by what it needs."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        on_server = callspec is not None and "postgresql" in callspec.params.values()
        needs = SLOW_FIXTURES & set(getattr(item, "fixturenames", ()))
        if on_server or needs or SLOW_FOLDERS & set(item.path.parents):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def secret(request: pytest.FixtureRequest) -> str:
    """A sealing key that follows from the run's seed, so that a failure can be repeated with it."""
    seed = request.config.getoption("randomly_seed", default=0)
    return base64.urlsafe_b64encode(hashlib.sha256(f"evenday {seed}".encode()).digest()).decode()


@pytest.fixture(scope="session")
def vault(secret: str) -> Vault:
    """A vault with one key."""
    return Vault([secret])


@pytest.fixture(scope="session")
def coach() -> Coach:
    """All content."""
    return once.coach()


@pytest.fixture(scope="session")
def screen() -> Screen:
    """The safety screen by rules and conversation: what these tests say needs no second opinion."""
    return once.screen()


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that stands at a Monday morning and can be turned."""
    return StandingClock(MORNING)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of its own, with a migrated database `template_evenday` to copy."""
    with postgresql.running() as made:
        url = made.create("template_evenday")
        store = Store(url, Vault([base64.urlsafe_b64encode(bytes(32)).decode()]))
        migrate(store)
        store.close()
        yield made


# A copy of a migrated file or database costs 5 or 60 ms, against 400 for the migrations, and leaves no reset step to
# get wrong: a test that forgets to clean up can't fail another one.
@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    """An empty SQLite database of the present schema."""
    file = tmp_path_factory.mktemp("template") / "evenday.sqlite"
    store = Store(f"sqlite:///{file}", vault)
    migrate(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return file


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A fresh SQLite database of the present schema."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'evenday.sqlite')}"


@pytest.fixture
def postgresql_url(cluster: Cluster) -> Iterator[str]:
    """A fresh PostgreSQL database of the present schema."""
    name = f"test_{uuid.uuid4().hex}"
    yield cluster.create(name, "template_evenday")
    cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, vault: Vault) -> Iterator[Store]:
    """An empty store, on each database."""
    made = Store(request.getfixturevalue(f"{request.param}_url"), vault)
    yield made
    made.close()


@pytest.fixture
def file_store(sqlite_url: str, vault: Vault) -> Iterator[Store]:
    """An empty store on SQLite alone, for what does not depend on the database."""
    made = Store(sqlite_url, vault)
    yield made
    made.close()


@pytest.fixture
def server(postgresql_url: str, vault: Vault) -> Iterator[Store]:
    """An empty store on PostgreSQL alone, for what two transactions do at once."""
    made = Store(postgresql_url, vault)
    yield made
    made.close()


MakePatient = Callable[..., Person]


@pytest.fixture
def a_patient(request: pytest.FixtureRequest, clock: TurnedClock) -> MakePatient:
    """Makes people: `a_patient(on="sms", day=12)`; in `store` where a test has it, else in `file_store`."""
    name = "store" if "store" in request.fixturenames else "file_store"
    where: Store = request.getfixturevalue(name)

    def made(**wishes: object) -> Person:
        return make_patient(where, clock, **wishes)  # type: ignore[arg-type]  # the test's wishes, checked there

    return made
