"""Escalations of a year, with what was written, sent and paged: most resolved, the last ones in every stage."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.console.course import Course
from bench.console.crowd import Post
from bench.console.plan import NOW, YEAR, Case, Person, Site, code
from bot.console.agreed import SAFETY_FIELDS
from bot.store import tables
from bot.store.contacts import Contact
from bot.store.lifecycle import Stage
from bot.store.pages import LIFE, new_token
from bot.store.types import PatientId, token_hash

CRIES = (
    "I can't do this any more. The pills are in my hand and I want to die tonight.",
    "I wish I would not wake up. Everything hurts and nobody would miss me.",
    "I took twice the dose because nothing else helps, I feel strange and very sleepy now",
    "there is no point, it will never end, I am a burden to everybody",
)
MORE = ("sorry. nobody can help", "are you there?", "I don't know what to do", "please", "my sister is here now")
TIERS = (*("emergency",) * 3, *("urgent",) * 5, *("watch",) * 2)
KINDS = ("suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person")
STAGES = (Stage.OPEN, Stage.PAGED, Stage.PAGED, Stage.OPEN, Stage.ACKNOWLEDGED, Stage.CONTACTED)
SAFETY = "I am worried about you. Please call 112 now. You can also call 024, day and night. Are you safe right now?"
AGREED = {
    "contact": {
        "name": "Rosa", "relation": "sister", "telephone": "+12125550100", "may_call": "yes", "safe_way": "by day",
    },
    "safety_plan": dict.fromkeys(SAFETY_FIELDS, "Walk to the river, call Rosa, put the tablets in her hands."),
}  # fmt: skip
APART = timedelta(days=10)  # a new sign within seven days would reopen the one before
OPEN_FOR, RESOLVED_SINCE = timedelta(hours=30), timedelta(hours=40)
DRILLS = 10


@dataclass(frozen=True)
class Cry:
    """Who will be in danger when, and how far staff will be with it by now."""

    when: datetime
    n: int
    stage: Stage


def cries(site: Site, everybody: list[Person]) -> list[Cry]:
    """All of them, the first first; nobody twice within some days."""
    plan, chance = site.plan, site.chance
    closed = plan.escalations - plan.unresolved
    stages = [Stage.RESOLVED] * closed + [STAGES[n % len(STAGES)] for n in range(plan.unresolved)]
    found: list[Cry] = []
    last: dict[int, datetime] = {}
    times = sorted(NOW - RESOLVED_SINCE - (YEAR - RESOLVED_SINCE) * chance.random() for _ in range(closed))
    times += sorted(NOW - OPEN_FOR * chance.random() for _ in range(plan.unresolved))
    for when, stage in zip(times, stages, strict=True):
        n = _somebody(site, everybody, last, when)
        last[n] = when
        found.append(Cry(when, n, stage))
    return found


def _somebody(site: Site, everybody: list[Person], last: dict[int, datetime], when: datetime) -> int:
    """A patient who had joined by then, and was not in danger lately; one in ten times one of the heavy writers."""
    while True:
        heavy = site.chance.random() < 0.1
        n = site.chance.randrange(site.plan.heavy if heavy else len(everybody))
        long_ago = n not in last or when - last[n] > APART
        if (everybody[n].joined_at < when and long_ago) or len(last) > len(everybody) // 2:
            return n


class Danger:
    """Writes escalations down."""

    def __init__(self, site: Site, post: Post, contacts: list[Contact]) -> None:
        self.site, self.post, self.contacts = site, post, contacts
        self.cases: list[Case] = []
        self._agreed: set[PatientId] = set()
        self._events = 0

    def open(self, cry: Cry) -> Case:
        """All of one episode: what was written, what was sent, who was paged, and what staff did."""
        chance, post = self.site.chance, self.post
        tier, kind = chance.choice(TIERS), chance.choice(KINDS)
        text = chance.choice(CRIES)
        evidence = [{"start": 0, "end": len(text) // 2, "layer": "rules", "rule": "suicide.means_ready"}]
        missed = cry.stage is Stage.RESOLVED and chance.random() < 0.03
        said = post.message(cry.n, cry.when, text, *(() if missed else (tier, kind, evidence)))
        post.reply(
            cry.n, cry.when, SAFETY, safety=True, state=chance.choice(("delivered", "delivered", "sent", "failed"))
        )
        course = self._begin(post.everybody[cry.n].id, cry, tier, kind, said, missed=missed)
        self._page(course, cry.stage)
        self._follow(course, cry.n, tier, kind)
        course.act(cry.stage)
        return self._end(course)

    def _begin(self, who: PatientId, cry: Cry, tier: str, kind: str, said: int, *, missed: bool) -> Course:
        number, made = len(self.cases), self.site.new_id()
        columns = {
            "id": made, "code": code(number, 5), "patient_id": who, "tier": tier, "kind": kind, "state": Stage.OPEN,
            "opened_at": cry.when, "message_id": said, "owner_id": None, "resolution_sealed": None, "resolved_at": None,
            "version": 1, "clock_at": cry.when, "page_round": 1, "page_step": 1, "next_page_at": None, "paged_at": None,
            "acknowledged_at": None, "contact_due_at": None, "contacted_at": None, "tries": 0, "review_due_at": None,
            "handing_to": None, "resolved_by": None, "read_due_at": None, "read_by": None, "read_at": None,
            "seen_said_at": None, "drill": False, "missed": missed, "snoozed_until": None,
        }  # fmt: skip
        course = Course(self.site, made, cry.when, columns, cry.when)
        who_found = self.site.chance.choice(self.site.staff) if missed else None
        course.event("missed" if missed else "opened", who_found, said, tier=tier, kind=kind)
        if tier == "watch":
            columns["review_due_at"] = cry.when + timedelta(days=1)
        return course

    def _page(self, course: Course, stage: Stage) -> None:
        """One or two people by two ways each; for one open escalation none gets through."""
        if course.columns["tier"] == "watch":
            return
        unheard = stage is Stage.OPEN and self.site.plan.unresolved - self.site.plan.escalations + len(self.cases) == 0
        people = self.site.chance.sample(self.contacts, self.site.chance.randrange(2, 5))
        for step, contact in enumerate(people):
            when = course.opened_at + timedelta(seconds=4 + step)
            state = (
                "failed"
                if unheard
                else "waiting"
                if stage is Stage.OPEN
                else self.site.chance.choice(("delivered", "accepted"))
            )
            self._put_page(course, step, contact, when, state)
        if stage is not Stage.OPEN:
            course.columns |= {"state": Stage.PAGED, "paged_at": course.opened_at + timedelta(seconds=5)}

    def _put_page(self, course: Course, step: int, contact: Contact, when: datetime, state: str) -> None:
        token = new_token()
        hashed, went = token_hash(token), when if state in ("delivered", "accepted") else None
        self.site.loader.put(
            tables.pages, escalation_id=course.id, round=1, step=step, reason="step", staff_id=contact.staff_id,
            contact_id=contact.id, way=contact.way, tier=course.columns["tier"], again=0, token_hash=hashed,
            token_sealed=self.site.vault.seal(token, f"pages.token:{hashed}"), expires_at=when + LIFE, created_at=when,
            state=state, not_before=when, attempts=1, attempted_at=when, provider_id=None,
            why="unreachable" if state == "failed" else None, accepted_at=went,
            delivered_at=went if state == "delivered" else None, drill=course.columns["drill"], told=None,
        )  # fmt: skip

    def _follow(self, course: Course, n: int, tier: str, kind: str) -> None:
        """What else the person writes in the first minutes."""
        for _ in range(self.site.chance.randrange(2, 6)):
            course.wait(self.site.chance.uniform(0.5, 3))
            text = self.site.chance.choice(MORE)
            joined = self.site.chance.random() < 0.6
            said = self.post.message(
                n,
                course.at,
                text,
                *(
                    (tier, kind, [{"start": 0, "end": 3, "layer": "context", "rule": "suicide.means_ready"}])
                    if joined
                    else ()
                ),
            )
            if joined:
                course.event("joined", None, said, tier=tier, kind=kind)
                self.post.reply(n, course.at, SAFETY, safety=True)

    def _end(self, course: Course) -> Case:
        loader = self.site.loader
        loader.put(tables.escalations, **course.columns)
        for event in course.events:
            self._events += 1
            loader.put(tables.escalation_events, id=self._events, **event)
        if course.columns["state"] is not Stage.RESOLVED:
            loader.put(
                tables.vigils, patient_id=course.columns["patient_id"], kind="silence", at=NOW + timedelta(hours=1),
                tier=course.columns["tier"],
            )  # fmt: skip
        if course.columns["patient_id"] not in self._agreed:
            self._agreed.add(course.columns["patient_id"])
            self._agree(course)
        made = Case(course.id, course.columns["code"], course.columns["patient_id"], course.opened_at)
        self.cases.append(made)
        return made

    def _agree(self, course: Course) -> None:
        """Whom to call for the person, and their safety plan, in a first and a second version."""
        for version, (kind, data) in itertools.product((1, 2), AGREED.items()):
            made = self.site.new_id()
            self.site.loader.put(
                tables.agreements, id=made, patient_id=course.columns["patient_id"], kind=kind, version=version,
                data_sealed=self.site.vault.seal_json(data, f"agreements.data:{made}"), made_by=self.site.staff[0],
                made_at=course.opened_at,
            )  # fmt: skip

    def drills(self) -> Iterator[Case]:
        """Marked tests of paging, the last one in this week."""
        for n in range(DRILLS):
            when = NOW - timedelta(days=1 + 7 * n)
            course = self._begin(
                self.post.everybody[0].id, Cry(when, 0, Stage.RESOLVED), "emergency", "drill", 0, missed=False
            )
            course.events.clear()
            course.event("drill")
            self._page(course, Stage.PAGED)
            course.columns |= {
                "message_id": None,
                "drill": True,
                "state": Stage.RESOLVED,
                "resolved_at": when + timedelta(hours=1),
            }
            yield self._end(course)
