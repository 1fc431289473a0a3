"""A page with all that its route needs: address, code and link, opened from what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.crypto import Vault
from bot.paging.route import Page
from bot.store import contacts, pages
from bot.store.pages import PageRow


@dataclass(frozen=True)
class Offer:
    """A page on its way."""

    row: PageRow
    page: Page | None  # None: its way has no address any more


def opened(connection: Connection, vault: Vault, row: PageRow, code: str, public: str) -> Offer:
    """Open a page for its route's eyes only.

    Args:
        code: the escalation's.
        public: the gateway's address, as staff reach it.
    """
    to = contacts.open_address(connection, vault, row.contact_id) if row.contact_id else None
    if to is None:
        return Offer(row, None)
    token = pages.open_token(connection, vault, row.id)
    return Offer(row, Page(row.id, to, row.tier, code, f"{public}/page/{token}", token, row.again, row.drill))
