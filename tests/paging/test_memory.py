"""The database is away: whoever is on call is paged from memory, and the escalation says so when it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ward import EMERGENCY, FAILED, URGENT, WATCH, Ward

from bot.conversation.spool import Spool
from bot.conversation.standby import Standby
from bot.errors import StoreError
from bot.paging.memory import Memory
from bot.paging.route import Way
from bot.safety.tiers import Tier
from tests.conftest import MakePatient


@pytest.fixture
def memory(ward: Ward) -> Memory:
    """A memory whose snapshot was taken while the database was there."""
    ward.team()
    made = Memory(ward.store, ward.routes, ward.coach, ward.cover, ward.clock, "https://coach.test")
    made.refresh()
    return made


@pytest.fixture
def standby(ward: Ward, memory: Memory, tmp_path: Path) -> Standby:
    """What stands in for the reception."""
    spool = Spool(tmp_path / "spool", ward.store.vault)
    return Standby(spool, ward.reception, {}, ward.clock, lambda received: None, memory)


def paged(ward: Ward) -> list[str]:
    return sorted(page.to for page in ward.journal)


def test_whoever_is_on_call_is_paged_at_once_under_a_code_of_its_own(
    ward: Ward, standby: Standby, a_patient: MakePatient
) -> None:
    asyncio.run(standby.receive(a_patient().writes(EMERGENCY)))
    assert paged(ward) == ["ana:call", "ana:sms"]
    assert ward.last.code.startswith("T") and len(ward.last.code) == 5
    assert "pills" not in ward.last.words


@pytest.mark.parametrize(("text", "wanted"), [(URGENT, ["ana:call"]), (WATCH, []), ("my back hurts", [])])
def test_as_the_policy_says(ward: Ward, standby: Standby, a_patient: MakePatient, text: str, wanted: list[str]) -> None:
    asyncio.run(standby.receive(a_patient().writes(text)))
    assert paged(ward) == wanted


def test_a_way_that_fails_gives_way_to_the_next(ward: Ward, memory: Memory) -> None:
    ward.routes[Way.CALL].always = FAILED
    asyncio.run(memory.summon(Tier.EMERGENCY))
    assert paged(ward) == ["ana:apprise", "ana:call", "ana:sms"]


def test_it_goes_on_by_the_steps_until_somebody_takes_it(ward: Ward, memory: Memory) -> None:
    asyncio.run(memory.summon(Tier.EMERGENCY))
    ward.minutes(5.1)
    asyncio.run(memory.tick())
    assert "ben:sms" in paged(ward)
    words = memory.acknowledge(ward.token_of("ben:sms"))
    assert words is not None and "is yours now" in words
    assert memory.acknowledge(ward.token_of("ana:sms")) == f"Ben has {ward.last.code}."
    before = len(ward.journal)
    ward.minutes(30)
    asyncio.run(memory.tick())
    assert len(ward.journal) == before


def test_stored_at_last_the_escalation_says_so_and_the_links_hold(
    ward: Ward, standby: Standby, memory: Memory, a_patient: MakePatient
) -> None:
    who = a_patient()
    asyncio.run(standby.receive(who.writes(EMERGENCY)))
    token = ward.token_of("ana:sms")
    asyncio.run(standby.replay())
    assert "paged_by_memory" in ward.events(who)
    assert memory.acknowledge(token) is None  # it is the store's now
    assert ward.desk.take_by_token(token, Way.LINK).startswith(ward.escalation(who).code)


def test_who_took_it_meanwhile_has_it(ward: Ward, standby: Standby, memory: Memory, a_patient: MakePatient) -> None:
    who = a_patient()
    asyncio.run(standby.receive(who.writes(EMERGENCY)))
    memory.acknowledge(ward.token_of("ana:sms"))
    asyncio.run(standby.replay())
    found = ward.escalation(who)
    assert found.owner_id == ward.rows(who)[0].staff_id and not found.is_waiting
    assert ward.page() == []


def test_after_a_restart_the_file_still_says_whom_it_reached(
    ward: Ward, standby: Standby, a_patient: MakePatient, tmp_path: Path
) -> None:
    who = a_patient()
    asyncio.run(standby.receive(who.writes(EMERGENCY)))
    spool = Spool(tmp_path / "spool", ward.store.vault)
    fresh = Standby(spool, ward.reception, {}, ward.clock, lambda received: None)
    asyncio.run(fresh.replay())
    assert "paged_by_memory" in ward.events(who)
    assert {"ana:call", "ana:sms"} <= set(ward.page())


def test_a_snapshot_that_can_not_be_taken_leaves_the_last_one(ward: Ward, memory: Memory) -> None:
    class Away:
        """A store that is gone."""

        def read(self) -> object:
            raise StoreError("away")

    memory.store = Away()  # type: ignore[assignment]
    with pytest.raises(StoreError):
        memory.refresh()
    asyncio.run(memory.summon(Tier.EMERGENCY))
    assert paged(ward) == ["ana:call", "ana:sms"]
