"""`evenday demo`, and which first start is given made-up people."""

from __future__ import annotations

import pytest

from bot.app import content_of
from bot.cli.demo import first_look, is_wanted
from bot.clock import SystemClock
from bot.settings import Settings, load
from bot.store import demos, patients, staff
from bot.store.database import Store
from tests.cli.conftest import Evenday
from tests.support.demo import people


def how_many(site: Store) -> int:
    with site.read() as connection:
        return len(demos.ids(connection))


def test_they_are_put_in_and_taken_out_by_command_and_the_audit_says_so(site: Store, evenday: Evenday) -> None:
    put = evenday("demo", "add")
    assert put.exit_code == 0 and "6 made-up people are in" in put.output and how_many(site) == 6
    evenday("demo", "add")
    assert how_many(site) == 6
    assert "6 made-up people are out" in evenday("demo", "remove").output and how_many(site) == 0
    assert "there were no made-up people" in evenday("demo", "remove").output
    with site.read() as connection:
        assert [entry.action for entry in staff.entries(connection)] == ["demo.removed", "demo.added", "demo.added"]


@pytest.mark.usefixtures("evenday")
def test_the_first_start_of_a_try_out_is_given_them_and_no_second_one(site: Store) -> None:
    settings = load(database_url=site.engine.url.render_as_string(hide_password=False))
    first_look(settings, content_of(settings, SystemClock().now().date()))
    assert how_many(site) == 6
    with site.write() as connection:
        demos.remove(connection)
        patients.create(
            connection, site.vault, "sms", "+12125550199", SystemClock().now(), country="US", zone="America/New_York"
        )
    assert not is_wanted(site, settings)


@pytest.mark.usefixtures("evenday")
def test_a_first_start_goes_on_without_them_where_they_can_not_be_put_in(
    site: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    key = next(iter(people().colleagues))
    with site.write() as connection:
        staff.create(connection, site.vault, f"demo.{key}", "Somebody real", "clinician", "hash", SystemClock().now())
    settings = load(database_url=site.engine.url.render_as_string(hide_password=False))
    first_look(settings, content_of(settings, SystemClock().now().date()))
    assert "warning: no made-up people were put in (IntegrityError)" in capsys.readouterr().out
    assert how_many(site) == 0


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param({}, True, id="a first try-out"),
        pytest.param({"demo": "no"}, False, id="switched off"),
        pytest.param({"telegram_token": "1:x"}, False, id="with Telegram"),
        pytest.param({"twilio_account_sid": "AC1"}, False, id="with SMS"),
    ],
)
def test_who_is_given_them_by_itself(site: Store, given: dict[str, str], wanted: bool) -> None:
    assert is_wanted(site, Settings(_env_file=None, **given)) is wanted  # type: ignore[arg-type]  # as text, as the environment gives it


def test_postgresql_is_no_try_out(store: Store) -> None:
    assert is_wanted(store, Settings(_env_file=None)) is store.is_sqlite
