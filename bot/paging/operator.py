"""Tells the operator, once, of what would keep a person in danger from being heard; and sends word out while all is well.

It looks at what ought to have been done by now rather than at who says that he is alive: rows that wait too long show a
loop that stands still, whatever it reports. Its own silence is noticed outside, by the heartbeat that stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx
import structlog

from bot.clock import Clock, local
from bot.content.coach import Coach
from bot.errors import StoreError
from bot.paging.drill import Drills
from bot.safety.cover import Cover
from bot.safety.duty import gaps
from bot.store import lateness, pages, rota, rounds, troubles
from bot.store.database import Connection, Store

log = structlog.get_logger()

EVERY_SECONDS = 15.0
BEAT_EVERY = timedelta(minutes=1)
BEAT_LATE = timedelta(minutes=1)
LATE = timedelta(minutes=1)  # a safety reply or a page that should have gone
WORK_LATE = timedelta(minutes=5)  # a check-in, a lane
GAP_AHEAD = timedelta(days=3)
DATABASE, LOOP, SILENCE = "database", "loop.", "silence"
FATAL = frozenset({DATABASE})  # with these, and with a loop that stands still, no heartbeat goes out
HEARTBEAT_SECONDS = 10.0

# Sends a title and a text to the operator, in the calling thread; whether anybody took it.
Tell = Callable[[str, str], bool]


class Operator:
    """Looks for trouble.

    Args:
        store: the database.
        coach: crisis numbers and their dates.
        cover: hours for which the rota must have somebody.
        clock: the present.
        tell: reaches the operator; None: nobody is told, the console shows it all the same.
        beats: by name, when each loop last went round; None where it has not begun.
        drills: the last drill and test page.
        zone: in which times are told.
        silence: without any message for so long, something is wrong; None: that is never asked.
        heartbeat_url: asked each minute while all is well.
    """

    def __init__(
        self,
        store: Store,
        coach: Coach,
        cover: Cover,
        clock: Clock,
        tell: Tell | None,
        beats: Callable[[], Mapping[str, datetime | None]],
        drills: Drills,
        zone: str = "UTC",
        silence: timedelta | None = None,
        heartbeat_url: str = "",
    ) -> None:
        self.store, self.coach, self.cover, self.clock = store, coach, cover, clock
        self.tell, self.beats, self.drills = tell, beats, drills
        self.zone, self.silence, self.heartbeat_url = zone, silence, heartbeat_url
        self.found: dict[str, str] = {}  # what was wrong at the last look
        self.paging = "ok"  # "nobody": no page can reach, or has reached, anybody
        self._told: set[str] = set()  # while the database is away, this is all that is remembered
        self._beat_at: datetime | None = None
        self._looked = self._is_silent = False
        self._since = clock.now()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(EVERY_SECONDS)

    async def tick(self) -> None:
        """One look: tell what is new, and send the heartbeat if it is due."""
        await asyncio.to_thread(self.look)
        now = self.clock.now()
        if self.heartbeat_url and (self._beat_at is None or now - self._beat_at >= BEAT_EVERY):
            self._beat_at = now
            if not (FATAL & set(self.found)) and not any(kind.startswith(LOOP) for kind in self.found):
                await self._beat()

    async def _beat(self) -> None:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=HEARTBEAT_SECONDS) as client:
                (await client.get(self.heartbeat_url)).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("heartbeat.failed", error=type(error).__name__)

    def look(self) -> dict[str, str]:
        """Find what is wrong now, remember it, and tell the operator what is new; kind -> words."""
        now = self.clock.now()
        found = self._loops(now)
        try:
            self.drills.tick()
            with self.store.read() as connection:
                found |= self._of_store(connection, now)
            before, self.found, self._looked = self.found if self._looked else None, found, True
            self._settle(now, found, before)
        except StoreError as error:
            found[DATABASE] = (
                "the database is away: messages are kept on disk, and people in danger answered from memory"
            )
            log.error("store.away", why=str(error))
            self.found = found
            self._tell_from_memory(found)
        return found

    def _loops(self, now: datetime) -> dict[str, str]:
        return {
            f"{LOOP}{name}": f"the {name} has stood still for a minute: restart the gateway"
            for name, at in self.beats().items()
            if now - (at or self._since) > BEAT_LATE
        }

    def _of_store(self, connection: Connection, now: datetime) -> dict[str, str]:
        found = self._lateness(connection, now) | self._reach(connection) | self.drills.trouble(connection)
        outdated = self.coach.crisis.outdated(now.date())
        if outdated:
            found["numbers"] = f"{outdated} crisis numbers were confirmed too long ago"
        gap = self._gap(connection, now)
        if gap:
            found["rota_gap"] = gap
        return found

    def _lateness(self, connection: Connection, now: datetime) -> dict[str, str]:
        found: dict[str, str] = {}
        late = lateness.of(connection)
        if late.safety_reply and now - late.safety_reply > LATE:
            found["safety_reply"] = "a reply to a person in danger has waited for over a minute"
        if late.due and now - late.due > WORK_LATE:
            found["scheduler"] = "what is due has not been sent for five minutes"
        if late.lane and now - late.lane > WORK_LATE:
            found["engine"] = "messages have waited for an answer for five minutes"
        oldest = pages.oldest_waiting(connection, now)
        if oldest and now - oldest > LATE:
            found["pages"] = "a page has waited for over a minute"
        last = late.last_message
        self._is_silent = self.silence is not None and (last is None or now - last > self.silence)
        if self.silence and now - max(last or self._since, self._since) > self.silence:
            hours = self.silence.total_seconds() / 3600
            found[SILENCE] = f"no message has come for {hours:g} hours: is the provider connected?"
        return found

    def _reach(self, connection: Connection) -> dict[str, str]:
        found: dict[str, str] = {}
        if not pages.can_page_anybody(connection):
            found["nobody"] = "no member of staff can be paged: evenday contacts add"
        unheard = rounds.unheard(connection)
        for code in unheard:
            found[f"unheard.{code}"] = f"{code}: a person is in danger, and no page has reached anybody"
        self.paging = "nobody" if found else "ok"
        return found

    def _gap(self, connection: Connection, now: datetime) -> str:
        if not rota.is_kept(connection):
            return ""
        shifts = rota.between(connection, now, now + GAP_AHEAD)
        missing = gaps(
            shifts, [(max(a, now), min(b, now + GAP_AHEAD)) for a, b in self.cover.hours(now, now + GAP_AHEAD)]
        )
        if not missing:
            return ""
        start, end = (local(at, self.zone) for at in missing[0])
        return f"nobody is on call from {start:%a %d %b %H:%M} to {end:%a %d %b %H:%M}"

    def _settle(self, now: datetime, found: dict[str, str], before: dict[str, str] | None) -> None:
        """Claimed in the store first: of two gateways on one database, one alone tells."""

        def is_over(kind: str) -> bool:
            if kind == SILENCE:  # a process that has just begun waits before it speaks of one that goes on
                return not self._is_silent
            return not kind.startswith(LOOP) or before is None or kind in before  # another's loops are its own to see

        with self.store.write() as connection:
            untold, over = troubles.settle(connection, now, found, is_over)
        kinds = [trouble.kind for trouble in untold]
        new = [trouble.what for trouble in untold if trouble.kind not in self._told]
        reached = not new or self._say("Evenday: trouble", "\n".join(new))
        if kinds:
            with self.store.write() as connection:
                if reached:
                    troubles.told(connection, kinds, now)
                else:
                    troubles.release(connection, kinds)
        if over:
            self._say("Evenday: over", ", ".join(sorted(over)))
        self._told &= set(found)

    def _tell_from_memory(self, found: dict[str, str]) -> None:
        new = {kind: what for kind, what in found.items() if kind not in self._told}
        if new and self._say("Evenday: trouble", "\n".join(new.values())):
            self._told |= set(new)

    def _say(self, title: str, text: str) -> bool:
        log.warning("operator.told", count=text.count("\n") + 1, why=title)
        return self.tell(title, text) if self.tell else True
