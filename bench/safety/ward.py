"""The site of a run: the product, its sinks, patients who chat, patients at risk, and one person on call with three ways."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from bench.safety.sink import Sink
from bench.safety.verdict import Answer, Kept
from bot.clock import SystemClock
from bot.conversation.message import MessageClass
from bot.store import contacts, escalations, outbox, pages, patients, staff
from bot.store.database import Connection, Store
from bot.store.tables import escalation_events, inbox
from bot.store.tables import outbox as rows
from bot.store.types import PatientId
from tests.faults.people import SCRIPTS, Talker
from tests.faults.site import Site, site
from tests.support.people import make_patient

COUNTRY, ZONE = "GB", "Europe/London"
EMERGENCY_NUMBER = "999"  # in every crisis reply of that country, and in nothing else that is sent
PAST = 100_000  # more rows than anybody has


@dataclass(frozen=True)
class Plan:
    """How large a run is."""

    risk: int
    chatting: int
    kills: int
    seed: int


@dataclass
class Ward:
    """A site and who is in it."""

    site: Site
    sink: Sink
    chatting: list[Talker]
    early: list[Talker]  # at risk while all is well
    late: list[Talker]  # at risk while everything fails


@contextlib.contextmanager
def ward(on: str, plan: Plan) -> Iterator[Ward]:
    """A ward on `sqlite` or `postgresql`; not started yet."""
    with site(on, plan.seed) as here, Sink() as sink:
        _on_call(here.store, sink)
        at_risk = [_patient(here.store, country=COUNTRY, zone=ZONE) for _ in range(2 * plan.risk)]
        chatting = [_patient(here.store, script=SCRIPTS[n % len(SCRIPTS)]) for n in range(plan.chatting)]
        yield Ward(here, sink, chatting, at_risk[: plan.risk], at_risk[plan.risk :])


def _patient(store: Store, script: tuple[str, ...] = (), country: str = "US", zone: str = "America/New_York") -> Talker:
    made = make_patient(store, SystemClock(), on="telegram", day=5, at="23:55", country=country, zone=zone)
    return Talker(made.number, script)


def _on_call(store: Store, sink: Sink) -> None:
    now = SystemClock().now()
    with store.write() as connection:
        lea = staff.create(connection, store.vault, "lea", "Lea", "supervisor", "none", now)
        for way, address in sink.ways:
            contacts.add(connection, store.vault, lea, way, address, now)


def crisis_answers(here: Ward) -> list[Answer]:
    """The crisis words that the provider has taken so far."""
    accepted = list(here.site.provider.accepted)
    return [Answer(one.chat, one.text, one.at) for one in accepted if EMERGENCY_NUMBER in one.text]


def is_escalated(store: Store, who: PatientId) -> bool:
    """Whether a screened message of somebody's and its escalation are in the store, seen from outside."""
    screened = (
        select(inbox.c.id)
        .join(escalation_events, escalation_events.c.message_id == inbox.c.id)
        .where(inbox.c.patient_id == who, inbox.c.tier != "none")
    )
    with store.read() as connection:
        return connection.execute(screened.limit(1)).first() is not None


def all_escalations(store: Store) -> int:
    """How many there are, of whomever."""
    with store.read() as connection:
        return sum(escalations.counts(connection).values())


def is_quiet(store: Store) -> bool:
    """Whether no page and no crisis words are on their way."""
    on_its_way = (outbox.WAITING, outbox.SENDING)
    safety = select(rows.c.id).where(rows.c.message_class == MessageClass.SAFETY, rows.c.state.in_(on_its_way))
    with store.read() as connection:
        waiting = {state for state, count in pages.counts(connection).items() if count}
        return not waiting & {pages.WAITING, pages.SENDING} and connection.execute(safety.limit(1)).first() is None


def patient_id(store: Store, talker: Talker) -> PatientId:
    """A patient's id, by their chat."""
    with store.read() as connection:
        address = patients.find(connection, store.vault, "telegram", talker.chat)
    assert address is not None
    return address.patient_id


def kept(store: Store, talkers: Collection[Talker]) -> dict[str, Kept]:
    """What the store holds of some people."""
    ids = {talker.chat: patient_id(store, talker) for talker in talkers if talker.delivered}
    with store.read() as connection:
        return {chat: _kept(connection, store, who) for chat, who in ids.items()}


def _kept(connection: Connection, store: Store, who: PatientId) -> Kept:
    found = connection.execute(select(inbox.c.id, inbox.c.provider_key).where(inbox.c.patient_id == who))
    numbers = {int(row.id): str(row.provider_key).rsplit(":", 1)[1] for row in found}
    episodes = escalations.of_patient(connection, store.vault, who)
    histories = [escalations.history(connection, store.vault, one.id) for one in episodes]
    escalated_ids = {event.message_id for history in histories for event in history}
    codes = tuple(
        frozenset({one.code, *(str(event.detail["code"]) for event in history if "code" in event.detail)})
        for one, history in zip(episodes, histories, strict=True)
    )
    sent = outbox.recent(connection, store.vault, who, PAST)
    return Kept(
        frozenset(numbers.values()),
        frozenset(number for row_id, number in numbers.items() if row_id in escalated_ids),
        codes,
        tuple(row.text for row in sent if row.message_class == MessageClass.SAFETY),
    )
