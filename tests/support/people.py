"""People made by intent: enrolled on a day, on a channel, in a zone, with the history that a test names."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.coaching import schedule
from bot.conversation.message import Form, Inbound
from bot.store import due, lanes, patients
from bot.store.database import Store
from bot.store.patients import Address, Patient, State
from bot.store.types import PatientId

_numbers = itertools.count(100)
_keys = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody in the store."""

    store: Store
    id: PatientId
    address: Address
    number: str

    @property
    def channel(self) -> str:
        """Where they write."""
        return self.address.channel

    def now(self) -> Patient:
        """How the store sees them at present."""
        with self.store.read() as connection:
            return patients.get(connection, self.store.vault, self.id)

    def writes(self, text: str = "", form: Form = Form.TEXT, key: str = "", **more: Any) -> Inbound:
        """A delivery from them."""
        return delivery(self.channel, self.number, text, form, key, **more)


def delivery(channel: str, number: str, text: str = "", form: Form = Form.TEXT, key: str = "", **more: Any) -> Inbound:
    """One thing that arrives from an address."""
    return Inbound(channel, number, key or f"{channel}:{next(_keys)}", form, text, **more)


def number_for(channel: str) -> str:
    """An address that nobody has yet; telephone numbers are from ranges kept for fiction."""
    n = next(_numbers)
    return f"+1212555{n:04d}" if channel == "sms" else f"{700_000 + n}"


def make_patient(
    store: Store,
    clock: Clock,
    *,
    on: str = "sms",
    day: int = 3,
    state: State = State.ACTIVE,
    name: str = "Ana",
    country: str = "US",
    zone: str = "America/New_York",
    at: str = "09:00",
    **columns: Any,
) -> Person:
    """Somebody who joined `day` days ago, with a check-in due at their time if they are active."""
    number, now = number_for(on), clock.now()
    joined: datetime = now - timedelta(days=day)
    with store.write() as connection:
        where = patients.create(connection, store.vault, on, number, joined, country=country, zone=zone)
        lanes.put(connection, where.patient_id, joined)
        lanes.claim(connection, where.patient_id, "made", joined)
        lanes.release(connection, where.patient_id, "made")
        if state is not State.UNKNOWN:
            patients.change(
                connection,
                store.vault,
                where.patient_id,
                first_name=name,
                state=state,
                enrolled_at=joined,
                checkin_time=at,
                **columns,
            )
        if state is State.ACTIVE:
            due.set_at(connection, where.patient_id, "checkin", schedule.next_checkin(now, at, zone))
        if state is State.STOPPED:
            patients.change_address(connection, where.id, opted_out_at=joined)
    return Person(store, where.patient_id, where, number)
