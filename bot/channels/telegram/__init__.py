"""The Telegram channel: webhook or polling in, the Bot API out; and pages to staff in their chats."""

from bot.channels.telegram.pager import TelegramPager
from bot.channels.telegram.parse import Ignored, parse
from bot.channels.telegram.polling import poll
from bot.channels.telegram.secrets import redact
from bot.channels.telegram.sender import COMMANDS, Backlog, Connected, TelegramSender
from bot.channels.telegram.staff import Staff
from bot.channels.telegram.webhook import routes

__all__ = [
    "COMMANDS",
    "Backlog",
    "Connected",
    "Ignored",
    "Staff",
    "TelegramPager",
    "TelegramSender",
    "parse",
    "poll",
    "redact",
    "routes",
]
