"""CSV injection and header injection: in every file that the console hands out, and in every answer that leads on.

Sources: OWASP, CSV Injection; RFC 6266 (Content-Disposition); RFC 9110 §5.5 (no field value holds CR, LF or NUL).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from surface import names
from world import World, make, spread

from bot.console.forms import safe_next
from bot.store.lifecycle import Role

# One of each kind: `cell` is tried with all of them in tests/console/test_console_audit.py.
FORMULAS = ("=cmd|'/C calc'!A0", "\t=1+1", " @SUM(1)", "＝1+1")
RUNS = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")


def files(world: World) -> Iterator[tuple[str, Any]]:
    """Every answer that is a file, of those who may have one."""
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        desk, token = world.desk(role), world.token(role)
        for place in world.places:
            data = {"csrf": token} if place.method == "POST" and place.path == "/console/audit/export" else None
            if data or (place.method == "GET" and place.path != "/console/stream"):
                answer = desk.client.request(place.method, world.address(place), data=data)
                if "html" not in answer.headers.get("content-type", "html"):
                    yield place.path, answer


@pytest.mark.slow  # a world for each
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_any_file_runs(tmp_path_factory: pytest.TempPathFactory, formula: str) -> None:
    world = make(tmp_path_factory.mktemp("cells"))
    spread(world, formula)
    found = dict(files(world))
    assert {"/console/safety/escalations.csv", "/console/audit/export"} <= set(found)
    cells = 0
    for path, answer in found.items():
        assert answer.headers["content-type"].startswith("text/csv"), path
        for row in csv.reader(io.StringIO(answer.text, newline="")):
            cells += len(row)
            assert not any(RUNS.match(cell) and not re.fullmatch(r"-?\d+(\.\d+)?", cell) for cell in row), (path, row)
    assert cells > 200
    world.clinic.store.close()


def test_a_file_has_a_name_of_ours_and_is_nothing_but_a_file(world: World) -> None:
    for path, answer in files(world):
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.csv"', answer.headers["content-disposition"]), path
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


BREAKS = (
    "\r\nSet-Cookie: evenday_console=x",
    "\nLocation: //evil.example",
    "\x00",
    "\u2028",
    "\u560a\u560dX: y",
    "%0d%0aX: y",
    "\x7f",
)
AWAY = (
    "https://evil.example/console/",
    "//evil.example/console/",
    "/\\evil.example",
    "/console/../../../evil",
    "/console/..",
    "/console/%2e%2e/try",
    "/console//evil.example",
    "/console/\\evil.example",
    "/console/@evil.example",
    "/console@evil.example",
    "/consolex",
    "console/",
    " /console/",
    "/console/\t/evil",
    "javascript:alert(1)",
    "data:text/html,x",
    *(f"/console/{line}" for line in BREAKS),
)


@pytest.mark.parametrize("wanted", AWAY)
def test_no_next_page_is_anywhere_else(wanted: str) -> None:
    place = safe_next(wanted)
    assert place.startswith("/console/") and place.isprintable()
    assert not re.search(r"//|\\|\.\.|%2e%2e", place, re.IGNORECASE)


@pytest.mark.slow  # every route with each of these takes a quarter of a minute
@pytest.mark.parametrize("line", BREAKS)
def test_no_header_of_any_answer_holds_what_breaks_a_line(own_world: World, line: str) -> None:
    world = own_world
    desk, token = world.desk(Role.SUPERVISOR), world.token(Role.SUPERVISOR)
    hostile = f"/console/{line}"
    for place in (one for one in world.places if one.path not in ("/console/stream", "/console/logout")):
        address = place.filled(world.known, quote(line, safe=""))
        asked = dict.fromkeys(names(), hostile)
        data = {**asked, "csrf": token} if place.method == "POST" else None
        answer = desk.client.request(place.method, address, params=asked if data is None else None, data=data)
        for name, value in answer.headers.multi_items():
            assert value.isprintable() and value.isascii(), f"{place.path}: {name}"
            assert "evil" not in value or name != "location", place.path
            assert not (name == "set-cookie" and "=x" in value.partition(";")[0]), place.path
