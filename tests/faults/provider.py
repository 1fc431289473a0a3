"""A provider of a few lines: Telegram's Bot API in shape, which counts what it accepted and is slow to say so."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

BOT_ID = "42"
TOKEN = f"{BOT_ID}:{'F' * 35}"
SECRET = "the-webhooks-secret"
SLOWEST_SECONDS = 0.08  # between accepting and saying so: a kill in it must not double anything


@dataclass(frozen=True)
class Accepted:
    """One message that the provider took."""

    number: int
    chat: str
    text: str
    at: float


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Connections of killed processes break off: nothing to say."""


class Provider:
    """The server; `accepted` is what a person would have seen, in order."""

    def __init__(self, seed: int) -> None:
        self.accepted: list[Accepted] = []
        self._lock, self._random = threading.Lock(), random.Random(seed)
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def to(self, chat: str) -> int:
        """How many messages a chat has got."""
        with self._lock:
            return sum(one.chat == chat for one in self.accepted)

    def answer(self, method: str, fields: dict[str, Any]) -> object:
        """What the Bot API would answer."""
        if method == "getMe":
            return {"id": int(BOT_ID), "is_bot": True, "first_name": "Evenday", "username": "evenday_bot"}
        if method not in ("sendMessage", "sendPhoto"):
            return True
        with self._lock:
            number, wait = len(self.accepted) + 1, self._random.uniform(0, SLOWEST_SECONDS)
            chat, text = str(fields["chat_id"]), str(fields.get("text") or fields.get("caption") or "")
            self.accepted.append(Accepted(number, chat, text, time.monotonic()))
        time.sleep(wait)
        private = {"id": int(chat), "type": "private", "first_name": "A"}
        return {"message_id": number, "date": int(time.time()), "chat": private, "text": text}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                kind = self.headers.get("content-type", "")
                fields = json.loads(body) if "json" in kind else {k: v[0] for k, v in parse_qs(body).items()}
                result = provider.answer(self.path.rsplit("/", 1)[-1], fields)
                out = json.dumps({"ok": True, "result": result}).encode()
                try:
                    self.send_response(200)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(out)))
                    self.end_headers()
                    self.wfile.write(out)
                except OSError:
                    pass  # who asked is dead

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        return Handler
