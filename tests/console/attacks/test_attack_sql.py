"""SQL injection: hostile values in every address, after every `?` and in every field, on every route of the console.

Nothing of them ever stands in a statement, nothing breaks, and an address that names nothing shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event
from surface import names
from world import WORDS, World

from bot.store.lifecycle import Role

pytestmark = pytest.mark.slow  # every route with each of these takes a minute

HOSTILE = {
    "always true": "' OR 1=1--",
    "always true in the other quotes": '" OR ""="',
    "another statement": "7; DROP TABLE audit;--",
    "another table": "7 UNION SELECT login, password_hash FROM staff",
    "any text": "%",
    "any sign": "_",
    "the end of a text": "7\x00",
    "a backslash": "\\",
    "a huge number": "9" * 40,
    "a number beyond what Python reads": "9" * 5_000,
    "beyond 64 bits": str(2**63),
    "a number below nothing": "-1",
    "a fraction": "1e400",
    "digits of another script": "٣",
    "full-width digits": "１",
    "a superscript": "²",
    "a template of the driver": "%(id)s",
    "a parameter of the driver": ":id",
}
TELLING = ("OR 1=1", 'OR ""=', "DROP TABLE", "UNION SELECT login", "99999", "1e400", "%(id)s", "٣", "１", "²")
SHOWS_NOTHING = (204, 303, 400, 403, 404, 405, 409)


@pytest.fixture
def statements(own_world: World) -> Iterator[list[tuple[str, str]]]:
    """What the database is asked, each with its parameters."""
    asked: list[tuple[str, str]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, repr(parameters)))

    engine = own_world.clinic.store.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def no_statement_holds_any(statements: list[tuple[str, str]]) -> None:
    for statement, parameters in statements:
        assert not any(part in statement for part in TELLING), statement
        assert "\\x00" not in parameters, f"PostgreSQL refuses texts with NUL: {statement}"


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_address_shows_nothing(own_world: World, value: str, statements: list[tuple[str, str]]) -> None:
    desk, token = own_world.desk(Role.SUPERVISOR), own_world.token(Role.SUPERVISOR)
    before = own_world.rows()
    for place in own_world.places:
        parts = [part for part in place.path.split("/") if part.startswith("{")]
        for number in range(len(parts)):  # one part of the address at a time, the others are right
            known = dict(own_world.known)
            known |= {key: quote(value, safe="") for key in known if key.endswith(parts[number])}
            data = {**own_world.fields(place, "1"), "csrf": token} if place.method == "POST" else None
            answer = desk.client.request(place.method, place.filled(known, quote(value, safe="")), data=data)
            assert answer.status_code in SHOWS_NOTHING, f"{place.path}: {answer.status_code}"
            shown = answer.text.partition("<main")[2].partition("</main>")[0]
            assert WORDS not in shown.replace(f"Supervisor {WORDS}", ""), place.path
    assert own_world.rows() == before
    assert statements
    no_statement_holds_any(statements)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_question_breaks_nothing(own_world: World, value: str, statements: list[tuple[str, str]]) -> None:
    desk = own_world.desk(Role.SUPERVISOR)
    for place in (one for one in own_world.places if one.method == "GET" and one.path != "/console/stream"):
        answer = desk.get(own_world.address(place), params=dict.fromkeys(names(), value[:999]))
        assert answer.status_code < 500, f"{place.path}: {answer.status_code}"
    no_statement_holds_any(statements)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_field_breaks_nothing(own_world: World, value: str, statements: list[tuple[str, str]]) -> None:
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        desk, token = own_world.desk(role), own_world.token(role)
        for place in (one for one in own_world.places if one.method == "POST" and one.path != "/console/logout"):
            answer = desk.client.post(own_world.address(place), data={**own_world.fields(place, value), "csrf": token})
            assert answer.status_code < 500, f"{place.path}: {answer.status_code}"
    no_statement_holds_any(statements)
