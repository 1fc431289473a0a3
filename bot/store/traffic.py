"""What came in by each channel lately: one that is on and silent may not be connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.store import made_up
from bot.store.tables import addresses, inbox


@dataclass(frozen=True)
class Traffic:
    """How many messages of patients came by one channel, and the last of them (UTC)."""

    count: int
    last_at: datetime


def received(connection: Connection, since: datetime) -> Mapping[str, Traffic]:
    """Traffic of each channel by which anything came since an instant; nobody made up is counted."""
    rows = connection.execute(
        select(addresses.c.channel, func.count().label("n"), func.max(inbox.c.received_at).label("last_at"))
        .join(addresses, addresses.c.id == inbox.c.address_id)
        .where(inbox.c.received_at >= since, made_up.of_real(inbox.c.patient_id))
        .group_by(addresses.c.channel)
    )
    return {row.channel: Traffic(row.n, row.last_at) for row in rows}
