"""Carries calls to the Bot API over aiohttp: httpx's own client and connections take 1.2 ms of CPU more, in every turn.

It is a transport of httpx all the same: its errors tell whether a request has left, and tests put another in its place.
"""

from __future__ import annotations

import aiohttp
import httpx

IDLE_SECONDS = 5  # as httpx; Telegram closes an idle connection later than that


class Wire(httpx.AsyncBaseTransport):
    """Connections that stay open, made at the first call: they belong to the loop that runs then.

    Args:
        connections: most at one time.
    """

    def __init__(self, connections: int) -> None:
        self._most = connections
        self._kept: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end.

        Raises:
            httpx.ConnectError: nothing has left.
            httpx.ConnectTimeout: the same.
            httpx.ReadTimeout: no answer in time; what has left is unknown.
            httpx.RemoteProtocolError: the connection broke; what has left is unknown.
        """
        limits = request.extensions["timeout"]
        timeout = aiohttp.ClientTimeout(  # aiohttp's `connect` counts the wait for a free connection, too
            total=sum(limits.values()), connect=limits["pool"] + limits["connect"], sock_read=limits["read"]
        )
        try:
            async with self._session().request(
                request.method,
                str(request.url),
                headers=request.headers.multi_items(),
                data=request.read(),
                allow_redirects=False,
                timeout=timeout,
            ) as answer:
                return httpx.Response(answer.status, content=await answer.read())
        except aiohttp.ConnectionTimeoutError as error:
            raise httpx.ConnectTimeout("") from error
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError("") from error
        except TimeoutError as error:
            raise httpx.ReadTimeout("") from error
        except aiohttp.ClientError as error:
            raise httpx.RemoteProtocolError("") from error

    def _session(self) -> aiohttp.ClientSession:
        if self._kept is None:
            connector = aiohttp.TCPConnector(
                limit=self._most, keepalive_timeout=IDLE_SECONDS, ssl=httpx.create_ssl_context()
            )
            jar = aiohttp.DummyCookieJar()
            self._kept = aiohttp.ClientSession(connector=connector, cookie_jar=jar, trust_env=True)
        return self._kept

    async def aclose(self) -> None:
        """Close the connections."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
