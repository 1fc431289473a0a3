"""The Telegram channel against telemelya behind the gate."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from stand_ins.gate import Fault, Gate
from stand_ins.gateway import Inbox, serving
from stand_ins.processes import free_port
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.channels.telegram import TelegramSender, routes
from bot.conversation.message import Form, MessageClass, Outcome, Outgoing, Reply, SendResult
from bot.settings import Settings, load

pytestmark = [pytest.mark.contract, pytest.mark.slow]

Result = TypeVar("Result")
CONTROL = {"Authorization": "Bearer x"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)


def settings_for(gate: Gate, public_url: str = "") -> Settings:
    return load(
        telegram_token=f"42:{uuid4().hex}",
        telegram_secret="the-webhooks-secret",
        telegram_api_url=gate.address,
        public_url=public_url,
    )


def use(settings: Settings, work: Callable[[TelegramSender], Awaitable[Result]], timeout: float = 5) -> Result:
    async def run() -> Result:
        sender = TelegramSender(settings, timeout_seconds=timeout)
        try:
            return await work(sender)
        finally:
            await sender.close()

    return asyncio.run(run())


def send(gate: Gate, reply: Reply, outbox_id: int = 31, times: int = 1) -> SendResult:
    async def work(sender: TelegramSender) -> SendResult:
        for _ in range(times):
            result = await sender.send(Outgoing(outbox_id, "700700700", reply, MessageClass.REPLY))
        return result

    return use(settings_for(gate), work)


def test_a_text_with_buttons_is_accepted(telegram_gate: Gate) -> None:
    result = send(telegram_gate, Reply("Did you sleep? <b> & _", ("Yes", "No")))
    assert result.outcome is Outcome.SENT
    assert int(result.provider_id or 0) > 0
    assert [(call.fields["text"], call.status) for call in telegram_gate.calls] == [("Did you sleep? <b> & _", 200)]


def test_an_image_is_accepted(telegram_gate: Gate) -> None:
    assert send(telegram_gate, Reply("From 6 to 4.", image=PNG)).outcome is Outcome.SENT
    assert telegram_gate.reached("sendPhoto") == 1


def test_the_gate_refuses_what_telegram_refuses(telegram_gate: Gate) -> None:
    async def run() -> None:
        async with Bot("42:x", base_url=f"{telegram_gate.address}/bot") as bot:
            with pytest.raises(BadRequest, match="too long"):
                await bot.send_message(7, "a" * 4097)
            keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="a" * 65)]])
            with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
                await bot.send_message(7, "a", reply_markup=keyboard)

    asyncio.run(run())


def test_the_longest_texts_and_ids_stay_within_the_limits(telegram_gate: Gate) -> None:
    text = "😀 a long evening. " * 600
    assert send(telegram_gate, Reply(text, tuple("abc")), outbox_id=10**18 - 1).outcome is Outcome.SENT
    assert telegram_gate.reached("sendMessage") == len(telegram_gate.calls) == 3
    assert ["reply_markup" in call.fields for call in telegram_gate.calls] == [False, False, True]


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (429, {"parameters": {"retry_after": 3}, "description": "Too Many Requests"}, Outcome.HOLD),
        (403, {"description": "Forbidden: bot was blocked by the user"}, Outcome.CLOSED),
        (400, {"description": "Bad Request: chat not found"}, Outcome.REFUSED),
        (401, {"description": "Unauthorized"}, Outcome.SENDER_DOWN),
        (500, {"description": "Internal Server Error"}, Outcome.UNKNOWN),
    ],
)
def test_refusals_become_outcomes(telegram_gate: Gate, status: int, answer: dict[str, Any], expected: Outcome) -> None:
    telegram_gate.faults.append(
        Fault("sendMessage", status=status, answer={"ok": False, "error_code": status, **answer})
    )
    result = send(telegram_gate, Reply("Hello."))
    assert result.outcome is expected
    assert result.retry_after == (3 if status == 429 else None)
    assert telegram_gate.reached("sendMessage") == 0


def test_a_lost_answer_is_unknown_and_the_message_did_arrive(telegram_gate: Gate) -> None:
    telegram_gate.faults.append(Fault("sendMessage", drop="after"))
    assert send(telegram_gate, Reply("Hello.")).outcome is Outcome.UNKNOWN
    assert telegram_gate.reached("sendMessage") == 1


def test_a_lost_question_is_unknown_too_since_nobody_can_tell(telegram_gate: Gate) -> None:
    telegram_gate.faults.append(Fault("sendMessage", drop="before"))
    assert send(telegram_gate, Reply("Hello.")).outcome is Outcome.UNKNOWN
    assert telegram_gate.reached("sendMessage") == 0


def test_a_refused_connection_may_be_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but it does not listen
        settings = load(telegram_token="42:x", telegram_api_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        outgoing = Outgoing(1, "7", Reply("Hello."), MessageClass.REPLY)
        assert use(settings, lambda sender: sender.send(outgoing)).outcome is Outcome.RETRY


def test_a_message_in_parts_goes_on_where_it_was_held(telegram_gate: Gate) -> None:
    held = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    telegram_gate.faults.append(Fault("sendMessage", skip=1, status=429, answer=held))
    assert send(telegram_gate, Reply("a" * 5000), times=2).outcome is Outcome.SENT
    assert [call.status for call in telegram_gate.calls] == [200, 429, 200]
    assert [len(call.fields["text"]) for call in telegram_gate.calls] == [4096, 904, 904]


# The webhook


class Connected:
    """A bot whose webhook is set at the stand-in and served here; `say` speaks as the person."""

    def __init__(self, gate: Gate, inbox: Inbox, token: str, url: str) -> None:
        self.gate, self.inbox, self.token, self.url = gate, inbox, token, url

    def say(self, **update: object) -> int:
        """The status that our webhook gave."""
        before = len(self.gate.deliveries)
        address = f"{self.gate.address}/api/v1/test/send_update?bot_token={self.token}"
        answer = httpx.post(address, json={"chat_id": 700700700, **update}, headers=CONTROL, timeout=10)
        assert answer.status_code == 200
        return self.gate.deliveries[before][1]


@pytest.fixture
def connected(telegram_gate: Gate) -> Iterator[Connected]:
    port = free_port()
    settings = settings_for(telegram_gate, f"http://127.0.0.1:{port}")
    inbox = Inbox()
    made = use(settings, TelegramSender.connect)  # telemelya has no setMyCommands: that stops nothing
    assert made.mode == "webhook"
    assert made.username
    courtesy = TelegramSender(settings)
    with serving(routes(settings, inbox.receive, inbox.set_aside, courtesy), port, courtesy.close):
        token = settings.telegram_token.get_secret_value()
        yield Connected(telegram_gate, inbox, token, f"http://127.0.0.1:{port}/telegram/42")


def test_a_person_s_words_arrive(connected: Connected) -> None:
    assert connected.say(text="worst flare in months") == 200
    inbound = connected.inbox.next()
    assert (inbound.form, inbound.text, inbound.address) == (Form.TEXT, "worst flare in months", "700700700")
    assert inbound.provider_key.startswith("telegram:42:")


def test_a_deep_link_brings_its_code(connected: Connected) -> None:
    assert connected.say(command="/start q83yEjRWeJASNFZ4kBI0Vg") == 200
    inbound = connected.inbox.next()
    assert (inbound.text, inbound.start_code) == ("/start", "q83yEjRWeJASNFZ4kBI0Vg")


def test_a_press_arrives_and_is_answered(connected: Connected) -> None:
    assert connected.say(callback_data="v1:31:2", callback_message_id=1) == 200
    inbound = connected.inbox.next()
    assert (inbound.form, inbound.prompt, inbound.choice) == (Form.BUTTON, 31, 2)
    answered = connected.gate
    for _ in range(100):  # it follows our 200
        if answered.reached("answerCallbackQuery"):
            break
        asyncio.run(asyncio.sleep(0.02))
    assert answered.reached("answerCallbackQuery") == 1


def test_a_store_that_is_away_keeps_the_message_at_telegram(connected: Connected) -> None:
    connected.inbox.down = True
    assert connected.say(text="hi") == 503
    assert connected.inbox.is_empty()


def test_a_delivery_without_the_secret_is_refused(connected: Connected) -> None:
    connected.gate.hook["secret"] = "another"
    assert connected.say(text="hi") == 403
    assert httpx.post(connected.url, json={"update_id": 1}).status_code == 403
    assert connected.inbox.is_empty()
    assert connected.inbox.aside == []
