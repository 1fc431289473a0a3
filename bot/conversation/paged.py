"""Staff were paged from memory while the database was away: the escalation says so, and the links that went out hold."""

from __future__ import annotations

import contextlib
from datetime import datetime

from sqlalchemy import Connection

from bot.content.coach import Coach
from bot.conversation.spool import Paged
from bot.crypto import Vault
from bot.errors import Conflict
from bot.store import contacts, escalations, handling, pages
from bot.store.access import Refused
from bot.store.steps import Step
from bot.store.types import PatientId, StaffId


def keep_paged(
    connection: Connection, vault: Vault, coach: Coach, patient_id: PatientId, paged: Paged, now: datetime
) -> None:
    """Write down whom the pages from memory reached, and who took them; part of the commit that stores the message."""
    found = escalations.current(connection, vault, patient_id)
    if found is None:
        return
    detail = {"code": paged.code, "at": paged.at.isoformat(), "pages": len(paged.called)}
    escalations.write_event(connection, vault, found.id, now, "paged_by_memory", detail=detail)
    kept: set[str] = set()
    for n, called in enumerate(paged.called):
        contact = contacts.get(connection, called.contact_id)
        if contact is not None and called.token not in kept:
            kept.add(called.token)
            pages.put(
                connection, vault, escalation_id=found.id, page_round=0, step=-1 - n, reason="memory", tier=found.tier,
                contact=contact, now=now, token=called.token, sent_at=paged.at,
            )  # fmt: skip
    if kept:
        handling.was_paged(connection, found.id, paged.at)
    if paged.taken_by and found.is_waiting:
        policy = coach.paging.of(found.tier)
        within = policy.contact_within if policy else None
        with contextlib.suppress(Refused, Conflict):  # the message must be stored, whatever became of their role
            handling.acknowledge(Step(connection, vault, found.id, StaffId(paged.taken_by), now), contact_within=within)
            pages.cancel(connection, found.id, "acknowledged")
