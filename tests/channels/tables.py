"""What the tables of this folder have in common: reading rows, signing as Twilio signs, comparing requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
import yaml
from recorders import Provider
from starlette.applications import Starlette
from starlette.routing import Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types

from bot.conversation.message import Form, Inbound
from bot.settings import Settings

Row = dict[str, Any]
HERE = Path(__file__).parent
PERSON = {"id": 700700700, "is_bot": False, "first_name": "Ana", "username": "ana", "language_code": "en"}
PRIVATE = {"id": 700700700, "type": "private", "first_name": "Ana", "username": "ana"}
TEXT = {
    "ToCountry": "US",
    "MessageSid": "SM1",
    "AccountSid": "AC" + "0" * 32,
    "From": "+14155550123",
    "To": "+14155559999",
    "NumMedia": "0",
    "NumSegments": "1",
    "ApiVersion": "2010-04-01",
}


def rows(name: str) -> list[Any]:
    table = yaml.safe_load((HERE / name).read_text())
    return [pytest.param(row, id=row["about"]) for row in table]


def words(value: object) -> Any:
    """`{times: [text, n]}` anywhere in a row becomes that text."""
    if isinstance(value, dict):
        if set(value) == {"times"}:
            return value["times"][0] * value["times"][1]
        return {key: words(item) for key, item in value.items()}
    return [words(item) for item in value] if isinstance(value, list) else value


async def post(routes: list[Route], url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        return await client.post(url, content=body, headers=dict(headers))


def signed(row: Row, settings: Settings) -> tuple[str, bytes, dict[str, str]]:
    path = row.get("path", "/twilio/in")
    signed_path = row.get("signed_path", path)
    token = settings.twilio_token_list[{"first": 0, "second": 1}[row.get("signed_with", "first")]]
    base = row.get("signed_for", "https://coach.example")
    if "json" in row:
        body = json.dumps(TEXT | row["json"]).encode()
        digest = sha256(body + row.get("tampered", "").encode()).hexdigest()
        url = f"{path}?bodySHA256={digest}" if row.get("hashed", True) else path
        signature = RequestValidator(token).compute_signature(base + url, {})
        return url, body, {"Content-Type": "application/json", "X-Twilio-Signature": signature}
    form = {name: str(value) for name, value in (TEXT | row.get("form", {})).items() if value is not None}
    signature = RequestValidator(token).compute_signature(base + signed_path, form)
    body = urlencode({**form, **row.get("tampered", {})}).encode()
    kind = row.get("content_type", "application/x-www-form-urlencoded; charset=UTF-8")
    return path, body, {"Content-Type": kind, "X-Twilio-Signature": row.get("signature", signature)}


def answers_of(row: Row) -> list[httpx.Response | Exception]:
    return [answer_of(answer) for answer in row.get("answers", [])]


def answer_of(answer: Row) -> httpx.Response | Exception:
    if "raises" in answer:
        error: Exception = getattr(httpx, answer["raises"])("lost on the way to 700700700")
        return error
    if "text" in answer:
        return httpx.Response(answer["status"], text=answer["text"])
    return httpx.Response(answer.get("status", 200), json=answer["json"], headers=answer.get("headers"))


def fields_of(request: httpx.Request) -> Row:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/"):
        whole: Message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.content)
        parts = [part for part in whole.get_payload() if isinstance(part, Message)]
        return {
            str(part.get_param("name", header="content-disposition")): decoded(
                part.get_filename() or bytes(part.get_payload(decode=True)).decode()
            )
            for part in parts
        }
    return {name: decoded(value) for name, value in parse_qsl(request.content.decode(), keep_blank_values=True)}


def decoded(value: str) -> object:
    return json.loads(value) if value.startswith(("{", "[")) else value


def assert_requests(provider: Provider, row: Row, usual: Row) -> None:
    got = [fields_of(request) for request in provider.requests]
    if "requests" in row:
        wanted = [{**usual, **words(request)} for request in row["requests"]]
        assert got == [{key: value for key, value in each.items() if value is not None} for each in wanted]
    listed: list[object] = row.get("requests") or row.get("answers") or [None]
    assert len(got) == row.get("calls", len(listed))
    assert provider.answers == []


def inbound(channel: str, expected: Row, defaults: Row) -> Inbound:
    fields = {"text": "", **defaults, **expected}
    return Inbound(channel=channel, form=Form(fields.pop("form")), **fields)


def update_of(row: Row) -> object:
    if "message" in row:
        return {
            "update_id": 9,
            "message": {"message_id": 1, "date": 0, "chat": PRIVATE, "from": PERSON} | row["message"],
        }
    if "edited" in row:
        whole = {"message_id": 1, "date": 0, "edit_date": 1, "chat": PRIVATE, "from": PERSON} | row["edited"]
        return {"update_id": 9, "edited_message": whole}
    if "press" in row:
        return {"update_id": 9, "callback_query": {"id": "77", "from": PERSON, "chat_instance": "1"} | row["press"]}
    if "member" in row:
        whole = {"chat": PRIVATE, "from": PERSON, "date": 0, "old_chat_member": {}} | row["member"]
        return {"update_id": 9, "my_chat_member": whole}
    return row["update"]
