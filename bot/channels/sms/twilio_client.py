"""Twilio's own client over httpx: its address can be replaced, and a lost call be told from one that never left."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Mapping
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.channels.network import hush, lost
from bot.channels.sms import codes
from bot.conversation.message import Outcome, SendResult
from bot.errors import SettingsError
from bot.settings import Settings

_TWILIO = "https://api.twilio.com"


def redact(settings: Settings) -> list[str]:
    """The values that may stand in no log record, page or error: the auth tokens, and the header made of the first."""
    tokens = settings.twilio_token_list
    pairs = [b64encode(f"{settings.twilio_account_sid}:{token}".encode()).decode() for token in tokens]
    return [*tokens, *pairs]


class HttpClient:
    """What twilio's `Client` needs of an asynchronous http client.

    Unlike twilio's own, it has a time-out, logs nothing, and never tries twice.

    Args:
        address: stands for https://api.twilio.com.
        timeout_seconds: for connecting, and again for the answer.
        transport: another way to reach it, for tests.
    """

    is_async = True

    def __init__(
        self, address: str, timeout_seconds: float = 15.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        hush()
        self._address = address.rstrip("/")
        self._client = httpx.AsyncClient(timeout=timeout_seconds, transport=transport)

    async def request(  # twilio's client hands these over by position
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # ours holds for all calls
        allow_redirects: bool = False,
    ) -> Response:
        """One call.

        Raises:
            httpx.HTTPError: no answer came; see `bot.channels.network.lost`.
        """
        if url.startswith(_TWILIO):
            url = self._address + url.removeprefix(_TWILIO)
        answer = await self._client.request(
            method,
            url,
            params=_given(params),
            data=_given(data),
            headers=headers,
            auth=auth,
            follow_redirects=allow_redirects,
        )
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _given(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: value for name, value in values.items() if value is not None} if values else None


def client(settings: Settings, http: HttpClient) -> Client:
    """Twilio's client for the account in `settings`.

    Raises:
        SettingsError: account or auth token is missing.
    """
    if not settings.twilio_account_sid or not settings.twilio_token_list:
        raise SettingsError("EVENDAY_TWILIO_ACCOUNT_SID and EVENDAY_TWILIO_AUTH_TOKENS: both must be set for SMS")
    # The empty environment keeps TWILIO_EDGE and TWILIO_REGION from changing the address behind our back.
    return Client(
        settings.twilio_account_sid,
        settings.twilio_token_list[0],
        http_client=http,
        environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
    )


async def offer(creation: Awaitable[Any]) -> SendResult:
    """What came of creating a message or a call: SENT with its SID, or what the error means."""
    try:
        created = await creation
    except httpx.HTTPError as error:
        return lost(error)
    except TwilioException as error:
        return codes.outcome(getattr(error, "status", 0), getattr(error, "code", None))
    except (KeyError, TypeError, ValueError, AttributeError):  # a 2xx that twilio can't read
        return SendResult(Outcome.UNKNOWN, why="unreadable answer")
    return SendResult(Outcome.SENT, provider_id=created.sid)
