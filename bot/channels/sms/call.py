"""Pages staff by a phone call that speaks the code, and is acknowledged by a pressed key.

Sources: Twilio, "Calls resource" (create; StatusCallbackEvent; call status values), "TwiML for Programmable Voice"
(<Say>, <Gather>: an unanswered one falls through to the next verb), "Answering Machine Detection" (AsyncAmd: the call
goes on while it listens; AnsweredBy).
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.twiml.voice_response import Gather, VoiceResponse  # type: ignore[import-untyped]  # twilio ships no types

import bot.paths  # noqa: F401  # so that routes know `:row`
from bot.channels.network import paged
from bot.channels.sms.signed import signed
from bot.channels.sms.telephone import e164
from bot.channels.sms.twilio_client import HttpClient, client, offer
from bot.errors import SettingsError, StoreError
from bot.paging.delivery import CALL_SECONDS, TRY_SECONDS, Acknowledge, ReportPage, within
from bot.paging.route import Page, PageOutcome, PageResult, Way
from bot.settings import Settings

CALL_STATUS_PATH = "/twilio/page/call"
SPEECH_PATH = "/twilio/page/speech"
KEY_PATH = "/twilio/page/key"

RING_SECONDS = 30  # most voicemail answers about then
LONGEST_CALL_SECONDS = 120
KEY_SECONDS = 8  # after the last word
EVENTS = ("initiated", "ringing", "answered", "completed")  # the first one proves that the call was accepted

# Twilio's call status values → what became of the page. Whether a machine answered comes by itself, and earlier.
STATES = {
    "queued": "accepted",
    "initiated": "accepted",
    "ringing": "accepted",
    "in-progress": "accepted",
    "completed": "delivered",
    "busy": "failed",
    "no-answer": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_MACHINES = ("machine", "fax")

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADDRESS = re.compile(r"(?:[A-Z][A-Za-z ]*:\s*)?https?://\S+")
_XML = "text/xml"

log = structlog.get_logger()


class CallPager:
    """Pages by phone call; a `Route`.

    Args:
        settings: account, auth token, calling number, public address.
        timeout_seconds: how long Twilio may take to connect, and again to answer.
        transport: another way to reach Twilio, for tests.

    Raises:
        SettingsError: account, auth token, calling number or public address is missing or unusable.
    """

    way = Way.CALL

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_seconds: float = CALL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if e164(settings.twilio_call_from) is None:
            raise SettingsError("EVENDAY_TWILIO_CALL_FROM: must be a number of yours at Twilio, e.g. +14155550100")
        if not settings.public_url:
            raise SettingsError("EVENDAY_PUBLIC_URL: must be set for calls: Twilio asks it what to say")
        self._settings = settings
        self._http = HttpClient(settings.twilio_api_url, timeout_seconds, transport)
        self._client = client(settings, self._http)

    async def page(self, page: Page) -> PageResult:
        """Offer one call. See `Route.page`."""
        if e164(page.to) is None:
            return PageResult(PageOutcome.FAILED, why="not a telephone number")
        if not _TOKEN.fullmatch(page.token):
            return PageResult(PageOutcome.FAILED, why="token has no form for an address")
        return await within(TRY_SECONDS, self._call(page))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _call(self, page: Page) -> PageResult:
        status = f"{self._settings.public}{CALL_STATUS_PATH}/{page.id}"
        creation = self._client.calls.create_async(
            to=page.to,
            from_=self._settings.twilio_call_from,
            url=_address(self._settings, SPEECH_PATH, page.token, _told(page)),
            status_callback=status,
            status_callback_event=list(EVENTS),
            timeout=RING_SECONDS,
            time_limit=LONGEST_CALL_SECONDS,
            machine_detection="Enable",
            async_amd="true",
            async_amd_status_callback=status,
        )
        return paged(await offer(creation))


def call_routes(settings: Settings, acknowledge: Acknowledge, report: ReportPage) -> list[Route]:
    """Routes to add to the gateway: what a call says, the key that was pressed, and what became of the call.

    What is said needs no store: code and tier stand in the address, which is ours because Twilio signs all of it.
    Speech and key are answered with TwiML, also where the store is away: the person hears it and may press again.
    A status is answered with 204, or 503 where the store is away. 403: not signed. 404: no token.

    Args:
        settings: auth tokens and public address.
        acknowledge: takes the escalation in the name of who was paged; may raise StoreError.
        report: takes a state (`accepted`, `delivered`, `failed`) of a page; may raise StoreError.
    """

    async def speak(request: Request, _form: dict[str, str], _body: bytes) -> Response:
        return _ask(settings, request)

    async def take_key(request: Request, form: dict[str, str], _body: bytes) -> Response:
        if form.get("Digits") != "1":
            return _ask(settings, request)
        try:
            words = await acknowledge(request.path_params["token"], Way.CALL)
        except StoreError:
            log.error("call.key.store_away")
            return _ask(settings, request, "That could not be noted. Please press 1 again.")
        log.info("call.key.pressed")
        code = request.query_params.get("code", "")
        return _twiml(_said(VoiceResponse(), aloud(words, code)))

    async def take_status(request: Request, form: dict[str, str], _body: bytes) -> None:
        state, why = state_of(form)
        if not state:
            log.warning("call.page.unknown_state")
            return
        await report(request.path_params["page_id"], state, why)
        log.info("call.page.reported", state=state, why=why)

    return [
        Route(SPEECH_PATH + "/{token}", signed(settings, speak), methods=["POST"]),
        Route(KEY_PATH + "/{token}", signed(settings, take_key), methods=["POST"]),
        Route(CALL_STATUS_PATH + "/{page_id:row}", signed(settings, take_status), methods=["POST"]),
    ]


def state_of(form: dict[str, str]) -> tuple[str, str]:
    """State and why of a page by what Twilio says of its call; "" for the state where that says nothing new.

    An answering machine makes it `failed`, so that the next way is tried while the call still speaks to the machine.
    """
    answered_by = form.get("AnsweredBy", "")
    if answered_by.startswith(_MACHINES):
        return "failed", "answered by a machine"
    status = form.get("CallStatus", "")
    if answered_by == "human":
        return "delivered", ""
    state = STATES.get(status, "")
    return state, status if state == "failed" else ""


def spelled(code: str) -> str:
    """A code as it is spoken: "K, seven, Q, X, M"."""
    return ", ".join(_DIGITS[int(char)] if char.isdecimal() and char.isascii() else char for char in code)


def aloud(words: str, code: str) -> str:
    """Words as they are spoken: the code sign by sign, and no address, with what leads to it."""
    bare = _ADDRESS.sub("", words).strip()
    return bare.replace(code, spelled(code)) if code else bare


def _told(page: Page) -> dict[str, str]:
    return {"tier": page.tier, "code": page.code} | ({"drill": "1"} if page.is_drill else {})


def _address(settings: Settings, path: str, token: str, told: dict[str, str]) -> str:
    return f"{settings.public}{path}/{token}?{urlencode(told)}"


def _ask(settings: Settings, request: Request, before: str = "") -> Response:
    """Says twice what it is about and waits for a key; 404 for a token that can't be one of ours."""
    token, told = request.path_params["token"], dict(request.query_params)
    if not _TOKEN.fullmatch(token):
        return Response(status_code=404)
    drill = "This is a drill. " if told.get("drill") else ""
    tier = told.get("tier", "").capitalize() or "A page"
    sentence = f"{drill}Evenday. {tier}. Code {spelled(told.get('code', ''))}. Press 1 to acknowledge."
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=KEY_SECONDS,
        action=_address(settings, KEY_PATH, token, told),
        method="POST",
    )
    if before:
        gather.say(before)
    _said(gather, sentence)
    gather.pause(length=1)
    _said(gather, sentence)
    response = VoiceResponse()
    response.append(gather)
    return _twiml(_said(response, "Nothing was pressed, so others will be paged. Goodbye."))


def _said(verb: VoiceResponse | Gather, words: str) -> VoiceResponse:
    verb.say(words, language="en-US")
    return verb


def _twiml(response: VoiceResponse) -> Response:
    return Response(str(response), media_type=_XML, headers={"Cache-Control": "no-store"})
