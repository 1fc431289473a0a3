"""Made-up people, and all that machinery could do about them: nothing is sent, nobody is called, no counter moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, func, select
from ward import ALWAYS, BuildWard, Ward

from bot.app import CONTENT
from bot.clock import TurnedClock
from bot.content.demo import Line, Talk
from bot.conversation import takeover
from bot.conversation.message import Outcome, Outgoing, SendResult
from bot.conversation.send import Post
from bot.crypto import Vault
from bot.errors import ContentError
from bot.paging import acknowledge
from bot.paging.drill import Drills
from bot.paging.operator import Operator
from bot.paging.route import Way
from bot.scheduler.tick import Scheduler
from bot.store import (
    blind,
    demos,
    diary,
    due,
    escalations,
    evaluation,
    handling,
    inbox,
    judging,
    lateness,
    leaving,
    measured,
    outbox,
    pages,
    patients,
    rounds,
    staff,
    tables,
    vigils,
)
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.steps import Step
from bot.store.types import PatientId, StaffId
from tests.support.demo import people, put_in

SPAN = timedelta(days=40)


class Journal:
    """A channel that notes what it is given to send."""

    def __init__(self, channel: str) -> None:
        self.channel, self.sent = channel, list[Outgoing]()

    async def send(self, outgoing: Outgoing) -> SendResult:
        """Note it."""
        self.sent.append(outgoing)
        return SendResult(Outcome.SENT, provider_id="x")

    async def typing(self, address: str) -> None:
        """Nothing to show."""


class Machinery:
    """All that acts by itself, on one store."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.told: list[str] = []
        self.channels = {name: Journal(name) for name in ("sms", "telegram")}
        self.posts = [Post(ward.store, channel, ward.clock, 1000.0) for channel in self.channels.values()]
        self.scheduler = Scheduler(ward.store, ward.coaching, ward.clock, lambda: None)
        drills = Drills(ward.store, ward.coach, ward.cover, ward.clock, "UTC")
        self.operator = Operator(
            ward.store, ward.coach, ward.cover, ward.clock, self._tell, dict, drills, "UTC", timedelta(hours=6)
        )

    def _tell(self, title: str, text: str) -> bool:
        self.told.append(text)
        return True

    def days(self, count: float) -> None:
        """Time goes by, an hour at a time; all that acts, acts."""
        for _ in range(int(count * 24)):
            self.ward.page()
            self.ward.vigils.tick()
            self.scheduler.tick()
            for post in self.posts:
                asyncio.run(post.send_waiting())
            self.ward.minutes(60)

    @property
    def sent(self) -> list[Outgoing]:
        return [one for channel in self.channels.values() for one in channel.sent]


@pytest.fixture(scope="session")
def demo_file(migrated_file: Path, vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the made-up people in it, played once."""
    file = tmp_path_factory.mktemp("demo") / "evenday.sqlite"
    file.write_bytes(migrated_file.read_bytes())
    store = Store(f"sqlite:///{file}", vault)
    put_in(store, TurnedClock(datetime(2026, 11, 23, 15, 0, tzinfo=UTC)))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return file


@pytest.fixture
def demo_store(demo_file: Path, vault: Vault, tmp_path: Path) -> Iterator[Store]:
    """A copy of it."""
    (tmp_path / "demo.sqlite").write_bytes(demo_file.read_bytes())
    made = Store(f"sqlite:///{tmp_path / 'demo.sqlite'}", vault)
    yield made
    made.close()


@pytest.fixture
def ward(demo_store: Store, build: BuildWard) -> Ward:
    """A ward with a whole team on duty, and the made-up people in its store."""
    made = build(demo_store)
    made.team()
    return made


def cases(ward: Ward) -> list[Escalation]:
    with ward.store.read() as connection:
        return demos.cases(connection, ward.store.vault)


def count(store: Store, table: Table, *where: Any) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def everything(store: Store) -> dict[str, int]:
    """Rows of each table but the audit's, which forgets nothing."""
    return {
        table.name: count(store, table)
        for table in tables.metadata.sorted_tables
        if table.name not in {"audit", "audit_head"}
    }


def nothing_waits(store: Store) -> None:
    assert count(store, tables.outbox, tables.outbox.c.state.in_(("waiting", "sending"))) == 0
    assert count(store, tables.inbox, tables.inbox.c.state != "done") == 0
    assert count(store, tables.lanes, tables.lanes.c.ready_at.isnot(None) | tables.lanes.c.holder.isnot(None)) == 0
    assert [count(store, table) for table in (tables.due, tables.vigils, tables.pages)] == [0, 0, 0]


def test_the_story_is_told_and_nothing_of_it_waits(ward: Ward) -> None:
    found = [(one.tier, one.state, one.resolution.get("outcome")) for one in cases(ward)]
    assert found == [
        ("emergency", "open", None),
        ("urgent", "contacted", None),
        ("emergency", "resolved", "emergency_services"),
        ("urgent", "resolved", "false_alarm"),
    ]
    nothing_waits(ward.store)
    assert count(ward.store, tables.outbox, tables.outbox.c.state != "delivered") == 0
    assert count(ward.store, tables.escalations, tables.escalations.c.next_page_at.isnot(None)) == 0
    with ward.store.read() as connection:
        people = [patients.get(connection, ward.store.vault, one) for one in demos.ids(connection)]
        kept = [one.kind for who in people for one in diary.exercises_of(connection, ward.store.vault, who.id)]
        requests = [one.what for one in demos.requests(connection)]
        grace = cases(ward)[2]
        said = outbox.until(connection, ward.store.vault, grace.patient_id, grace.opened_at, 1)
    assert len(people) == 6 and all(who.demo for who in people)
    assert "paused" in [who.state for who in people]
    assert {"pacing_plan", "thought_record", "relaxation_log"} <= set(kept) and requests == ["talk_to_human"]
    assert grace.read_by and grace.read_by != grace.resolved_by
    assert "911" in said[0].text  # the real words for the country


def test_in_three_days_nothing_is_sent_and_nobody_paged(ward: Ward) -> None:
    machinery = Machinery(ward)
    before = everything(ward.store)
    machinery.days(3)
    machinery.operator.look()
    assert ward.journal == [] and machinery.sent == []
    assert everything(ward.store) | {"troubles": 0} == before | {"troubles": 0}
    nothing_waits(ward.store)


def _all_steps(ward: Ward, who: StaffId, other: StaffId) -> None:
    """Whatever staff can do, done with every case, each in a transaction of its own."""
    vault, coach, later = ward.store.vault, ward.coach, timedelta(minutes=20)

    def do(act: Callable[[Step, Escalation], object], one: Escalation) -> None:
        with ward.store.write() as connection:
            act(
                Step(connection, vault, one.id, who, ward.clock.now()),
                escalations.get(connection, vault, one.id),
            )
        ward.minutes(1)

    def mark_missed(step: Step, one: Escalation) -> None:
        last = inbox.recent(step.connection, vault, one.patient_id, 1)[0].id
        judging.mark_missed(
            step.connection, vault, one.patient_id, last, "emergency", "suicide", step.now, staff_id=who
        )

    def hand_back(step: Step, one: Escalation) -> None:
        patient = patients.get(step.connection, vault, one.patient_id)
        takeover.end(step.connection, vault, coach, patient, step.now, staff_id=who)

    def try_in_vain(step: Step, _: Escalation) -> None:
        handling.log_contact(step, how="phone", reached=False, next_try_at=step.now + later)

    for one in cases(ward):
        if one.state == "resolved":
            do(lambda step, _: judging.reopen(step, "again"), one)
        if one.state != "contacted":
            do(lambda step, _: acknowledge.take(step, coach), one)
        do(lambda step, it: takeover.begin(step.connection, vault, coach, it.patient_id, who, step.now), one)
        do(lambda step, it: takeover.say(step.connection, vault, it.patient_id, who, f"k{it.id}", "Me.", step.now), one)
        do(hand_back, one)
        do(try_in_vain, one)
        do(try_in_vain, one)
        if one.state != "contacted":  # that one is a made-up colleague's
            do(lambda step, _: handling.hand_over(step, other, accept_within=later), one)
    Machinery(ward).days(1)  # contacts and hand-overs are late
    for one in cases(ward):
        do(lambda step, _: judging.resolve(step, {"outcome": "safe_plan", "risk": "x"}), one)
        do(lambda step, _: judging.reopen(step, "again"), one)
        do(mark_missed, one)


def test_whatever_staff_do_with_them_nothing_leaves(ward: Ward) -> None:
    with ward.store.read() as connection:
        team = {one.login: one.id for one in staff.listed(connection, ward.store.vault)}
    _all_steps(ward, team["ana"], team["ben"])
    machinery = Machinery(ward)
    machinery.days(3)
    assert ward.journal == [] and machinery.sent == []
    nothing_waits(ward.store)
    dropped = count(ward.store, tables.outbox, tables.outbox.c.state == "dropped", tables.outbox.c.why == "made up")
    assert dropped >= 8  # what was written to them is kept, and shown as not sent


def test_a_chat_with_one_of_them_ends_after_an_hour_and_keeps_nobody_from_leaving(ward: Ward) -> None:
    with ward.store.read() as connection:
        max_ = next(one.id for one in staff.listed(connection, ward.store.vault) if one.login == "max")
    one = next(case for case in cases(ward) if case.is_waiting)
    with ward.store.write() as connection:
        vault, now = ward.store.vault, ward.clock.now()
        acknowledge.take(Step(connection, vault, one.id, max_, now), ward.coach)
        takeover.begin(connection, vault, ward.coach, one.patient_id, max_, now)
    with ward.store.write() as connection:
        assert leaving.left_of(connection, max_, ward.clock.now()).is_nothing
    ward.minutes(59)
    ward.vigils.tick()
    assert count(ward.store, tables.patients, tables.patients.c.taken_over_by == max_) == 1
    ward.minutes(2)
    ward.vigils.tick()
    assert count(ward.store, tables.patients, tables.patients.c.taken_over_by == max_) == 0
    assert count(ward.store, tables.outbox, tables.outbox.c.state == "waiting") == 0 and ward.journal == []


def test_a_real_person_beside_them_is_answered_and_paged_for(ward: Ward, a_real_one: PatientId) -> None:
    machinery = Machinery(ward)
    assert ward.page() == ["ana:call", "ana:sms"]
    asyncio.run(machinery.posts[0].send_waiting())
    assert len(machinery.sent) == 1
    with ward.store.read() as connection:
        listed = escalations.listed(connection, ward.store.vault, ("open", "paged"))  # type: ignore[arg-type]  # stages by name
    assert [one.patient_id for one in listed] == [a_real_one]


@pytest.fixture
def a_real_one(ward: Ward) -> PatientId:
    """Somebody in danger, who is not made up."""
    from tests.support.people import make_patient

    who = make_patient(ward.store, ward.clock)
    ward.writes(who, "The pills are in my hand and I want to die tonight.")
    return who.id


def figures(store: Store, now: datetime) -> list[object]:
    """All that is counted, listed or taken out."""
    vault, since = store.vault, now - SPAN
    with store.read() as connection:
        late = lateness.of(connection)
        return [
            measured.touched(connection, since, now),
            measured.messages(connection, since, now),
            blind.pool(connection, since, now),
            evaluation.verdicts(connection, vault),
            escalations.counts(connection),
            escalations.listed(connection, vault, tuple(escalations.Stage)),
            escalations.resolved_since(connection, vault, since),
            judging.unread(connection, vault),
            diary.open_requests(connection),
            outbox.counts(connection),
            pages.counts(connection),
            rounds.unheard(connection),
            rounds.due(connection, now + SPAN),
            inbox.parked(connection),
            due.ripe(connection, now + SPAN),
            vigils.ripe(connection, now + SPAN),
            (late.safety_reply, late.due, late.lane, late.last_message),
        ]


def test_no_figure_counts_them(ward: Ward, file_store: Store) -> None:
    now = ward.clock.now()
    assert figures(ward.store, now) == figures(file_store, now)  # as where nobody is


def test_silence_is_told_though_they_wrote_two_hours_ago(ward: Ward) -> None:
    machinery = Machinery(ward)
    machinery.operator.look()
    ward.minutes(5 * 60)
    put_in(ward.store, ward.clock)
    ward.minutes(2 * 60)
    machinery.operator.look()
    assert any("no message has come for 6 hours" in told for told in machinery.told)


def test_removal_takes_every_row_that_is_theirs(ward: Ward, file_store: Store, build: BuildWard) -> None:
    build(file_store).team()
    with ward.store.read() as connection:
        team = {one.login: one.id for one in staff.listed(connection, ward.store.vault)}
    _all_steps(ward, team["ana"], team["ben"])
    with ward.store.write() as connection:
        assert demos.remove(connection) == 6
    assert everything(ward.store) == everything(file_store)
    with ward.store.write() as connection:
        assert demos.remove(connection) == 0


def test_removal_leaves_real_people_and_the_patient_of_drills(ward: Ward, a_real_one: PatientId) -> None:
    from bot.coaching.summon import Bell
    from bot.paging import drill

    with ward.store.write() as connection:
        bell = Bell(connection, ward.store.vault, ward.coach.paging, ward.cover, ward.clock.now())
        made = drill.begin(bell, drill.ways_on_duty(bell))
    assert len(ward.page()) > 2  # a drill's patient is made up, too, and its pages go out
    with ward.store.write() as connection:
        demos.remove(connection)
        left = {row.id for row in connection.execute(select(tables.patients.c.id))}
    assert left == {a_real_one, made.patient_id}


def test_they_come_back_dated_from_now_in_place_of_the_old_ones(ward: Ward) -> None:
    old = {one.id for one in cases(ward)}
    ward.clock.turn(timedelta(days=10))
    assert put_in(ward.store, ward.clock) == 6
    assert not old & {one.id for one in cases(ward)} and len(cases(ward)) == 4
    assert ward.clock.now() - cases(ward)[0].opened_at < timedelta(minutes=5)


def test_nobody_made_up_stays_where_one_line_is_not_taken_as_the_file_says(
    file_store: Store, clock: TurnedClock
) -> None:
    whole = people()
    broken = whole.people[-1].model_copy(
        update={"talks": (*whole.people[-1].talks, Talk(minutes_ago=1, lines=(Line(says="Good", shows="emergency"),)))}
    )
    with pytest.raises(ContentError, match="not emergency"):
        put_in(file_store, clock, demo=whole.model_copy(update={"people": (*whole.people[:-1], broken)}))
    assert not any(everything(file_store).values())
    assert put_in(file_store, clock) == 6


def test_a_made_up_colleague_may_do_nothing_at_any_commit(file_store: Store, clock: TurnedClock) -> None:
    seen: list[dict[str, str]] = []

    class Watched(Store):
        @contextmanager
        def write(self, *, synced: bool = True) -> Iterator[Connection]:
            with super().write(synced=synced) as connection:
                yield connection
            with self.read() as connection:
                seen.append(staff.roles(connection))

    watched = Watched(file_store.engine.url.render_as_string(hide_password=False), file_store.vault)
    put_in(watched, clock)
    watched.close()
    assert seen and not any(seen)


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2027, 3, 28, 1, 5, tzinfo=UTC), id="the hour that spring skips in London"),
        pytest.param(datetime(2026, 11, 1, 8, 30, tzinfo=UTC), id="the hour that autumn repeats in New York"),
        pytest.param(datetime(2028, 2, 29, 23, 59, tzinfo=UTC), id="a leap day, before midnight"),
    ],
)
def test_the_story_holds_whenever_it_is_told(file_store: Store, at: datetime) -> None:
    assert put_in(file_store, TurnedClock(at)) == 6
    nothing_waits(file_store)
    with file_store.read() as connection:
        latest = connection.execute(select(func.max(tables.inbox.c.received_at))).scalar_one()
    assert latest <= at


def test_the_story_is_the_same_on_each_database(store: Store, clock: TurnedClock) -> None:
    assert put_in(store, clock, ALWAYS) == 6
    nothing_waits(store)
    with store.write() as connection:
        assert demos.remove(connection) == 6
        connection.execute(delete(tables.audit))
    assert not any(everything(store).values())


def test_made_up_colleagues_are_offered_nothing_and_paged_by_nobody(ward: Ward) -> None:
    with ward.store.read() as connection:
        made_up = demos.colleagues(connection)
        assert len(made_up) == 2 and not set(made_up) & set(staff.roles(connection))
        assert not {one.id for one in staff.listed(connection, ward.store.vault)} & set(made_up)
    with ward.store.write() as connection, pytest.raises(Exception, match="may not"):
        handling.acknowledge(Step(connection, ward.store.vault, cases(ward)[0].id, made_up[0], ward.clock.now()))


def test_nothing_reaches_them_by_a_way_that_somebody_forgot(ward: Ward) -> None:
    """The lowest functions themselves refuse, whoever calls."""
    one, now = cases(ward)[0], ward.clock.now()
    with ward.store.write() as connection:
        who, vault = one.patient_id, ward.store.vault
        address = patients.addresses_of(connection, who)[0]
        due.set_at(connection, who, "checkin", now)
        vigils.keep(connection, who, vigils.SILENCE, now, "emergency")
        put = outbox.put(
            connection, vault, patient_id=who, address_id=address.id, dedupe_key="k", message_class="safety", rank=0,
            text="x", now=now,
        )  # fmt: skip
        (way,) = [way for way in _ways(ward) if way.way == Way.CALL and way.place == 0][:1]
        page = pages.put(
            connection, vault, escalation_id=one.id, page_round=1, step=0, reason="step", tier="emergency",
            contact=way, now=now,
        )  # fmt: skip
    assert put and page is None
    nothing_waits(ward.store)


def _ways(ward: Ward) -> list[Any]:
    from bot.store import contacts

    with ward.store.read() as connection:
        return contacts.listed(connection)


def test_content_is_where_the_product_looks_for_it() -> None:
    assert (CONTENT / "demo" / "people.yml").exists()
