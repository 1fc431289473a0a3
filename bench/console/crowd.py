"""The patients, and a year of what they wrote and were answered: in the order of time, as it came in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bench.console.plan import NOW, YEAR, Person, Site, code
from bot.store import tables
from bot.store.patients import State
from bot.store.types import PatientId

NAMES = (
    "Ana Ben Cleo Dan Eva Finn Gita Hugo Ines Jon Kofi Lena Milo Nora Omar Pia Quinn Rosa Sam Tess Uma Vera Wim Xenia "
    "Yara Zeno Aisha Bruno Chidi Dora Emre Fatima Goran Hana Ivo Jamila Karl Lucia Mateo Nadia Oscar Petra Ravi Sofia"
).split()
PLACES = (
    ("US", "America/New_York"), ("US", "America/Chicago"), ("GB", "Europe/London"), ("ES", "Europe/Madrid"),
    ("DE", "Europe/Berlin"),
)  # fmt: skip
STATES = (
    *(State.ACTIVE,) * 11, State.PAUSED, *(State.STOPPED,) * 5, State.ENROLLING, State.DECLINED, State.UNKNOWN,
)  # fmt: skip
SAID = (
    "it is about a {n} today, worse in the evening", "{n}", "slept {n} hours, woke up twice", "I walked to the shop and back",
    "my knee is stiff in the morning but it got better after the stretching we talked about", "yes", "no, not today",
    "I tried the breathing, it helped a bit, but then my neighbour rang and I lost the thread", "ok", "done, {n} minutes",
    "a flare since Sunday, I can hardly sit, and the tablets only take the edge off it", "thanks", "how long should I rest?",
)  # fmt: skip
ANSWERED = (
    "Thank you. How was your sleep, from 0 to 10?", "Noted: {n}. One thing you could try today is to stop before it hurts.",
    "That sounds like a hard day. Would you like a slow breath with me, two minutes, or rather the plan for flares?",
    "Well done. Shall we keep the same plan for tomorrow, or a little less?", "All right. Until tomorrow.",
)  # fmt: skip
DELIVERED = (*("delivered",) * 17, "sent", "failed", "unknown")
WEEKS_ACTIVE = timedelta(days=30)  # most write for a month, then fall silent
LATELY = timedelta(days=3)
Moment = tuple[float, int]  # seconds before NOW, counted up from a year ago; which patient


def people(site: Site) -> list[Person]:
    """All patients with address, consent and place in the dialogue."""
    return [_person(site, n, is_heavy=n < site.plan.heavy) for n in range(site.plan.patients)]


def _person(site: Site, n: int, *, is_heavy: bool) -> Person:
    chance, vault, loader = site.chance, site.vault, site.loader
    who, address_id = PatientId(site.new_id()), site.new_id()
    joined_at = NOW - YEAR if is_heavy else NOW - YEAR * chance.random()
    state = State.ACTIVE if is_heavy else chance.choice(STATES)
    country, zone = chance.choice(PLACES)
    name, second = chance.choice(NAMES), chance.choice(NAMES) if n % 7 == 0 else ""
    channel, number = ("sms", f"+1212{n:07d}") if n % 2 else ("telegram", str(700_000_000 + n))
    loader.put(
        tables.patients, id=who, code=code(n, 6), state=state, mode="guided" if n % 5 == 0 else "unguided",
        coach_sealed=vault.seal("Robin", f"patients.coach:{who}"),
        name_sealed=vault.seal(f"{name} {second}".strip(), f"patients.name:{who}"), country=country, zone=zone,
        language="en", checkin_time="09:00", created_at=joined_at, enrolled_at=joined_at, paused_until=None,
        rests_since=None, unanswered=0, demo=False, taken_over_by=None, taken_over_at=None, taken_over_last_at=None,
        team_id=None if n % 10 == 9 else site.teams[n % len(site.teams)],
    )  # fmt: skip
    for word in {name, second} - {""}:
        loader.put(tables.name_words, patient_id=who, word_hash=vault.fingerprint("name", word.casefold()))
    loader.put(
        tables.addresses, id=address_id, patient_id=who, channel=channel,
        address_sealed=vault.seal(number, f"addresses.address:{address_id}"),
        address_hash=vault.fingerprint(channel, number), opted_out_at=NOW if state is State.STOPPED else None,
        closed_at=None, last_in_at=joined_at,
    )  # fmt: skip
    loader.put(tables.consents, id=site.new_id(), patient_id=who, version="v1", given_at=joined_at, withdrawn_at=None)
    loader.put(tables.lanes, patient_id=who, ready_at=None, lease_until=None, holder=None)
    place = vault.seal_json({"frames": []}, f"positions.place:{who}")
    loader.put(tables.positions, patient_id=who, place_sealed=place, updated_at=joined_at)
    return Person(who, address_id, channel, joined_at, is_heavy)


def moments(site: Site, everybody: list[Person]) -> list[Moment]:
    """When who writes, the first first: `Plan.messages` in all."""
    plan, chance = site.plan, site.chance
    each, more = divmod(plan.messages - plan.heavy * plan.heavy_messages, max(1, plan.patients - plan.heavy))
    found = []
    for n, person in enumerate(everybody):
        count = plan.heavy_messages if person.is_heavy else each + (n - plan.heavy < more)
        begin, length = span(person)
        found += [(begin + length * chance.random(), n) for _ in range(count)]
    found.sort()
    return found


def span(person: Person) -> tuple[float, float]:
    """From when on somebody writes, and for how long, in seconds of the year."""
    begin = (person.joined_at - (NOW - YEAR)).total_seconds()
    longest = YEAR if person.is_heavy else WEEKS_ACTIVE
    return begin, min(longest.total_seconds(), YEAR.total_seconds() - begin)


def at(seconds: float) -> datetime:
    """The instant of a moment."""
    return NOW - YEAR + timedelta(seconds=seconds)


class Post:
    """Writes both sides of all conversations down, with numbers that count on."""

    def __init__(self, site: Site, everybody: list[Person]) -> None:
        self.site, self.everybody = site, everybody
        self.said = self.sent = 0

    def message(
        self, n: int, when: datetime, text: str, tier: str = "none", kind: str = "none",
        evidence: list[dict[str, Any]] | None = None, state: str = "done",
    ) -> int:  # fmt: skip
        """A message of a patient; its number."""
        self.said += 1
        person, vault = self.everybody[n], self.site.vault
        key = f"{person.channel}:{n}:{self.said}"
        self.site.loader.put(
            tables.inbox, id=self.said, patient_id=person.id, address_id=person.address_id, provider_key=key, form="text",
            text_sealed=vault.seal_json([text, None], f"inbox.text:{key}"), received_at=when, conversation_id=None,
            tier=tier, kind=kind,
            evidence_sealed=vault.seal_json(evidence, f"inbox.evidence:{key}") if evidence else None, intent=None,
            state=state, attempts=0, not_before=when, done_at=when if state == "done" else None,
        )  # fmt: skip
        return self.said

    def reply(self, n: int, when: datetime, text: str, *, safety: bool = False, state: str = "delivered") -> None:
        """A message to a patient, a second after what it answers."""
        self.sent += 1
        person, vault = self.everybody[n], self.site.vault
        key, at_once = f"{'safety' if safety else 'reply'}:{self.said}:{self.sent}", when + timedelta(seconds=1)
        self.site.loader.put(
            tables.outbox, id=self.sent, patient_id=person.id, address_id=person.address_id, dedupe_key=key,
            message_class="safety" if safety else "reply", rank=0 if safety else 1,
            reply_sealed=vault.seal_json([text, [], None], f"outbox.reply:{key}"), asked=None, created_at=when,
            not_before=when, expires_at=None, state=state, attempts=1, attempted_at=when, provider_id=f"SM{self.sent:030d}",
            why="30003 unreachable" if state == "failed" else None, sent_at=at_once,
        )  # fmt: skip


def chat(post: Post, n: int, when: datetime) -> None:
    """One turn of an ordinary conversation; of the last days a few are parked, where nobody could answer."""
    chance = post.site.chance
    parked = when > NOW - LATELY and chance.random() < 0.02
    post.message(n, when, chance.choice(SAID).format(n=chance.randrange(11)), state="parked" if parked else "done")
    if not parked:
        reply = chance.choice(ANSWERED).format(n=chance.randrange(11))
        post.reply(n, when, reply, state=chance.choice(DELIVERED))
