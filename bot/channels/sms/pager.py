"""Pages staff by text, and hears of each text whether it arrived.

Source: Twilio, "Messages resource" (create: MessagingServiceSid, StatusCallback).
"""

from __future__ import annotations

from typing import Any

import httpx
import structlog
from starlette.requests import Request
from starlette.routing import Route

import bot.paths  # noqa: F401  # so that routes know `:row`
from bot.channels.network import paged
from bot.channels.sms.codes import look_up
from bot.channels.sms.signed import signed
from bot.channels.sms.status import STATES
from bot.channels.sms.telephone import e164
from bot.channels.sms.twilio_client import HttpClient, client, offer
from bot.content.gsm import count
from bot.conversation.message import SendResult
from bot.errors import SettingsError
from bot.paging.delivery import CALL_SECONDS, TRY_SECONDS, ReportPage, within
from bot.paging.route import Page, PageOutcome, PageResult, Way
from bot.settings import Settings

PAGE_STATUS_PATH = "/twilio/page/sms"
_STATES = {"sent": "accepted", "delivered": "delivered", "failed": "failed"}

log = structlog.get_logger()


class SmsPager:
    """Pages by text; a `Route`. Its connections are its own, so that no page waits behind patients' texts.

    Args:
        settings: account, auth token, Messaging Service, public address.
        timeout_seconds: how long Twilio may take to connect, and again to answer.
        transport: another way to reach Twilio, for tests.

    Raises:
        SettingsError: account, auth token or Messaging Service is missing.
    """

    way = Way.SMS

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_seconds: float = CALL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not settings.twilio_messaging_service_sid:
            raise SettingsError("EVENDAY_TWILIO_MESSAGING_SERVICE_SID: must be set for SMS (MG…)")
        self._settings = settings
        self._http = HttpClient(settings.twilio_api_url, timeout_seconds, transport)
        self._client = client(settings, self._http)

    async def page(self, page: Page) -> PageResult:
        """Offer one text of one segment. See `Route.page`."""
        if e164(page.to) is None:
            return PageResult(PageOutcome.FAILED, why="not a telephone number")
        options: dict[str, Any] = {}
        if self._settings.public_url:
            options["status_callback"] = f"{self._settings.public}{PAGE_STATUS_PATH}/{page.id}"
        return await within(TRY_SECONDS, self._page(page.to, text_of(page), options))

    async def say(self, number: str, words: str) -> None:
        """Answer somebody who acknowledged by text. The escalation is taken whether or not this arrives."""
        result = await self._create(number, words, {})
        log.info("sms.staff.answered", outcome=result.outcome.value, why=result.why)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _page(self, number: str, text: str, options: dict[str, Any]) -> PageResult:
        return paged(await self._create(number, text, options))

    async def _create(self, number: str, text: str, options: dict[str, Any]) -> SendResult:
        service = self._settings.twilio_messaging_service_sid
        return await offer(
            self._client.messages.create_async(to=number, messaging_service_sid=service, body=text, **options)
        )


def text_of(page: Page) -> str:
    """The page in one GSM-7 segment, whatever the public address: with link and how to reply, or with one of them."""
    hint = f"Or reply ACK {page.code}."
    bare = page.words.replace(page.link, "").strip()
    texts = (f"{page.words} {hint}", page.words, f"{bare} Reply ACK {page.code}.")
    return next((text for text in texts if _fits(text)), texts[-1])


def _fits(text: str) -> bool:
    found = count(text)
    return found.parts == 1 and found.encoding == "GSM-7"


def page_routes(settings: Settings, report: ReportPage) -> list[Route]:
    """Routes to add to the gateway: where Twilio says what became of a page by text.

    204: reported, or a state that nobody knows yet. 403: not signed. 503: the store is away.

    Args:
        settings: auth tokens and public address.
        report: takes a state (`accepted`, `delivered`, `failed`) of a page; may raise StoreError.
    """

    async def take_status(request: Request, form: dict[str, str], _body: bytes) -> None:
        state = STATES.get(form.get("MessageStatus", form.get("SmsStatus", "")))
        if state is None:
            log.warning("sms.page.unknown_state")
            return
        await report(request.path_params["page_id"], _STATES[state], _why(form.get("ErrorCode", "")))
        log.info("sms.page.reported", state=_STATES[state])

    return [Route(PAGE_STATUS_PATH + "/{page_id:row}", signed(settings, take_status), methods=["POST"])]


def _why(code: str) -> str:
    if not code.isdecimal():
        return ""
    found = look_up(code)
    return f"{code} {found.means}" if found else code
