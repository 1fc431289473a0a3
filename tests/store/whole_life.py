"""Two people and two members of staff through whom every table gets rows, with words that can be looked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, insert

from bot.clock import TurnedClock
from bot.store import (
    agreements,
    blind,
    challenges,
    contacts,
    diary,
    due,
    escalations,
    factors,
    handling,
    inbox,
    invitations,
    judging,
    lanes,
    mentions,
    opening,
    outbox,
    pages,
    passkeys,
    patients,
    positions,
    presences,
    replies,
    rota,
    sessions,
    staff,
    staff_links,
    tables,
    takeovers,
    troubles,
    vigils,
)
from bot.store.database import Store
from bot.store.steps import Step
from bot.store.types import MessageId, StaffId
from tests.support.people import Person, make_patient

WORDS = "zyxomma"  # stands in all that is written, and nowhere else in the world


def live(store: Store, clock: TurnedClock) -> list[Person]:
    """Both lives; who they were."""
    staff_ids = []
    with store.write() as connection:
        for login in ("ana", "ben"):
            made = staff.create(connection, store.vault, login, f"{login} {WORDS}", "supervisor", "hash", clock.now())
            sessions.begin(connection, made, f"token {login}", clock.now())
            staff.record(connection, store.vault, clock.now(), made, "login", "staff")
            factors.begin(connection, store.vault, made, f"KEY {WORDS}", clock.now())
            factors.keep_recovery(connection, store.vault, made, [f"CODE {login}"], clock.now())
            contacts.add(connection, store.vault, made, "sms", f"+1212555{WORDS}{login}", clock.now())
            rota.add(connection, made, rota.Post.ON_CALL, clock.now(), clock.now() + timedelta(days=1), clock.now())
            staff_ids.append(made)
        troubles.settle(connection, clock.now(), {"silence": "no message for 6 hours"})
        invitations.create(connection, clock.now())
        outbox.hold(connection, "sms", clock.now() + timedelta(hours=1), "429")
        for why in ("no JSON", "unknown update"):
            inbox.put_aside(connection, store.vault, "telegram", why, f"{{{WORDS}".encode(), clock.now())
    people = [make_patient(store, clock, on=channel, name=f"Ana {WORDS}") for channel in ("sms", "telegram")]
    for person in people:
        message = _talk(store, clock, person)
        _danger(store, clock, person, message, str(staff_ids[0]))
        _diary(store, clock, person)
    with store.write() as connection:
        for person in people:
            kind, plan = agreements.Kind.SAFETY_PLAN, {"signs": WORDS}
            agreements.keep(connection, store.vault, person.id, kind, plan, 0, staff_ids[0], clock.now())
    _blind_read(store, clock, people, staff_ids[0])
    _rows(store, clock, people, staff_ids)
    return people


def _talk(store: Store, clock: TurnedClock, person: Person) -> MessageId:
    vault, now = store.vault, clock.now()
    with store.write() as connection:
        patients.change(connection, vault, person.id, coach=f"Coach {WORDS}")
        patients.give_consent(connection, person.id, "v1", now)
        lanes.put(connection, person.id, now)
        made = inbox.put(
            connection, vault, patient_id=person.id, address_id=person.address.id, provider_key=f"k:{person.id}",
            form="text", text=f"my {WORDS} hurts", choice=None, received_at=now, tier="urgent", kind="suicide",
            evidence=[{"start": 3, "end": 10, "layer": "rules", "rule": WORDS}], state=inbox.WAITING,
        )  # fmt: skip
        assert made is not None
        conversation = positions.conversation(connection, person.id, now)
        inbox.set_state(connection, made, conversation_id=conversation)
        positions.put(connection, vault, person.id, {"frames": [WORDS]}, now)
        positions.keep_turn(connection, vault, person.id, made, "action_reply", "said", [[WORDS, [], None, "reply"]])
        outbox.put(
            connection, vault, patient_id=person.id, address_id=person.address.id, dedupe_key=f"reply:{made}:0",
            message_class="reply", rank=1, text=f"So your {WORDS} hurts.", now=now,
        )  # fmt: skip
    return made


def _danger(store: Store, clock: TurnedClock, person: Person, message: MessageId, staff_id: str) -> None:
    vault, who = store.vault, StaffId(staff_id)
    with store.write() as connection:
        one = opening.note(connection, vault, person.id, message, "urgent", "suicide", clock.now())
        (way,) = contacts.listed(connection, [who])
        pages.put(connection, vault, escalation_id=one.id, page_round=one.page_round, step=0, reason="step", tier=one.tier,
                  contact=way, now=clock.now())  # fmt: skip
        vigils.keep(connection, person.id, vigils.SILENCE, clock.now() + timedelta(hours=1), "urgent")
        takeovers.begin(connection, person.id, who, clock.now())
        handling.acknowledge(Step(connection, vault, one.id, who, clock.now(), one.version))
        handling.note(Step(connection, vault, one.id, who, clock.now()), {"words": WORDS})
    clock.turn(timedelta(minutes=1))
    with store.write() as connection:
        handling.note(Step(connection, vault, one.id, who, clock.now()), {"words": f"{WORDS} again"})
        one = escalations.get(connection, vault, one.id)
        done = {"outcome": "reached", "words": WORDS}
        judging.resolve(Step(connection, vault, one.id, who, clock.now(), one.version), done)


def _diary(store: Store, clock: TurnedClock, person: Person) -> None:
    vault, now = store.vault, clock.now()
    with store.write() as connection:
        for day in (20, 21):
            made = diary.checkin(connection, vault, person.id, date(2026, 11, day), now)
            diary.tell(connection, vault, made, "pain", 6.5, f"six {WORDS}")
            diary.complete(connection, made, now)
        diary.keep(connection, vault, person.id, "plan", "pacing", "kept", {"activity": WORDS}, now)
        diary.keep(connection, vault, person.id, diary.REQUEST, "export_data", diary.OPEN, {"words": WORDS}, now)
        due.set_at(connection, person.id, "checkin", now + timedelta(days=1))


def _blind_read(store: Store, clock: TurnedClock, people: list[Person], reader: StaffId) -> None:
    week_on, now = date(2026, 11, 23), clock.now()
    with store.write() as connection:
        for person in people:
            inbox.put(
                connection, store.vault, patient_id=person.id, address_id=person.address.id,
                provider_key=f"calm:{person.id}", form="text", text=f"{WORDS} rests", choice=None, received_at=now,
                tier="none", kind="none", evidence=[], state=inbox.DONE,
            )  # fmt: skip
        day = timedelta(days=1)
        blind.draw(connection, week_on, now - day, now + day, "seed", now, reader)
        for place in (1, 2):
            blind.mark(connection, week_on, place, reader, blind.Verdict.FINE, now)


def _rows(store: Store, clock: TurnedClock, people: list[Person], members: list[StaffId]) -> None:
    """Rows of tables that are written by one page only."""
    now, vault, (me, other) = clock.now(), store.vault, members
    later = now + timedelta(hours=1)
    with store.write() as connection:
        case = escalations.of_patient(connection, vault, people[0].id)[0].id
        mentions.add(connection, [other], case, me, now)
        challenges.issue(connection, challenges.Purpose.LOG_IN, "a browser", now)
        passkeys.add(connection, me, "phone", now, credential_id=b"c", public_key=b"k", sign_count=0)
        staff_links.make(connection, other, me, now)
        presences.come(connection, case, me, now)
        rows: list[tuple[Table, dict[str, Any]]] = [
            (tables.teams, {"id": "t", "site": "North", "name": "Day team", "created_at": now}),
            (tables.memberships, {"staff_id": me, "team_id": "t"}),
        ]  # fmt: skip
        for n, person in enumerate(people):
            words = vault.seal(f"{n} {WORDS}", f"broken_glass.words:{n}")
            replies.add(connection, vault, None, "Hello", f"{n} {WORDS}", me, now)
            rows.append(
                (tables.broken_glass, {"id": str(n), "staff_id": other, "patient_id": person.id, "reason": "danger",
                                       "words_sealed": words, "at": now, "until": later})
            )  # fmt: skip
        for table, values in rows:
            connection.execute(insert(table).values(**values))
