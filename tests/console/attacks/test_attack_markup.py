"""Stored and reflected markup: hostile words in every sealed column, on every page that links lead to, for every role.

A page may show what somebody wrote as text and in no other way: not in an address, not in any attribute, not in the title, not
as an element, not as a template, and not in a direction that turns the words of ours around it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, String, select, update
from surface import Read, read
from world import Seen, World, make, spread

from bot.store.lifecycle import Role
from bot.store.tables import metadata

MARK, OWN = "pwn", "0wn"  # in what is sealed, and in what staff, providers and browsers have in clear
OVERRIDE, ISOLATE = "\u202e", "\u2067"
HOSTILE = (
    f"\"><script>{MARK}()</script><img src=x onerror={MARK}()> ' onfocus={MARK}() autofocus "
    f"javascript:{MARK}() </title></textarea></option><svg/onload={MARK}()> {{{{7*191}}}} ${{7*191}} {{% {MARK} %}} "
    f"<!-- ]]> &lt;b&gt; {OVERRIDE}{MARK}{ISOLATE}{MARK}"
)
SHORT = f'"><script>{OWN}()</script><img src=x onerror={OWN}()>{OVERRIDE}{{{{7*191}}}}'
# Columns in clear that hold words for people, by their length: staff, providers and browsers write there.
LENGTHS = (80, 200)
BOUND = ("set_aside.why", "troubles.kind")  # where its body is sealed for
LOG_IN = ("/console/login", "/console/login/code", "/console/logout")
TYPED = {("input", "value"), ("option", "value")}  # where a form gives back what was typed


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[Seen]]]:
    """Every page of everybody, with hostile words in all that is stored."""
    world = make(tmp_path_factory.mktemp("hostile"))
    assert spread(world, HOSTILE) > 50
    assert sum(_spell_out(world, column) for column in _clear_columns()) > 10
    yield world, [page for role in Role for page in world.walk(role)]
    world.clinic.store.close()


def _clear_columns() -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String) and column.type.length in LENGTHS and str(column) not in BOUND:
                yield column


def _spell_out(world: World, column: Column[Any]) -> int:
    """Put it into a column in clear, another one into each row, as some must differ; how many."""
    table, key = column.table, next(iter(column.table.primary_key))
    with world.clinic.store.write() as connection:
        keys = connection.scalars(select(key)).all()
        for number, one in enumerate(keys):
            value = f"{SHORT[: column.type.length - 3]}{number}"  # type: ignore[attr-defined]  # a String has one
            connection.execute(update(table).where(key == one).values({column.name: value}))
    return len(keys)


def problems(page: Read, back: bool = False) -> Iterator[str]:
    """What a browser would do with a page that it should not; `back`: the page gives a form back as it was typed."""
    for tag, given in page.elements:
        if tag == "script" and not given.get("src", "").startswith("/console/static/"):
            yield "a script"
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                yield f"{tag} has {name}"
            is_typed = (tag, name) in TYPED
            if (MARK in value and not (back and is_typed)) or (OWN in value and not is_typed):
                yield f"{tag} has it in {name}"
            if value.strip().lower().startswith(("javascript:", "data:")):
                yield f"{tag} has {value[:20]} in {name}"
    for within, text in page.texts:
        if within in ("title", "script", "style") and (MARK in text or OWN in text):
            yield f"it stands in <{within}>"
        if "1337" in text:
            yield "a template ran"
        if unclosed(text):
            yield f"a direction is left open in <{within}>"


def unclosed(text: str) -> bool:
    """Whether a text turns the direction of what comes behind it (UAX #9, explicit formatting characters)."""
    depth = 0
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        depth += kind in ("LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI")
        depth -= kind in ("PDF", "PDI")
    return depth > 0


def test_every_page_was_seen(seen: tuple[World, list[Seen]]) -> None:
    world, pages = seen
    shown = {world.kind(page.address).partition("?")[0] for page in pages if page.response.status_code == 200}
    missing = {one.path for one in world.places if one.method == "GET"} - shown
    no_page = {
        "/console",  # leads on
        "/console/stream",
        "/console/login",
        "/console/login/code",
        "/console/account/factor",  # leads on, but for who sets up a factor at present
        "/console/patients/{code}/glass",  # leads on, but for who may not see the patient
    }
    assert missing <= no_page, "no link leads there in tests/console/attacks/world.py: give it rows that show one"


def test_no_page_breaks(seen: tuple[World, list[Seen]]) -> None:
    broken = [(page.role, page.address) for page in seen[1] if page.response.status_code >= 500]
    assert broken == []


def test_what_was_written_is_text_and_nothing_else(seen: tuple[World, list[Seen]]) -> None:
    told = 0
    for page in seen[1]:
        if "html" in page.response.headers.get("content-type", ""):
            found = read(page.response.text)
            told += sum(MARK in text for _, text in found.texts)
            assert list(problems(found)) == [], f"{page.role}: {page.address}"
        assert MARK not in page.address
        assert not any(MARK in value for value in page.response.headers.values()), page.address
    assert told > 100, "nothing hostile was shown at all"


@pytest.mark.slow  # every form, and then every page again
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_what_staff_type_comes_back_as_text_and_is_kept_as_text(own_world: World, role: Role) -> None:
    world = own_world
    desk, token, given_back = world.desk(role), world.token(role), 0
    for place in (one for one in world.places if one.method == "POST" and one.path not in LOG_IN):
        answer = desk.client.post(world.address(place), data={**world.fields(place, HOSTILE), "csrf": token})
        assert answer.status_code < 500, place.path
        assert not any(MARK in value for value in answer.headers.values()), place.path
        if "html" in answer.headers.get("content-type", ""):
            given_back += MARK in answer.text
            assert list(problems(read(answer.text), back=True)) == [], place.path
    assert given_back > 3, "no form gave back what was typed"
    for page in world.walk(role):
        assert page.response.status_code < 500, page.address
        if "html" in page.response.headers.get("content-type", ""):
            assert list(problems(read(page.response.text))) == [], page.address


@pytest.mark.parametrize("name", ["next", "code", "show", "before", "done", "who", "what"])
def test_what_an_address_asks_comes_back_as_text(world: World, name: str) -> None:
    for page in ("/console/login", *world.doors()):
        answer = world.desk(Role.SUPERVISOR).get(page, params={name: HOSTILE})
        assert answer.status_code < 500, page
        assert list(problems(read(answer.text), back=True)) == [], page
