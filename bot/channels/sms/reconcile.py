"""Asks Twilio which texts came in, for those whose webhook never reached us.

Source: Twilio, "Messages resource" (read multiple: DateSent>=). Twilio gives up on a webhook within 15 seconds and then
keeps the message in its log only.
"""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import structlog
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]  # twilio ships no types
from twilio.base.version import Version  # type: ignore[import-untyped]

from bot.channels.network import lost
from bot.channels.sms import codes
from bot.channels.sms.forms import Aside, parse
from bot.channels.sms.twilio_client import HttpClient, client
from bot.conversation.message import Receive
from bot.errors import SendError
from bot.paging.delivery import IsReply
from bot.settings import Settings

log = structlog.get_logger()


async def reconcile(
    settings: Settings,
    receive: Receive,
    since: datetime,
    *,
    is_reply: IsReply | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> int:
    """Hand every text that came in since `since` to `receive`, oldest first; repeats are its business.

    The keys are those of the webhook, so what is stored already is a repeat. Media come as FILE, since the list does
    not tell their kind. Texts that can't be read were set aside by the webhook, or are passed over.

    Args:
        settings: account and auth token.
        receive: stores what a person sent; may raise StoreError.
        since: aware; 24 hours ago is enough when this runs every five minutes.
        is_reply: tells texts by which staff acknowledge: these are passed over, since the list holds what was acted on
            as well, and an "ACK" of this morning must not take what was opened since. Who is not heard is paged again.
        transport: another way to reach Twilio, for tests.

    Returns:
        How many texts were handed over, repeats among them.

    Raises:
        SendError: Twilio can't be asked now.
        StoreError: the store is away; run it again.
        SettingsError: account or auth token is missing.
    """
    http = HttpClient(settings.twilio_api_url, transport=transport)
    try:
        start = since.astimezone(UTC)  # twilio writes "Z" behind whatever it is given
        listed = await client(settings, http).messages.list_async(date_sent_after=start, page_size=1000)
    except httpx.HTTPError as error:
        raise SendError(f"Twilio's list of messages can't be read: {lost(error).why}") from None
    except TwilioException as error:
        raise SendError(f"Twilio's list of messages can't be read: {_why(error)}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SendError("Twilio's list of messages can't be read: unreadable answer") from None
    finally:
        await http.close()
    handed = 0
    for message in reversed(listed):  # the list begins with the newest
        if message.direction != "inbound":
            continue
        known = parse(
            {
                "MessageSid": str(message.sid or ""),
                "From": str(message.from_ or ""),
                "Body": str(message.body or ""),
                "NumMedia": str(message.num_media or "0"),
            }
        )
        if isinstance(known, Aside) or (is_reply and await is_reply(known.address, known.text)):
            continue
        await receive(known)
        handed += 1
    log.info("sms.reconciled", count=handed)
    return handed


def _why(error: TwilioException) -> str:
    # A page that fails raises ("Unable to fetch page", response); the response's text would quote numbers.
    if len(error.args) == 2:
        error = Version.exception("GET", "", error.args[1], "")
    return codes.outcome(getattr(error, "status", 0), getattr(error, "code", None)).why
