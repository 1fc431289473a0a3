"""Pages a service by webhook, in the form of PagerDuty's Events API v2, signed so that others can check who sends.

Sources: PagerDuty, "Send an Alert Event" (fields and their lengths, `dedup_key`, `event_action`), "Events API v2
Overview" (202, 400, 429, 5xx and which to try again), "Verifying Signatures" (several `v1=` while a secret changes).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

import httpx

from bot.clock import Clock
from bot.paging.delivery import CALL_SECONDS, TRY_SECONDS, lost, within
from bot.paging.route import News, Page, PageOutcome, PageResult, Way
from bot.settings import Settings

SIGNATURE_HEADER = "X-Evenday-Signature"
SUMMARY_LENGTH = 1024
SEVERITIES = {"emergency": "critical", "urgent": "error", "watch": "warning"}  # a drill pages as the real one would
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Action(StrEnum):
    """What an event does to the alert with its `dedup_key`."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


_ACTIONS = {News.TAKEN: Action.ACKNOWLEDGE, News.OVER: Action.RESOLVE}


class WebhookRoute:
    """Pages by webhook; a `Route` that `Follows`.

    `page.to` is the address with the routing key behind `#`, which is never sent as part of the address:
    `https://events.pagerduty.com/v2/enqueue#<integration key>`. It must be https, since the body carries a link by
    which the page is acknowledged; plain http is taken on this machine only. Redirects are not followed.

    Args:
        settings: secrets to sign with, public address.
        clock: tells the time that is signed.
        timeout_seconds: for connecting, and again for the answer.
        transport: another way to reach the service, for tests.
    """

    way = Way.WEBHOOK

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        timeout_seconds: float = CALL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        for name in ("httpx", "httpcore"):  # they log addresses, and such an address may be all that is secret
            logging.getLogger(name).setLevel(max(logging.getLogger(name).level, logging.WARNING))
        self._clock, self._secrets = clock, settings.webhook_secret_list
        self._public = settings.public
        self._client = httpx.AsyncClient(timeout=timeout_seconds, transport=transport, follow_redirects=False)

    async def page(self, page: Page) -> PageResult:
        """Open the alert, or remind of it. See `Route.page`."""
        return await self.tell(page, Action.TRIGGER)

    async def tell(self, page: Page, action: Action) -> PageResult:
        """The same for any action: `acknowledge` when somebody took the escalation, `resolve` when it is over.

        `page` may be any page of the escalation to the same address: the alert is found by the escalation's code.
        """
        address, routing_key = split_address(page.to)
        if not address:
            return PageResult(PageOutcome.FAILED, why="not an https address")
        body = json.dumps(self._event(page, routing_key, action), ensure_ascii=False, separators=(",", ":")).encode()
        return await within(TRY_SECONDS, self._post(address, body, dedup_key(self._public, page.code)))

    async def follow(self, page: Page, provider_id: str, news: News, words: str) -> PageResult:
        """Acknowledge or resolve the alert. See `Follows.follow`."""
        return await self.tell(page, _ACTIONS[news])

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _event(self, page: Page, routing_key: str, action: Action) -> dict[str, object]:
        event: dict[str, object] = {
            "routing_key": routing_key,
            "event_action": action.value,
            "dedup_key": dedup_key(self._public, page.code),
        }
        if action is not Action.TRIGGER:
            return event
        details = {"code": page.code, "tier": page.tier, "again": page.again, "drill": page.is_drill, "link": page.link}
        return event | {
            "payload": {
                "summary": page.words.replace(page.link, "").strip()[:SUMMARY_LENGTH],
                "source": urlsplit(self._public).hostname or "evenday",
                "severity": SEVERITIES.get(page.tier, "critical"),
                "custom_details": details,
            },
            "links": [{"href": page.link, "text": f"Acknowledge {page.code}"}],
            "client": "Evenday",
        }

    async def _post(self, address: str, body: bytes, key: str) -> PageResult:
        headers = {"Content-Type": "application/json"}
        if self._secrets:
            headers[SIGNATURE_HEADER] = signature(self._secrets, int(self._clock.now().timestamp()), body)
        try:
            answer = await self._client.post(address, content=body, headers=headers)
        except httpx.HTTPError as error:
            return lost(error)
        except (httpx.InvalidURL, UnicodeError):
            return PageResult(PageOutcome.FAILED, why="not an https address")
        return _result(answer.status_code, key)


def _result(status: int, key: str) -> PageResult:
    why = f"HTTP {status}"
    if 200 <= status < 300:  # PagerDuty says 202; its body repeats the key
        return PageResult(PageOutcome.ACCEPTED, provider_id=key)
    if status == 429:
        return PageResult(PageOutcome.RETRY, why=why)
    return PageResult(PageOutcome.UNKNOWN if status >= 500 else PageOutcome.FAILED, why=why)


def signature(secrets: Sequence[str], at: int, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>`, one `v1` a secret.

    The receiver makes its own over the raw body, compares in constant time, and refuses a `t` that is minutes old:
    so nobody else can page, and nobody can page again with what they overheard.
    """
    signed = str(at).encode() + b"." + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])


def dedup_key(public: str, code: str) -> str:
    """By which a service knows that events are about one escalation; says nothing, and differs between sites."""
    return "evenday-" + hashlib.sha256(f"{public}\n{code}".encode()).hexdigest()[:32]


def split_address(to: str) -> tuple[str, str]:
    """Address and routing key of a contact; "" for an address that may not be called."""
    try:
        parts = urlsplit(to.strip())
        host = parts.hostname
    except ValueError:
        return "", ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        return "", ""
    return urlunsplit(parts._replace(fragment="")), parts.fragment


def redact(settings: Settings) -> list[str]:
    """The values that may stand in no log record, page or error: the secrets that sign."""
    return settings.webhook_secret_list
