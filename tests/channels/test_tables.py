"""One runner for the four tables: requests in → what is stored, replies out → requests to the provider and outcome.

A row without `status`, `outcome` or the like takes the default at the top of its function. `times: [text, n]` stands
for a text n times. Anything that a row does not expect must not happen: a set-aside, a report, a call.
"""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from recorders import Gateway, Provider
from tables import Row, answers_of, assert_requests, inbound, post, rows, signed, update_of, words

from bot.channels import sms, telegram
from bot.channels.sms import SmsSender
from bot.channels.telegram import TelegramSender
from bot.conversation.message import MessageClass, Outgoing, Reply, SendResult
from bot.settings import Settings

# Telegram, in


@pytest.mark.parametrize("row", rows("telegram_in.yml"))
def test_telegram_in(row: Row, settings: Settings) -> None:
    row = words(row)
    gateway = Gateway(down=row.get("store") == "down")
    body = row["raw"].encode() if "raw" in row else json.dumps(update_of(row)).encode()
    secret = row.get("secret", "THE-WEBHOOKS-SECRET")
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    given = (
        settings.model_copy(update={"telegram_secret": type(settings.telegram_secret)(row["our_secret"])})
        if ("our_secret" in row)
        else settings
    )
    routes = telegram.routes(given, gateway.receive, gateway.set_aside, gateway)
    answer = asyncio.run(post(routes, row.get("path", "/telegram/42"), body, headers))
    assert answer.status_code == row.get("status", 200)
    assert answer.content == b"" or answer.status_code in (404, 405)
    assert answer.headers.get("retry-after") == row.get("retry_after")
    takes = row.get("takes", [])
    defaults = {"address": "700700700", "provider_key": "telegram:42:9"}
    expected = [inbound("telegram", each, defaults) for each in (takes if isinstance(takes, list) else [takes])]
    assert gateway.taken == expected
    assert gateway.aside == ([("telegram", row["aside"], body)] if "aside" in row else [])
    assert gateway.manners == row.get("manners", {})


# SMS, in


@pytest.mark.parametrize("row", rows("sms_in.yml"))
def test_sms_in(row: Row, settings: Settings) -> None:
    row = words(row)
    gateway = Gateway(down=row.get("store") == "down")
    url, body, headers = signed(row, settings)
    routes = sms.routes(settings, gateway.receive, gateway.set_aside, gateway.report)
    answer = asyncio.run(post(routes, url, body, headers | row.get("headers", {})))
    assert answer.status_code == row.get("status", 204)
    assert answer.content == b"" or answer.status_code == 404  # any text would be sent as a message
    assert answer.headers.get("retry-after") == row.get("retry_after")
    defaults = {"address": "+14155550123", "provider_key": "sms:SM1", "form": "text"}
    assert gateway.taken == ([inbound("sms", row["takes"], defaults)] if "takes" in row else [])
    assert gateway.aside == ([("sms", row["aside"], body)] if "aside" in row else [])
    assert gateway.reports == ([tuple(row["reports"])] if "reports" in row else [])


# Out


def outgoing(row: Row, address: str) -> Outgoing:
    reply = words(row.get("reply", {"text": "Hello."}))
    image = b"\x89PNG\r\n\x1a\n" if reply.get("image") else None
    made = Reply(reply["text"], tuple(reply.get("buttons", ())), image=image)
    return Outgoing(31, row.get("address", address), made, MessageClass(row.get("class", "reply")))


def assert_result(result: SendResult, row: Row) -> None:
    assert result.outcome.value == row.get("outcome", "sent")
    assert result.retry_after == row.get("retry_after")
    assert result.provider_id == (str(row["id"]) if "id" in row else None)
    if "why" in row:
        assert result.why == row["why"]


@pytest.mark.parametrize("row", rows("telegram_out.yml"))
def test_telegram_out(row: Row, settings: Settings) -> None:
    sent = {"message_id": 5, "date": 0, "chat": {"id": 700700700, "type": "private"}}
    provider = Provider(answers_of(row), httpx.Response(200, json={"ok": True, "result": sent}))

    async def run() -> list[SendResult]:
        sender = TelegramSender(settings, protect_content=row.get("protect", False), transport=provider)
        try:
            return [await sender.send(outgoing(row, "700700700")) for _ in range(row.get("tries", 1))]
        finally:
            await sender.close()

    assert_result(asyncio.run(run())[-1], row)
    assert {request.url.host for request in provider.requests} <= {"api.telegram.org"}
    methods = [request.url.path.rpartition("/")[2] for request in provider.requests]
    assert methods == row.get("methods", ["sendMessage"] * len(methods))
    is_message = methods and methods[0] == "sendMessage"
    usual = {"chat_id": "700700700", "protect_content": "false"}
    assert_requests(provider, row, usual | ({"link_preview_options": {"is_disabled": True}} if is_message else {}))


@pytest.mark.parametrize("row", rows("sms_out.yml"))
def test_sms_out(row: Row, settings: Settings) -> None:
    provider = Provider(answers_of(row), httpx.Response(201, json={"sid": "SM5", "status": "accepted"}))
    if "public_url" in row:
        settings = settings.model_copy(update={"public_url": row["public_url"]})

    async def run() -> list[SendResult]:
        sender = SmsSender(settings, transport=provider)
        try:
            await sender.typing("+14155550123")
            return [await sender.send(outgoing(row, "+14155550123")) for _ in range(row.get("tries", 1))]
        finally:
            await sender.close()

    assert_result(asyncio.run(run())[-1], row)
    address = "https://api.twilio.com/2010-04-01/Accounts/AC" + "0" * 32 + "/Messages.json"
    assert {str(request.url) for request in provider.requests} <= {address}
    usual = {
        "To": "+14155550123",
        "MessagingServiceSid": "MG" + "0" * 32,
        "SmartEncoded": "true",
        "StatusCallback": "https://coach.example/twilio/status/31",
    }
    assert_requests(provider, row, usual)
