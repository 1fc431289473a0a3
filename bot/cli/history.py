"""The person that a scripted conversation begins with: enrolled or not, with a plausible history up to that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.coaching import schedule
from bot.coaching.effects import consent_version
from bot.content.coach import Coach
from bot.crypto import Vault
from bot.rehearsal import Rehearsal
from bot.store import diary, due, patients
from bot.store.database import Connection
from bot.store.patients import Address, Patient, State
from bot.store.types import PatientId

# A fortnight of an ordinary life with pain, 0-10 NRS, repeated: fixed, so that two runs are alike.
PAIN = (5, 6, 5, 4, 6, 7, 5, 5, 4, 6, 5, 6, 4, 5)
SLEEP = (5, 4, 6, 5, 5, 3, 6, 5, 6, 4, 5, 5, 6, 5)
MOOD = (6, 5, 5, 6, 4, 5, 6, 6, 5, 5, 6, 4, 6, 5)


class Setup(BaseModel):
    """The first line of a scripted conversation; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    enrolled: bool = True
    first_name: str = "Ana"
    country: str = Field("US", pattern="^[A-Za-z]{2}$")
    zone: str = ""
    language: str = "en"
    checkin_time: str = Field("09:00", pattern=r"^\d{1,2}:\d{2}$")
    mode: str = Field("unguided", pattern="^(unguided|guided)$")
    coach: str = ""
    day: int = Field(0, ge=0, le=3650)
    checkin_due: bool = False
    silent_days: int = Field(0, ge=0, le=365)
    flare_plan: list[str] = []
    now: str = ""

    def start(self, zone: str) -> datetime:
        """The instant at which the conversation begins, UTC.

        Raises:
            ValueError: `now` is no ISO time.
        """
        if not self.now:
            return datetime.now(UTC)  # the rehearsal's clock is set from here
        told = datetime.fromisoformat(self.now)
        return (told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def parse(data: Any) -> Setup:
    """The setup of a line.

    Raises:
        ValueError: says what can't be used.
    """
    try:
        return Setup.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"setup.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def zone_of(setup: Setup, coach: Coach) -> str:
    """The zone of the setup, or the first of its country.

    Raises:
        ValueError: there is no such zone.
    """
    country = coach.countries.get(setup.country.upper())
    zone = setup.zone or (country.zones[0].zone if country else "UTC")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError):
        raise ValueError(f"setup.zone: {zone} is no IANA zone such as Europe/London") from None
    return zone


def make(rehearsal: Rehearsal, setup: Setup, zone: str) -> None:
    """Write the person and the history into the rehearsal's store."""
    gateway, now = rehearsal.gateway, rehearsal.clock.now()
    vault = gateway.store.vault
    with gateway.store.write() as connection:
        address = patients.create(
            connection,
            vault,
            rehearsal.mailbox.channel,
            rehearsal.address,
            now,
            country=setup.country.upper(),
            zone=zone,
        )
        if not setup.enrolled:
            return
        _enrol(connection, vault, gateway.coach, address, setup, now)
        patient = patients.get(connection, vault, address.patient_id)
        _diary(connection, vault, patient, setup, now)
        _lessons(connection, vault, gateway.coach, patient, setup, now)
        at = schedule.next_checkin(now, patient.checkin_time, zone)
        due.set_at(connection, patient.id, "checkin", now if setup.checkin_due else at)


def _enrol(connection: Connection, vault: Vault, coach: Coach, address: Address, setup: Setup, now: datetime) -> None:
    enrolled_at = now - timedelta(days=setup.day)
    patients.give_consent(connection, address.patient_id, consent_version(coach), enrolled_at)
    patients.change(
        connection,
        vault,
        address.patient_id,
        state=State.ACTIVE,
        first_name=setup.first_name,
        language=setup.language,
        checkin_time=setup.checkin_time.zfill(5),
        mode=setup.mode,
        coach=setup.coach,
        enrolled_at=enrolled_at,
        unanswered=setup.silent_days,
    )
    patients.change_address(connection, address.id, last_in_at=now - timedelta(days=setup.silent_days))


def _diary(connection: Connection, vault: Vault, patient: Patient, setup: Setup, now: datetime) -> None:
    for ago in range(setup.day, max(0, setup.silent_days), -1):
        at = now - timedelta(days=ago)
        on = at.astimezone(ZoneInfo(patient.zone)).date()
        n = on.toordinal() % len(PAIN)
        made = diary.checkin(connection, vault, patient.id, on, at)
        diary.tell(connection, vault, made, "pain", PAIN[n], PAIN[n])
        second, score = ("sleep", SLEEP[n]) if ago % 2 else ("mood", MOOD[n])
        diary.tell(connection, vault, made, second, score, score)
        diary.complete(connection, made, at)


def _lessons(connection: Connection, vault: Vault, coach: Coach, patient: Patient, setup: Setup, now: datetime) -> None:
    """What the programme has taught by that day, one skill every other day, each with its practice."""
    taught = [skill for week in coach.programme.weeks for skill in week.skills if week.week <= setup.day // 7 + 1]
    lived = max(0, setup.day - setup.silent_days)
    for n, skill_id in enumerate(taught[: (lived + 1) // 2]):
        at = now - timedelta(days=setup.day - 2 * n)
        if at >= now:
            break
        data = {"what": coach.skills[skill_id].title.lower(), "when": "in the evening", "sure": 8}
        last = n + 1 == len(taught[: (lived + 1) // 2])
        diary.keep(connection, vault, patient.id, diary.PRACTICE, skill_id, "agreed" if last else "yes", data, at)
    if setup.flare_plan:
        eases, tells, small = (*setup.flare_plan, "", "", "")[:3]
        card = {"eases": eases, "tells": tells, "small": small}
        diary.keep(
            connection,
            vault,
            patient.id,
            "flare_plan",
            "flare_card",
            "kept",
            card,
            now - timedelta(days=max(1, setup.day)),
        )


def patient_of(rehearsal: Rehearsal) -> PatientId | None:
    """The rehearsal's patient, once there is one."""
    gateway = rehearsal.gateway
    with gateway.store.read() as connection:
        found = patients.find(connection, gateway.store.vault, rehearsal.mailbox.channel, rehearsal.address)
    return found.patient_id if found else None
