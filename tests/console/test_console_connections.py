"""No request holds two of the pool's connections: where each waits for a second one, all of them starve."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from clinic import PASSWORD, Desk, build
from sqlalchemy import Connection

from bot.console import app
from bot.crypto import Vault
from bot.store.database import Store


class Watched(Store):
    """Notes each transaction that is begun while its thread has another one open."""

    def __init__(self, url: str, vault: Vault) -> None:
        super().__init__(url, vault)
        self.here, self.nested, self.seen = threading.local(), 0, 0

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        with self._counted(), super().write(synced=synced) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._counted(), super().read() as connection:
            yield connection

    @contextmanager
    def _counted(self) -> Iterator[None]:
        depth = getattr(self.here, "depth", 0)
        self.nested += bool(depth)
        self.seen += 1
        self.here.depth = depth + 1
        try:
            yield
        finally:
            self.here.depth = depth


GETS = tuple(path for table in (app.VIEWS, app.LONG, app.LIVE) for path, *_ in table if "{" not in path)
# What is posted -> its fields, and what it comes to.
POSTS: dict[str, tuple[dict[str, str], int]] = {
    "/escalation/{id}/here": ({}, 200),
    "/escalation/{id}/gone": ({}, 204),
    "/escalation/{id}/acknowledge": ({}, 200),
    "/audit/export": ({}, 200),
    "/account/factor": ({"password": "wrong"}, 422),
    "/account/passkeys/options": ({"password": "wrong"}, 422),
    "/account/password": ({"old": "wrong", "password": "some new words here", "again": "some new words here"}, 422),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A supervisor's, with a case on it."""
    clinic = build(tmp_path_factory.mktemp("watched"), Watched, public_url="https://evenday.example")
    clinic.staff("ana", "Ana Torres")
    clinic.emergency()
    made = Desk(clinic, "https://evenday.example")
    made.log_in()
    yield made
    clinic.store.close()


def nested(desk: Desk) -> int:
    store = desk.clinic.store
    assert isinstance(store, Watched) and store.seen
    found, store.nested = store.nested, 0
    return found


@pytest.mark.parametrize("path", GETS)
def test_a_look_holds_one_connection(desk: Desk, path: str) -> None:
    assert desk.get(f"/console{path}").status_code in (200, 204) and nested(desk) == 0


@pytest.mark.parametrize("path", POSTS)
def test_a_step_holds_one_connection(desk: Desk, path: str) -> None:
    with desk.clinic.store.read() as connection:
        case = connection.exec_driver_sql("SELECT id FROM escalations").scalar_one()
    desk.get(f"/console/escalation/{case}")
    fields, status = POSTS[path]
    answer = desk.post(f"/console{path.format(id=case)}", **fields)
    assert (answer.status_code, nested(desk)) == (status, 0)


def test_a_password_and_a_passkey_are_changed_by_one_connection(desk: Desk) -> None:
    assert desk.post("/console/account/passkeys/options", password=PASSWORD).status_code == 200
    new = "some new words here"
    assert "is changed" in desk.post("/console/account/password", old=PASSWORD, password=new, again=new).text
    assert nested(desk) == 0
