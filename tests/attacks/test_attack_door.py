"""Slow, endless, oversized and too many: whoever oversteps a limit of the public port is cut off, and nobody else waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from bot.body import read_body
from bot.door import Door, Dressed, Limits, config

pytestmark = pytest.mark.slow  # each starts a server, and waits for limits

MOST = 10_000  # bytes that the echo takes
SOON = 0.25  # seconds that a request may take


class Quick(Door):
    """A door whose limits a test can wait for."""

    limits = Limits(seconds=SOON, head_bytes=4096, headers=20, connections=5)


async def echo(request: Request) -> Response:
    body = await read_body(request, MOST)
    return PlainTextResponse("too long", 413) if body is None else PlainTextResponse(f"{len(body)} bytes")


async def refuses(_request: Request) -> Response:
    return PlainTextResponse("no", 403)  # without a look at the body


async def speaks(_request: Request) -> Response:
    async def beats() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b"beat\n"
            await asyncio.sleep(SOON / 3)

    return StreamingResponse(beats())


async def floods(_request: Request) -> Response:
    async def much() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield bytes(100_000)

    return StreamingResponse(much())


ROUTES = [
    Route("/", echo, methods=["GET", "POST"]),
    Route("/refuses", refuses, methods=["POST"]),
    Route("/speaks", speaks),
    Route("/floods", floods),
]


class Server(uvicorn.Server):
    """A server that leaves signals to the tests."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # as uvicorn's own
        """Nothing is captured."""
        yield


class Client:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Send some bytes; a connection that was cut is no error here."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self) -> bytes:
        """All that comes until the server hangs up, also where it does so amid what is being sent."""
        said = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while piece := await self.reader.read(65_536):
                    said += piece
        return said

    async def trickle(self, data: bytes, every: float = 0.02) -> bytes:
        """Send a byte at a time until the server hangs up; what it said."""
        over = asyncio.ensure_future(self.answer())
        for byte in data * 1000:
            if over.done():
                break
            await self.send(bytes([byte]))
            await asyncio.sleep(every)
        return await over


Enter = Callable[[], Awaitable[Client]]


def at_the_door(scenario: Callable[[Enter, Server], Awaitable[None]]) -> None:
    """Play a scenario against a real server."""

    async def work() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = Dressed(Starlette(routes=ROUTES), "")
        server = Server(config(app, "127.0.0.1", port, Quick))
        serving = asyncio.ensure_future(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.005)
        clients: list[Client] = []

        async def enter() -> Client:
            client = Client(*await asyncio.open_connection("127.0.0.1", port))
            clients.append(client)
            return client

        try:
            await scenario(enter, server)
        finally:
            for client in clients:
                client.writer.close()
            server.should_exit = server.force_exit = True
            await serving

    asyncio.run(work())


HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n"
BEGINNINGS = {
    "nothing at all": (b"", b""),
    "the first line": (b"GET /", b"a"),
    "headers": (b"GET / HTTP/1.1\r\nHost: here\r\n", b"X-A: b\r\n"),
    "a body": (HEAD + b"\r\n", b"x"),
    "a body in pieces": (b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a body that was refused": (HEAD.replace(b"/", b"/refuses", 1) + b"\r\n", b"x"),
    "blank lines after a request": (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b"\r\n"),
    "a second request": (b"GET / HTTP/1.1\r\nHost: here\r\n\r\nGET /", b"a"),
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_byte_at_a_time_is_cut_off_and_keeps_nobody_waiting(beginning: tuple[bytes, bytes]) -> None:
    first, then = beginning

    async def scenario(enter: Enter, _server: Server) -> None:
        slow = await enter()
        await slow.send(first)
        cut = asyncio.ensure_future(slow.trickle(then) if then else slow.answer())
        started = time.monotonic()
        other = await enter()
        await other.send(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await other.answer()
        assert not cut.done()
        assert b"HTTP/1.1 408 Request Timeout" in await cut
        assert time.monotonic() - started < SOON * 6

    at_the_door(scenario)


def test_a_request_within_its_time_is_answered_and_the_connection_kept() -> None:
    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        for last in (b"", b"Connection: close\r\n"):
            await client.send(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n" + last + b"\r\nx")
            await asyncio.sleep(SOON / 2)
            await client.send(b"y")
            await asyncio.sleep(SOON / 2)  # all of them together take longer than one may
        assert (await client.answer()).count(b"2 bytes") == 2

    at_the_door(scenario)


def test_an_answer_may_take_as_long_as_it_takes() -> None:
    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        await client.send(b"GET /speaks HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert (await client.answer()).count(b"beat") == 6

    at_the_door(scenario)


def test_who_does_not_read_the_answer_is_cut_off() -> None:
    async def scenario(enter: Enter, server: Server) -> None:
        client = await enter()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket
        await client.send(b"GET /floods HTTP/1.1\r\nHost: here\r\n\r\n")
        await asyncio.sleep(SOON / 2)
        assert len(server.server_state.connections) == 1
        for _ in range(40):
            await asyncio.sleep(SOON / 4)
            if not server.server_state.connections:
                break
        assert not server.server_state.connections

    at_the_door(scenario)


class Wire(asyncio.Transport):
    """A connection of which the test says how much its client has not read yet."""

    unread = 0
    is_cut = False

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the client."""
        return self.unread

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Nothing is known of the other end."""
        return default

    def is_closing(self) -> bool:
        """Whether it was cut off."""
        return self.is_cut

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """What is said goes nowhere."""

    def abort(self) -> None:
        """Cut off."""
        self.is_cut = True

    close = abort


@pytest.mark.parametrize(("unread", "is_cut"), [(0, False), (10, True)], ids=["has read it", "has not read it"])
def test_the_next_request_of_who_has_read_the_last_answer_is_not_cut_off(unread: int, is_cut: bool) -> None:
    async def scenario() -> bool:
        served = config(Starlette(routes=ROUTES), "127.0.0.1", 0, Quick)
        served.load()
        wire, door = Wire(), Quick(served, uvicorn.server.ServerState(), {})
        door.connection_made(wire)
        wire.unread = 10
        door.on_response_complete()  # of an earlier request, and the client has yet to read ten bytes
        wire.unread = unread
        door.data_received(b"GET /speaks HTTP/1.1\r\nHost: here\r\n\r\n")
        wire.unread = 10  # of the answer to this one, which goes on for longer than a client may keep bytes waiting
        await asyncio.sleep(SOON * 1.5)
        is_cut = wire.is_cut
        door.connection_lost(None)
        return is_cut

    assert asyncio.run(scenario()) is is_cut


HEADS = {
    "an endless header": b"X-A: " + b"a" * 20_000,
    "a long header": b"X-A: " + b"a" * 5_000 + b"\r\n\r\n",
    "many headers": b"".join(b"X-%d: b\r\n" % number for number in range(30)) + b"\r\n",
    "a long address": b"",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_too_much_before_the_body_is_refused(head: bytes) -> None:
    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        path = b"/" if head else b"/?" + b"a=1&" * 2_000
        await client.send(b"GET " + path + b" HTTP/1.1\r\nHost: here\r\n" + (head or b"\r\n"))
        said = await client.answer()
        assert said.startswith(b"HTTP/1.1 431 ") and b"X-Content-Type-Options: nosniff" in said

    at_the_door(scenario)


@pytest.mark.parametrize("declared", [b"Content-Length: 50000000", b"Transfer-Encoding: chunked"])
def test_a_body_over_the_limit_is_not_kept_in_memory(declared: bytes) -> None:
    piece = bytes(64 * 1024)

    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        await client.send(b"POST / HTTP/1.1\r\nHost: here\r\n" + declared + b"\r\n\r\n")
        tracemalloc.start()
        for _ in range(200):  # 13 MB
            chunk = b"%x\r\n%s\r\n" % (len(piece), piece) if b"chunked" in declared else piece
            await client.send(chunk)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2_000_000
        assert (await client.answer()).startswith(b"HTTP/1.1 413 ")

    at_the_door(scenario)


def test_what_can_not_be_read_is_told_no_more_than_that() -> None:
    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        await client.send(b"\x16\x03\x01 nonsense\r\n\r\n")
        said = await client.answer()
        assert said.startswith(b"HTTP/1.1 400 ") and b"nonsense" not in said

    at_the_door(scenario)


def test_more_connections_than_there_is_room_for_are_turned_away_and_room_comes_back() -> None:
    async def scenario(enter: Enter, server: Server) -> None:
        held = [await enter() for _ in range(Quick.limits.connections)]
        assert (await (await enter()).answer()).startswith(b"HTTP/1.1 503 ")
        await held[0].send(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await held[0].answer()
        await asyncio.sleep(SOON * 2)  # the others said nothing
        assert not server.server_state.connections

    at_the_door(scenario)


def test_nothing_speaks_by_websocket() -> None:
    async def scenario(enter: Enter, _server: Server) -> None:
        client = await enter()
        await client.send(
            b"GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert (await client.reader.readline()).startswith(b"HTTP/1.1 200 ")  # as to anybody who asks for the page

    at_the_door(scenario)


def test_a_length_that_no_number_holds_is_too_long() -> None:
    async def scenario() -> bytes | None:
        headers = [(b"content-length", b"9" * 5_000)]

        async def receive() -> Message:
            return {"type": "http.request", "body": b"x", "more_body": False}

        return await read_body(Request({"type": "http", "headers": headers}, receive), MOST)

    assert asyncio.run(scenario()) is None
