"""Contract tests talk with stand-ins that others made, installed at first use; `pytest -m contract` runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stand_ins import processes
from stand_ins.gate import Gate


@pytest.fixture(scope="session")
def _telegram_gate() -> Iterator[Gate]:
    with processes.telegram() as address, Gate(address) as gate:
        yield gate


@pytest.fixture
def telegram_gate(_telegram_gate: Gate) -> Gate:
    """The gate before telemelya, with no memory of earlier tests."""
    return _telegram_gate.fresh()


@pytest.fixture(scope="session")
def polling_address() -> Iterator[str]:
    """Where telegram-test-api listens."""
    with processes.telegram_polling() as address:
        yield address


@pytest.fixture(scope="session")
def _twilio_gate() -> Iterator[Gate]:
    with processes.twilio() as address, Gate(address) as gate:
        yield gate


@pytest.fixture
def twilio_gate(_twilio_gate: Gate) -> Gate:
    """The gate before Prism, with no memory of earlier tests."""
    return _twilio_gate.fresh()
