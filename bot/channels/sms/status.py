"""Twilio's states of a message we sent, which come in any order, repeat, or stay away.

Source: Twilio, "Messages resource", message status values, and "Outbound message status in status callbacks".
"""

from __future__ import annotations

# Twilio's word → ours, for `Report`. The first callback of any kind proves that the message was accepted.
STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

RANKS = {"sent": 1, "failed": 2, "delivered": 2}


def advances(before: str | None, after: str) -> bool:
    """Whether a report moves a message on: never back, and never away from `delivered` or `failed`.

    Args:
        before: `sent`, `delivered`, `failed`, or anything else for "not known yet".
        after: the reported state.
    """
    return RANKS.get(after, 0) > RANKS.get(before or "", 0)
