"""The tour on which a new member of staff is led through the console: where they stand on it, and what is said there.

The stops are by role. The steps of a case are tried on one that is made up, if there is one, and are passed by
themselves once they were taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.crypto import Vault
from bot.store import demos
from bot.store.access import Connection, Role
from bot.store.escalations import Escalation
from bot.store.lifecycle import Stage
from bot.store.staff import Staff

CASE = ""  # in place of an address: the case's own page


@dataclass(frozen=True)
class Visited:
    """What a step's being done is told by: whose tour it is, the made-up case, and the page that is open."""

    member: Staff
    case: Escalation
    address: str

    @property
    def is_mine(self) -> bool:
        """Whether they have the case, or had it when it was resolved."""
        return self.member.id in (self.case.owner_id, self.case.resolved_by)


@dataclass(frozen=True)
class Stop:
    """One stop of a tour.

    Attributes:
        href: the page that it is about.
        link: what leads there.
        words: what is said; `{code}` is the case's.
        without: the same where there is no case that is made up; "" where the words speak of none.
        is_done: whether what it asks for was done; None: it asks for a look.
    """

    href: str
    link: str
    words: str
    without: str = ""
    is_done: Callable[[Visited], bool] | None = None


@dataclass(frozen=True)
class Shown:
    """Where somebody stands, in words; `number` counts from 1, and `href` is "" where its page is open."""

    number: int
    count: int
    words: str
    href: str
    link: str


def _is_at(at: Visited) -> bool:
    return at.address.rstrip("/") == f"/console/escalation/{at.case.id}" or at.is_mine


def _is_contacted(at: Visited) -> bool:
    return at.is_mine and (at.case.state in (Stage.CONTACTED, Stage.RESOLVED) or at.case.tries > 0)


ACCOUNT = Stop(
    "/console/account", "Open your account",
    "Last, keep others out of your account: set up a second way to log in. You can take this tour again there.",
)  # fmt: skip
ROTA = Stop(
    "/console/rota", "Open the rota",
    "The rota says who is called at which hour, and how. See if you are in it, and send yourself a test page.",
)  # fmt: skip
CARE = (
    Stop("/console/", "Open the queue",
         "Welcome. This tour takes five minutes. The queue shows who needs a person now: the gravest first, each with the "
         "time that is left."),
    Stop(CASE, "Open it",
         "{code} in the queue is made up, so try every step on it: nothing is sent, and nobody is called. Open it, and "
         "read which words decided.",
         "When a case comes, open it from the queue. It shows which words decided, and what was said around them.",
         _is_at),
    Stop(CASE, "To the case",
         "Press “Acknowledge: I have it”. From then on {code} is yours, and nobody else is called.",
         "“Acknowledge: I have it” makes a case yours. From then on nobody else is called.",
         lambda at: at.is_mine),
    Stop(CASE, "To the case",
         "Now you would call the person. Write down under “Log contact” how you tried, and if you reached them.",
         "Then call the person. “Log contact” keeps how you tried, and if you reached them.",
         _is_contacted),
    Stop(CASE, "To the case",
         "Once the person is safe, fill in “Resolve”. A second person reads how an emergency was resolved.",
         "Once the person is safe, “Resolve” asks what was done. A second person reads how an emergency was resolved.",
         lambda at: at.is_mine and at.case.state is Stage.RESOLVED),
    Stop("/console/patients", "Open the patients",
         "Here is everybody who takes part. Find people by first name or code; their page shows their days, and what they "
         "wrote and did."),
    ROTA,
    ACCOUNT,
)  # fmt: skip
TOURS: Mapping[str, Sequence[Stop]] = {
    Role.SUPERVISOR: CARE,
    Role.CLINICIAN: CARE,
    Role.ADMINISTRATOR: (
        Stop("/console/", "Open the queue",
             "Welcome. This tour takes three minutes. The queue shows who needs a person now. You read along; supervisors "
             "and clinicians take the cases."),
        Stop("/console/staff", "Open the staff page",
             "Here you invite colleagues, change their roles, and give a new start to somebody who is locked out."),
        Stop("/console/teams", "Open the teams", "Teams say who sees whom. Patients of no team are seen by all who may."),
        ROTA,
        Stop("/console/safety", "Open the safety figures",
             "How fast people in danger were answered, and how often the screen was wrong. Take a file of it out here."),
        Stop("/console/audit", "Open the audit",
             "Each view and each step of staff is written down here. Verify now and then that nothing was altered."),
        Stop("/console/health", "Open the health page", "What waits to be sent, what failed, and what the operator was told."),
        ACCOUNT,
    ),
    Role.RESEARCHER: (
        Stop("/console/safety", "Open the safety figures",
             "Welcome. This tour takes a minute. You see how fast people in danger were answered, as counts and shares. No "
             "patient is shown to you."),
        Stop("/console/health", "Open the health page", "What waits to be sent, and what failed: days to leave out, perhaps."),
        ACCOUNT,
    ),
}  # fmt: skip


def shown(connection: Connection, vault: Vault, member: Staff, address: str) -> Shown | None:
    """Where a member stands on their tour; None where it is over.

    Args:
        connection: the page's transaction.
        vault: opens the case.
        member: who looks.
        address: of the page that they look at.
    """
    if member.tour_step is None or member.role not in TOURS:
        return None
    stops, case = TOURS[member.role], _case(connection, vault, member)
    at = place(stops, member.tour_step, Visited(member, case, address) if case else None)
    stop = stops[at]
    words = stop.words if case or not stop.without else stop.without
    href = stop.href or (f"/console/escalation/{case.id}" if case else "/console/")
    link = stop.link if case or stop.href else "Open the queue"
    href = "" if href.rstrip("/") == address.rstrip("/") else href
    return Shown(at + 1, len(stops), words.replace("{code}", case.code if case else ""), href, link)


def place(stops: Sequence[Stop], step: int, visited: Visited | None) -> int:
    """The stop at which somebody is: `step`, or the next one after it that is not done yet; pure."""
    at = max(0, min(step, len(stops) - 1))
    while at < len(stops) - 1 and _passes(stops[at], visited):
        at += 1
    return at


def before(connection: Connection, vault: Vault, member: Staff, number: int) -> int:
    """The step before the one that is shown as `number`, past those that are done."""
    stops, case = TOURS[member.role], _case(connection, vault, member)
    visited = Visited(member, case, "") if case else None
    earlier = (n for n in reversed(range(number - 1)) if not _passes(stops[n], visited))
    return next(earlier, 0)


def _passes(stop: Stop, visited: Visited | None) -> bool:
    return visited is not None and stop.is_done is not None and stop.is_done(visited)


def _case(connection: Connection, vault: Vault, member: Staff) -> Escalation | None:
    """The made-up case to try the steps on: one that nobody has yet, or that is this member's."""
    found = demos.cases(connection, vault)
    mine = (one for one in found if member.id in (one.owner_id, one.resolved_by))
    return next(mine, None) or next((one for one in found if one.is_waiting), None)
