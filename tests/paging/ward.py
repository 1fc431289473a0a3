"""A ward: staff with ways to reach them, a pager whose routes are recorders, and people who write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import TurnedClock
from bot.coaching.turns import Coaching
from bot.content.coach import Coach
from bot.conversation.receive import Received, Reception
from bot.paging.acknowledge import Acknowledgement
from bot.paging.pager import Pager
from bot.paging.route import Page, PageOutcome, PageResult, Way
from bot.safety.cover import parse
from bot.safety.screen import Screen
from bot.scheduler.vigil import VigilKeeper
from bot.settings import Settings
from bot.store import contacts, escalations, outbox, pages, rota, staff
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.pages import PageRow
from bot.store.rota import Post
from bot.store.types import PatientId, StaffId
from tests.support.people import Person

ALWAYS = "Mon-Sun 00:00-24:00 UTC"
EMERGENCY = "The pills are in my hand and I want to die tonight."
URGENT = "I wish I was dead"
WATCH = "Everything is hopeless, I am a burden to everybody"
OK = PageResult(PageOutcome.ACCEPTED, "P1")
RETRY, UNKNOWN = PageResult(PageOutcome.RETRY, why="refused"), PageResult(PageOutcome.UNKNOWN, why="no answer")
FAILED = PageResult(PageOutcome.FAILED, why="21211")


@dataclass
class Recorder:
    """A route that notes what it is offered and answers as it is told: `answers` first, then `always`."""

    way: Way
    journal: list[Page]
    answers: list[PageResult | Exception] = field(default_factory=list)
    always: PageResult = OK
    got: list[Page] = field(default_factory=list)

    async def page(self, page: Page) -> PageResult:
        """Note it, and answer."""
        await asyncio.sleep(0)
        self.got.append(page)
        self.journal.append(page)
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return answer


class Ward:
    """One gateway's paging, put together by hand."""

    def __init__(self, store: Store, clock: TurnedClock, coach: Coach, screen: Screen, cover: str = ALWAYS) -> None:
        self.store, self.clock, self.coach = store, clock, coach
        self.settings = Settings(_env_file=None, sms_provider_confirms_stop=False, public_url="https://coach.test")
        self.cover = parse(cover)
        self.coaching = Coaching(store, coach, clock, self.settings, self.cover)
        self.reception = Reception(store, coach, screen, clock, self.settings, self.cover, self.coaching)
        self.journal: list[Page] = []  # all that was offered, whatever the way
        self.routes = {way: Recorder(way, self.journal) for way in Way}
        self.pager = self.a_pager()
        self.vigils = VigilKeeper(store, coach, self.cover, clock, lambda: None)
        self.desk = Acknowledgement(store, coach, self.cover, clock, "https://coach.test", "UTC")

    def a_pager(self) -> Pager:
        """Another process's pager on the same store."""
        return Pager(self.store, self.routes, self.coach, self.cover, self.clock, "https://coach.test")

    def staff(self, login: str, *ways: Way, role: str = "supervisor") -> StaffId:
        """A member of staff, reached by `ways` in that order."""
        with self.store.write() as connection:
            made = staff.create(connection, self.store.vault, login, login.title(), role, "hash", self.clock.now())
            for way in ways:
                contacts.add(connection, self.store.vault, made, way, f"{login}:{way}", self.clock.now())
        return made

    def team(self) -> dict[str, StaffId]:
        """One on call, one second, one lead, each on a shift of thirty days, and one more who is on none."""
        made = {
            "ana": self.staff("ana", Way.CALL, Way.SMS, Way.APPRISE, role="clinician"),
            "ben": self.staff("ben", Way.SMS, Way.TELEGRAM, role="clinician"),
            "lea": self.staff("lea", Way.CALL, Way.SMS),
            "max": self.staff("max", Way.SMS, role="clinician"),
        }
        for login, post in (("ana", Post.ON_CALL), ("ben", Post.SECOND), ("lea", Post.LEAD)):
            self.shift(made[login], post, timedelta(0), timedelta(days=30))
        return made

    def shift(self, who: StaffId, post: Post, begins_in: timedelta, ends_in: timedelta) -> str:
        """A shift around now."""
        now = self.clock.now()
        with self.store.write() as connection:
            return rota.add(connection, who, post, now + begins_in, now + ends_in, now)

    def writes(self, who: Person, text: str) -> Received:
        """They write."""
        return self.reception.receive(who.writes(text))

    def minutes(self, count: float) -> None:
        """Time goes by."""
        self.clock.turn(timedelta(minutes=count))

    def page(self) -> list[str]:
        """Let the pager do all that is due; whom it paged, by which way: `ana:call`."""
        before = len(self.journal)
        asyncio.run(self.pager.settle_all())
        return [page.to for page in sorted(self.journal[before:], key=lambda page: page.id)]

    @property
    def last(self) -> Page:
        """The page that was offered last."""
        return self.journal[-1]

    def token_of(self, to: str) -> str:
        """The secret of the last page to somebody: `ana:call`."""
        return [page.token for page in self.journal if page.to == to][-1]

    def acknowledge(self, to: str, way: Way = Way.LINK) -> str:
        """Whoever was paged at `to` acknowledges; the words they get."""
        return self.desk.take_by_token(self.token_of(to), way)

    def escalation(self, who: Person) -> Escalation:
        """The person's newest escalation."""
        with self.store.read() as connection:
            return escalations.of_patient(connection, self.store.vault, who.id)[0]

    def events(self, who: Person) -> list[str]:
        """The names of all that is in its history."""
        with self.store.read() as connection:
            return [one.event for one in escalations.history(connection, self.store.vault, self.escalation(who).id)]

    def rows(self, who: Person) -> list[PageRow]:
        """All pages for it."""
        with self.store.read() as connection:
            return pages.of_escalation(connection, self.escalation(who).id)

    def states(self, who: Person) -> list[str]:
        """What became of them."""
        return [row.state for row in self.rows(who)]

    def told(self, patient_id: PatientId) -> list[str]:
        """All texts to a patient."""
        with self.store.read() as connection:
            return [row.text for row in outbox.recent(connection, self.store.vault, patient_id, 100)]

    def due_in(self, who: Person) -> int | None:
        """In how many minutes something is due for the escalation."""
        at: datetime | None = self.escalation(who).next_page_at
        return None if at is None else round((at - self.clock.now()).total_seconds() / 60)


BuildWard = Callable[..., Ward]
