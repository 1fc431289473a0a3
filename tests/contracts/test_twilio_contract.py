"""The SMS channel against Prism with Twilio's own API description, behind the gate."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from stand_ins.gate import Fault, Gate
from stand_ins.gateway import Inbox

from bot.channels.sms import SmsSender, reconcile
from bot.conversation.message import MessageClass, Outcome, Outgoing, Reply, SendResult
from bot.settings import Settings, load

pytestmark = [pytest.mark.contract, pytest.mark.slow]


def settings_for(gate: Gate, service: str = "MG" + "0123456789abcdef" * 2) -> Settings:
    return load(
        public_url="https://coach.example",
        twilio_account_sid="AC" + "0123456789abcdef" * 2,
        twilio_auth_tokens="first,second",
        twilio_messaging_service_sid=service,
        twilio_api_url=gate.address,
    )


def send(settings: Settings, reply: Reply, of: MessageClass = MessageClass.REPLY) -> SendResult:
    async def run() -> SendResult:
        sender = SmsSender(settings)
        try:
            return await sender.send(Outgoing(31, "+14155550123", reply, of))
        finally:
            await sender.close()

    return asyncio.run(run())


@pytest.mark.parametrize("message_class", list(MessageClass))
def test_what_we_send_is_what_twilio_describes(twilio_gate: Gate, message_class: MessageClass) -> None:
    result = send(settings_for(twilio_gate), Reply("Did you sleep?", ("Yes", "No")), message_class)
    assert result.outcome is Outcome.SENT
    assert (result.provider_id or "")[:2] in ("SM", "MM")
    assert [call.status for call in twilio_gate.calls] == [201]


def test_each_text_of_a_long_message_has_its_own_sid(twilio_gate: Gate) -> None:
    assert send(settings_for(twilio_gate), Reply("A sentence to read. " * 60)).outcome is Outcome.SENT
    assert twilio_gate.reached("Messages.json") == 3


def test_a_malformed_messaging_service_is_our_fault(twilio_gate: Gate) -> None:
    result = send(settings_for(twilio_gate, service="nonsense"), Reply("Hello."))
    assert (result.outcome, result.why) == (Outcome.REFUSED, "HTTP 422")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 21610, Outcome.OPTED_OUT),
        (429, 20429, Outcome.HOLD),
        (400, 21211, Outcome.CLOSED),
        (401, 20003, Outcome.SENDER_DOWN),
        (503, 20503, Outcome.UNKNOWN),
    ],
)
def test_twilio_s_errors_become_outcomes(twilio_gate: Gate, status: int, code: int, expected: Outcome) -> None:
    answer = {"code": code, "message": "no", "more_info": "https://www.twilio.com/docs", "status": status}
    twilio_gate.faults.append(Fault("Messages.json", status=status, answer=answer))
    assert send(settings_for(twilio_gate), Reply("Hello.")).outcome is expected
    assert twilio_gate.reached("Messages.json") == 0


def test_a_lost_answer_is_unknown_and_nothing_is_tried_twice(twilio_gate: Gate) -> None:
    twilio_gate.faults.append(Fault("Messages.json", drop="after"))
    assert send(settings_for(twilio_gate), Reply("Hello.")).outcome is Outcome.UNKNOWN
    assert twilio_gate.reached("Messages.json") == 1


def test_the_list_can_be_read(twilio_gate: Gate) -> None:
    inbox = Inbox()
    since = datetime.now(UTC) - timedelta(hours=24)
    # Prism invents the messages, so the number is any; and the next page's address, so the gate answers for that.
    twilio_gate.faults.append(Fault("/", skip=1, status=200, answer={"messages": [], "next_page_uri": None}))
    assert asyncio.run(reconcile(settings_for(twilio_gate), inbox.receive, since)) >= 0
    assert twilio_gate.calls[0].status == 200
