"""Every button of an escalation's page, by the name that addresses, forms, notices and the audit use."""

from __future__ import annotations

from collections.abc import Mapping

from bot.console.escalation import chat, steps
from bot.console.visit import Handler

BUTTONS: Mapping[str, Handler] = {
    "acknowledge": steps.acknowledge,
    "hand_over": steps.hand_over,
    "accept": steps.accept,
    "take_over": chat.take_over,
    "write": chat.write,
    "hand_back": chat.hand_back,
    "contact": steps.contact,
    "note": steps.note,
    "snooze": steps.snooze,
    "show_again": steps.show_again,
    "resolve": steps.resolve,
    "false_alarm": steps.false_alarm,
    "second_read": steps.second_read,
    "reopen": steps.reopen,
}
