"""Polling against telegram-test-api: a conversation on a machine without a public address."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from stand_ins.gateway import Inbox

from bot.channels.telegram import TelegramSender, poll
from bot.conversation.message import Form, Inbound, MessageClass, Outcome, Outgoing, Reply
from bot.settings import Settings, load

pytestmark = [pytest.mark.contract, pytest.mark.slow]

ANA = {"id": 700700700, "first_name": "Ana", "is_bot": False}
CHAT = {"id": 700700700, "first_name": "Ana", "type": "private"}


@pytest.fixture
def settings(polling_address: str) -> Settings:
    return load(telegram_token=f"42:{uuid4().hex}", telegram_api_url=polling_address, public_url="")


async def say(address: str, settings: Settings, call: str, **update: Any) -> None:
    token = settings.telegram_token.get_secret_value()
    body = {"botToken": token, "from": ANA, "chat": CHAT, "date": 1_700_000_000, **update}
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{address}/{call}", json=body)).status_code == 200


async def conversation(address: str, settings: Settings, inbox: Inbox) -> list[Inbound]:
    stop = asyncio.Event()
    sender = TelegramSender(settings)
    try:
        assert (await sender.connect()).mode == "polling"
        polling = asyncio.create_task(
            poll(settings, inbox.receive, inbox.set_aside, stop, sender, long_poll_seconds=1, pause_seconds=0.02)
        )
        await say(address, settings, "sendMessage", text="/start q83yEjRWeJASNFZ4kBI0Vg")
        taken = [await asyncio.to_thread(inbox.next)]
        reply = Reply("Did you sleep?", ("Yes", "No"))
        result = await sender.send(Outgoing(31, taken[0].address, reply, MessageClass.REPLY))
        assert result.outcome is Outcome.SENT
        keyboard = {"inline_keyboard": [[{"text": "No", "callback_data": "v1:31:2"}]]}
        pressed = {"message_id": int(result.provider_id or 0), "chat": CHAT, "date": 1, "reply_markup": keyboard}
        await say(address, settings, "sendCallback", data="v1:31:2", message=pressed)
        taken.append(await asyncio.to_thread(inbox.next))
        await say(address, settings, "sendMessage", text="worst flare")
        taken.append(await asyncio.to_thread(inbox.next))
        stop.set()
        await asyncio.wait_for(polling, 5)
        return taken
    finally:
        await sender.close()


def test_a_conversation_by_polling(polling_address: str, settings: Settings) -> None:
    inbox = Inbox()
    started, pressed, said = asyncio.run(conversation(polling_address, settings, inbox))
    assert (started.text, started.start_code) == ("/start", "q83yEjRWeJASNFZ4kBI0Vg")
    assert (pressed.form, pressed.text, pressed.prompt, pressed.choice) == (Form.BUTTON, "No", 31, 2)
    assert (said.form, said.text) == (Form.TEXT, "worst flare")
    assert len({started.provider_key, pressed.provider_key, said.provider_key}) == 3
    assert inbox.aside == []
