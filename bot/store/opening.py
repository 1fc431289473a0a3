"""What a danger message is to a person's episodes: it opens one, joins or raises the open one, or reopens a recent one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, update

from bot.crypto import Vault
from bot.store.escalations import TIER_ORDER, Escalation, get, newest_of, of_row, open_of, write_event
from bot.store.lifecycle import Stage
from bot.store.prepared import insert_coded
from bot.store.tables import escalations
from bot.store.types import EscalationId, MessageId, PatientId, StaffId, new_codes, new_id

REOPENS_WITHIN = timedelta(days=7)  # a new sign so soon after is the same episode


def _held(connection: Connection, vault: Vault, query: Select[Any]) -> Escalation | None:
    """One as it stands, and stays until we commit: it is decided here what a message is to it.

    On PostgreSQL a colleague's step that is not committed yet is waited for, or a case that they resolve meanwhile would
    be joined as if it were open, and nobody be paged.
    """
    row = connection.execute(query.with_for_update(key_share=True)).one_or_none()
    return of_row(row, vault) if row else None


def note(
    connection: Connection,
    vault: Vault,
    patient_id: PatientId,
    message_id: MessageId,
    tier: str,
    kind: str,
    now: datetime,
    *,
    staff_id: StaffId | None = None,
    event: str = "",
    detail: dict[str, Any] | None = None,
) -> Escalation:
    """A message showed risk: open an escalation, join the open one (never lowering it), or reopen a recent one.

    Opened, raised or reopened, its clocks start, and a page is due at once (`next_page_at`): whoever commits this may
    write the first pages with it (`coaching.summon`), and where nobody does, the pager's next tick will.

    Args:
        staff_id: who saw the risk, where it was not the screen (see `judging.mark_missed`).
        event: what the history calls it, where it has another name than `opened`, `joined`, `raised` or `reopened`.
        detail: what else the history keeps.
    """
    last = _held(connection, vault, newest_of(patient_id))
    told = {"tier": tier, "kind": kind, **(detail or {})}
    missed = event == "missed"
    if last is None or (last.state is Stage.RESOLVED and now - (last.resolved_at or now) > REOPENS_WITHIN):
        made = insert_row(connection, patient_id, message_id, tier, kind, now, missed=missed)
        write_event(
            connection, vault, made, now, event or "opened", staff_id=staff_id, message_id=message_id, detail=told
        )
        return get(connection, vault, made)
    values: dict[str, Any] = {"version": escalations.c.version + 1, "snoozed_until": None}
    name = "joined"
    if last.state is Stage.RESOLVED:
        name = "reopened"
        values |= fresh(now, last.page_round, tier) | {
            "tier": tier,
            "kind": kind,
            "message_id": message_id,
            "opened_at": now,
            "resolved_at": None,
            "resolved_by": None,
            "read_due_at": None,
            "read_by": None,
            "read_at": None,
            "seen_said_at": None,
        }
    elif TIER_ORDER[tier] > TIER_ORDER[last.tier]:
        # A higher tier starts the clocks again: what was acknowledged was less than this.
        name = "raised"
        values |= fresh(now, last.page_round, tier) | {"tier": tier, "kind": kind, "message_id": message_id}
    if missed:
        values["missed"] = True
    connection.execute(update(escalations).where(escalations.c.id == last.id).values(**values))
    write_event(connection, vault, last.id, now, event or name, staff_id=staff_id, message_id=message_id, detail=told)
    return get(connection, vault, last.id)


def add(
    connection: Connection, vault: Vault, patient_id: PatientId, message_id: MessageId, event: str, now: datetime
) -> Escalation | None:
    """A message is shown with the open escalation, though it is no sign of risk: `opted_out`, `left`, `unreadable`.

    Its version rises, so that nobody resolves it without having read this, and it is in sight; nothing else changes.

    Returns:
        The escalation; None where none is open.
    """
    found = _held(connection, vault, open_of(patient_id))
    if found is not None:
        connection.execute(
            update(escalations)
            .where(escalations.c.id == found.id)
            .values(version=escalations.c.version + 1, snoozed_until=None)
        )
        write_event(connection, vault, found.id, now, event, message_id=message_id)
    return found


def fresh(now: datetime, page_round: int, tier: str) -> dict[str, Any]:
    """The columns of an escalation whose clocks start at `now`: nobody has it, and from urgent on a page is due."""
    return {
        "state": Stage.OPEN,
        "owner_id": None,
        "clock_at": now,
        "page_round": page_round + 1,
        "page_step": 0,
        "next_page_at": now if TIER_ORDER[tier] >= TIER_ORDER["urgent"] else None,
        "paged_at": None,
        "acknowledged_at": None,
        "contact_due_at": None,
        "contacted_at": None,
        "tries": 0,
        "review_due_at": None,
        "handing_to": None,
        "snoozed_until": None,
    }


def insert_row(
    connection: Connection,
    patient_id: PatientId,
    message_id: MessageId | None,
    tier: str,
    kind: str,
    now: datetime,
    *,
    drill: bool = False,
    missed: bool = False,
) -> EscalationId:
    """A new escalation without history yet; `note` and `handling` are the ways to it."""
    made = EscalationId(new_id())
    values = {
        "id": made,
        "patient_id": patient_id,
        "tier": tier,
        "kind": kind,
        "opened_at": now,
        "message_id": message_id,
        "version": 1,
        "drill": drill,
        "missed": missed,
        **fresh(now, 0, tier),
    }
    insert_coded(connection, escalations, values, new_codes(5))
    return made
