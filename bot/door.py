"""The door of the public port: how long and how much anybody may send before they are cut off, and what each answer says.

uvicorn's own time-outs begin when an answer is sent: whoever sends a byte a second would keep a connection for ever, and
headers are kept without bound (0.54). Bodies are bounded where they are read, see `bot.body`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# What an answer says where its page says nothing stricter or more.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000"


@dataclass(frozen=True)
class Limits:
    """What one client may take.

    Attributes:
        seconds: from a connection, or the first byte of its next request, to that request's last byte; and how long an
            answer may wait for a client that does not read. A message of 64 kB on a bad telephone line takes 15.
        head_bytes: of address and headers together.
        headers: their number.
        connections: open at a time, of all clients; a service of systemd may open 1024 files.
    """

    seconds: float = 30.0
    head_bytes: int = 16 * 1024
    headers: int = 100
    connections: int = 800


class Door(HttpToolsProtocol):
    """uvicorn's protocol with `limits`: whoever oversteps one is told so and cut off, and keeps nobody else waiting."""

    limits = Limits()

    _sending: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _is_in_head = True
    _head = 0
    _why = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Let a client in, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone: no clock runs for them."""
        self._end()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, and with its last one the clock stops."""
        self._begin()
        super().data_received(data)
        if self._is_in_head:
            self._head += len(data)
            if self._head > self.limits.head_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The first byte of a request: by then the answers before it have been read, unless bytes of them wait still."""
        self._begin()
        if not self.transport.get_write_buffer_size():
            self._stop_waiting()
        self._is_in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """All headers are there: an error here is told as `_why`."""
        self._is_in_head = False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > self.limits.headers or size > self.limits.head_bytes:
            self._why = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("too many headers")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._end()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What can't be read, or has too many headers."""
        self._refuse(self._why)

    def on_response_complete(self) -> None:
        """All is said; what the client has not read yet is kept for so long."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._wait_for_reader()

    def pause_writing(self) -> None:
        """The client reads more slowly than we speak."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._stop_waiting()
        super().resume_writing()

    def _begin(self) -> None:
        if self._sending is None:
            self._sending = self.loop.call_later(self.limits.seconds, self._too_slow)

    def _end(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _too_slow(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _wait_for_reader(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(self.limits.seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _give_up(self) -> None:
        self._reading = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, unless an answer is under way, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            headers = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{line}{headers}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        self.transport.close()


class Dressed:
    """ASGI middleware around everything: each answer has `HEADERS`, also an error and what no page of ours answered.

    Args:
        app: the routes.
        public_url: the address that people use; https makes browsers stay with it (RFC 6797).
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self._headers = {
            **HEADERS,
            **({"Strict-Transport-Security": HSTS} if public_url.startswith("https://") else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, dressed if scope["type"] == "http" else send)


def config(app: ASGIApp, host: str, port: int, door: type[Door] = Door) -> uvicorn.Config:
    """How uvicorn serves a port of ours."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=door,
        ws="none",  # nothing here speaks by WebSocket; it would be a way around the door
        server_header=False,
        log_config=None,  # its own would print what an exception says, and that may be a person's words
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
