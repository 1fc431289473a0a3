"""Wraps every request to the console: refuses what another site sent, bounds bodies, sets the secure headers."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD"})
MOST_BYTES = 64 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send "Origin: null" with our own forms, which we refuse.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000"


class Guard:
    """ASGI middleware around the console's routes.

    Args:
        app: the routes.
        public_url: the address that staff use, "" where it is this host's own.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_origin = _origin(public_url)
        self.is_secure = public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), scope["path"])
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, dressed)
            return
        await self.app(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if (
            "\0" in scope["path"] or b"%00" in scope["query_string"]
        ):  # PostgreSQL takes no text with it, not even to look for
            return PlainTextResponse("Refused: no address here holds a NUL.", 400)
        if scope["method"] in SAFE_METHODS:
            return None
        if not self._is_same_origin(Headers(scope=scope)):
            return PlainTextResponse("Refused: this did not come from a page of the console.", 403)
        return None

    def _is_same_origin(self, headers: Headers) -> bool:
        """Both headers are out of a script's reach: one must be there, and each that is must agree."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None and origin is None:
            return False
        if site is not None and site != "same-origin":
            return False
        return origin is None or self._is_ours(origin, headers.get("host", ""))

    def _is_ours(self, origin: str, host: str) -> bool:
        return origin.lower() == self.public_origin or urlsplit(origin).netloc.lower() == host.lower()

    def _dress(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if self.is_secure:
            headers["Strict-Transport-Security"] = HSTS
        is_static = "/static/" in path
        headers["Cache-Control"] = "no-cache" if is_static else "no-store"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
