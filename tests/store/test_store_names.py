"""People are found by the words of their names, which stand nowhere in clear; and the list of them goes page by page."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from bot.clock import TurnedClock
from bot.crypto import Vault, new_key
from bot.store import names, patients, roster, sealing
from bot.store.database import Store
from bot.store.migrate import migrate
from bot.store.patients import State
from bot.store.roster import Which
from bot.store.tables import name_words
from bot.store.tables import patients as rows
from bot.store.types import PatientId, TeamId
from tests.conftest import MakePatient


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("José María", {"jose", "maria"}),
        ("Jose\u0301", {"jose"}),
        ("O'Neil", {"oneil"}),
        ("O’Neil", {"oneil"}),
        ("Ana-Lucía", {"ana", "lucia"}),
        ("Anna.Maria", {"anna", "maria"}),
        ("İbrahim", {"ibrahim"}),
        ("IŞIL", {"isil"}),
        ("ışıl", {"isil"}),
        ("Øyvind Łuczak", {"oyvind", "luczak"}),
        ("Straße", {"strasse"}),
        ("Nguyễn", {"nguyen"}),
        ("مُحَمَّد", {"محمد"}),
        ("محـمد", {"محمد"}),
        ("أحمد", {"احمد"}),
        ("דָּוִד", {"דוד"}),
        ("李小龙", {"李小龙"}),
        ("ﾊﾅ", {"ハナ"}),
        ("がく", {"か\u3099く"}),
        ("देवी", {"देवी"}),
        ("ＡＮＡ", {"ana"}),
        ("Zoë\u200d", {"zoe"}),
        ("Ana ana ANA", {"ana"}),
        ("🙂", set()),
        (" - ", set()),
        ("", set()),
    ],
    ids=repr,
)
def test_a_name_comes_down_to_its_words(name: str, words: set[str]) -> None:
    assert set(names.words_of(name)) == words


def found(store: Store, typed: str, which: Which = roster.EVERYBODY) -> set[str]:
    """First names of those who are found."""
    with store.read() as connection:
        return {one.first_name for one in roster.named(connection, store.vault, typed, which).patients}


def kept(store: Store) -> int:
    """How many words are kept."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(name_words)).scalar_one()


@pytest.mark.parametrize(
    ("typed", "names_found"),
    [
        ("ana", {"Ana", "Ana-Lucía"}),
        ("ÁNA ", {"Ana", "Ana-Lucía"}),
        ("lucia ana", {"Ana-Lucía"}),
        ("ana jose", set()),
        ("an", set()),
        ("", set()),
        ("%", set()),
        ("_na", set()),
        ("oneil", {"O'Neil"}),
        ("o’neil", {"O'Neil"}),
    ],
)
def test_people_are_found_by_whole_words(
    store: Store, a_patient: MakePatient, typed: str, names_found: set[str]
) -> None:
    for name in ("Ana", "Ana-Lucía", "O'Neil", "Joseph"):
        a_patient(name=name)
    assert found(store, typed) == names_found


def test_no_name_stands_in_the_database(store: Store, a_patient: MakePatient) -> None:
    a_patient(name="Ana")
    with store.read() as connection:
        (word,) = connection.execute(select(name_words.c.word_hash)).scalars()
    assert len(word) == 64 and word != Vault([new_key()]).fingerprint(names.KIND, "ana")


def test_a_new_name_finds_and_the_old_one_does_not(store: Store, a_patient: MakePatient) -> None:
    ana = a_patient(name="Ana")
    with store.write() as connection:
        patients.change(connection, store.vault, ana.id, unanswered=2)
    assert found(store, "ana") == {"Ana"}
    with store.write() as connection:
        patients.change(connection, store.vault, ana.id, first_name="Eva")
    assert (found(store, "ana"), found(store, "eva")) == (set(), {"Eva"})
    with store.write() as connection:
        patients.change(connection, store.vault, ana.id, first_name="")
    assert kept(store) == 0


def test_words_go_with_the_person(store: Store, a_patient: MakePatient) -> None:
    ana = a_patient(name="Ana")
    with store.write() as connection:
        connection.execute(delete(rows).where(rows.c.id == ana.id))
    assert kept(store) == 0


def test_a_database_from_before_is_filled_at_the_next_start(store: Store, a_patient: MakePatient) -> None:
    for name in ("Ana", "Ana-Lucía", "🙂"):
        a_patient(name=name)
    with store.write() as connection:
        connection.execute(delete(name_words))
    migrate(store)
    assert found(store, "ana") == {"Ana", "Ana-Lucía"} and kept(store) == 3
    migrate(store)
    assert kept(store) == 3


def test_filling_goes_on_where_it_was_cut_short(
    store: Store, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "BATCH", 2)
    for n in range(5):
        a_patient(name=f"Ana N{n}")
    with store.write() as connection:
        connection.execute(delete(name_words))
    opened = []

    def cut(sealed: bytes, place: str) -> str:
        opened.append(place)
        if len(opened) == 4:
            raise KeyboardInterrupt
        return Vault.open(store.vault, sealed, place)

    with monkeypatch.context() as patch:
        patch.setattr(store.vault, "open", cut)
        with pytest.raises(KeyboardInterrupt):
            names.fill(store)
    assert kept(store) == 4  # the first batch, whole, and nothing of the second
    assert names.fill(store) == 3
    assert len(found(store, "ana")) == 5


def test_two_processes_may_fill_at_once(store: Store, a_patient: MakePatient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "BATCH", 3)
    for n in range(20):
        a_patient(name=f"Ana N{n}")
    with store.write() as connection:
        connection.execute(delete(name_words))
    errors: list[BaseException] = []

    def fill() -> None:
        try:
            names.fill(store)
        except BaseException as error:
            errors.append(error)

    both = [threading.Thread(target=fill) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert errors == [] and kept(store) == 40


def test_a_new_key_loses_nobody(store: Store, a_patient: MakePatient, secret: str) -> None:
    a_patient(name="Ana")
    store.vault = Vault([new_key(), secret])
    assert sealing.rotate(store, lambda _: None)
    assert found(store, "ana") == {"Ana"}


def join(store: Store, a_patient: MakePatient, clock: TurnedClock, count: int, **given: object) -> list[PatientId]:
    """So many people, one after the other, three at each instant; the newest first."""
    made: list[tuple[object, PatientId]] = []
    for n in range(count):
        person = a_patient(name=f"Ana {n}", **given)
        at = clock.now() - timedelta(minutes=n // 3)
        with store.write() as connection:
            patients.change(connection, store.vault, person.id, created_at=at)
        made.append((at, person.id))
    return [patient_id for _, patient_id in sorted(made, reverse=True)]  # type: ignore[type-var]  # instants and ids


def test_the_list_pages_through_everybody_once(
    store: Store, a_patient: MakePatient, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PER_PAGE", 4)
    wanted = join(store, a_patient, clock, 11)
    a_patient(state=State.UNKNOWN)
    seen: list[PatientId] = []
    with store.read() as connection:
        listing = roster.page(connection, store.vault)
        seen += [one.id for one in listing.patients]
        while listing.more:
            listing = roster.page(connection, store.vault, after=seen[-1])
            seen += [one.id for one in listing.patients]
        gone = roster.page(connection, store.vault, after=PatientId("gone"))
    assert seen == wanted and [one.id for one in gone.patients] == wanted[:4]


def test_the_list_of_several_teams_goes_page_by_page_as_that_of_all(
    store: Store, a_patient: MakePatient, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PER_PAGE", 2)
    wanted, seen, which = join(store, a_patient, clock, 9), [], Which(teams=frozenset({TeamId("a"), TeamId("b"), None}))
    of_others = wanted[4]
    with store.write() as connection:
        for n, one in enumerate(wanted):
            team = "other" if one == of_others else ("a", "b", None)[n % 3]
            patients.change(connection, store.vault, one, team_id=team)
    with store.read() as connection:
        listing = roster.page(connection, store.vault, which)
        seen += [one.id for one in listing.patients]
        while listing.more:
            listing = roster.page(connection, store.vault, which, after=seen[-1])
            seen += [one.id for one in listing.patients]
    assert seen == [one for one in wanted if one != of_others]


def test_the_list_and_the_search_keep_to_states_and_teams(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    for name, state, team in (
        ("Ana One", State.ACTIVE, "north"), ("Ana Two", State.PAUSED, "south"), ("Ana Three", State.ACTIVE, None),
    ):  # fmt: skip
        person = a_patient(name=name, state=state)
        with store.write() as connection:
            patients.change(connection, store.vault, person.id, team_id=team)
    for which, wanted in (
        (Which(), {"Ana One", "Ana Two", "Ana Three"}),
        (Which(State.PAUSED), {"Ana Two"}),
        (Which(State.STOPPED), set()),
        (Which(teams=frozenset({"north"})), {"Ana One"}),
        (Which(teams=frozenset({"south", None})), {"Ana Two", "Ana Three"}),
        (Which(teams=frozenset()), set()),
        (Which(State.ACTIVE, frozenset({None})), {"Ana Three"}),
    ):
        with store.read() as connection:
            listed = {one.first_name for one in roster.page(connection, store.vault, which).patients}
        assert (listed, found(store, "ana", which)) == (wanted, wanted), which
