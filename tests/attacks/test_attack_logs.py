"""Log injection: words of others in every field of every door, and nothing of them in any line of the log.

A line is either one JSON object with keys of the list, or what a library said, without its words (`bot.logs`).
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from doors import BOT, HERE, SECRET, Doors

from bot.logs import KEYS, configure
from bot.store import staff

MARK = "zyxomma"
FORGED = json.dumps({"event": "login.done", "level": "info"})
HOSTILE = f"{MARK}\r\n{FORGED}\n\x1b[2J\x1b]0;{MARK}\x07\u2028{MARK}\x9b31m"
IN_HEADER = f"{MARK} {FORGED} \t{MARK}"  # servers refuse what breaks a line
OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}
LIBRARY = re.compile(r"[\w.]+ (WARNING|ERROR|CRITICAL)|  .+")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, as the gateway logs it, down to the least."""
    written, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    configure("debug")
    yield written
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level


def lines(log: io.StringIO) -> list[str]:
    """The lines, each of a form that may stand there."""
    found = log.getvalue().split("\n")[:-1]
    for line in found:
        if line.startswith("{"):
            assert set(json.loads(line)) <= KEYS, line
        else:
            assert LIBRARY.fullmatch(line), line
        assert MARK not in line and "\x1b" not in line and "\x9b" not in line, line
    return found


def events(log: io.StringIO) -> set[str]:
    return {json.loads(line)["event"] for line in lines(log) if line.startswith("{")}


HEADERS = (
    "user-agent",
    "referer",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-request-id",
    "cookie",
    "authorization",
    "accept-language",
)


def test_nothing_of_a_request_reaches_the_log(doors: Doors, log: io.StringIO) -> None:
    client = doors.client(headers={**OURS, **dict.fromkeys(HEADERS, IN_HEADER)})
    for method, path in [*doors.paths(), ("GET", f"/{quote(HOSTILE)}"), ("POST", f"/console/{quote(HOSTILE)}")]:
        if not path.endswith("/stream"):
            place = re.sub(r"\b7\b", quote(HOSTILE, safe=""), path)
            client.request(
                method,
                place,
                params={"next": HOSTILE, "q": HOSTILE},
                data={"login": HOSTILE} if method == "POST" else None,
            )
    assert "sms.in.refused" in events(log) and "telegram.in.refused" in events(log)


def test_nothing_of_who_tries_to_log_in_reaches_the_log(doors: Doors, log: io.StringIO) -> None:
    client = doors.client(headers={**OURS, "user-agent": IN_HEADER, "x-forwarded-for": IN_HEADER})
    page = client.get("/console/login").text
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert token
    for login in (HOSTILE, f"{MARK}@example.org"):
        sent = {"csrf": token[1], "login": login, "password": HOSTILE, "next": f"/console/{HOSTILE}"}
        assert client.post("/console/login", data=sent).status_code == 401
    lines(log)
    with doors.gateway.store.read() as connection:
        tried = staff.entries(connection)
    assert tried[0].action == "login.unknown"
    assert not any(MARK in f"{one.subject} {one.detail}" for one in tried)


def _update(**message: Any) -> dict[str, Any]:
    person = {
        "id": 700700701,
        "is_bot": False,
        "first_name": HOSTILE,
        "last_name": HOSTILE,
        "username": HOSTILE,
        "language_code": HOSTILE,
    }
    chat = {"id": 700700701, "type": "private", "first_name": HOSTILE, "title": HOSTILE}
    return {
        "update_id": hash(str(message)) % 10**6,
        "message": {"message_id": 1, "date": 0, "chat": chat, "from": person, **message},
    }


FILE = {"file_id": HOSTILE, "file_unique_id": HOSTILE}
SOMEBODY = {"id": 700700701, "is_bot": False, "first_name": HOSTILE}
UPDATES: dict[str, Any] = {
    "a text": _update(text=HOSTILE),
    "a command": _update(text=f"/start {MARK}"),
    "a file": _update(document={**FILE, "file_name": HOSTILE, "mime_type": HOSTILE}, caption=HOSTILE),
    "a voice": _update(voice={**FILE, "duration": 1, "mime_type": HOSTILE}),
    "a contact": _update(contact={"phone_number": HOSTILE, "first_name": HOSTILE, "vcard": HOSTILE}),
    "a place": _update(venue={"location": {"latitude": 1, "longitude": 1}, "title": HOSTILE, "address": HOSTILE}),
    "a press": {"update_id": 71, "callback_query": {"id": HOSTILE, "from": SOMEBODY, "chat_instance": HOSTILE, "data": HOSTILE}},
    "a kind of nobody's": {"update_id": 72, HOSTILE: {HOSTILE: HOSTILE}},
    "no object": [HOSTILE],
    "a text for an id": {"update_id": HOSTILE, "message": {"chat": {"id": HOSTILE}, "text": HOSTILE}},
}  # fmt: skip


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_nothing_that_telegram_brings_reaches_the_log(doors: Doors, log: io.StringIO, update: Any) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    answer = doors.client().post(f"/telegram/{BOT}", content=json.dumps(update), headers=headers)
    assert answer.status_code == 200
    assert lines(log)


TEXTS: dict[str, tuple[str, dict[str, str]]] = {
    "a text": ("/twilio/in", {"MessageSid": "SM901", "From": "+14155550124", "Body": HOSTILE, "FromCity": HOSTILE}),
    "an id": ("/twilio/in", {"MessageSid": HOSTILE, "From": "+14155550124", "Body": "hi"}),
    "a sender": ("/twilio/in", {"MessageSid": "SM902", "From": HOSTILE, "Body": HOSTILE}),
    "a kind": ("/twilio/in", {"MessageSid": "SM903", "From": "+14155550124", "NumMedia": "1", "MediaContentType0": HOSTILE}),
    "a word for stop": ("/twilio/in", {"MessageSid": "SM904", "From": "+14155550124", "OptOutType": HOSTILE}),
    "a state": ("/twilio/status/7", {"MessageStatus": HOSTILE, "ErrorCode": HOSTILE}),
    "a code": ("/twilio/status/7", {"MessageStatus": "failed", "ErrorCode": HOSTILE}),
    "a page's state": ("/twilio/page/sms/7", {"MessageStatus": "failed", "ErrorCode": HOSTILE}),
    "a call's state": ("/twilio/page/call/7", {"CallStatus": HOSTILE, "AnsweredBy": f"machine{HOSTILE}"}),
    "keys": ("/twilio/page/key/7", {"Digits": HOSTILE}),
}  # fmt: skip


@pytest.mark.parametrize(("path", "form"), TEXTS.values(), ids=TEXTS)
def test_nothing_that_twilio_brings_reaches_the_log(
    doors: Doors, log: io.StringIO, path: str, form: dict[str, str]
) -> None:
    answer = doors.client().post(path, data=form, headers=doors.signed(path, form))
    assert answer.status_code in (200, 204)
    lines(log)


def test_nothing_of_the_chat_page_reaches_the_log(doors: Doors, log: io.StringIO) -> None:
    client = doors.client(headers=OURS)
    client.get("/try")
    for sent in (
        {"id": "abcdefgh", "text": HOSTILE},
        {"id": HOSTILE, "text": HOSTILE},
        {"id": "abcdefgi", "text": HOSTILE, HOSTILE: 1},
    ):
        client.post("/try/messages", json=sent)
    client.get("/try/messages", params={"after": HOSTILE})
    assert {"web.in.received", "web.refused"} <= events(log)
