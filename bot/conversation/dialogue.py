"""The client of Rasa's REST channel: one message in, whether it was dealt with out. It sees no address and no name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import DialogueDown

AT_ONCE = 32  # connections
IDLE_SECONDS = 240  # Rasa closes an idle connection after 300
UP_SECONDS = 2
OK = 200
AWAY = (aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True)
class Heard:
    """What the dialogue made of a message: the model's best guess. The replies themselves are in the store."""

    intent: str


class Dialogue:
    """Talks to one Rasa, over aiohttp: httpx takes 3 ms of CPU a call, and this one is made in every turn.

    Args:
        url: its address, e.g. http://127.0.0.1:5005.
        timeout_seconds: for one message, the actions it calls included.
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._url, self._timeout = url, aiohttp.ClientTimeout(total=timeout_seconds)
        self._kept: aiohttp.ClientSession | None = None

    def _session(self) -> aiohttp.ClientSession:
        """Made at the first call: it belongs to the loop that runs then."""
        if self._kept is None:
            connector = aiohttp.TCPConnector(limit=AT_ONCE, keepalive_timeout=IDLE_SECONDS)
            jar = aiohttp.DummyCookieJar()
            self._kept = aiohttp.ClientSession(connector=connector, timeout=self._timeout, cookie_jar=jar)
        return self._kept

    async def say(self, sender: str, text: str, metadata: dict[str, Any]) -> Heard:
        """Offer one message.

        Args:
            sender: `<pseudonym>~<conversation>`.
            text: the words.
            metadata: the message's id, the lane's holder, and whether a question is open.

        Raises:
            DialogueDown: no answer, an error, or none of our actions ran (Rasa answers 200 and [] then).
        """
        body = {"sender": sender, "message": text or " ", "metadata": metadata}
        try:
            async with self._session().post(f"{self._url}/webhooks/rest/webhook", json=body) as answer:
                if answer.status != OK:
                    raise DialogueDown(f"Rasa answers with status {answer.status}")
                messages = await answer.json(content_type=None)
        except AWAY as error:
            raise DialogueDown(f"Rasa does not answer ({type(error).__name__})") from None
        for message in messages:
            custom = message.get("custom") or {}
            if custom.get("message") == metadata["message"]:
                return Heard(str(custom.get("intent") or ""))
        raise DialogueDown("Rasa's actions did not run to their end")

    async def is_up(self) -> bool:
        """Whether Rasa has a model loaded and answers."""
        try:
            async with self._session().get(f"{self._url}/", timeout=aiohttp.ClientTimeout(total=UP_SECONDS)) as answer:
                return answer.status == OK
        except AWAY:
            return False

    async def close(self) -> None:
        """Close the connections."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
