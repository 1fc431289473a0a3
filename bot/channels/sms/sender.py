"""Offers texts to Twilio.

Source: Twilio, "Messages resource" (create: MessagingServiceSid, StatusCallback, ValidityPeriod, SmartEncoded).
"""

from __future__ import annotations

from dataclasses import replace

import httpx

from bot.channels.network import Progress
from bot.channels.numbered import messages
from bot.channels.sms.telephone import e164
from bot.channels.sms.twilio_client import HttpClient, client, offer
from bot.channels.sms.webhook import STATUS_PATH
from bot.content.gsm import count, plain
from bot.conversation.message import MessageClass, Outcome, Outgoing, Reply, SendResult
from bot.errors import SettingsError
from bot.settings import Settings

SEGMENTS = 3  # longest text we send in one; some carriers join no more without loss
VALIDITY_SECONDS = {MessageClass.CHECKIN: 4 * 3600, MessageClass.LESSON: 4 * 3600}  # later they are out of place
_LONGEST_HOLD_SECONDS = 600.0


class SmsSender:
    """The sending half of the channel; a `Sender`.

    Args:
        settings: account, auth token, Messaging Service, public address.
        timeout_seconds: how long Twilio may take to answer.
        transport: another way to reach Twilio, for tests.

    Raises:
        SettingsError: account, auth token or Messaging Service is missing.
    """

    channel = "sms"

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_seconds: float = 15.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not settings.twilio_messaging_service_sid:
            raise SettingsError("EVENDAY_TWILIO_MESSAGING_SERVICE_SID: must be set for SMS (MG…)")
        self._settings = settings
        self._http = HttpClient(settings.twilio_api_url, timeout_seconds, transport)
        self._client = client(settings, self._http)
        self._progress = Progress()
        self._holds = 0

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Offer one message, as several texts if it is longer than three segments. See `Sender.send`.

        A second call for the same `outgoing.id` after HOLD, RETRY or UNKNOWN goes on with the text that failed.
        `provider_id` is the last text's SID; status callbacks of all of them carry `outgoing.id`. Images are not
        sent: the words say the same.
        """
        texts = texts_of(outgoing.reply)
        if not texts:
            return SendResult(Outcome.REFUSED, why="empty")
        if e164(outgoing.address) is None:
            return SendResult(Outcome.CLOSED, why="not a telephone number")
        sent = min(self._progress.take(outgoing.id), len(texts) - 1)
        result = SendResult(Outcome.SENT)
        for text in texts[sent:]:
            result = await self._create(outgoing, text)
            if result.outcome is not Outcome.SENT:
                return self._progress.keep(outgoing.id, sent, self._hold_longer(result))
            sent, self._holds = sent + 1, 0
        return result

    async def typing(self, address: str) -> None:
        """Nothing: a text shows no typing."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _create(self, outgoing: Outgoing, text: str) -> SendResult:
        return await offer(
            self._client.messages.create_async(
                to=outgoing.address,
                messaging_service_sid=self._settings.twilio_messaging_service_sid,
                body=text,
                smart_encoded=True,
                **self._options(outgoing),
            )
        )

    def _options(self, outgoing: Outgoing) -> dict[str, object]:
        options: dict[str, object] = {}
        if self._settings.public_url:
            options["status_callback"] = f"{self._settings.public}{STATUS_PATH}/{outgoing.id}"
        if outgoing.message_class in VALIDITY_SECONDS:
            options["validity_period"] = VALIDITY_SECONDS[outgoing.message_class]
        return options

    def _hold_longer(self, result: SendResult) -> SendResult:
        """Twice as long for each hold in a row (TW error 20429 asks for exponential backoff), to ten minutes."""
        if result.outcome is not Outcome.HOLD or result.retry_after is None:
            return result
        seconds = min(result.retry_after * 2 ** min(self._holds, 10), _LONGEST_HOLD_SECONDS)
        self._holds += 1
        return replace(result, retry_after=seconds)


def texts_of(reply: Reply) -> list[str]:
    """The texts that a reply becomes: buttons numbered, typography plain, three segments at most each."""
    return [plain(text) for text in messages(reply.text.strip(), reply.buttons, SEGMENTS, _segments)]


def _segments(text: str) -> int:
    return count(plain(text)).parts
