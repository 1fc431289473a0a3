"""The client of Rasa's REST channel: one message in, whether it was dealt with out. It sees no address and no name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from bot.errors import DialogueDown


@dataclass(frozen=True)
class Heard:
    """What the dialogue made of a message: the model's best guess. The replies themselves are in the store."""

    intent: str


class Dialogue:
    """Talks to one Rasa.

    Args:
        url: its address, e.g. http://127.0.0.1:5005.
        timeout_seconds: for one message, the actions it calls included.
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_seconds, limits=limits, trust_env=False)

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
            answer = await self._client.post("/webhooks/rest/webhook", json=body)
        except httpx.HTTPError as error:
            raise DialogueDown(f"Rasa does not answer ({type(error).__name__})") from None
        if answer.status_code != httpx.codes.OK:
            raise DialogueDown(f"Rasa answers with status {answer.status_code}")
        for message in answer.json():
            custom = message.get("custom") or {}
            if custom.get("message") == metadata["message"]:
                return Heard(str(custom.get("intent") or ""))
        raise DialogueDown("Rasa's actions did not run to their end")

    async def is_up(self) -> bool:
        """Whether Rasa has a model loaded and answers."""
        try:
            answer = await self._client.get("/", timeout=2)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
