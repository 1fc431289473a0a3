"""A clinic with a patient in danger, built as the gateway builds it: through `bot.store`, in a real SQLite file."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.clock import TurnedClock
from bot.console.app import Console, routes
from bot.console.look import environment
from bot.crypto import Vault, new_key
from bot.safety.cover import parse
from bot.settings import Settings
from bot.store import contacts, diary, escalations, handling, inbox, opening, outbox, pages, patients, rota, staff
from bot.store.contacts import Contact
from bot.store.database import Store
from bot.store.escalations import Escalation
from bot.store.patients import Address, State
from bot.store.rota import Post, Shift
from bot.store.steps import Step
from bot.store.tables import metadata
from bot.store.types import MessageId, PatientId, StaffId
from tests.support.once import coach
from tests.support.standing import StandingClock

with warnings.catch_warnings():  # starlette 1.10 would rather have httpx2, which is not locked here
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

NIGHT = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
PASSWORD = "a password for tests"
CRY = "I can't do this <b>any more</b>. The pills are in my hand & I want to die tonight."
RULE, WHY = "suicide.means_ready", "Means are at hand, gathered or made ready."
_pages = environment()  # compiled once for all tests
_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # cheap: this is not what is tested


@dataclass
class Clinic:
    """A store, a clock that can be turned, staff, and the app that serves their console."""

    store: Store
    clock: TurnedClock
    console: Console
    app: Starlette
    woken: list[str]

    def staff(self, login: str, name: str, role: str = "supervisor", tour: int | None = None) -> StaffId:
        """A member of staff, with the password of all; one who knows the console, unless `tour` says where they stand."""
        with self.store.write() as connection:
            made = staff.create(connection, self.store.vault, login, name, role, _hash, self.clock.now())
            staff.change(connection, made, tour_step=tour)
            return made

    def patient(self, name: str = "Ana", channel: str = "sms", zone: str = "Europe/Madrid") -> Address:
        """Somebody active, with consent and a fortnight of check-ins that get worse."""
        now = self.clock.now()
        with self.store.write() as connection:
            vault = self.store.vault
            where = patients.create(
                connection, vault, channel, f"+34600{name}", now - timedelta(days=20), country="ES", zone=zone
            )
            joined = now - timedelta(days=19)
            patients.change(
                connection,
                vault,
                where.patient_id,
                first_name=name,
                state=State.ACTIVE,
                enrolled_at=joined,
                rests_since=now,
            )
            patients.give_consent(connection, where.patient_id, "v1", joined)
            for back, pain, mood in ((13, 4, 6), (11, 4, 6), (10, 5, 5), (7, 6, 5), (5, 6, 4), (3, 8, 3), (1, 8, 2)):
                at = now - timedelta(days=back)
                made = diary.checkin(connection, vault, where.patient_id, at.date(), at)
                diary.tell(connection, vault, made, "pain", pain, str(pain))
                diary.tell(connection, vault, made, "mood", mood, str(mood))
                diary.complete(connection, made, at)
        return where

    def writes(self, who: Address, text: str, tier: str = "none", kind: str = "none", cut: str = "") -> MessageId:
        """The person writes; `cut` are the words that the screen marks."""
        key = f"test:{uuid4()}"
        start = text.find(cut) if cut else 0
        evidence: list[dict[str, Any]] = []
        if tier != "none":
            evidence = [{"start": start, "end": start + len(cut or text), "layer": "rules", "rule": RULE}]
        with self.store.write() as connection:
            now = self.clock.now()
            made = inbox.put(
                connection,
                self.store.vault,
                patient_id=who.patient_id,
                address_id=who.id,
                provider_key=key,
                form="text",
                text=text,
                choice=None,
                received_at=now,
                tier=tier,
                kind=kind,
                evidence=evidence,
                state=inbox.DONE,
            )
            assert made is not None
            if tier != "none":
                opening.note(connection, self.store.vault, who.patient_id, made, tier, kind, now)
        return made

    def sends(
        self, who: Address, text: str, state: str = "delivered", why: str | None = None, kind: str = "reply"
    ) -> None:
        """The coach writes; `kind` is the class of the message."""
        with self.store.write() as connection:
            key = f"test:{uuid4()}"
            now, vault = self.clock.now(), self.store.vault
            outbox.put(
                connection,
                vault,
                patient_id=who.patient_id,
                address_id=who.id,
                dedupe_key=key,
                message_class=kind,
                rank=0 if kind == "safety" else 1,
                text=text,
                now=now,
            )
            row = outbox.recent(connection, vault, who.patient_id, 1)[-1]
            outbox.set_state(connection, row.id, state=state, sent_at=now, why=why)

    def asks(self, who: Address, what: str, said: str = "") -> str:
        """The person asks staff for something."""
        with self.store.write() as connection:
            data = {"what": what, "words": said}
            return diary.keep(
                connection, self.store.vault, who.patient_id, "request", what, "open", data, self.clock.now()
            )

    def set_aside(self, channel: str, why: str, body: bytes) -> None:
        """A delivery came that could not be read."""
        with self.store.write() as connection:
            inbox.put_aside(connection, self.store.vault, channel, why, body, self.clock.now())

    def take(self, patient_id: PatientId, login: str, name: str = "Somebody") -> None:
        """A member of staff, made if need be, acknowledges the patient's escalation."""
        with self.store.write() as connection:
            found = staff.by_login(connection, self.store.vault, login)
        who = found.id if found else self.staff(login, name)
        open_one = self.escalation(patient_id)
        with self.store.write() as connection:
            handling.acknowledge(
                Step(connection, self.store.vault, open_one.id, who, self.clock.now(), open_one.version)
            )

    def reach(self, who: StaffId, way: str, address: str, outcome: str = "", why: str = "") -> Contact:
        """A way to reach one of the staff, and what came of it last."""
        with self.store.write() as connection:
            made = contacts.add(connection, self.store.vault, who, way, address, self.clock.now())
            if outcome:
                contacts.set_result(connection, made, outcome, why, self.clock.now())
            found = contacts.get(connection, made)
        assert found is not None
        return found

    def page(
        self, about: Escalation, contact: Contact | None, state: str = "delivered", why: str | None = None
    ) -> None:
        """A page went out for an escalation, and that came of it."""
        with self.store.write() as connection:
            now, vault = self.clock.now(), self.store.vault
            made = pages.put(
                connection, vault, escalation_id=about.id, page_round=about.page_round, step=about.page_step,
                reason="step", tier=about.tier, contact=contact, now=now, drill=about.drill, why=why or "",
            )  # fmt: skip
            assert made is not None
            delivered_at = now if state == "delivered" else None
            if contact is not None:
                pages.set_state(connection, made, state=state, accepted_at=now, delivered_at=delivered_at)
            if state in ("accepted", "delivered"):
                handling.was_paged(connection, about.id, now)

    def shift(
        self, who: StaffId, begins_in: float, hours: float, post: Post = Post.ON_CALL, instead_of: Shift | None = None
    ) -> Shift:
        """A shift that begins in so many hours, or a cover of one."""
        with self.store.write() as connection:
            now = self.clock.now()
            start = (now + timedelta(hours=begins_in)).replace(second=0, microsecond=0)
            span = start, start + timedelta(hours=hours)
            if instead_of is None:
                made = rota.add(connection, who, post, *span, now)
            else:
                made = rota.cover(connection, instead_of, who, *span, now)
            found = rota.get(connection, made)
        assert found is not None
        return found

    def drill(self, who: PatientId) -> Escalation:
        """A marked test of paging."""
        with self.store.write() as connection:
            now, vault = self.clock.now(), self.store.vault
            made = opening.insert_row(connection, who, None, "emergency", "drill", now, drill=True)
            escalations.write_event(connection, vault, made, now, "drill")
            return escalations.get(connection, vault, made)

    def minutes(self, count: float) -> None:
        """Time goes by."""
        self.clock.turn(timedelta(minutes=count))

    def emergency(self, name: str = "Ana") -> tuple[Address, Escalation]:
        """Somebody has talked with the coach for a while, and then writes that they are in danger."""
        who = self.patient(name)
        talk = (
            ("Good evening. How is your pain now, from 0 to 10?", "8, worse again"),
            ("That is a hard evening. Did you sleep last night?", "two hours"),
            ("Thank you for telling me. Would a slow breath with me help?", "no"),
            ("All right. I am here if you want to write.", ""),
        )
        for ours, theirs in talk:
            self.sends(who, ours)
            self.minutes(3)
            if theirs:
                self.writes(who, theirs)
            self.minutes(1)
        self.writes(who, CRY, "emergency", "suicide", "The pills are in my hand")
        self.sends(who, "I am worried about you. Please call 112 now. You can also call 024.", kind="safety")
        self.minutes(2)
        self.writes(who, "sorry. nobody can help")
        self.sends(who, "You matter. Are you safe right now?", "failed", "30003 unreachable", "safety")
        self.minutes(2)
        return who, self.escalation(who.patient_id)

    def escalation(self, patient_id: PatientId) -> Escalation:
        """The patient's newest escalation."""
        with self.store.read() as connection:
            return escalations.of_patient(connection, self.store.vault, patient_id)[0]

    def code(self, patient_id: PatientId) -> str:
        """The patient's code."""
        with self.store.read() as connection:
            return patients.get(connection, self.store.vault, patient_id).code

    def audit(self) -> list[tuple[str, str]]:
        """(action, login's id or "") of all entries, oldest first."""
        with self.store.read() as connection:
            return [(entry.action, entry.staff_id or "") for entry in reversed(staff.entries(connection))]

    def actions(self) -> list[str]:
        """Actions of all audit entries, oldest first."""
        return [action for action, _ in self.audit()]


@cache
def _empty_database() -> bytes:
    """The tables, made once: copying the file is ten times as quick as making them for each test."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/empty.sqlite", Vault([new_key()]))
        metadata.create_all(store.engine)
        store.close()
        return (Path(folder) / "empty.sqlite").read_bytes()


def build(folder: Path, kind: type[Store] = Store, url: str = "", **given: Any) -> Clinic:
    """An empty clinic at night, with an on-duty team in London; on SQLite, if no `url` names another store of its own."""
    if not url:
        (folder / "clinic.sqlite").write_bytes(_empty_database())
    store = kind(url or f"sqlite:///{folder / 'clinic.sqlite'}", Vault([new_key()]))
    clock, woken = StandingClock(NIGHT), list[str]()
    settings = Settings(_env_file=None, **{"default_zone": "Europe/London", **given})
    console = Console(
        store=store,
        clock=clock,
        settings=settings,
        cover=parse("Mon-Sun 00:00-24:00 Europe/London"),
        coach=coach(),
        reasons={RULE: WHY},
        countries={"ES": "Spain"},
        woken=lambda: woken.append("woken"),
        templates=_pages,
    )
    return Clinic(store, clock, console, Starlette(routes=routes(console)), woken)


def token_in(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    assert found, "the page has no form token"
    return found[1]


class Desk:
    """A browser of somebody of the staff: keeps cookies, follows redirects, and takes form tokens from pages."""

    def __init__(self, clinic: Clinic, base: str = "http://testserver", **headers: str) -> None:
        own = {"origin": base, "sec-fetch-site": "same-origin"}
        self.clinic = clinic
        self.client = TestClient(clinic.app, base_url=base, headers={**own, **headers})

    def get(self, path: str, **given: Any) -> Any:
        """Open a page."""
        return self.client.get(path, **given)

    def post(self, path: str, page: str = "/console/health", **fields: str) -> Any:
        """Send a form, with the token of `page`."""
        return self.client.post(path, data={"csrf": token_in(self.get(page).text), **fields})

    def log_in(self, login: str = "ana", password: str = PASSWORD, wanted: str = "") -> Any:
        """Log in."""
        return self.post("/console/login", "/console/login", login=login, password=password, next=wanted)


Enter = Callable[..., Desk]
