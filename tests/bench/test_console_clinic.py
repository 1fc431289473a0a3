"""The clinic of `make bench-console`, built small: all of it can be read, and no page of the console is forgotten."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from bench.console import addresses
from bench.console.asking import Figures, ask_all
from bench.console.desk import console
from bench.console.fill import fill
from bench.console.plan import Plan, code
from bot.store import chain, escalations, tables
from bot.store.database import Store
from bot.store.sealing import PLACES, sealed_columns

PLAN = Plan(patients=100, messages=1_000, escalations=20)


@pytest.fixture
def built(store: Store) -> Store:
    """A small clinic."""
    fill(store, PLAN, lambda line: None)
    return store


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0)


def test_all_that_is_sealed_opens_and_the_audit_is_whole(built: Store) -> None:
    for column in sealed_columns():
        place, opened = PLACES[str(column)], 0
        with built.read() as connection:
            for row in connection.execute(select(column.table).where(column.isnot(None))):
                opened += bool(built.vault.open(getattr(row, column.name), place(row)))
        assert opened or column.table.name in ("turns", "factors"), column  # which no list of the console reads
    found = chain.walk(built)
    assert (found.count, found.broken_at) == (PLAN.entries, None)


def test_it_is_as_large_as_it_was_to_be(built: Store) -> None:
    assert count(built, "patients") == PLAN.patients
    assert count(built, "inbox") >= PLAN.messages
    assert count(built, "staff") == PLAN.staff and count(built, "teams") == PLAN.teams
    with built.read() as connection:
        stages = escalations.counts(connection)
    assert sum(stages.values()) == PLAN.escalations
    assert all(stages[stage] for stage in escalations.Stage)
    assert PLAN.escalations - stages["resolved"] == PLAN.unresolved


def test_every_page_answers_on_each_database(built: Store) -> None:
    pages = asyncio.run(ask_all(console(built), each=2))
    assert [(one.name, one.wrong) for one in pages if one.wrong] == []
    assert len(pages) > len(addresses.PAGES) and all(one.ms for one in pages)


def test_a_page_without_addresses_is_missed_loudly(file_store: Store) -> None:
    desk = console(file_store)
    addresses.check(desk)
    with pytest.raises(LookupError, match=r"missing for \['/rota'\]"):
        addresses.check(desk, [page for page in addresses.PAGES if page.path != "/rota"])
    with pytest.raises(LookupError, match=r"\['/gone'\] are no pages"):
        addresses.check(desk, [*addresses.PAGES, addresses.Page("/gone", "", lambda found: [])])


@pytest.mark.parametrize(
    ("figures", "good"),
    [
        (Figures("quick", ms=[99.0] * 40, kb=99), True),
        (Figures("two of forty are slow", ms=[1.0] * 38 + [300.0] * 2, kb=1), True),
        (Figures("three of forty are slow", ms=[1.0] * 37 + [300.0] * 3, kb=1), False),
        (Figures("large", ms=[1.0], kb=101), False),
        (Figures("a large file", is_file=True, ms=[1.0], kb=101), True),
        (Figures("another answer than it should", ms=[1.0], kb=1, wrong={500}), False),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_goal_that_is_missed_is_told(figures: Figures, good: bool) -> None:
    assert figures.is_good is good
    assert ("TOO MUCH" in figures.row()) is not good


def test_no_two_codes_are_the_same() -> None:
    assert len({code(n, 6) for n in range(100_000)}) == 100_000
