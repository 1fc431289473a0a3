"""Patients and the addresses by which they are reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from bot.crypto import Vault
from bot.store import names
from bot.store.prepared import Prepared, insert_coded, insert_new
from bot.store.tables import addresses, consents, outbox, patients
from bot.store.types import PatientId, TeamId, new_codes, new_id


class State(StrEnum):
    """Where a patient stands with the programme."""

    UNKNOWN = "unknown"  # wrote, has not begun to enrol
    ENROLLING = "enrolling"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    DECLINED = "declined"


@dataclass(frozen=True)
class Patient:
    """One patient, opened."""

    id: PatientId
    code: str
    state: State
    mode: str
    coach: str
    first_name: str
    country: str
    zone: str
    language: str
    checkin_time: str | None
    created_at: datetime
    enrolled_at: datetime | None
    paused_until: datetime | None
    rests_since: datetime | None
    unanswered: int
    demo: bool
    taken_over_by: str | None = None
    team_id: TeamId | None = None


@dataclass(frozen=True)
class Address:
    """One way to reach a patient; `address` is opened only where it is needed to send."""

    id: str
    patient_id: PatientId
    channel: str
    opted_out_at: datetime | None
    closed_at: datetime | None


_get = Prepared(select(patients).where(patients.c.id == bindparam("row")))
_lock = Prepared(select(patients).where(patients.c.id == bindparam("row")).with_for_update())
_change = Prepared(update(patients).where(patients.c.id == bindparam("row")))
_address_by_id = addresses.c.id == bindparam("row")
_find = Prepared(
    select(addresses).where(
        addresses.c.channel == bindparam("on"), addresses.c.address_hash == bindparam("fingerprint")
    )
)
_get_address = Prepared(select(addresses).where(_address_by_id))
_change_address = Prepared(update(addresses).where(_address_by_id))
_sealed_address = Prepared(select(addresses.c.address_sealed).where(_address_by_id))
_addresses_of = Prepared(
    select(addresses)
    .where(addresses.c.patient_id == bindparam("of"))
    .order_by(addresses.c.last_in_at.desc().nulls_last())
)


def _open(vault: Vault, sealed: bytes | None, place: str) -> str:
    return vault.open(sealed, place) if sealed else ""


def of_row(row: Row[Any], vault: Vault) -> Patient:
    """A patient of their row."""
    return Patient(
        id=PatientId(row.id),
        code=row.code,
        state=State(row.state),
        mode=row.mode,
        coach=_open(vault, row.coach_sealed, f"patients.coach:{row.id}"),
        first_name=_open(vault, row.name_sealed, names.place(row.id)),
        country=row.country,
        zone=row.zone,
        language=row.language,
        checkin_time=row.checkin_time,
        created_at=row.created_at,
        enrolled_at=row.enrolled_at,
        paused_until=row.paused_until,
        rests_since=row.rests_since,
        unanswered=row.unanswered,
        demo=row.demo,
        taken_over_by=row.taken_over_by,
        team_id=row.team_id,
    )


def get(connection: Connection, vault: Vault, patient_id: PatientId) -> Patient:
    """The patient of that id.

    Raises:
        KeyError: there is none.
    """
    row = _get(connection, row=patient_id).one_or_none()
    if row is None:
        raise KeyError(patient_id)
    return of_row(row, vault)


def locked(connection: Connection, vault: Vault, patient_id: PatientId) -> Patient:
    """The patient as they are now, whom nobody else changes until this transaction ends."""
    return of_row(_lock(connection, row=patient_id).one(), vault)


def find(connection: Connection, vault: Vault, channel: str, address: str) -> Address | None:
    """The address's row, found by its keyed hash."""
    row = _find(connection, on=channel, fingerprint=vault.fingerprint(channel, address)).one_or_none()
    return _address(row) if row else None


@dataclass(frozen=True)
class Outline:
    """Of an address, still hashed: what crisis words for its person depend on."""

    channel: str
    address_hash: str
    country: str
    zone: str
    state: State
    mode: str
    opted_out: bool


def outlines(connection: Connection, limit: int) -> list[Outline]:
    """Of so many addresses, whoever wrote last first: for an answer without the database."""
    rows = connection.execute(
        select(addresses.c.channel, addresses.c.address_hash, addresses.c.opted_out_at, patients.c.country,
               patients.c.zone, patients.c.state, patients.c.mode)
        .join(patients, patients.c.id == addresses.c.patient_id)
        .order_by(addresses.c.last_in_at.desc().nulls_last(), addresses.c.id)
        .limit(limit)
    )  # fmt: skip
    return [
        Outline(
            row.channel,
            row.address_hash,
            row.country,
            row.zone,
            State(row.state),
            row.mode,
            row.opted_out_at is not None,
        )
        for row in rows
    ]


def _address(row: Row[Any]) -> Address:
    return Address(row.id, PatientId(row.patient_id), row.channel, row.opted_out_at, row.closed_at)


def address(connection: Connection, address_id: str) -> Address:
    """The address's row, still sealed."""
    return _address(_get_address(connection, row=address_id).one())


def create(
    connection: Connection,
    vault: Vault,
    channel: str,
    address: str,
    now: datetime,
    *,
    country: str,
    zone: str,
    demo: bool = False,
) -> Address:
    """A new patient, not enrolled, reached at one address; the one who has it where two messages came at once."""
    patient_id, address_id = PatientId(new_id()), new_id()
    person = {
        "id": patient_id,
        "state": State.UNKNOWN,
        "mode": "unguided",
        "country": country,
        "zone": zone,
        "language": "en",
        "created_at": now,
        "unanswered": 0,
        "demo": demo,
    }
    insert_coded(connection, patients, person, new_codes(6))
    values = {
        "id": address_id,
        "patient_id": patient_id,
        "channel": channel,
        "address_sealed": vault.seal(address, f"addresses.address:{address_id}"),
        "address_hash": vault.fingerprint(channel, address),
    }
    if not insert_new(connection, addresses, values, ["channel", "address_hash"]):
        connection.execute(delete(patients).where(patients.c.id == patient_id))
        standing = find(connection, vault, channel, address)
        assert standing is not None  # what stands in the way is committed by now
        return standing
    return Address(address_id, patient_id, channel, None, None)


def change(connection: Connection, vault: Vault, patient_id: PatientId, **values: Any) -> None:
    """Set columns of a patient; `first_name` and `coach` are sealed on the way, and they are found by the new name."""
    if "coach" in values:
        values["coach_sealed"] = vault.seal(str(values.pop("coach")), f"patients.coach:{patient_id}")
    first_name = values.pop("first_name", None)
    if first_name is not None:
        values["name_sealed"] = vault.seal(str(first_name), names.place(patient_id))
    _change(connection, row=patient_id, **values)
    if first_name is not None:  # after the row is changed, which keeps whoever else changes it waiting
        names.keep(connection, vault, patient_id, str(first_name))


def change_address(connection: Connection, address_id: str, **values: Any) -> None:
    """Set columns of an address, such as `opted_out_at` or `closed_at`."""
    _change_address(connection, row=address_id, **values)


def open_address(connection: Connection, vault: Vault, address_id: str) -> str:
    """The address in clear: for a sender's eyes, and for those of staff who must telephone a person in danger."""
    row = _sealed_address(connection, row=address_id).one()
    return vault.open(row.address_sealed, f"addresses.address:{address_id}")


def addresses_of(connection: Connection, patient_id: PatientId) -> list[Address]:
    """All addresses of a patient, the one last heard from first."""
    return [_address(row) for row in _addresses_of(connection, of=patient_id)]


def reachable(connection: Connection, patient_id: PatientId) -> Address | None:
    """Where coach-started messages go: the address last heard from, unless it is closed or opted out."""
    return reachable_of(addresses_of(connection, patient_id))


def reachable_of(found: Sequence[Address]) -> Address | None:
    """The same, of a patient's addresses as they were read."""
    if any(address.opted_out_at for address in found):
        return None  # an opt-out holds across channels
    return next((address for address in found if not address.closed_at), None)


def give_consent(connection: Connection, patient_id: PatientId, version: str, now: datetime) -> None:
    """Note that a patient agreed to the wording of that version."""
    connection.execute(insert(consents).values(id=new_id(), patient_id=patient_id, version=version, given_at=now))


def withdraw_consent(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    """Note that a patient took consent back."""
    connection.execute(
        update(consents)
        .where(consents.c.patient_id == patient_id, consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )


def was_told_today(connection: Connection, patient_id: PatientId, key: str, now: datetime) -> bool:
    """Whether a message whose dedupe key starts with `key` went to the patient within 24 hours."""
    count = connection.execute(
        select(func.count())
        .select_from(outbox)
        .where(
            outbox.c.patient_id == patient_id,
            outbox.c.dedupe_key.startswith(key),
            outbox.c.created_at > now - timedelta(hours=24),
        )
    ).scalar_one()
    return bool(count)


@dataclass(frozen=True)
class Consent:
    """What a patient agreed to, and whether that still holds."""

    version: str
    given_at: datetime
    withdrawn_at: datetime | None


def consent(connection: Connection, patient_id: PatientId) -> Consent | None:
    """The consent last given, withdrawn or not; None where there never was one."""
    row = connection.execute(
        select(consents).where(consents.c.patient_id == patient_id).order_by(consents.c.given_at.desc()).limit(1)
    ).one_or_none()
    return Consent(row.version, row.given_at, row.withdrawn_at) if row else None


def by_code(connection: Connection, code: str) -> PatientId | None:
    """Id of the patient with that code, however it is typed."""
    row = connection.execute(select(patients.c.id).where(patients.c.code == code.strip().upper())).one_or_none()
    return PatientId(row.id) if row else None


def codes(connection: Connection, patient_ids: Iterable[PatientId]) -> dict[PatientId, str]:
    """Codes of patients, by id."""
    rows = connection.execute(select(patients.c.id, patients.c.code).where(patients.c.id.in_(set(patient_ids))))
    return {PatientId(row.id): row.code for row in rows}


def teams_of(connection: Connection, patient_ids: Iterable[PatientId]) -> Mapping[PatientId, TeamId | None]:
    """The team of each of some patients; None where they are of none."""
    rows = connection.execute(select(patients.c.id, patients.c.team_id).where(patients.c.id.in_(set(patient_ids))))
    return {PatientId(row.id): row.team_id for row in rows}


@dataclass(frozen=True)
class Whose:
    """What a list of cases tells of the patient: the code, whether they are made up, and their team."""

    code: str
    is_demo: bool
    team_id: TeamId | None


def whose(connection: Connection, patient_ids: Iterable[PatientId]) -> dict[PatientId, Whose]:
    """Of whom some cases are. It names nobody; who may see which of the codes, `access.visible` tells."""
    columns = (patients.c.id, patients.c.code, patients.c.demo, patients.c.team_id)
    rows = connection.execute(select(*columns).where(patients.c.id.in_(set(patient_ids))))
    return {PatientId(one): Whose(code, is_demo, team_id) for one, code, is_demo, team_id in rows}
