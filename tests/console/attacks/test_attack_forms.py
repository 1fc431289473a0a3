"""Cross-site request forgery, on every route of the console that takes a form: none is taken, and nothing changes.

Source: OWASP, Cross-Site Request Forgery Prevention ("Synchronizer token", "Fetch Metadata", "Verifying origin").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from clinic import Desk, token_in
from surface import Place
from world import World

from bot.store.lifecycle import Role

REFUSED = (400, 403)
ABLE = Role.SUPERVISOR  # a form is looked at before what a role may do
Send = Callable[[World, Desk, Place, str, Mapping[str, str]], Any]


def _with(**headers: str) -> Send:
    def send(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
        return desk.client.post(world.address(place), data={**fields, "csrf": token}, headers=headers)

    return send


def _without_headers(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
    request = desk.client.build_request("POST", world.address(place), data={**fields, "csrf": token})
    for name in ("origin", "sec-fetch-site"):
        del request.headers[name]
    return desk.client.send(request)


def _as(kind: str) -> Send:
    def send(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
        return desk.client.post(world.address(place), json={**fields, "csrf": token}, headers={"content-type": kind})

    return send


def _in_parts(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
    parts = {name: (None, value) for name, value in {**fields, "csrf": token}.items()}
    return desk.client.post(world.address(place), files=parts)


def _token(of: Callable[[World, str], str]) -> Send:
    def send(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
        return desk.client.post(world.address(place), data={**fields, "csrf": of(world, token)})

    return send


def _in_address(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
    return desk.client.post(world.address(place), data=dict(fields), params={"csrf": token})


def _twice(world: World, desk: Desk, place: Place, token: str, fields: Mapping[str, str]) -> Any:
    return desk.client.post(world.address(place), data={**fields, "csrf": [token, "0" * 64]})


def _of_a_visitor(world: World, _token_of_session: str) -> str:
    return token_in(Desk(world.clinic).get("/console/login").text)


FORGED: dict[str, Send] = {
    "no token": _token(lambda *_: ""),
    "a made-up token": _token(lambda *_: "0" * 64),
    "a token cut short": _token(lambda _, token: token[:-1]),
    "another session's token": _token(lambda world, _: world.token(Role.RESEARCHER)),
    "a token of the log-in page": _token(_of_a_visitor),
    "the token in the address": _in_address,
    "two tokens": _twice,
    "another origin": _with(origin="https://evil.example"),
    "an origin that is not told": _with(origin="null"),
    "another site": _with(**{"sec-fetch-site": "cross-site"}),
    "another host of the site": _with(**{"sec-fetch-site": "same-site"}),
    "no page at all": _with(**{"sec-fetch-site": "none"}),
    "our origin in another's": _with(origin="http://testserver.evil.example"),
    "no word of where it comes from": _without_headers,
    "JSON": _as("application/json"),
    "text": _as("text/plain"),
    "parts": _in_parts,
    "parts that are called a form": _as("multipart/form-data; boundary=application/x-www-form-urlencoded"),
}


# The others are like one of these; all of them on all routes take half a minute.
QUICK = ("no token", "another session's token", "another site", "no word of where it comes from", "JSON", "parts")


def _marked(name: str) -> tuple[pytest.MarkDecorator, ...]:
    return () if name in (*QUICK, "GET") else (pytest.mark.slow,)


@pytest.mark.parametrize("forged", [pytest.param(send, id=name, marks=_marked(name)) for name, send in FORGED.items()])
def test_no_forged_form_is_taken_anywhere(world: World, forged: Send) -> None:
    desk, token, before = world.desk(ABLE), world.token(ABLE), world.rows()
    taking = [place for place in world.places if place.method == "POST"]
    assert len(taking) > 45
    for place in taking:
        answer = forged(world, desk, place, token, world.fields(place, "1"))
        assert answer.status_code in REFUSED, f"{place.path}: {answer.status_code}"
    assert world.rows() == before
    assert desk.get("/console/account").status_code == 200, "they were logged out"


METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("method", [pytest.param(method, marks=_marked(method)) for method in METHODS])
def test_no_step_is_taken_by_an_address_alone(world: World, method: str) -> None:
    desk, token, before = world.desk(ABLE), world.token(ABLE), world.rows()
    for place in (place for place in world.places if place.method == "POST"):
        asked = {**world.fields(place, "1"), "csrf": token}
        answer = desk.client.request(method, world.address(place), params=asked)
        assert answer.status_code < 500, place.path
    assert world.rows() == before
    assert desk.get("/console/account").status_code == 200, "they were logged out"


def test_a_form_with_its_token_is_taken_so_that_the_refusals_mean_something(world: World) -> None:
    assert world.desk(ABLE).post("/console/audit/verify", "/console/audit").status_code == 303
