"""Calls to the Bot API as outcomes: what python-telegram-bot raises, and what it would tell too loudly or too little.

Sources: TG "Making requests", ResponseParameters; python-telegram-bot 22.8, telegram.error and telegram.request.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from contextvars import ContextVar

import httpx
import structlog
from telegram import Bot, Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import BaseRequest, RequestData

from bot.channels.network import lost
from bot.channels.telegram.secrets import bot_token
from bot.channels.telegram.wire import Wire
from bot.conversation.message import Outcome, SendResult
from bot.settings import Settings

HOLD_SECONDS = 60.0  # when something says "not now" without saying for how long
CONNECT_SECONDS, POOL_SECONDS, WRITE_SECONDS, MEDIA_SECONDS = 5.0, 1.0, 5.0, 20.0  # as PTB has them

# Parts of Telegram's descriptions that may stand in our log; others might quote the text.
_SAYINGS = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation",
    "bot was kicked",
    "chat not found",
    "message is too long",
    "message text is empty",
    "can't parse entities",
    "button_data_invalid",
    "not enough rights",
)

log = structlog.get_logger()

# The message_id of the last answer in this task that said "ok", "" where it had none, None before any: Telegram has
# accepted the message then, whether or not PTB can read the rest of the answer.
accepted: ContextVar[str | None] = ContextVar("accepted", default=None)


class Held(TelegramError):  # it is a state, and its fellows in PTB are named so
    """Telegram, or something before it, says: not now.

    Args:
        seconds: how long to hold the whole bot.
        why: fixed words.
    """

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Request(BaseRequest):
    """PTB's requests, over a transport of httpx without httpx's client, which costs more than all else of a call.

    Unlike PTB's own: A 429 without `retry_after` is a hold too (PTB makes it a NetworkError of unknown outcome; and its
    RetryAfter warns of deprecation whenever it is made). A 4xx that is not Telegram's JSON comes from a proxy on the way
    and says nothing about token or chat. An unreadable answer is not logged. And `accepted` is set by an answer that
    says "ok".

    Args:
        seconds: for an answer.
        connect_seconds: for a connection.
        connections: most at one time.
        transport: another way to reach the server, for tests.
    """

    def __init__(
        self,
        seconds: float,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        connections: int,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._seconds, self._connect_seconds = seconds, connect_seconds
        self._transport = transport or Wire(connections)

    @property
    def read_timeout(self) -> float:
        """Seconds for an answer, where a call names no others."""
        return self._seconds

    async def initialize(self) -> None:
        """Nothing: connections are made at the first call."""

    async def shutdown(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def do_request(  # PTB's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body.

        Raises:
            Held: 429, or a 4xx from something that is not Telegram.
            NetworkError: no answer; its cause tells whether the request has left.
        """
        files = request_data.multipart_data if request_data else None
        seconds = read_timeout if isinstance(read_timeout, int | float) else self._seconds
        write = MEDIA_SECONDS if files else WRITE_SECONDS
        timeout = httpx.Timeout(read=seconds, connect=self._connect_seconds, write=write, pool=POOL_SECONDS)
        request = httpx.Request(
            method,
            url,
            headers={"User-Agent": self.USER_AGENT},
            data=request_data.json_parameters if request_data else None,
            files=files,
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            response = await self._transport.handle_async_request(request)
            status, body = response.status_code, await response.aread()
        except httpx.HTTPError as error:
            raise NetworkError(type(error).__name__) from error
        answer = _object(body)
        if status == 429:
            raise Held(_retry_after(answer), "429")
        if 400 <= status < 500 and "ok" not in answer:
            raise Held(HOLD_SECONDS, f"{status} not from Telegram")
        if status == 200 and answer.get("ok") is True:
            accepted.set(_message_id(answer))
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The answer's JSON.

        Raises:
            TelegramError: it is none; PTB would log all of it.
        """
        if not (found := _object(payload)):
            raise TelegramError("unreadable answer")
        return found


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _message_id(answer: dict[str, object]) -> str:
    result = answer.get("result")
    number = result.get("message_id") if isinstance(result, dict) else None
    return str(number) if isinstance(number, int) else ""


def _retry_after(answer: dict[str, object]) -> float:
    parameters = answer.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else HOLD_SECONDS


def bot_of(settings: Settings, request: Request) -> Bot:
    """The bot in `settings`, calling by `request`.

    Raises:
        SettingsError: the token is unusable.
    """
    api = settings.telegram_api_url.rstrip("/")
    return Bot(
        bot_token(settings),
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=request,
        get_updates_request=request,
    )


async def offer(call: Awaitable[Message]) -> SendResult:
    """What came of sending a message: SENT with its message_id, or what the error means."""
    accepted.set(None)
    try:
        await call
    except TelegramError as error:
        return outcome(error)
    except (KeyError, TypeError, ValueError, AttributeError):  # PTB can't read the message that Telegram describes
        if accepted.get() is None:
            return SendResult(Outcome.UNKNOWN, why="unreadable answer")
    return SendResult(Outcome.SENT, provider_id=accepted.get() or None)


async def politely(call: Awaitable[object]) -> None:
    """Make a call whose failure is of no account."""
    try:
        await call
    except TelegramError as error:
        log.info("telegram.manners.failed", why=outcome(error).why)
    except (KeyError, TypeError, ValueError, AttributeError):
        log.info("telegram.manners.failed", why="unreadable answer")


def outcome(error: TelegramError) -> SendResult:  # a table, one row an error
    """What an error means for the message: TG's and PTB's errors as the outcomes of `bot.conversation.message`."""
    match error:
        case Held():
            return SendResult(Outcome.HOLD, retry_after=error.seconds, why=error.message)
        case RetryAfter():
            return SendResult(Outcome.HOLD, retry_after=HOLD_SECONDS, why="429")
        case Forbidden():
            return SendResult(Outcome.CLOSED, why=_saying("403", error))
        case ChatMigrated():
            return SendResult(Outcome.CLOSED, why="became a supergroup")
        case InvalidToken():
            return SendResult(Outcome.SENDER_DOWN, why="401 token refused")
        case BadRequest() if "message is not modified" in error.message.lower():
            return SendResult(Outcome.SENT, why="not modified")  # of an edit: it is already as it should be
        case BadRequest():  # is a NetworkError in PTB: it has to come first
            return SendResult(Outcome.REFUSED, why=_saying("400", error))
        case Conflict():
            return SendResult(Outcome.RETRY, why="409")
        case NetworkError():
            return _lost(error)
        case _:
            return SendResult(Outcome.UNKNOWN, why=type(error).__name__)


def _lost(error: NetworkError) -> SendResult:
    if isinstance(error.__cause__, httpx.HTTPError):
        return lost(error.__cause__)
    if "request entity too large" in error.message.lower():
        return SendResult(Outcome.REFUSED, why="413")
    return SendResult(Outcome.UNKNOWN, why="5xx")


def _saying(status: str, error: TelegramError) -> str:
    said = error.message.lower()
    return next((f"{status} {saying}" for saying in _SAYINGS if saying in said), status)
