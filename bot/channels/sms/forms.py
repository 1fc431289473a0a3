"""Turns Twilio's parameters for an incoming text into what arrived from a person; pure, and it never raises.

Source: Twilio, "Twilio's Request to your Incoming Message Webhook URL".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.incoming import readable, start_code
from bot.channels.sms.telephone import e164
from bot.conversation.message import Form, Inbound

_OPT_OUT_WORDS = ("STOP", "START", "HELP")


@dataclass(frozen=True)
class Aside:
    """Something that a human has to look at, and why, in fixed words."""

    why: str


def parse(form: Mapping[str, str]) -> Inbound | Aside:
    """What an incoming text means.

    With Advanced Opt-Out an operator may choose other words, in any language, and Twilio says in `OptOutType` which
    of the three it took the text for: that word then stands as the text.
    """
    if not (sid := form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")):
        return Aside("no MessageSid")
    sender = form.get("From", "")
    if ":" in sender:
        return Aside("not an SMS")  # whatsapp:, messenger:, rcs: come on the same webhook when they are switched on
    address = e164(sender)
    if address is None:
        return Aside("sender is no telephone number")  # a short code or a word: a machine that nobody should answer
    text = readable(form.get("Body", ""))
    taken_for = form.get("OptOutType", "").upper()
    if taken_for in _OPT_OUT_WORDS and text.strip().upper() != taken_for:
        text = taken_for
    form_of = media_form(form.get("NumMedia", "0"), form.get("MediaContentType0", ""))
    return Inbound("sms", address, f"sms:{sid}", form_of, text, start_code=start_code(text))


def media_form(count: str, content_type: str) -> Form:
    """What kind of thing a message with so many media is; the first one decides."""
    if not count.isdecimal() or int(count) == 0:
        return Form.TEXT
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("text/vcard", "text/x-vcard", "text/directory"):
        return Form.CONTACT
    return {"image": Form.PHOTO, "audio": Form.VOICE}.get(kind.partition("/")[0], Form.FILE)
