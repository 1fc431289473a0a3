"""Who of the staff has an escalation open in front of them: a view says so, and the page says it again while it is seen.

A row is made by a view, through the door to patients' data; all that comes later only renews it. So it outlives being
seen, for as long as a session may rest, and what is older is swept by the next view.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.store.prepared import Prepared, upsert
from bot.store.sessions import IDLE
from bot.store.tables import presences
from bot.store.types import EscalationId, StaffId

GONE_AFTER = timedelta(seconds=45)  # two beats of a page, and a slow network

_mine = (presences.c.escalation_id == bindparam("of"), presences.c.staff_id == bindparam("who"))
_renew = Prepared(update(presences).where(*_mine).values(seen_at=bindparam("at")))
_leave = Prepared(
    update(presences).where(*_mine, presences.c.seen_at > bindparam("at")).values(seen_at=bindparam("at"))
)
_sweep = Prepared(delete(presences).where(presences.c.seen_at < bindparam("before")))
_seen = Prepared(
    select(presences.c.escalation_id, presences.c.staff_id)
    .where(presences.c.seen_at > bindparam("since"))
    .order_by(presences.c.escalation_id, presences.c.staff_id)
)


def come(connection: Connection, escalation_id: EscalationId, staff_id: StaffId, now: datetime) -> None:
    """Somebody opened an escalation."""
    _sweep(connection, before=now - IDLE)
    values = {"escalation_id": escalation_id, "staff_id": staff_id, "seen_at": now}
    upsert(connection, presences, values, ["escalation_id", "staff_id"], ["seen_at"])


def stay(connection: Connection, escalation_id: EscalationId, staff_id: StaffId, now: datetime) -> bool:
    """They see it still; False where they have not opened it, or too long ago."""
    return bool(_renew(connection, of=escalation_id, who=staff_id, at=now).rowcount)


def go(connection: Connection, escalation_id: EscalationId, staff_id: StaffId, now: datetime) -> None:
    """They closed it, or look at something else."""
    _leave(connection, of=escalation_id, who=staff_id, at=now - GONE_AFTER)


def looking(connection: Connection, now: datetime) -> Mapping[EscalationId, tuple[StaffId, ...]]:
    """Who looks at what now."""
    found = defaultdict[EscalationId, tuple[StaffId, ...]](tuple)
    for row in _seen(connection, since=now - GONE_AFTER):
        found[EscalationId(row.escalation_id)] += (StaffId(row.staff_id),)
    return dict(found)
