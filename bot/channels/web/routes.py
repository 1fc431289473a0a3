"""The addresses under /try."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from limits import RateLimitItem
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import bot.paths  # noqa: F401  # so that routes know `:row`
from bot.channels.web import intake
from bot.channels.web.browser import Browsers, new_browser, session
from bot.channels.web.guard import (
    ALL_STREAMS,
    HEADERS,
    LOOKS,
    SENDS,
    STORE_AWAY,
    STREAMS,
    Rates,
    Refusal,
    refuse_foreign,
)
from bot.channels.web.numbers import CountryNumbers
from bot.channels.web.pages import Pages
from bot.channels.web.sender import Bell
from bot.channels.web.stream import Pace, as_json, events, news
from bot.channels.web.view import Cursor, WebView
from bot.conversation.message import Receive
from bot.errors import StoreError
from bot.settings import Settings

Numbers = Callable[[], Sequence[CountryNumbers]]
Serve = Callable[[Request, str], Awaitable[Response]]

log = structlog.get_logger()


@dataclass(frozen=True)
class Wires:
    """What the gateway lends to the routes.

    Attributes:
        key: secret that signs the cookie (`Vault.signing_key`).
        bell: the one that `WebSender` rings.
        numbers: numbers by country, asked each time (`numbers_of`).
        pace: how often a stream speaks.
    """

    key: bytes
    bell: Bell
    numbers: Numbers
    pace: Pace = field(default_factory=Pace)


def routes(settings: Settings, receive: Receive, inbox_view: WebView, wires: Wires) -> list[Route]:
    """Routes to add to the gateway.

    Refusals are JSON `{"error": word}`: 401 no cookie of ours, 403 another site's page, 413 over 64 kB, 415 no JSON,
    422 not of the form, 429 too often, 503 the store is away (the page keeps the text and sends it again).

    Args:
        settings: site name, public address, country taken at first.
        receive: stores what a person sent; may raise StoreError.
        inbox_view: what the page is shown.
        wires: cookie key, bell, numbers.
    """
    web = _Web(settings, receive, inbox_view, wires)
    return [
        Route("/try", web.page),
        Route("/try/numbers", web.numbers),
        Route("/try/static/{name}", web.file),
        Route("/try/afresh", web.known(SENDS, web.afresh), methods=["POST"]),
        Route("/try/messages", web.known(SENDS, web.take), methods=["POST"]),
        Route("/try/messages", web.known(LOOKS, web.tell), methods=["GET"]),
        Route("/try/stream", web.known(LOOKS, web.stream), methods=["GET"]),
        Route("/try/images/{number:row}", web.known(LOOKS, web.image), methods=["GET"]),
    ]


class _Web:
    def __init__(self, settings: Settings, receive: Receive, view: WebView, wires: Wires) -> None:
        self._settings, self._receive, self._view, self._wires = settings, receive, view, wires
        self._browsers = Browsers(wires.key, settings.public.startswith("https://"))
        self._rates = Rates()
        self._pages = Pages(settings.site_name)

    def known(self, item: RateLimitItem, serve: Serve) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for browsers that have our cookie, from our own page, not too often."""

        async def endpoint(request: Request) -> Response:
            refusal = refuse_foreign(request, self._settings.public)
            browser = self._browsers.read(request)
            if refusal is None and browser is None:
                refusal = Refusal(401, "no_cookie")
            if refusal is None and browser is not None:
                refusal = self._rates.refuse(item, browser)
            if refusal is not None or browser is None:
                return _refused(refusal or Refusal(401, "no_cookie"))
            try:
                return await serve(request, browser)
            except StoreError:
                return _refused(STORE_AWAY)

        return endpoint

    async def page(self, request: Request) -> Response:
        """The page; a browser that we don't know gets its cookie."""
        browser = self._browsers.read(request) or new_browser()
        response = self._pages.chat(session(browser))
        self._browsers.give(response, browser)
        return response

    async def afresh(self, _request: Request, _browser: str) -> Response:
        """A new browser id: the old conversation can't be reached from this browser any more."""
        browser = new_browser()
        response = JSONResponse({"session": session(browser)}, headers=HEADERS)
        self._browsers.give(response, browser)
        log.info("web.afresh")
        return response

    async def take(self, request: Request, browser: str) -> Response:
        """Take in what a person sent."""
        sent = await intake.read(request, browser)
        if isinstance(sent, Refusal):
            return _refused(sent)
        await self._receive(sent)
        log.info("web.in.received", form=sent.form.value)
        self._wires.bell.ring(browser)
        return JSONResponse({"session": session(browser)}, headers=HEADERS)

    async def tell(self, request: Request, browser: str) -> Response:
        """What is new since `after`."""
        after = Cursor.parse(request.query_params.get("after", ""))
        if after is None:
            return _refused(Refusal(422, "malformed"))
        return JSONResponse(as_json(browser, await news(self._view, browser, after)), headers=HEADERS)

    async def stream(self, request: Request, browser: str) -> Response:
        """The same as events, until its life is over."""
        after = Cursor.parse(request.headers.get("last-event-id") or request.query_params.get("after", ""))
        if after is None:
            return _refused(Refusal(422, "malformed"))
        bell = self._wires.bell
        if bell.listeners(browser) >= STREAMS or bell.all_listeners >= ALL_STREAMS:
            return _refused(Refusal(429, "too_many_streams"))
        told = events(self._view, bell, browser, after, self._wires.pace)
        # X-Accel-Buffering: nginx would keep events back until its buffer is full.
        return StreamingResponse(told, headers=HEADERS | {"X-Accel-Buffering": "no"}, media_type="text/event-stream")

    async def image(self, request: Request, browser: str) -> Response:
        """The picture of one message to this browser."""
        png = await asyncio.to_thread(self._view.image, browser, request.path_params["number"])
        if png is None:
            return _refused(Refusal(404, "no_image"))
        return Response(png, media_type="image/png", headers=HEADERS)

    async def numbers(self, request: Request) -> Response:
        """The numbers by country: JSON for the page, HTML for who has no JavaScript; no cookie is needed."""
        countries = self._wires.numbers()
        if "text/html" in request.headers.get("accept", ""):
            return self._pages.numbers(countries)
        body = {"default": self._settings.default_country, "countries": [country.as_json() for country in countries]}
        return JSONResponse(body, headers=HEADERS)

    async def file(self, request: Request) -> Response:
        """One of the page's own files."""
        return self._pages.file(request)


def _refused(refusal: Refusal) -> Response:
    log.warning("web.refused", status=refusal.status, why=refusal.why)
    return refusal.response()
