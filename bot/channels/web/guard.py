"""Who may ask, how often, and what a browser may do with the page.

Sources: OWASP CSRF cheat sheet ("Fetch Metadata", "Verifying origin"); W3C CSP level 3; WHATWG Fetch ("Origin"
goes with every request that could carry JSON to another site).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

SENDS = RateLimitItemPerMinute(30, namespace="sends")
LOOKS = RateLimitItemPerMinute(180, namespace="looks")
STREAMS = 4  # open at a time, for as many tabs; the others ask now and then
ALL_STREAMS = 400  # of all browsers, as anybody gets a cookie: the port has room for twice as many connections
WAIT_SECONDS = 10  # what a page is told to wait that asks too often
STORE_WAIT_SECONDS = 5

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Refusal:
    """Why a request is not served. `why` is a word that the page knows; it never quotes the request."""

    status: int
    why: str
    retry_after: int | None = None

    def response(self) -> Response:
        """The answer to send."""
        headers = HEADERS | ({"Retry-After": str(self.retry_after)} if self.retry_after else {})
        return JSONResponse({"error": self.why}, self.status, headers)


STORE_AWAY = Refusal(503, "away", STORE_WAIT_SECONDS)


class Rates:
    """How often a browser may ask; counted in this process, in a moving minute."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def refuse(self, item: RateLimitItem, browser: str) -> Refusal | None:
        """A refusal if the browser has used up its share; counts this request otherwise."""
        return None if self._limiter.hit(item, browser) else Refusal(429, "too_often", WAIT_SECONDS)


def refuse_foreign(request: Request, public: str) -> Refusal | None:
    """A refusal if another site's page made the request.

    Without either header no browser sent it (or an old one, for a page of its own site): nobody's
    cookie is misused.

    Args:
        public: https://… address of ours; a request's own Host counts as ours, too.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    allowed = ("same-origin",) if request.method == "POST" else ("same-origin", "none")
    origin = request.headers.get("origin")
    own = (urlsplit(public).netloc, request.headers.get("host", ""))
    if site not in allowed or (origin is not None and urlsplit(origin).netloc not in own):
        return Refusal(403, "foreign")
    return None
