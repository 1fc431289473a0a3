"""A console with something in every table, hostile words wherever somebody else may write, and somebody of each role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinic import Clinic, Desk, build, token_in
from sqlalchemy import Column, and_, select, update
from surface import Place, names, path_of, places, read, whole

from bot.store import diary, handling, outbox, staff_links, takeovers
from bot.store.lifecycle import Role
from bot.store.patients import Address
from bot.store.sealing import PLACES, sealed_columns
from bot.store.steps import Step
from bot.store.tables import metadata
from bot.store.types import StaffId
from tests.store import whole_life

WORDS = whole_life.WORDS
JOIN = "/console/join/{token}"
OF_EACH = 3  # pages of one kind that are opened: the third shows nothing that the second does not


@dataclass
class Seen:
    """One page as somebody of a role was shown it."""

    role: Role
    address: str
    response: Any


@dataclass
class World:
    """The clinic, somebody of each role in front of a browser, and where its pages lead."""

    clinic: Clinic
    ids: dict[Role, StaffId]
    desks: dict[Role, Desk] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # what stands in addresses, by the part of the path up to there
    forms: dict[str, dict[str, str]] = field(default_factory=dict)  # fields of forms, by route

    def __post_init__(self) -> None:
        self.places = places(self.clinic.console)

    def desk(self, role: Role) -> Desk:
        """The browser of somebody of a role, logged in."""
        if role not in self.desks:
            self.desks[role] = Desk(self.clinic)
            self.desks[role].client.follow_redirects = False
            assert self.desks[role].log_in(role).status_code == 303
        return self.desks[role]

    def token(self, role: Role) -> str:
        """The form token of their session."""
        return token_in(self.desk(role).get("/console/account").text)

    def walk(self, role: Role) -> Iterator[Seen]:
        """Every page that links lead somebody of a role to."""
        desk, todo, opened = self.desk(role), self.doors(), dict[str, int]()
        seen = set(todo)
        while todo:
            address = todo.pop(0)
            kind = self.kind(address)
            opened[kind] = opened.get(kind, 0) + 1
            if opened[kind] > OF_EACH:
                continue
            response = desk.get(address)
            yield Seen(role, address, response)
            for link in (
                map(whole, read(response.text).links) if "html" in response.headers.get("content-type", "") else []
            ):
                if link.startswith("/console/") and link not in seen:
                    seen.add(link)
                    todo.append(link)

    def doors(self) -> list[str]:
        """Pages whose address needs nothing, and the one that only a link of staff's leads to."""
        closed = ("/console/stream", "/console/login", "/console/login/code")
        return [
            one.filled(self.known)
            for one in self.places
            if one.method == "GET" and (not one.parameters or one.path == JOIN) and one.path not in closed
        ]

    def kind(self, address: str) -> str:
        """The route of an address, with the names of what stands after the `?`."""
        path, _, asked = address.partition("?")
        route = next((one.path for one in self.places if one.matches(path)), path)
        return f"{route}?{','.join(sorted(part.partition('=')[0] for part in asked.split('&')))}"

    def learn(self) -> None:
        """Walk through all pages of those who may do most, and note what stands in addresses and which forms there are."""
        for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
            for seen in self.walk(role):
                page = read(seen.response.text)
                for path in (
                    path_of(link) for link in (seen.address, *page.links, *(form.action for form in page.forms))
                ):
                    for place in self.places:
                        if place.matches(path):
                            self.known.update(place.read(path))
                for form in page.forms:
                    for place in self.places:
                        if place.method == form.method.upper() and place.matches(path_of(form.action)):
                            self.forms.setdefault(place.path, {}).update(form.fields)
        self.known["/console/staff/{login}"] = "ben"  # so that nobody whose browser this is loses role or session

    def address(self, place: Place, other: str = "7") -> str:
        """Where a route is: with something in it that is there, if any page leads to it."""
        return place.filled(self.known, other)

    def fields(self, place: Place, value: str) -> dict[str, str]:
        """All that the forms of a route and the code ask for, each of them `value`."""
        return dict.fromkeys([*self.forms.get(place.path, ()), *names()], value)

    def rows(self) -> dict[str, list[Any]]:
        """All that is stored, but what any request leaves: the audit, and when a session was used."""
        fleeting = ("audit", "audit_head", "sessions", "presences", "challenges")
        with self.clinic.store.read() as connection:
            return {
                table.name: sorted(map(str, connection.execute(select(table)).all()))
                for table in metadata.sorted_tables
                if table.name not in fleeting
            }


def make(folder: Path) -> World:
    """A world in which everything that can be written was."""
    clinic = build(folder)
    ids = {role: clinic.staff(role, f"{role.title()} {WORDS}", role) for role in Role}
    whole_life.live(clinic.store, clinic.clock)
    _busy(clinic, ids)
    with clinic.store.write() as connection:
        link = staff_links.make(connection, ids[Role.RESEARCHER], None, clinic.clock.now())
    return World(clinic, ids, known={JOIN: link})


def _busy(clinic: Clinic, ids: dict[Role, StaffId]) -> None:
    """An open case that a supervisor has and chats in, one that nobody has, and what waits beside them."""
    store, mine = clinic.store, ids[Role.SUPERVISOR]
    for name in (f"Ana{WORDS}", f"Bea {WORDS}"):
        who = clinic.patient(name)
        clinic.writes(who, f"good {WORDS} evening")
        clinic.sends(who, f"How is your {WORDS}?", kind="reply")
        clinic.writes(who, f"the {WORDS} is at hand tonight", "emergency", "suicide", WORDS)
        clinic.sends(who, f"Call 112 {WORDS}", "failed", "30003 unreachable", "safety")
        clinic.asks(who, "call", f"ring my {WORDS}")
        _practice(clinic, who)
        case = clinic.escalation(who.patient_id)
        if name.startswith("Bea"):
            clinic.page(case, clinic.reach(mine, "sms", f"+1212555{WORDS}", "failed", "30003"), "failed", "30003")
            continue
        clinic.take(who.patient_id, Role.SUPERVISOR)
        with store.write() as connection:
            step = Step(connection, store.vault, case.id, mine, clinic.clock.now())
            takeovers.begin(connection, who.patient_id, mine, clinic.clock.now())
            handling.note(step, {"words": f"a note on {WORDS}"})
        clinic.writes(who, f"is that {WORDS} a person?")
    clinic.shift(mine, -1, 8)
    for channel in ("telegram", "sms", "web"):
        clinic.set_aside(channel, "no JSON", f'{{"file_name": "{WORDS}"'.encode())


def _practice(clinic: Clinic, who: Address) -> None:
    """A message with buttons, and what skills keep of somebody's own words."""
    kept = {"thought_record": "thought", "flare_card": "plan", "pacing": "plan", "breathing": "exercise"}
    with clinic.store.write() as connection:
        now, vault, patient = clinic.clock.now(), clinic.store.vault, who.patient_id
        outbox.put(
            connection, vault, patient_id=patient, address_id=who.id, dedupe_key=f"ask:{patient}", rank=1,
            message_class="reply", text=f"Which {WORDS}?", buttons=(f"This {WORDS}", f"That {WORDS}"), now=now,
        )  # fmt: skip
        for skill, kind in kept.items():
            data = {"words": f"my {WORDS}", "steps": [f"one {WORDS}", f"two {WORDS}"], "before": 7, "after": 4}
            diary.keep(connection, vault, patient, kind, skill, "kept", data, now)


def spread(world: World, hostile: str) -> int:
    """Put `hostile` wherever `WORDS` stand sealed, as a channel that hands on a person's words would have; how many values.

    The columns are those that hold ciphertext: a new one is attacked without being named here.
    """
    count = 0
    for column in sealed_columns():
        if str(column) not in WITHOUT_WORDS:
            changed = _spread_column(world, column, hostile)
            assert changed, f"{column}: tests/store/whole_life.py puts no words in it"
            count += changed
    return count


# Sealed columns in which nobody's words stand, and why not.
WITHOUT_WORDS = {
    "pages.token_sealed": "a random token of ours",
    "addresses.address_sealed": "a telephone number or a chat's id, read strictly: tests/channels/test_incoming.py",
}


def _spread_column(world: World, column: Column[Any], hostile: str) -> int:
    table, store, count = column.table, world.clinic.store, 0
    keys = list(table.primary_key.columns)
    with store.write() as connection:
        for row in connection.execute(select(table).where(column.isnot(None))).all():
            place = PLACES[str(column)](row)
            said = store.vault.open(getattr(row, column.name), place)
            again = _replaced(said, hostile)
            if again != said:
                which = and_(*(key == getattr(row, key.name) for key in keys))
                connection.execute(update(table).where(which).values({column.name: store.vault.seal(again, place)}))
                count += 1
    return count


def _replaced(said: str, hostile: str) -> str:
    try:
        held = json.loads(said)
    except ValueError:
        return said.replace(WORDS, hostile)
    return json.dumps(_within(held, hostile)) if isinstance(held, dict | list) else said.replace(WORDS, hostile)


def _within(held: Any, hostile: str) -> Any:
    if isinstance(held, dict):
        return {key: _within(value, hostile) for key, value in held.items()}
    if isinstance(held, list):
        return [_within(value, hostile) for value in held]
    return held.replace(WORDS, hostile) if isinstance(held, str) else held
