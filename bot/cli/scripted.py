"""`evenday talk --fresh --json`: a conversation from a file through the real pipeline, each line answered by one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.numbered import numbered
from bot.cli import history
from bot.cli.lines import refuse, rows, write
from bot.content.coach import Coach
from bot.conversation.message import Form, Outgoing
from bot.rehearsal import Backstage, Rehearsal, rehearsal
from bot.store import escalations, inbox, record
from bot.store.types import MessageId, PatientId

NUMBERED = frozenset({"sms", "terminal"})
MEDIA = {form.value: form for form in (Form.VOICE, Form.PHOTO, Form.STICKER, Form.LOCATION, Form.CONTACT)}
_SPAN = re.compile(r"^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


def span(text: str) -> timedelta:
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds, such as P1DT2H.

    Raises:
        ValueError: it is none.
    """
    found = _SPAN.match(text)
    if not found or text in ("P", "PT"):
        raise ValueError(f'"{text}" is no duration such as P1DT2H')
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


async def play(file: str, channel: str, coach: Coach, backstage: Backstage) -> None:
    """Play a file of lines; a `setup` line begins a new person.

    Raises:
        InputError: names the line that can't be used.
    """
    parts: list[list[tuple[int, dict[str, Any]]]] = []
    for number, row in rows(file):
        if "setup" in row or not parts:
            parts.append([])
        parts[-1].append((number, _checked(file, number, row)))
    for part in parts:
        await _conversation(file, channel, coach, backstage, part)


def _checked(file: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    forms = {"setup": dict, "text": str, "media": str, "button": int, "wait": str}
    kind = next((name for name in forms if name in row), None)
    if kind is None or not isinstance(row[kind], forms[kind]):
        raise refuse(file, number, 'needs one of "setup" {…}, "text" "…", "media" "voice", "button" 1, "wait" "P1D"')
    try:
        if kind == "wait":
            span(row["wait"])
        if kind == "setup":
            history.parse(row["setup"])
    except ValueError as error:
        raise refuse(file, number, str(error)) from None
    if kind == "media" and row["media"] not in MEDIA:
        raise refuse(file, number, f'"media" is one of {", ".join(MEDIA)}')
    return row


async def _conversation(
    file: str, channel: str, coach: Coach, backstage: Backstage, part: list[tuple[int, dict[str, Any]]]
) -> None:
    number, first = part[0]
    setup = history.parse(first["setup"]) if "setup" in first else None
    try:
        zone = history.zone_of(setup, coach) if setup else "UTC"
        start = setup.start(zone) if setup else datetime.now(UTC)  # the clock is set from here
    except ValueError as error:
        raise refuse(file, number, str(error)) from None
    async with rehearsal(backstage, channel, start, coach=coach) as stage:
        if setup:
            history.make(stage, setup, zone)
            before = len(stage.mailbox.sent)
            await stage.tick()
            write(_answer(stage, first, stage.mailbox.sent[before:], None, 0.0))
        for _, row in part[1:] if setup else part:
            await _line(stage, row)
        write({"record": _record(stage)})


async def _line(stage: Rehearsal, row: dict[str, Any]) -> None:
    if "wait" in row:
        write(_answer(stage, row, await stage.turn(span(row["wait"])), None, 0.0))
        return
    if "button" in row and stage.mailbox.channel in NUMBERED:
        received, sent, ms = await stage.say(str(row["button"]))
    elif "button" in row:
        label = _label(stage, row["button"])
        received, sent, ms = await stage.say(label, Form.BUTTON, row["button"])
    elif "media" in row:
        received, sent, ms = await stage.say("", MEDIA[row["media"]])
    else:
        received, sent, ms = await stage.say(row["text"])
    write(_answer(stage, row, sent, received.message_id, ms))


def _label(stage: Rehearsal, number: int) -> str:
    newest = next((sent for sent in reversed(stage.mailbox.sent) if sent.reply.buttons), None)
    labels = newest.reply.buttons if newest else ()
    return labels[number - 1] if 1 <= number <= len(labels) else str(number)


def _answer(
    stage: Rehearsal, row: dict[str, Any], sent: list[Outgoing], message_id: MessageId | None, ms: float
) -> dict[str, Any]:
    store = stage.gateway.store
    intent, tier, escalation = None, "none", None
    patient_id = history.patient_of(stage)
    with store.read() as connection:
        if message_id is not None:
            message = inbox.get(connection, store.vault, message_id)
            intent, tier = message.intent, message.tier
        found = escalations.current(connection, store.vault, patient_id) if patient_id else None
        escalation = found.id if found else None
    return {
        "in": row,
        "replies": [_shown(stage.mailbox.channel, outgoing) for outgoing in sent],
        "intent": intent,
        "tier": tier,
        "escalation": escalation,
        "ms": round(ms, 1),
    }


def _shown(channel: str, outgoing: Outgoing) -> dict[str, Any]:
    reply = outgoing.reply
    text = numbered(reply.text, reply.buttons) if channel == "sms" and reply.buttons else reply.text
    return {"text": text, "buttons": [] if channel == "sms" else list(reply.buttons), "image": reply.image is not None}


def _record(stage: Rehearsal) -> dict[str, Any]:
    patient_id: PatientId | None = history.patient_of(stage)
    if patient_id is None:
        return {}
    with stage.gateway.store.read() as connection:
        return record.of(connection, stage.gateway.store.vault, patient_id)
