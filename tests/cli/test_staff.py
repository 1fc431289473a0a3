"""`evenday staff`: accounts by command, with a password or a link."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bot.clock import SystemClock
from bot.console.ways_in.password import fits
from bot.store import leaving, passkeys, staff, staff_links
from bot.store.database import Store
from tests.cli.conftest import Evenday

LINK = re.compile(r"http://127.0.0.1:8080/console/join/([\w-]{43}) \(good once, for 72 hours, and shown only now\)")


def found(site: Store, login: str = "ana") -> staff.Staff:
    with site.read() as connection:
        who = staff.by_login(connection, site.vault, login)
    assert who
    return who


def test_an_account_is_made_with_a_password_and_given_a_new_one(site: Store, evenday: Evenday) -> None:
    first = evenday("staff", "ana", "--role", "clinician", "--name", "Ana Field").output
    password = first.split()[2]
    assert fits(password, found(site).password_hash) and found(site).name == "Ana Field"
    again = evenday("staff", "ana").output
    assert "new password" in again and not fits(password, found(site).password_hash)
    assert found(site).role == "clinician"


@pytest.mark.parametrize("known", [False, True])
def test_a_link_takes_the_place_of_a_password(known: bool, site: Store, evenday: Evenday) -> None:
    if known:
        evenday("staff", "ana", "--role", "clinician")
    said = LINK.search(evenday("staff", "ana", "--link", "--role", "clinician").output)
    assert said and found(site).password_hash == staff.NO_PASSWORD
    with site.read() as connection:
        assert staff_links.whose(connection, said[1], SystemClock().now()) == found(site).id


def test_codes_and_passkeys_are_taken_away(site: Store, evenday: Evenday) -> None:
    evenday("staff", "ana")
    with site.write() as connection:
        who, now = found(site).id, datetime.now(UTC)
        passkeys.add(connection, who, "key", now, credential_id=b"c", public_key=b"k", sign_count=0)
    assert "neither codes nor passkeys" in evenday("staff", "ana", "--without-factor").output
    with site.read() as connection:
        assert passkeys.of(connection, found(site).id) == []


@pytest.mark.parametrize("option", [(), ("--link",), ("--without-factor",)])
def test_a_closed_account_is_opened_in_the_console_alone(
    option: tuple[str, ...], site: Store, evenday: Evenday
) -> None:
    evenday("staff", "ana")
    with site.write() as connection:
        leaving.close(connection, found(site).id, datetime.now(UTC))
    done = evenday("staff", "ana", *option)
    assert done.exit_code == 1 and "that account is closed" in str(done.exception)


@pytest.mark.parametrize("words", [("a b",), ("ana", "--role", "boss"), ("ana", "--link", "--role", "boss")])
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], evenday: Evenday) -> None:
    assert evenday("staff", *words).exit_code == 1
