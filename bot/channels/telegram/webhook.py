"""The address that Telegram posts updates to.

Source: TG setWebhook (`secret_token`); Telegram's own server in tdlib/telegram-bot-api: any status but 2xx is offered
again, `Retry-After` is honoured, and 410 would end the webhook.
"""

from __future__ import annotations

import hmac
import json

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.body import read_body
from bot.channels.incoming import BODY_LIMIT, store_is_away
from bot.channels.telegram.intake import Courtesy, Intake
from bot.channels.telegram.secrets import bot_id
from bot.channels.telegram.staff import Staff
from bot.conversation.message import Receive, SetAside
from bot.errors import StoreError
from bot.settings import Settings

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the header's name

log = structlog.get_logger()


def path(settings: Settings) -> str:
    """The webhook's path; the bot's id in it is no secret.

    Raises:
        SettingsError: the token has no id in it.
    """
    return f"/telegram/{bot_id(settings)}"


def routes(
    settings: Settings,
    receive: Receive,
    set_aside: SetAside,
    courtesy: Courtesy | None = None,
    staff: Staff | None = None,
) -> list[Route]:
    """Routes to add to the gateway.

    200: stored, a repeat, ignored or set aside. 403: wrong or no secret (an empty `telegram_secret` matches
    nothing). 413: more than 1 MB. 503: the store is away, and Telegram will come again in five seconds.

    Args:
        settings: token and secret.
        receive: stores what a person sent; may raise StoreError.
        set_aside: keeps what can't be read; may raise StoreError.
        courtesy: the `TelegramSender`, to answer presses and leave groups after the 200.
        staff: takes what staff do in their chats.

    Raises:
        SettingsError: the token is unusable.
    """
    intake = Intake(bot_id(settings), receive, set_aside, courtesy, staff)
    secret = settings.telegram_secret.get_secret_value()

    async def webhook(request: Request) -> Response:
        if not _is_telegram(request, secret):
            log.warning("telegram.in.refused", status=403)
            return Response(status_code=403)
        body = await read_body(request, BODY_LIMIT)
        if body is None:
            log.warning("telegram.in.refused", status=413)
            return Response(status_code=413)
        try:
            return await _store(intake, body, set_aside)
        except StoreError:
            log.error("telegram.in.store_away")
            return store_is_away()

    return [Route(path(settings), webhook, methods=["POST"])]


def _is_telegram(request: Request, secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "")
    return hmac.compare_digest(given.encode(), secret.encode()) and bool(secret)


async def _store(intake: Intake, body: bytes, set_aside: SetAside) -> Response:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        await set_aside("telegram", "no JSON", body)
        log.warning("telegram.in.set_aside", why="no JSON")
        return Response()
    owed = await intake.take(update, body)
    return Response(background=BackgroundTask(intake.follow, owed))
