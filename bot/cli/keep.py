"""`evenday backup`, `restore`, `key rotate`, `invite`, `staff`: what keeps a site."""

from __future__ import annotations

from pathlib import Path

from bot.cli.operate import open_store, say
from bot.clock import SystemClock
from bot.errors import EvendayError, InputError
from bot.settings import load
from bot.store import backup, invitations, sealing, staff, teams
from bot.store.database import Store
from bot.store.migrate import migrate

ROLES = ("supervisor", "clinician", "researcher", "administrator")


def back_up(file: str) -> None:
    """Write a whole copy."""
    store = open_store(load())
    migrate(store)
    rows = backup.write(store, Path(file))
    say(f"wrote {rows:,} rows to {file}. Its texts are sealed: keep var/evenday.env (the key) elsewhere.")


def put_back(file: str) -> None:
    """Restore a whole copy into an empty database."""
    store = open_store(load())
    migrate(store)
    say(f"restored {backup.restore(store, Path(file)):,} rows")


def rotate() -> None:
    """Seal everything with the newest key."""
    store = open_store(load())
    migrate(store)
    say(
        f"sealed {sealing.rotate(store, say):,} values with the newest key; the oldest still finds addresses: keep it last"
    )


def invited(team: str) -> None:
    """A code for one person, who is that team's patient.

    Raises:
        EvendayError: there is no such team.
    """
    store = open_store(load())
    migrate(store)
    with store.write() as connection:
        found = next((one for one in teams.listed(connection) if one.title == team), None)
        if team and found is None:
            known = "; ".join(one.title for one in teams.listed(connection)) or "none: make it in the console"
            raise EvendayError(f'there is no team "{team}": the teams are {known}')
        code = invitations.create(connection, SystemClock().now(), found.id if found else None)
    say(f"{code}  (once, within 30 days; Telegram: t.me/YOUR_BOT?start={code}; SMS: JOIN {code})")


def unfactored(login: str) -> None:
    """A new start for whoever lost phone and recovery codes."""
    from bot.console.staff_accounts import remove_factor

    store = open_store(load())
    migrate(store)
    remove_factor(store, SystemClock(), login)
    say(f"{login}: has neither codes nor passkeys any more, and is logged out everywhere")


def staffed(login: str, role: str, name: str) -> None:
    """A new member of staff, or a new password for one."""
    from bot.console.staff_accounts import add_staff, set_password

    store = _checked(login, role)
    with store.read() as connection:
        known = staff.by_login(connection, store.vault, login.lower()) is not None
    clock = SystemClock()
    password = set_password(store, clock, login) if known else add_staff(store, clock, login, name or login, role)
    say(f"{login}: {'new ' if known else ''}password {password} (shown only now)")


def staffed_by_link(login: str, role: str, name: str) -> None:
    """The same, by a link on which they choose their own password."""
    from bot.console.staff_accounts import link_for
    from bot.console.ways_in.join import JOIN

    secret = link_for(_checked(login, role), SystemClock(), login, name or login, role)
    say(f"{login}: {load().public}{JOIN}{secret} (good once, for 72 hours, and shown only now)")


def _checked(login: str, role: str) -> Store:
    if role not in ROLES:
        raise InputError(f"--role {role}: use one of {', '.join(ROLES)}")
    if not login or not login.isascii() or " " in login:
        raise InputError("the login must be plain letters and digits without spaces")
    store = open_store(load())
    migrate(store)
    return store
