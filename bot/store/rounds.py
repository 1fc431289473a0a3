"""Rounds of paging: which escalations have a step due, who was paged in it, and whom nobody heard of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.store.lifecycle import NOBODY_HAS_IT, Stage
from bot.store.pages import ARRIVED, SENDING, WAITING, PageRow, of_row
from bot.store.tables import escalations, pages
from bot.store.types import EscalationId, StaffId


def due(connection: Connection, now: datetime, limit: int = 100) -> list[EscalationId]:
    """Escalations for which something is due (`next_page_at`), the gravest first."""
    grave = (escalations.c.tier != "emergency", escalations.c.next_page_at)
    rows = connection.execute(
        select(escalations.c.id)
        .where(escalations.c.next_page_at <= now, escalations.c.state != Stage.RESOLVED)
        .order_by(*grave)
        .limit(limit)
    )
    return [EscalationId(row.id) for row in rows]


def lock(connection: Connection, escalation_id: EscalationId, now: datetime) -> bool:
    """Hold an escalation's row for the rest of the transaction, if something is still due for it."""
    return (
        connection.execute(
            select(escalations.c.id)
            .where(escalations.c.id == escalation_id, escalations.c.next_page_at <= now)
            .with_for_update()
        ).first()
        is not None
    )


def hold(connection: Connection, escalation_id: EscalationId) -> None:
    """Hold an escalation's row for the rest of the transaction, before any page of it is changed.

    Two pages of a step that fail at the same moment would else each see the other as still on its way, and neither
    would call the next person.
    """
    connection.execute(select(escalations.c.id).where(escalations.c.id == escalation_id).with_for_update())


def of_step(connection: Connection, escalation_id: EscalationId, page_round: int, step: int) -> list[PageRow]:
    """The pages of one step of a round."""
    which = (pages.c.escalation_id == escalation_id, pages.c.round == page_round, pages.c.step == step)
    return [of_row(row) for row in connection.execute(select(pages).where(*which).order_by(pages.c.id))]


def times_paged(connection: Connection, escalation_id: EscalationId, page_round: int) -> dict[StaffId, int]:
    """In how many steps of a round each person was paged."""
    rows = connection.execute(
        select(pages.c.staff_id, func.count(pages.c.step.distinct()).label("n"))
        .where(pages.c.escalation_id == escalation_id, pages.c.round == page_round, pages.c.staff_id.isnot(None))
        .group_by(pages.c.staff_id)
    )
    return {StaffId(row.staff_id): int(row.n) for row in rows}


def unheard(connection: Connection) -> list[str]:
    """Codes of escalations that nobody has, that were to be paged, and of which no page of the round arrived anywhere."""
    arrived = (
        select(pages.c.id)
        .where(
            pages.c.escalation_id == escalations.c.id,
            pages.c.round == escalations.c.page_round,
            pages.c.state.in_((*ARRIVED, WAITING, SENDING)),
        )
        .exists()
    )
    tried = (
        select(pages.c.id)
        .where(pages.c.escalation_id == escalations.c.id, pages.c.round == escalations.c.page_round)
        .exists()
    )
    rows = connection.execute(
        select(escalations.c.code)
        .where(escalations.c.state.in_(NOBODY_HAS_IT), escalations.c.drill.is_(False), tried, ~arrived)
        .order_by(escalations.c.opened_at)
    )
    return [row.code for row in rows]
