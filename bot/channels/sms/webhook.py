"""The addresses that Twilio posts incoming texts and delivery states to.

Source: Twilio, error 11205 (15 s for an answer, then the fallback URL), "TwiML for Programmable Messaging" (plain text
in an answer is sent as a message: ours is always empty), "Webhook connection overrides" (`#rc=5&rp=all`: try again).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import bot.paths  # noqa: F401  # so that routes know `:row`
from bot.channels.sms import forms
from bot.channels.sms.signed import signed
from bot.channels.sms.status import STATES
from bot.conversation.message import Form, Inbound, Receive, Report, SetAside
from bot.errors import EvendayError
from bot.paging.delivery import AcknowledgeReply
from bot.settings import Settings

IN_PATH = "/twilio/in"
STATUS_PATH = "/twilio/status"

log = structlog.get_logger()


@dataclass(frozen=True)
class StaffTexts:
    """How texts by which staff acknowledge are told from patients', and answered.

    Attributes:
        acknowledge_reply: asked for each text before it is anybody's.
        say: sends words to a number; never raises for what Twilio does (`SmsPager.say`).
    """

    acknowledge_reply: AcknowledgeReply
    say: Callable[[str, str], Awaitable[None]]


def routes(
    settings: Settings, receive: Receive, set_aside: SetAside, report: Report, staff: StaffTexts | None = None
) -> list[Route]:
    """Routes to add to the gateway.

    204: stored, a repeat, reported, set aside, or a staff member's acknowledgement, which is answered afterwards.
    403: not signed by one of the auth tokens over `settings.public`. 413: more than 1 MB. 503: the store is away.

    Args:
        settings: auth tokens and public address.
        receive: stores what a person sent; may raise StoreError.
        set_aside: keeps what can't be read; may raise StoreError.
        report: takes a state (`sent`, `delivered`, `failed`) of an outbox row; may raise StoreError.
        staff: who acknowledges pages by text; None: every text is a person's.
    """

    async def take_in(_request: Request, form: dict[str, str], body: bytes) -> Response | None:
        known = forms.parse(form)
        if isinstance(known, forms.Aside):
            await set_aside("sms", known.why, body)
            log.warning("sms.in.set_aside", why=known.why)
            return None
        if staff and (words := await _acknowledged(staff, known)):
            return Response(status_code=204, background=BackgroundTask(staff.say, known.address, words))
        await receive(known)
        log.info("sms.in.received", kind=known.form.value)
        return None

    async def take_status(request: Request, form: dict[str, str], _body: bytes) -> None:
        state = STATES.get(form.get("MessageStatus", form.get("SmsStatus", "")))
        if state is None:
            log.warning("sms.status.unknown")
            return
        await report("sms", str(request.path_params["outbox_id"]), state, form.get("ErrorCode", ""))
        log.info("sms.status.reported", message=request.path_params["outbox_id"], state=state)

    return [
        Route(IN_PATH, signed(settings, take_in), methods=["POST"]),
        Route(STATUS_PATH + "/{outbox_id:row}", signed(settings, take_status), methods=["POST"]),
    ]


async def _acknowledged(staff: StaffTexts, inbound: Inbound) -> str | None:
    if inbound.form is not Form.TEXT:
        return None
    try:
        words = await staff.acknowledge_reply(inbound.address, inbound.text)
    except EvendayError:  # a person's words must still be screened and spooled, whoever sent them
        log.error("sms.in.staff_unknown")
        return None
    if words:
        log.info("sms.in.acknowledged")
    return words
