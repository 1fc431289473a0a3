"""With the database away nothing is lost: kept on disk, screened from memory, answered if at risk, taken in once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import Gateway
from bot.clock import TurnedClock
from bot.content.coach import Coach
from bot.conversation.message import Form, Inbound, Outcome, SendResult
from bot.conversation.spool import Said, Spool, Spooled
from bot.conversation.standby import Standby
from bot.crypto import Vault, new_key
from bot.errors import StoreError
from bot.safety.tiers import Tier
from bot.settings import Settings
from bot.store import inbox, outbox, patients
from bot.store.database import Store
from bot.store.tables import inbox as inbox_table
from tests.conftest import MORNING, MakePatient
from tests.conversation.conftest import BuildHouse
from tests.support.house import House, Provider
from tests.support.people import Person, delivery, make_patient, number_for

CRY = "I want to kill myself tonight"
CANARY = "zyxomma"


@contextmanager
def away(store: Store) -> Iterator[None]:
    """The database is away."""

    @contextmanager
    def refuse(*, synced: bool = True) -> Any:
        raise StoreError("the database is away")
        yield

    doors = store.read, store.write
    store.read = store.write = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        store.read, store.write = doors  # type: ignore[method-assign]


def entry(text: str = "six", number: int = 1, **more: Any) -> Spooled:
    """Something to keep."""
    return Spooled(Inbound("sms", "+12125550100", f"sms:{number}", Form.TEXT, text), MORNING, **more)


class TestSpool:
    """The folder itself."""

    @pytest.fixture
    def spool(self, tmp_path: Path, vault: Vault) -> Spool:
        """An empty one."""
        return Spool(tmp_path / "spool", vault)

    def test_what_is_kept_comes_out_as_it_was(self, spool: Spool) -> None:
        kept = Spooled(
            Inbound("telegram", "700", "telegram:42:1", Form.BUTTON, "Yes 🙂", prompt=7, choice=1, start_code="ABC"),
            MORNING,
            Tier.URGENT,
            "US",
            (Said("Call 988", "safe_now"), Said("We are here", None)),
        )
        name = spool.keep(kept)
        assert name and spool.open(name) == kept

    def test_order_is_that_of_arrival(self, tmp_path: Path, vault: Vault, clock: TurnedClock) -> None:
        spool = Spool(tmp_path / "spool", vault)
        for n in range(5):
            spool.keep(Spooled(entry(f"text {n}", n).inbound, clock.now()))
            clock.turn(timedelta(seconds=1))
        again = Spool(tmp_path / "spool", vault)  # as a process started afterwards finds it
        assert [again.open(name).inbound.text for name in again.names()] == [f"text {n}" for n in range(5)]

    def test_the_same_delivery_is_kept_once(self, spool: Spool) -> None:
        assert spool.keep(entry("six")) and spool.keep(entry("six")) is None
        assert len(spool.names()) == 1

    def test_nothing_on_disk_can_be_read(self, spool: Spool, tmp_path: Path) -> None:
        spool.keep(entry(f"my {CANARY} hurts"))
        for file in (tmp_path / "spool").iterdir():
            data = file.read_bytes() + file.name.encode()
            assert CANARY.encode() not in data and b"2125550100" not in data
            assert file.stat().st_mode & 0o077 == 0

    def test_file_and_folder_are_synced_before_it_counts(self, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[bool] = []
        real = os.fsync

        def note(descriptor: int) -> None:
            synced.append(Path(f"/proc/self/fd/{descriptor}").is_dir())
            real(descriptor)

        monkeypatch.setattr(os, "fsync", note)
        spool.keep(entry())
        assert synced == [False, True]

    def test_a_file_half_written_is_no_message(self, spool: Spool, tmp_path: Path, vault: Vault) -> None:
        name = spool.keep(entry())
        (tmp_path / "spool" / f"{name}.new").write_bytes(b"half")
        assert Spool(tmp_path / "spool", vault).names() == [name]

    def test_a_disk_that_refuses_is_a_store_error(self, tmp_path: Path, vault: Vault) -> None:
        (tmp_path / "spool").write_text("a file where the folder should be")
        with pytest.raises(StoreError, match="EVENDAY_HOME"):
            Spool(tmp_path / "spool", vault).keep(entry())


class Scene:
    """A house with a standby beside it."""

    def __init__(self, house: House, folder: Path, channel: str) -> None:
        self.house, self.folder, self.taken = house, folder, list[Any]()
        self.direct = Provider(channel)
        self.standby = self.started()

    def started(self) -> Standby:
        """A standby as a fresh process has it."""
        spool = Spool(self.folder, self.house.store.vault)
        return Standby(
            spool, self.house.reception, {self.direct.channel: self.direct}, self.house.clock, self.taken.append
        )

    def receive(self, inbound: Inbound) -> Any:
        """A delivery while the database is away."""
        with away(self.house.store):
            return asyncio.run(self.standby.receive(inbound))

    def replay(self, standby: Standby | None = None) -> None:
        """The database is back."""
        asyncio.run((standby or self.standby).replay())


BuildScene = Any


@pytest.fixture
def scene(build: BuildHouse, tmp_path: Path) -> Scene:
    """On SMS."""
    return Scene(build(), tmp_path / "spool", "sms")


def test_an_ordinary_message_waits_and_is_taken_in_once(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    at = scene.house.clock.now()
    scene.receive(ana.writes("six", key="sms:1"))
    assert scene.direct.got == []
    scene.replay()
    assert scene.standby.spool.is_empty
    (received,) = scene.taken
    assert received.waits
    with scene.house.store.read() as connection:
        kept = inbox.get(connection, scene.house.store.vault, received.message_id)
    assert kept.text == "six" and abs((kept.received_at - at).total_seconds()) < 1
    scene.house.receive(ana.writes("six", key="sms:1"))  # the provider tries again: a repeat
    assert scene.house.count(inbox_table) == 1


def test_a_cry_is_answered_at_once_and_not_again(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.standby.remember(ana.writes("hello"), scene.house.receive(ana.writes("hello")).known)
    received = scene.receive(ana.writes(CRY, key="sms:1"))
    assert received.tier.rank >= Tier.URGENT.rank
    direct = scene.direct.texts
    assert any("988" in text for text in direct)
    scene.replay()
    assert scene.house.escalation(ana.id) is not None
    assert scene.house.send() == []
    rows = [row for row in scene.house.rows(ana.id) if row.message_class == "safety"]
    assert [row.text for row in rows] == direct and {row.state for row in rows} == {outbox.SENT}


def test_a_provider_that_offers_it_again_brings_no_second_answer(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.receive(ana.writes(CRY, key="sms:1"))
    said = len(scene.direct.got)
    scene.receive(ana.writes(CRY, key="sms:1"))
    assert said == len(scene.direct.got) > 0
    assert len(scene.standby.spool.names()) == 1


def test_the_conversation_goes_on_from_the_question_that_was_asked(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.standby.remember(ana.writes("hello"), scene.house.receive(ana.writes("hello")).known)
    scene.receive(ana.writes(CRY))
    scene.replay()
    asked = [row.asked for row in scene.house.rows(ana.id) if row.asked]
    assert asked
    assert scene.house.say(ana.writes("no"))  # is read as its answer


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.RETRY, Outcome.HOLD, Outcome.SENDER_DOWN])
def test_what_the_provider_did_not_take_goes_out_later(outcome: Outcome, scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.direct.answers = [SendResult(outcome)] * 3
    scene.receive(ana.writes(CRY))
    scene.replay()
    assert any("988" in text for text in scene.house.send())


def test_a_kill_between_keeping_and_taking_in_loses_and_doubles_nothing(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.standby.remember(ana.writes("hello"), scene.house.receive(ana.writes("hello")).known)
    for n, text in enumerate(("one", "two", CRY)):
        scene.receive(ana.writes(text, key=f"sms:{n}"))
        scene.house.clock.turn(timedelta(seconds=1))
    said = len(scene.direct.got)
    fresh = scene.started()  # the process was killed: all that is left is the folder
    scene.replay(fresh)
    with scene.house.store.read() as connection:
        texts = [one.text for one in inbox.recent(connection, scene.house.store.vault, ana.id, 9)]
    assert texts == ["hello", "one", "two", CRY]
    assert scene.house.send() == []  # the crisis words went out then, and nothing else is answered without a worker
    assert len(scene.direct.got) == said


def test_a_kill_between_taking_in_and_dropping_the_file_doubles_nothing(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.receive(ana.writes(CRY))
    (name,) = scene.standby.spool.names()
    scene.house.reception.receive(scene.standby.spool.open(name).inbound, scene.standby.spool.open(name))
    scene.replay(scene.started())
    assert scene.house.count(inbox_table) == 1
    assert len({row.dedupe_key for row in scene.house.rows(ana.id)}) == len(scene.house.rows(ana.id))


def test_a_store_that_is_still_away_leaves_all_in_place(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    for text in ("one", "two"):
        scene.receive(ana.writes(text))
    with away(scene.house.store), pytest.raises(StoreError):
        asyncio.run(scene.standby.replay())
    assert len(scene.standby.spool.names()) == 2


def test_a_spoilt_file_is_set_apart_and_the_rest_goes_on(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    for text in ("one", "two"):
        scene.receive(ana.writes(text))
    first = scene.folder / scene.standby.spool.names()[0]
    first.write_bytes(b"rubbish" * 10)
    scene.replay()
    assert scene.standby.spool.is_empty
    assert first.with_name(f"{first.name}.unreadable").exists()
    assert scene.house.count(inbox_table) == 1


def test_other_numbers_are_given_where_the_country_turns_out_to_be_another(
    scene: Scene, a_patient: MakePatient
) -> None:
    ana = a_patient(country="GB", zone="Europe/London")  # with an American number: in memory nobody knows better
    scene.receive(ana.writes(CRY))
    assert any("988" in text for text in scene.direct.texts)
    scene.replay()
    assert any("999" in text or "116" in text for text in scene.house.send())


def test_a_known_persons_country_is_remembered(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient(country="GB", zone="Europe/London")
    scene.standby.remember(ana.writes("hello"), scene.house.receive(ana.writes("hello")).known)
    scene.receive(ana.writes(CRY))
    assert any("999" in text or "116" in text for text in scene.direct.texts)
    scene.replay()
    assert scene.house.send() == []


def test_somebody_who_has_not_written_since_the_start_gets_their_countrys_numbers(
    scene: Scene, a_patient: MakePatient
) -> None:
    ana = a_patient(country="GB", zone="Europe/London")
    scene.standby.recall()  # as a gateway does when it starts
    scene.receive(ana.writes(CRY))
    assert any("999" in text or "116" in text for text in scene.direct.texts)
    scene.replay()
    assert scene.house.send() == []


def test_what_is_recalled_is_no_more_than_is_kept_and_whoever_wrote_last_stays(
    scene: Scene, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversation.standby.REMEMBERED", 1)
    wrote, never = a_patient(country="GB", zone="Europe/London"), a_patient(country="GB", zone="Europe/London")
    scene.house.receive(wrote.writes("hello"))
    scene.standby.recall()
    scene.receive(never.writes(CRY))
    assert not any("999" in text for text in scene.direct.texts)
    before = len(scene.direct.texts)
    scene.receive(wrote.writes(CRY))
    assert any("999" in text or "116" in text for text in scene.direct.texts[before:])


def test_a_strangers_number_tells_the_country(scene: Scene) -> None:
    scene.receive(delivery("sms", "+447700900123", CRY))
    assert any("999" in text or "116" in text for text in scene.direct.texts)


def test_a_web_page_is_answered_from_the_store_alone(build: BuildHouse, tmp_path: Path) -> None:
    scene = Scene(build(channel="web"), tmp_path / "spool", "web")
    scene.receive(delivery("web", "browser", CRY))
    assert scene.direct.got == []
    scene.replay()
    assert any("988" in text for text in scene.house.send())


@pytest.fixture(scope="module")
def kept_gateway(
    migrated_file: Path, secret: str, coach: Coach, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One for all, as its screen takes two seconds to build; each test brings its own person."""
    home = tmp_path_factory.mktemp("gateway")
    url = f"sqlite:///{shutil.copy(migrated_file, home / 'evenday.sqlite')}"
    settings = Settings(_env_file=None, home=home, keys=secret, database_url=url)
    made = Gateway(settings, [Provider("sms")], clock=TurnedClock(MORNING), coach=coach)
    yield made
    asyncio.run(made.stop())


class TestGateway:
    """The door that channels knock at."""

    @pytest.fixture
    def gateway(self, kept_gateway: Gateway) -> Gateway:
        """With a provider that has got nothing yet."""
        self.provider = Provider("sms")
        kept_gateway.standby.senders = {"sms": self.provider}
        return kept_gateway

    @pytest.fixture
    def ana(self, gateway: Gateway, clock: TurnedClock) -> Person:
        """Somebody in its store."""
        return make_patient(gateway.store, clock)

    def texts(self, gateway: Gateway, who: Person) -> list[str]:
        """What is stored of somebody's messages, in order."""
        with gateway.store.read() as connection:
            return [one.text for one in inbox.recent(connection, gateway.store.vault, who.id, 99)]

    def test_order_holds_across_an_outage(self, gateway: Gateway, ana: Person) -> None:
        async def talk() -> None:
            await gateway.receive(ana.writes("one"))
            with away(gateway.store):
                for text in ("two", CRY, "three"):
                    await gateway.receive(ana.writes(text))
            await gateway.receive(ana.writes("four"))  # comes before the loop has taken in what is kept

        asyncio.run(talk())
        assert self.texts(gateway, ana) == ["one", "two", CRY, "three", "four"]
        assert any("988" in text for text in self.provider.texts)

    def test_the_loop_takes_in_what_is_kept(self, gateway: Gateway, ana: Person) -> None:
        async def talk() -> None:
            with away(gateway.store):
                await gateway.receive(ana.writes("two"))
            loop = asyncio.create_task(gateway.standby.run())
            async with asyncio.timeout(5):
                while not gateway.standby.spool.is_empty:
                    await asyncio.sleep(0.02)
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

        asyncio.run(talk())
        assert self.texts(gateway, ana) == ["two"]

    def test_neither_store_nor_disk_is_an_error_for_the_provider(self, gateway: Gateway, tmp_path: Path) -> None:
        (tmp_path / "spool").write_text("no folder")
        usual, gateway.standby.spool = gateway.standby.spool, Spool(tmp_path / "spool", gateway.store.vault)

        async def talk() -> None:
            with away(gateway.store):
                await gateway.receive(delivery("sms", number_for("sms"), "hello"))

        with pytest.raises(StoreError):
            asyncio.run(talk())
        gateway.standby.spool = usual

    def test_no_provider_is_told_of_what_is_not_on_the_disk(self, gateway: Gateway, ana: Person) -> None:
        sync, told = gateway.store.sync, []

        async def full() -> None:
            raise StoreError("the disk is full")

        async def talk() -> None:
            gateway.store.sync = full  # type: ignore[method-assign]
            told.append(await gateway.receive(ana.writes("six")))
            gateway.store.sync = sync  # type: ignore[method-assign]
            assert not gateway.standby.spool.is_empty  # kept in another way, and taken for a repeat later
            await gateway.standby.replay()

        asyncio.run(talk())
        assert told[0].message_id is None
        assert self.texts(gateway, ana) == ["six"]

    def test_messages_of_one_person_that_come_at_once_are_stored_in_order(self, gateway: Gateway, ana: Person) -> None:
        lines = [f"line {n}" for n in range(20)]

        async def talk() -> None:
            await asyncio.gather(*(gateway.receive(ana.writes(text)) for text in lines))

        asyncio.run(talk())
        assert self.texts(gateway, ana) == lines


KILLED = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from bot.conversation.message import Form, Inbound
from bot.conversation.spool import Spool, Spooled
from bot.crypto import Vault
spool = Spool(Path(sys.argv[1]), Vault([sys.argv[2]]))
spool.keep(Spooled(Inbound("sms", "+12125550100", "sms:1", Form.TEXT, "six"), datetime.now(UTC)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_after_keeping_leaves_the_message(tmp_path: Path) -> None:
    key = new_key()
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "spool"), key], check=False)
    assert done.returncode == -signal.SIGKILL
    spool = Spool(tmp_path / "spool", Vault([key]))
    assert [spool.open(name).inbound.text for name in spool.names()] == ["six"]


def test_danger_seen_then_holds_whatever_the_context_says_now(scene: Scene, a_patient: MakePatient) -> None:
    ana = a_patient()
    scene.receive(ana.writes(CRY))
    with scene.house.store.read() as connection:
        assert patients.get(connection, scene.house.store.vault, ana.id).rests_since is None
    scene.replay()
    assert ana.now().rests_since is not None
