"""Endpoints that only Twilio may call: the signature is checked before anything is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from bot.body import read_body
from bot.channels.incoming import BODY_LIMIT, store_is_away
from bot.channels.sms import signature
from bot.errors import StoreError
from bot.settings import Settings

# What is done with a request that is Twilio's: the request, its parameters, its raw body; None is answered with 204.
Handle = Callable[[Request, dict[str, str], bytes], Awaitable[Response | None]]

log = structlog.get_logger()


def signed(settings: Settings, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint around `handle`.

    403: not signed by one of the auth tokens over `settings.public`. 413: more than 1 MB. 503: the store is away.
    """

    async def endpoint(request: Request) -> Response:
        body = await read_body(request, BODY_LIMIT)
        if body is None:
            log.warning("sms.in.refused", status=413)
            return Response(status_code=413)
        given = request.headers.get(signature.HEADER, "")
        kind = request.headers.get("content-type", "")
        form = signature.verified(settings.twilio_token_list, _public_url(settings, request), kind, body, given)
        if form is None:
            log.warning("sms.in.refused", status=403)
            return Response(status_code=403)
        try:
            return await handle(request, form, body) or Response(status_code=204)
        except StoreError:
            log.error("sms.in.store_away")
            return store_is_away()

    return endpoint


def _public_url(settings: Settings, request: Request) -> str:
    query = request.url.query
    return settings.public + request.url.path + (f"?{query}" if query else "")
