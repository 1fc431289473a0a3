"""Pages whose way is to be told what became of them: somebody has the escalation, or it is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select, update

from bot.store.lifecycle import IN_HAND, Stage
from bot.store.pages import ARRIVED, PageRow, get
from bot.store.tables import escalations, pages
from bot.store.types import StaffId

TAKEN, OVER = "acknowledged", "resolved"


@dataclass(frozen=True)
class Untold:
    """A page that arrived, and what its way does not know yet.

    Attributes:
        news: `TAKEN` or `OVER`.
        before: what it was told already; None: nothing.
    """

    row: PageRow
    code: str
    news: str
    before: str | None
    owner_id: StaffId | None
    taken_at: datetime | None


# NULL, and so no news, while nobody has it; one that was reopened or raised is news by the pages of its new round.
_news = case(
    (escalations.c.state == Stage.RESOLVED, OVER),
    (and_(escalations.c.state.in_(IN_HAND), pages.c.round == escalations.c.page_round), TAKEN),
    else_=None,
)


def untold(connection: Connection, ways: Collection[str], limit: int = 50) -> list[Untold]:
    """What is to be told by these ways now, oldest page first."""
    told = func.coalesce(pages.c.told, "")
    known = (escalations.c.code, escalations.c.owner_id, escalations.c.acknowledged_at)
    rows = connection.execute(
        select(pages.c.id, pages.c.told, _news.label("news"), *known)
        .join(escalations, escalations.c.id == pages.c.escalation_id)
        .where(pages.c.way.in_(ways), pages.c.state.in_(ARRIVED), told != OVER, _news != told)
        .order_by(pages.c.id)
        .limit(limit)
    ).all()
    found = []
    for row in rows:
        page = get(connection, row.id)
        assert page is not None
        found.append(Untold(page, row.code, row.news, row.told, row.owner_id, row.acknowledged_at))
    return found


def claim(connection: Connection, one: Untold) -> bool:
    """Note it as told, committed before the way is called; False where another process was first."""
    stands = pages.c.told.is_not_distinct_from(one.before)
    done = connection.execute(update(pages).where(pages.c.id == one.row.id, stands).values(told=one.news))
    return bool(done.rowcount)


def take_back(connection: Connection, one: Untold) -> None:
    """It may not have arrived: the next look tells it again."""
    stands = pages.c.told == one.news
    connection.execute(update(pages).where(pages.c.id == one.row.id, stands).values(told=one.before))
