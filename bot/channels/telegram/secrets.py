"""What of this channel's settings is secret, and what of them is not."""

from __future__ import annotations

import re

from bot.errors import SettingsError
from bot.settings import Settings

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # TG setWebhook, secret_token


def redact(settings: Settings) -> list[str]:
    """The values that may stand in no log record, page or error: the token, its half after the colon, the secret."""
    token = settings.telegram_token.get_secret_value()
    return [value for value in (token, token.partition(":")[2], settings.telegram_secret.get_secret_value()) if value]


def bot_token(settings: Settings) -> str:
    """The bot's token.

    Raises:
        SettingsError: it has not the form that @BotFather gives it.
    """
    token = settings.telegram_token.get_secret_value()
    if not _TOKEN.fullmatch(token):
        raise SettingsError("EVENDAY_TELEGRAM_TOKEN: is no bot token; copy it from @BotFather, e.g. 123456:ABC-…")
    return token


def bot_id(settings: Settings) -> str:
    """The bot's id: the half of the token before the colon, known to everybody who talks with the bot.

    Raises:
        SettingsError: as `bot_token`.
    """
    return bot_token(settings).partition(":")[0]


def webhook_secret(settings: Settings) -> str:
    """The secret that Telegram sends along with each delivery.

    Raises:
        SettingsError: it is empty or has characters that Telegram refuses.
    """
    secret = settings.telegram_secret.get_secret_value()
    if not _SECRET.fullmatch(secret):
        raise SettingsError("EVENDAY_TELEGRAM_SECRET: must be 1 to 256 of A-Z a-z 0-9 _ -")
    return secret
