"""What channels share on their receiving side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.body import read_body
from bot.channels.incoming import readable, start_code
from bot.channels.sms import Refusal, check
from bot.channels.sms.telephone import e164


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/start Zk3_q-9", "ZK3_Q-9"),
        ("/start Zk3_q-9aBcDeFgHiJkLm", "Zk3_q-9aBcDeFgHiJkLm"),
        ("/start", None),
        ("/start two words", None),
        ("/start " + "a" * 65, None),
        ("JOIN K7QM", "K7QM"),
        ("join k7qm.", "K7QM"),
        ("“Join K7QM”", "K7QM"),
        ("START K7QM", "K7QM"),
        ("START", None),
        ("STOP", None),
        ("I want to join K7QM", None),
        ("start again please", None),
    ],
)
def test_start_codes_are_found_only_as_the_whole_message(text: str, code: str | None) -> None:
    assert start_code(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\ud83d b", "a\ufffd b"), ("\ude00", "\ufffd"), ("\ud83d\ude00", "😀"), ("a\0b", "a\ufffdb"), ("😀é", "😀é")],
)
def test_text_is_made_storable(text: str, expected: str) -> None:
    assert readable(text) == expected


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=50))
def test_any_text_can_be_encoded_afterwards(text: str) -> None:
    readable(text).encode()


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("+34 612 34 56 78", "US", "+34612345678"),
        ("+34 912 34 56 78", "US", Refusal.NOT_MOBILE),
        ("555", "US", Refusal.NOT_VALID),
        ("call me", "US", Refusal.NO_NUMBER),
    ],
)
def test_numbers_are_checked_at_enrolment(number: str, country: str, expected: str) -> None:
    assert check(number, country) == expected


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("+14155552671", "+14155552671"), ("72444", None), ("AMAZON", None), ("+1", None), ("", None), ("+", None)],
)
def test_only_telephones_have_an_e164_number(sender: str, expected: str | None) -> None:
    assert e164(sender) == expected


@pytest.mark.parametrize(("chunks", "expected"), [(2, 200), (3, 413)])
def test_a_body_without_a_length_is_counted_as_it_comes(chunks: int, expected: int) -> None:
    async def endpoint(request: Request) -> Response:
        return Response(status_code=413 if await read_body(request, 20) is None else 200)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(chunks):
            yield b"ten bytes."

    async def post() -> int:
        transport = httpx.ASGITransport(Starlette(routes=[Route("/", endpoint, methods=["POST"])]))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return (await client.post("/", content=body())).status_code

    assert asyncio.run(post()) == expected
