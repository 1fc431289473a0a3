"""The web channel: a chat page, the addresses it talks to, and a sender for whom the stored row is the delivery."""

from bot.channels.web.numbers import CountryNumbers, Line, numbers_of
from bot.channels.web.routes import Wires, routes
from bot.channels.web.sender import Bell, WebSender
from bot.channels.web.stored import StoreView
from bot.channels.web.view import Cursor, Shown, Side, WebView

__all__ = [
    "Bell",
    "CountryNumbers",
    "Cursor",
    "Line",
    "Shown",
    "Side",
    "StoreView",
    "WebSender",
    "WebView",
    "Wires",
    "numbers_of",
    "routes",
]
