"""The served model, with actions that only say their names: who is asked, what is passed on, and what no log may hold."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
SECRET = "zanzibar"


class Actions(BaseHTTPRequestHandler):
    """Answers with the action's name; gives a message with `who` back; breaks on `broken`."""

    protocol_version = "HTTP/1.1"
    calls: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Runs one action."""
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.calls.append(call)
        text, action = call["tracker"]["latest_message"]["text"], call["next_action"]
        events = [{"event": "action_execution_rejected", "name": action}] if "who" in text and "take" in action else []
        reply = {"events": events, "responses": [] if events else [{"text": action}]}
        body = json.dumps({"events": "broken"} if "broken" in text else reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Served:
    """A running server, the calls its actions got, and its log."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log
        self.calls: list[dict[str, Any]] = []

    def say(self, text: str, *, is_open: bool = False, sender: str = "p1~7") -> list[str]:
        """What the server answers to a message."""
        message = {"sender": sender, "message": text, "metadata": {"message": "m1", "open": is_open}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/rest/webhook", json.dumps(message).encode()
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return [part["text"] for part in json.load(reply)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    subprocess.run([str(PYTHON), "-m", "dialogue.train"], cwd=ROOT, check=True, capture_output=True, timeout=300)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    house = Served(port, tmp_path_factory.mktemp("served") / "log")
    actions = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Actions,), {"calls": house.calls}))
    threading.Thread(target=actions.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{actions.server_port}/webhook"
    with (
        house.log.open("w") as log,
        subprocess.Popen(
            [str(PYTHON), "-m", "dialogue.serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "ACTION_ENDPOINT": address},
            stdout=log,
            stderr=log,
        ) as server,
    ):
        try:
            wait_for(port)
            yield house
        finally:
            server.terminate()
            actions.shutdown()
            actions.server_close()


def wait_for(port: int) -> None:
    """Returns when something listens there."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)


@pytest.mark.parametrize(
    ("text", "is_open", "said"),
    [
        ("how do I pace myself", False, ["action_start_skill"]),
        ("about a 6", True, ["action_take_answer"]),
        ("who can see my messages", True, ["action_reply"]),
        ("I want to die", False, ["action_risk"]),
        ("skip this one", False, ["action_move"]),
        ("/risk_suicide", False, ["action_risk"]),
        (f'/{SECRET} {{"x": 1}}', False, ["action_reply"]),
        (f"broken {SECRET}", True, []),
        ("about a 5", True, ["action_take_answer"]),
        ("", False, ["action_fallback"]),
    ],
)
def test_a_message_reaches_one_action(served: Served, text: str, is_open: bool, said: list[str]) -> None:
    assert served.say(text, is_open=is_open) == said


def test_sender_and_metadata_are_passed_and_the_call_stays_small(served: Served) -> None:
    for turn in range(20):
        served.say(f"about a {turn % 10}", is_open=True, sender="p2~9")
    call = served.calls[-1]
    user = [event for event in call["tracker"]["events"] if event["event"] == "user"][-1]
    assert call["tracker"]["sender_id"] == "p2~9"
    assert user["metadata"]["message"] == "m1"
    assert user["metadata"]["open"] is True
    assert "domain" not in call
    assert len(json.dumps(call)) < 8000


def test_no_log_holds_what_a_person_wrote(served: Served) -> None:
    served.say(f"broken {SECRET}", is_open=True)
    served.say(f"/{SECRET}")
    log = served.log.read_text()
    assert "ValidationError" in log
    assert SECRET not in log
