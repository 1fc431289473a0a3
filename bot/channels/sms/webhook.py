"""The addresses that Twilio posts incoming texts and delivery states to.

Source: Twilio, error 11205 (15 s for an answer, then the fallback URL), "TwiML for Programmable Messaging" (plain text
in an answer is sent as a message: ours is always empty), "Webhook connection overrides" (`#rc=5&rp=all`: try again).
"""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.routing import Route

from bot.channels.sms import forms
from bot.channels.sms.signed import signed
from bot.channels.sms.status import STATES
from bot.conversation.message import Receive, Report, SetAside
from bot.settings import Settings

IN_PATH = "/twilio/in"
STATUS_PATH = "/twilio/status"

log = structlog.get_logger()


def routes(settings: Settings, receive: Receive, set_aside: SetAside, report: Report) -> list[Route]:
    """Routes to add to the gateway.

    204: stored, a repeat, reported or set aside. 403: not signed by one of the auth tokens over `settings.public`.
    413: more than 1 MB. 503: the store is away.

    Args:
        settings: auth tokens and public address.
        receive: stores what a person sent; may raise StoreError.
        set_aside: keeps what can't be read; may raise StoreError.
        report: takes a state (`sent`, `delivered`, `failed`) of an outbox row; may raise StoreError.
    """

    async def take_in(_request: Request, form: dict[str, str], body: bytes) -> None:
        known = forms.parse(form)
        if isinstance(known, forms.Aside):
            await set_aside("sms", known.why, body)
            log.warning("sms.in.set_aside", why=known.why)
            return
        await receive(known)
        log.info("sms.in.received", kind=known.form.value)

    async def take_status(request: Request, form: dict[str, str], _body: bytes) -> None:
        state = STATES.get(form.get("MessageStatus", form.get("SmsStatus", "")))
        if state is None:
            log.warning("sms.status.unknown")
            return
        await report("sms", str(request.path_params["outbox_id"]), state, form.get("ErrorCode", ""))
        log.info("sms.status.reported", message=request.path_params["outbox_id"], state=state)

    return [
        Route(IN_PATH, signed(settings, take_in), methods=["POST"]),
        Route(STATUS_PATH + "/{outbox_id:int}", signed(settings, take_status), methods=["POST"]),
    ]
