"""Where pages end: a service for apprise's `json://` and for a webhook, which notes what it takes, and fails when told to."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler

from bench.safety.verdict import HandOver
from tests.faults.provider import Accepted, Server

FIRST, THIRD = "apprise", "webhook"  # the second is Telegram's: the stand-in Bot API takes it
STAFF_CHAT = "900001"
_CODE = re.compile(r"code (\w+)(?: \(again, (\d+)\))?")
_LINK = re.compile(r"/page/([\w-]+)")


class Sink:
    """The server; `taken` is what staff would have seen. A route in `failing` is answered 500."""

    def __init__(self) -> None:
        self.taken: list[HandOver] = []
        self.failing: set[str] = set()
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._at = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Sink:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """A staff member's ways in their order: way and address."""
        return (
            (FIRST, f"json://{self._at}/{FIRST}"),
            ("telegram", STAFF_CHAT),
            (THIRD, f"http://{self._at}/{THIRD}#key"),
        )

    def take(self, route: str, body: str) -> int:
        """Take a page; the status to answer with."""
        with self._lock:
            if route in self.failing:
                return 500
            self.taken.append(_hand_over(route, body, time.monotonic()))
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                status = sink.take(self.path.strip("/"), body)
                try:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                except OSError:
                    pass  # who asked is dead

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        return Handler


def _hand_over(route: str, body: str, at: float) -> HandOver:
    words = json.dumps(json.loads(body), ensure_ascii=False) if route != "telegram" else body
    code, link = _CODE.search(words), _LINK.search(words)
    if code is None or link is None:
        raise ValueError(f"a page by {route} has no code or no link in it")
    return HandOver(route, code[1], f"{link[1]} {code[2] or 1}", at)


def by_telegram(accepted: Iterable[Accepted]) -> list[HandOver]:
    """Pages among what the stand-in Bot API took."""
    return [_hand_over("telegram", one.text, one.at) for one in accepted if one.chat == STAFF_CHAT]
