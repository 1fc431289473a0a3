"""A gate before a stand-in: it fails calls as the real provider would, keeps its limits, and counts what passed.

Stand-ins know no 429, no 403, no lost answer, no longest text and no secret header. The gate runs in the test's own
process, so a test sets faults and reads calls as plain values.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode

import httpx

TEXT_LIMIT, DATA_LIMIT = 4096, 64  # TG sendMessage; InlineKeyboardButton.callback_data, bytes
DELIVER = "/_gate/deliver"
_HOP = {"host", "content-length", "connection", "transfer-encoding", "content-encoding", "accept-encoding"}


@dataclass
class Fault:
    """What happens to the next `times` calls whose path contains `path`.

    Attributes:
        skip: so many calls pass before it begins.
        status, answer, headers: answered instead of the provider.
        drop: the connection is cut `before` the call reaches the provider, or `after`.
    """

    path: str
    times: int = 1
    skip: int = 0
    status: int | None = None
    answer: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: Literal["before", "after"] | None = None


@dataclass(frozen=True)
class Call:
    """A call that came to the gate, and whether the provider saw it."""

    path: str
    fields: dict[str, Any]
    reached: bool
    status: int


class Gate:
    """Serves on a free port while it is entered; `address` stands for the provider's."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._client = httpx.Client(timeout=30)
        self._lock = threading.Lock()
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.deliveries: list[tuple[dict[str, Any], int]] = []
        self.hook: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def fresh(self) -> Gate:
        """The same gate with no faults, calls or webhook."""
        self.faults, self.calls, self.deliveries, self.hook = [], [], [], {}
        return self

    def reached(self, path: str) -> int:
        """How many calls to `path` the provider really got."""
        return sum(call.reached for call in self.calls if path in call.path)

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, str] | None:
        """Status, body and content type to answer with; None: cut the connection."""
        bare, fields = path.partition("?")[0], _fields(body, headers.get("Content-Type", ""))
        fault = self._next_fault(bare)
        if fault.status is not None:
            self.calls.append(Call(bare, fields, False, fault.status))
            return fault.status, json.dumps(fault.answer).encode(), "application/json"
        if fault.drop == "before":
            self.calls.append(Call(bare, fields, False, 0))
            return None
        if "/bot" in bare and (refusal := _refusal(fields)):
            self.calls.append(Call(bare, fields, False, 400))
            refused = {"ok": False, "error_code": 400, "description": f"Bad Request: {refusal}"}
            return 400, json.dumps(refused).encode(), "application/json"
        if bare.endswith("/setWebhook"):
            self.hook = {"url": fields["url"], "secret": fields.get("secret_token", "")}
            body = json.dumps({**fields, "url": self.address + DELIVER}).encode()
            headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
            headers |= {"Content-Type": "application/json"}
        body = _bracketed(body, headers.get("Content-Type", ""))
        answer = self._client.request(method, self._upstream + path, content=body, headers=_kept(headers))
        self.calls.append(Call(bare, fields, True, answer.status_code))
        if fault.drop == "after":
            return None
        return answer.status_code, answer.content, answer.headers.get("Content-Type", "")

    def deliver(self, body: bytes) -> int:
        """Hand an update of the stand-in to the bot's webhook, with the secret that it was set with."""
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": self.hook.get("secret", "")}
        answer = self._client.post(self.hook["url"], content=body, headers=headers)
        self.deliveries.append((json.loads(body), answer.status_code))
        return answer.status_code

    def _next_fault(self, path: str) -> Fault:
        with self._lock:
            for fault in self.faults:
                if fault.path not in path or fault.times == 0:
                    continue
                if fault.skip == 0:
                    fault.times -= 1
                    return fault
                fault.skip -= 1
        return Fault(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == DELIVER:
                    answer: tuple[int, bytes, str] | None = (gate.deliver(body), b"", "")
                else:
                    answer = gate.pass_on(self.command, self.path, dict(self.headers.items()), body)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, content, kind = answer
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = serve  # noqa: N815  # http.server's names

        return Handler


def _fields(body: bytes, kind: str) -> dict[str, Any]:
    if "json" in kind:
        return dict(json.loads(body or b"{}"))
    return {} if "multipart" in kind else dict(parse_qsl(body.decode(errors="replace")))


def _bracketed(body: bytes, kind: str) -> bytes:
    """A form whose repeated fields are called `name[]`: Prism takes a list in no other way, Twilio wants them as they were."""
    if "x-www-form-urlencoded" not in kind:
        return body
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    often = {name for name, times in Counter(name for name, _ in pairs).items() if times > 1}
    return (
        urlencode([(f"{name}[]" if name in often else name, value) for name, value in pairs]).encode()
        if often
        else body
    )


def _refusal(fields: Mapping[str, Any]) -> str | None:
    if len(str(fields.get("text", "")).encode("utf-16-le")) // 2 > TEXT_LIMIT:
        return "message is too long"
    markup = fields.get("reply_markup") or "{}"
    rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
    if any(len(button.get("callback_data", "").encode()) > DATA_LIMIT for row in rows for button in row):
        return "BUTTON_DATA_INVALID"
    return None


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}
