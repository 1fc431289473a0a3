"""What is prepared once must do exactly what SQLAlchemy does, on each database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound

from bot.clock import TurnedClock
from bot.errors import StoreError
from bot.store.database import Store
from bot.store.prepared import Prepared, insert_coded, insert_new, upsert
from bot.store.tables import due, metadata, patients
from tests.conftest import MakePatient

_all_due = Prepared(select(due).where(due.c.patient_id == bindparam("of")).order_by(due.c.kind))
_new_patient = Prepared(insert(patients))
_rename = Prepared(update(due).where(due.c.kind == bindparam("old")))


def _values(clock: TurnedClock, code: str) -> dict[str, object]:
    given = {"id": code, "code": code, "state": "unknown", "mode": "unguided", "country": "GB", "zone": "UTC"}
    return {**given, "language": "en", "created_at": clock.now()}


def test_rows_read_as_sqlalchemy_reads_them(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    person = a_patient()
    with store.write() as connection:
        upsert(
            connection, due, {"patient_id": person.id, "kind": "b", "at": clock.now()}, ["patient_id", "kind"], ["at"]
        )
    with store.read() as connection:
        for table in metadata.sorted_tables:
            quick = [row._asdict() for row in Prepared(select(table))(connection)]
            assert quick == [dict(row) for row in connection.execute(select(table)).mappings()]


def test_a_code_that_stands_already_is_drawn_again(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        insert_coded(connection, patients, _values(clock, "K7QM22"), iter(["K7QM22"]))
        second = _values(clock, "second")
        insert_coded(connection, patients, second, iter(["K7QM22", "K7QM22", "K7QM23", "never"]))
    with pytest.raises(StoreError, match="stands in patients already"), store.write() as connection:
        insert_coded(connection, patients, _values(clock, "third"), iter(["K7QM22", "K7QM23"]))
    with store.read() as connection:
        assert {row.code for row in connection.execute(select(patients.c.code))} == {"K7QM22", "K7QM23"}


def test_an_upsert_changes_what_it_names(store: Store, a_patient: MakePatient, clock: TurnedClock) -> None:
    person, later = a_patient(), clock.now() + timedelta(hours=1)
    for at in (clock.now(), later):
        with store.write() as connection:
            upsert(connection, due, {"patient_id": person.id, "kind": "x", "at": at}, ["patient_id", "kind"], ["at"])
    with store.read() as connection:
        assert [row.at for row in _all_due(connection, of=person.id) if row.kind == "x"] == [later]


def test_an_update_takes_columns_by_name_and_counts_rows(
    store: Store, a_patient: MakePatient, clock: TurnedClock
) -> None:
    person = a_patient()
    with store.write() as connection:
        insert_new(connection, due, {"patient_id": person.id, "kind": "x", "at": clock.now()}, ["patient_id", "kind"])
        assert _rename(connection, old="x", kind="y").rowcount == 1
        assert _rename(connection, old="x", at=clock.now(), kind="z").rowcount == 0
        assert "y" in [row.kind for row in _all_due(connection, of=person.id)]


def test_defaults_of_columns_are_filled_in(store: Store, clock: TurnedClock) -> None:
    with store.write() as connection:
        _new_patient(connection, **_values(clock, "K7QM"))
        row = Prepared(select(patients.c.unanswered, patients.c.demo))(connection).one()
    assert (row.unanswered, row.demo) == (0, False)


def test_a_broken_rule_is_the_same_error(store: Store, clock: TurnedClock) -> None:
    known = {**_values(clock, "K7QM"), "unanswered": 0, "demo": False}
    with store.write() as connection:
        _new_patient(connection, **known)
    with pytest.raises(IntegrityError), store.write() as connection:
        _new_patient(connection, **known)


def test_one_row_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(NoResultFound), store.read() as connection:
        _all_due(connection, of="nobody").one()
