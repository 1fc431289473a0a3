"""Pages against stand-ins that others made: telemelya and telegram-test-api for Telegram, Prism for Twilio."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from stand_ins.gate import Fault, Gate
from stand_ins.gateway import Inbox, serving
from stand_ins.processes import free_port

from bot.channels.sms import CallPager, SmsPager
from bot.channels.telegram import Staff, TelegramPager, TelegramSender, poll, routes
from bot.paging.route import Page, PageOutcome, PageResult, Way
from bot.settings import Settings, load

pytestmark = [pytest.mark.contract, pytest.mark.slow]

TOKEN = "q83yEjRWeJASNFZ4kBI0Vg"
CONTROL = {"Authorization": "Bearer x"}
WAIT_SECONDS = 10.0


def page_of(to: str, **given: Any) -> Page:
    fields = {"tier": "emergency", "code": "K7QXM", "link": f"https://coach.example/page/{TOKEN}", "token": TOKEN}
    return Page(**{"id": 7, "to": to, **fields, **given})


class Desk:
    """Stands for paging: notes what staff did."""

    def __init__(self) -> None:
        self.done: queue.Queue[tuple[str, str]] = queue.Queue()

    async def acknowledge(self, token: str, by_way: Way) -> str:
        self.done.put((token, by_way.value))
        return "You have K7QXM."

    async def link(self, code: str, chat: str) -> str:
        self.done.put((code, chat))
        return "This chat is linked."


# Twilio


def twilio(gate: Gate) -> Settings:
    return load(
        public_url="https://coach.example",
        twilio_account_sid="AC" + "0123456789abcdef" * 2,
        twilio_auth_tokens="first,second",
        twilio_messaging_service_sid="MG" + "0123456789abcdef" * 2,
        twilio_call_from="+14155550100",
        twilio_api_url=gate.address,
    )


def page(make: Callable[[Settings], SmsPager | CallPager], gate: Gate, **given: Any) -> PageResult:
    async def run() -> PageResult:
        pager = make(twilio(gate))
        try:
            return await pager.page(page_of("+14155550123", **given))
        finally:
            await pager.close()

    return asyncio.run(run())


@pytest.fixture
def calls_gate(twilio_gate: Gate) -> Gate:
    """The same, where the description at hand covers calls; that of messages alone does not."""
    found = httpx.post(
        f"{twilio_gate.address}/2010-04-01/Accounts/AC{'0' * 32}/Calls.json", auth=("a", "b"), timeout=30
    )
    if found.status_code == 404:
        pytest.skip("EVENDAY_TWILIO_SPEC describes no calls: take twilio_api_v2010.json whole")
    return twilio_gate.fresh()


@pytest.mark.parametrize("is_drill", [False, True])
def test_a_page_by_text_is_what_twilio_describes(twilio_gate: Gate, is_drill: bool) -> None:
    result = page(SmsPager, twilio_gate, is_drill=is_drill)
    assert result.outcome is PageOutcome.ACCEPTED
    assert (result.provider_id or "")[:2] in ("SM", "MM")
    assert [call.status for call in twilio_gate.calls] == [201]


@pytest.mark.parametrize("is_drill", [False, True])
def test_a_call_is_what_twilio_describes(calls_gate: Gate, is_drill: bool) -> None:
    result = page(CallPager, calls_gate, is_drill=is_drill)
    assert result.outcome is PageOutcome.ACCEPTED
    assert (result.provider_id or "")[:2] == "CA"
    assert [call.status for call in calls_gate.calls] == [201]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 21215, PageOutcome.FAILED),
        (401, 20003, PageOutcome.FAILED),
        (429, 20429, PageOutcome.RETRY),
        (503, 20503, PageOutcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize(("make", "path"), [(SmsPager, "Messages.json"), (CallPager, "Calls.json")])
def test_twilio_s_errors_become_outcomes_of_a_page(
    twilio_gate: Gate, make: type[SmsPager | CallPager], path: str, status: int, code: int, expected: PageOutcome
) -> None:
    answer = {"code": code, "message": "no", "more_info": "https://www.twilio.com/docs", "status": status}
    twilio_gate.faults.append(Fault(path, status=status, answer=answer))
    assert page(make, twilio_gate).outcome is expected
    assert twilio_gate.reached(path) == 0


@pytest.mark.parametrize(("make", "path"), [(SmsPager, "Messages.json"), (CallPager, "Calls.json")])
def test_a_page_whose_answer_is_lost_may_be_out(twilio_gate: Gate, make: type[SmsPager | CallPager], path: str) -> None:
    twilio_gate.faults.append(Fault(path, drop="after"))
    assert page(make, twilio_gate).outcome is PageOutcome.UNKNOWN
    assert twilio_gate.reached(path) == 1


# Telegram


class Connected:
    """A bot whose webhook is set at the stand-in and served here, with a staff desk; `say` speaks as a staff member."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate, self.settings = gate, settings
        self.inbox, self.desk = Inbox(), Desk()

    def say(self, **update: object) -> int:
        """The status that our webhook gave."""
        before = len(self.gate.deliveries)
        token = self.settings.telegram_token.get_secret_value()
        address = f"{self.gate.address}/api/v1/test/send_update?bot_token={token}"
        answer = httpx.post(address, json={"chat_id": 700700700, **update}, headers=CONTROL, timeout=WAIT_SECONDS)
        assert answer.status_code == 200
        return self.gate.deliveries[before][1]

    def page(self, **given: Any) -> PageResult:
        async def run() -> PageResult:
            pager = TelegramPager(self.settings)
            try:
                return await pager.page(page_of("700700700", **given))
            finally:
                await pager.close()

        return asyncio.run(run())

    def awaited(self, method: str) -> dict[str, Any]:
        """The fields of the one call to `method`, which follows our 200."""
        for _ in range(200):
            found = [call for call in self.gate.calls if call.path.endswith(f"/{method}")]
            if found:
                assert (len(found), found[0].status) == (1, 200)
                return found[0].fields
            asyncio.run(asyncio.sleep(0.02))
        raise AssertionError(f"{method} was not called")


@pytest.fixture
def connected(telegram_gate: Gate) -> Iterator[Connected]:
    port = free_port()
    settings = load(
        telegram_token=f"42:{uuid4().hex}",
        telegram_secret="the-webhooks-secret",
        telegram_api_url=telegram_gate.address,
        public_url=f"http://127.0.0.1:{port}",
    )

    async def connect() -> None:
        sender = TelegramSender(settings)
        await sender.connect()
        await sender.close()

    asyncio.run(connect())
    place, pager = Connected(telegram_gate, settings), TelegramPager(settings)
    staff = Staff(pager, place.desk.acknowledge, place.desk.link)
    with serving(routes(settings, place.inbox.receive, place.inbox.set_aside, None, staff), port, pager.close):
        yield place


def test_a_page_is_pressed_and_shows_who_has_it(connected: Connected) -> None:
    sent = connected.page()
    assert sent.outcome is PageOutcome.ACCEPTED
    assert connected.say(callback_data=f"ack:{TOKEN}", callback_message_id=int(sent.provider_id or 0)) == 200
    assert connected.desk.done.get(timeout=WAIT_SECONDS) == (TOKEN, "telegram")
    assert connected.awaited("answerCallbackQuery")["text"] == "You have K7QXM."
    edited = connected.awaited("editMessageText")
    assert str(edited["message_id"]) == sent.provider_id
    assert edited["text"].endswith("You have K7QXM.")
    assert "reply_markup" not in edited
    assert connected.inbox.is_empty()


def test_a_chat_is_linked_by_a_deep_link(connected: Connected) -> None:
    assert connected.say(command="/start staff_q83yEjRWeJ") == 200
    assert connected.desk.done.get(timeout=WAIT_SECONDS) == ("q83yEjRWeJ", "700700700")
    assert connected.awaited("sendMessage")["text"] == "This chat is linked."
    assert connected.inbox.is_empty()


def test_a_person_s_words_pass_the_desk(connected: Connected) -> None:
    assert connected.say(text="worst flare in months") == 200
    assert connected.inbox.next().text == "worst flare in months"
    assert connected.desk.done.empty()


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        (429, "Too Many Requests", PageOutcome.RETRY),
        (403, "Forbidden: bot was blocked by the user", PageOutcome.FAILED),
        (500, "Internal Server Error", PageOutcome.UNKNOWN),
    ],
)
def test_telegram_s_errors_become_outcomes_of_a_page(
    connected: Connected, status: int, description: str, expected: PageOutcome
) -> None:
    answer = {"ok": False, "error_code": status, "description": description}
    connected.gate.faults.append(Fault("sendMessage", status=status, answer=answer))
    assert connected.page().outcome is expected
    assert connected.gate.reached("sendMessage") == 0


def test_pages_are_pressed_by_polling_too(polling_address: str) -> None:
    settings = load(telegram_token=f"42:{uuid4().hex}", telegram_api_url=polling_address, public_url="")
    token = settings.telegram_token.get_secret_value()
    ana = {"id": 700700700, "first_name": "Ana", "is_bot": False}
    chat = {"id": 700700700, "first_name": "Ana", "type": "private"}
    desk, inbox = Desk(), Inbox()

    async def say(client: httpx.AsyncClient, call: str, **update: Any) -> tuple[str, str]:
        body = {"botToken": token, "from": ana, "chat": chat, "date": 1_700_000_000, **update}
        assert (await client.post(f"{polling_address}/{call}", json=body)).status_code == 200
        return await asyncio.to_thread(desk.done.get, True, WAIT_SECONDS)

    async def conversation() -> list[tuple[str, str]]:
        stop, sender, pager = asyncio.Event(), TelegramSender(settings), TelegramPager(settings)
        staff = Staff(pager, desk.acknowledge, desk.link)
        await sender.connect()
        polling = asyncio.create_task(
            poll(
                settings,
                inbox.receive,
                inbox.set_aside,
                stop,
                sender,
                staff=staff,
                long_poll_seconds=1,
                pause_seconds=0.02,
            )
        )
        async with httpx.AsyncClient() as client:
            done = [await say(client, "sendMessage", text="/start staff_q83yEjRWeJ")]
            sent = await pager.page(page_of("700700700"))
            assert sent.outcome is PageOutcome.ACCEPTED
            message = {"message_id": int(sent.provider_id or 0), "chat": chat, "date": 1, "text": "Evenday: emergency."}
            done.append(await say(client, "sendCallback", data=f"ack:{TOKEN}", message=message))
        stop.set()
        await asyncio.wait_for(polling, 5)
        for each in (sender, pager):
            await each.close()
        return done

    assert asyncio.run(conversation()) == [("q83yEjRWeJ", "700700700"), (TOKEN, "telegram")]
    assert inbox.is_empty()
