"""Forged and replayed deliveries, on every door that is not the console: nothing is stored, nothing is stored twice.

What each channel makes of wrong, missing and foreign signatures stands in tests/channels/*.yml; here the whole port is asked.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from doors import BOT, HERE, SECRET, Doors
from sqlalchemy import select

from bot.store.tables import metadata

TELEGRAM = f"/telegram/{BOT}"
OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}
PERSON = {"id": 700700700, "is_bot": False, "first_name": "Ana"}
UPDATE = {
    "update_id": 9,
    "message": {"message_id": 1, "date": 0, "chat": {"id": 700700700, "type": "private"}, "from": PERSON, "text": "hi"},
}
TEXT = {"MessageSid": "SM1", "From": "+14155550123", "To": "+14155559999", "Body": "hi", "NumMedia": "0"}


def rows(doors: Doors, *names: str) -> dict[str, list[str]]:
    """What is stored, in these tables or in all."""
    with doors.gateway.store.read() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if not names or table.name in names
        }


def telegram(doors: Doors, update: Any, secret: str = SECRET) -> Any:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    return doors.client().post(TELEGRAM, content=json.dumps(update), headers=headers)


def open_posts(doors: Doors) -> list[str]:
    return [path for method, path in doors.paths() if method == "POST" and not path.startswith("/console")]


BODIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a form": {"data": TEXT},
    "JSON": {"json": UPDATE},
    "no JSON": {"content": b"\xff\x00{", "headers": {"content-type": "application/json"}},
    "deep JSON": {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
    "parts": {"files": {"Body": ("../../etc/passwd", b"hi")}},
    "a thousand fields": {"data": {f"a{n}": "1" for n in range(1_000)}},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    "proof", [{}, {"X-Telegram-Bot-Api-Secret-Token": "x", "X-Twilio-Signature": "x"}], ids=["none", "wrong"]
)
def test_nobody_is_believed_without_proof(doors: Doors, body: dict[str, Any], proof: dict[str, str]) -> None:
    before, asked = rows(doors), open_posts(doors)
    assert len(asked) > 8
    for path in asked:
        headers = {**OURS, **body.get("headers", {}), **proof}
        answer = doors.client().post(path, **{**body, "headers": headers})
        assert answer.status_code in (401, 403, 404), f"{path}: {answer.status_code}"
    assert rows(doors) == before


@pytest.mark.parametrize("declared", [True, False], ids=["that says so", "that does not"])
def test_a_body_beyond_the_limit_is_refused(doors: Doors, declared: bool) -> None:
    before = rows(doors)
    big = b"x" * 1_100_000
    for path in open_posts(doors):
        content = big if declared else iter([big])
        headers = {**OURS, "X-Telegram-Bot-Api-Secret-Token": SECRET, "content-type": "application/json"}
        answer = doors.client().post(path, content=content, headers=headers)
        assert answer.status_code in (401, 403, 404, 413), f"{path}: {answer.status_code}"
    assert rows(doors) == before


def test_a_delivery_of_telegrams_that_is_played_again_is_one_message(doors: Doors) -> None:
    assert telegram(doors, UPDATE).status_code == 200
    after = rows(doors, "inbox", "outbox", "patients")
    for _ in range(3):
        assert telegram(doors, UPDATE).status_code == 200
    assert rows(doors, "inbox", "outbox", "patients") == after
    assert len(after["inbox"]) >= 1


@pytest.mark.parametrize("secret", ["", "a-secret", SECRET.upper(), SECRET + " x", "a-secret-of-telegramz"])
def test_only_telegram_knows_the_secret(doors: Doors, secret: str) -> None:
    before = rows(doors)
    assert telegram(doors, UPDATE | {"message": {**UPDATE["message"], "message_id": 77}}, secret).status_code == 403
    assert rows(doors) == before


def test_a_text_of_twilios_that_is_played_again_is_one_message(doors: Doors) -> None:
    client, headers = doors.client(), doors.signed("/twilio/in", TEXT)
    assert client.post("/twilio/in", data=TEXT, headers=headers).status_code == 204
    after = rows(doors, "inbox", "outbox", "patients")
    for _ in range(3):
        assert client.post("/twilio/in", data=TEXT, headers=headers).status_code == 204
    assert rows(doors, "inbox", "outbox", "patients") == after


FORGED: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "another token": ({}, {"token": "another"}),
    "another address": ({}, {"path": "/twilio/status/7"}),
    "another host": ({}, {"base": "https://evil.example"}),
    "without TLS": ({}, {"base": "http://coach.example"}),
    "other words": ({"Body": "no"}, {}),
    "one parameter more": ({"Mood": "3"}, {}),
}


@pytest.mark.parametrize(("changed", "signed"), FORGED.values(), ids=FORGED)
def test_only_what_twilio_signed_is_taken(doors: Doors, changed: dict[str, str], signed: dict[str, Any]) -> None:
    before, form = rows(doors), {**TEXT, "MessageSid": "SM77"}
    headers = doors.signed(**{"path": "/twilio/in", "form": form, **signed})
    answer = doors.client().post("/twilio/in", data={**form, **changed}, headers=headers)
    assert answer.status_code == 403
    assert rows(doors) == before


def test_a_message_of_the_chat_page_that_is_sent_again_is_one(doors: Doors) -> None:
    client = doors.client(headers=OURS)
    client.get("/try")
    sent = {"id": "abcdefgh", "text": "hello"}
    assert client.post("/try/messages", json=sent).status_code == 200
    after = rows(doors, "inbox", "outbox", "patients")
    for again in (sent, {**sent, "text": "something else"}):
        assert client.post("/try/messages", json=again).status_code == 200
    assert rows(doors, "inbox", "outbox", "patients") == after


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5_000, "-1", "1e9", "٣", "0x7"])
def test_a_number_that_is_none_names_nothing(doors: Doors, number: str) -> None:
    client = doors.client(headers=OURS)
    client.get("/try")
    for method, path in doors.paths():
        if path.endswith("/7") and method in ("GET", "POST"):
            asked = f"{path.removesuffix('7')}{number}"
            headers = {**OURS, **doors.signed(asked, {})}
            answer = client.request(method, asked, headers=headers, data={} if method == "POST" else None)
            assert answer.status_code < 500, path
