"""Those who work here: staff with teams, ways and shifts, and what lies about: requests aside, replies ready, a blind read."""

from __future__ import annotations

from datetime import timedelta

from bench.console.plan import NOW, YEAR, Case, Person, Site
from bot.clock import local
from bot.store import blind, invitations, outbox, tables, troubles
from bot.store.contacts import Contact
from bot.store.database import Store
from bot.store.inbox import aside_place
from bot.store.rota import Post
from bot.store.types import StaffId

LEAD = (
    "lead"  # the login of the supervisor who asks for every page: of every team, so that nothing is left out for them
)
ZONE = "Europe/London"
COVER = f"Mon-Sun 00:00-24:00 {ZONE}"
ROLES = (*("supervisor",) * 12, *("clinician",) * 14, *("administrator",) * 3, "researcher")
SITES = ("North", "South", "East", "West", "Centre")
WAYS = (("call", "+1212555{:04d}"), ("sms", "+1212556{:04d}"), ("apprise", "mailto://staff{}@example.org"))
SHIFT_DAYS, SHIFT_HOURS = range(-365, 14), 12
ASIDE, READY, MENTIONS, BROKEN, BLIND_WEEKS = 500, 40, 60, 20, 8


def open_house(site: Site) -> list[Contact]:
    """Teams, staff and their ways; the ways."""
    plan, loader, vault = site.plan, site.loader, site.vault
    site.teams = [site.new_id() for _ in range(plan.teams)]
    site.staff = [StaffId(site.new_id()) for _ in range(plan.staff)]
    for n, team in enumerate(site.teams):
        loader.put(tables.teams, id=team, site=SITES[n % len(SITES)], name=f"Team {n + 1}", created_at=NOW - YEAR)
    for n, who in enumerate(site.staff):
        login = f"staff{n}" if n else LEAD
        loader.put(
            tables.staff, id=who, login=login, name_sealed=vault.seal(f"Sam {login.title()}", f"staff.name:{who}"),
            role=ROLES[n % len(ROLES)], password_hash="none", failed=0, locked_until=None, created_at=NOW - YEAR,
            closed_at=None, tour_step=None,
        )  # fmt: skip
        mine = site.teams if not n else site.chance.sample(list(site.teams), min(3, plan.teams))
        for team in mine:
            loader.put(tables.memberships, staff_id=who, team_id=team)
    return [_way(site, who, n, place) for n, who in enumerate(site.staff) for place in range(len(WAYS))]


def _way(site: Site, who: StaffId, n: int, place: int) -> Contact:
    way, form = WAYS[place]
    address, made = form.format(n), site.new_id()
    site.loader.put(
        tables.contacts, id=made, staff_id=who, way=way, place=place,
        address_sealed=site.vault.seal(address, f"contacts.address:{made}"),
        address_hash=site.vault.fingerprint("staff", address), link_hash=None, link_until=None, created_at=NOW - YEAR,
        verified_at=NOW, last_outcome="delivered", last_why=None, last_at=NOW,
    )  # fmt: skip
    return Contact(
        made, who, way, place, has_address=True, verified_at=NOW, last_outcome="delivered", last_why=None, last_at=NOW
    )


def rota_of_a_year(site: Site) -> None:
    """Shifts by day and by night for every post, a few of them covered by somebody else."""
    able = [who for n, who in enumerate(site.staff) if ROLES[n % len(ROLES)] in ("supervisor", "clinician")]
    start = NOW.replace(hour=7, minute=0)
    for n, (day, half, post) in enumerate((d, h, p) for d in SHIFT_DAYS for h in range(2) for p in Post):
        begins = start + timedelta(days=day, hours=half * SHIFT_HOURS)
        made, ends = site.new_id(), begins + timedelta(hours=SHIFT_HOURS)
        shift = {"role": post.value, "ends_at": ends, "made_by": site.staff[0], "made_at": NOW - YEAR}
        site.loader.put(
            tables.shifts, id=made, staff_id=able[n % len(able)], starts_at=begins, instead_of=None, **shift
        )
        if n % 15 == 0:
            site.loader.put(
                tables.shifts, id=site.new_id(), staff_id=able[(n + 1) % len(able)],
                starts_at=begins + timedelta(hours=2), instead_of=made, **shift,
            )  # fmt: skip


def lying_about(site: Site, everybody: list[Person], cases: list[Case]) -> None:
    """What pages besides those of patients list."""
    loader, vault, chance = site.loader, site.vault, site.chance
    for n in range(ASIDE):
        at, channel, why = NOW - YEAR * (1 - n / ASIDE), ("telegram", "sms")[n % 2], "unknown kind of update"
        body = vault.seal(f'{{"update_id": {n}}}', aside_place(channel, why, at))
        loader.put(tables.set_aside, at=at, channel=channel, why=why, body_sealed=body)
    for n in range(READY):
        made = site.new_id()
        loader.put(
            tables.canned_replies, id=made, team_id=site.teams[n % len(site.teams)] if n % 4 else None,
            title=f"Reply {n}", text_sealed=vault.seal("Thank you for telling me.", f"canned_replies.text:{made}"),
            made_by=site.staff[0], changed_at=NOW - YEAR,
        )  # fmt: skip
    for n in range(MENTIONS):
        loader.put(
            tables.mentions, id=n + 1, staff_id=site.staff[n % 3], escalation_id=cases[n % len(cases)].id,
            by_id=site.staff[3], at=NOW - timedelta(hours=n), seen_at=None if n % 4 == 0 else NOW,
        )  # fmt: skip
    for n in range(BROKEN):
        made, at = site.new_id(), NOW - timedelta(days=3 * n)
        loader.put(
            tables.broken_glass, id=made, staff_id=site.staff[5 + n % 5], patient_id=chance.choice(everybody).id,
            reason="danger", words_sealed=vault.seal("Their team did not answer.", f"broken_glass.words:{made}"), at=at,
            until=at + timedelta(hours=1), reviewed_by=None, reviewed_at=None,
        )  # fmt: skip


def last_things(store: Store, site: Site) -> None:
    """What the store's own functions write, once everything else is there."""
    with store.write() as connection:
        for _ in range(20):
            invitations.create(connection, NOW)
        outbox.hold(connection, "sms", NOW + timedelta(hours=1), "429")
        troubles.settle(connection, NOW, {"disk": "the disk is nearly full"})
    monday = local(NOW, ZONE).date() - timedelta(days=local(NOW, ZONE).weekday())
    for back in range(1, BLIND_WEEKS + 1):
        week_on = monday - timedelta(days=7 * back)
        since = NOW - timedelta(days=NOW.weekday() + 7 * back)
        with store.write() as connection:
            blind.draw(connection, week_on, since, since + timedelta(days=7), f"seed {back}", NOW, site.staff[0])
            for line in blind.lines(connection, week_on):
                readers = site.staff[1:3] if back == 1 else site.staff[:2]
                for reader in readers:
                    blind.mark(connection, week_on, line.place, reader, blind.Verdict.FINE, NOW)
