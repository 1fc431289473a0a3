"""The wire against servers that answer, refuse, break off and keep silent: what it says decides whether we send again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.channels.telegram.wire import Wire
from bot.rasa import free_port

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMITS = {"connect": 1.0, "read": 0.2, "write": 1.0, "pool": 1.0}
BODY = b'{"ok": true}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n" + BODY


def call(port: int) -> httpx.Request:
    url, extensions = f"http://127.0.0.1:{port}/bot1000:x/sendMessage", {"timeout": LIMITS}
    return httpx.Request("POST", url, data={"chat_id": "7", "text": "ça va 🙂"}, extensions=extensions)


class Server:
    """Hands the first request to `then`, the others to `after`; keeps what came."""

    def __init__(self, then: Serve, after: Serve | None = None) -> None:
        self.then, self.after, self.connections, self.requests = then, after, 0, list[bytes]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                self.requests.append(head + await reader.readexactly(int(length)))
                await self.then(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Wire, httpx.Request]]:
        server, wire = await asyncio.start_server(self.serve, "127.0.0.1"), Wire(2)
        try:
            yield wire, call(server.sockets[0].getsockname()[1])
        finally:
            await wire.aclose()
            server.close()


async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(ANSWER)


async def break_off(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def keep_silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def offered(server: Server, times: int = 1) -> list[httpx.Response | type[Exception]]:
    """What calls one after another come to."""
    found: list[httpx.Response | type[Exception]] = []
    async with server.open() as (wire, request):
        for _ in range(times):
            try:
                found.append(await wire.handle_async_request(request))
            except httpx.HTTPError as error:
                found.append(type(error))
            server.then = server.after or server.then
    return found


def test_a_connection_is_kept_and_the_form_arrives_whole() -> None:
    server = Server(answer)
    for found in asyncio.run(offered(server, 3)):
        assert isinstance(found, httpx.Response)
        assert (found.status_code, found.content) == (200, BODY)
    assert (server.connections, len(server.requests)) == (1, 3)
    assert server.requests[0].endswith(b"chat_id=7&text=%C3%A7a+va+%F0%9F%99%82")
    assert b"content-type: application/x-www-form-urlencoded" in server.requests[0].lower()


def test_what_was_refused_has_not_left() -> None:
    async def run() -> None:
        wire = Wire(2)
        with pytest.raises(httpx.ConnectError):
            await wire.handle_async_request(call(free_port()))
        await wire.aclose()

    asyncio.run(run())


@pytest.mark.parametrize(("then", "error"), [(break_off, httpx.RemoteProtocolError), (keep_silent, httpx.ReadTimeout)])
def test_what_has_left_is_not_offered_again(then: Serve, error: type[httpx.HTTPError]) -> None:
    server = Server(then)
    assert asyncio.run(offered(server)) == [error]
    assert len(server.requests) == 1


def test_a_kept_connection_that_breaks_is_not_replaced_for_a_second_try() -> None:
    server = Server(answer, after=break_off)
    assert asyncio.run(offered(server, 2))[1] is httpx.RemoteProtocolError
    assert len(server.requests) == 2
