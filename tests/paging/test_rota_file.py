"""A rota from a file: clock times of the site's zone, all shifts or none, and errors with their line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.duty import _check, _read, instant
from bot.errors import InputError
from bot.store.rota import Post
from bot.store.types import StaffId

WHO = {"ana": StaffId("a")}
HEAD = "post,login,from,until\n"
ZONE = "Europe/London"


def read(folder: Path, text: str) -> list[tuple[StaffId, Post, datetime, datetime]]:
    file = folder / "rota.csv"
    file.write_text(text, "utf-8")
    return _read(file, WHO, ZONE)


def test_times_are_the_sites_and_right_across_the_change_of_clocks(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEAD + "on_call,Ana,2026-10-24 09:00,2026-10-25 24:00\n")
    assert row == ("a", Post.ON_CALL, datetime(2026, 10, 24, 8, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
    assert instant("2026-10-25T01:30+00:00", ZONE) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("post,who\n", ":1: the first line"),
        (HEAD + "porter,ana,2026-10-24 09:00,2026-10-24 17:00\n", ":2: write on_call"),
        (HEAD + "on_call,eve,2026-10-24 09:00,2026-10-24 17:00\n", ":2: write on_call"),
        (HEAD + "on_call,ana,2026-10-24 09:00,soon\n", ":2: write on_call"),
        (HEAD + "on_call,ana,2026-10-24 09:00,2026-10-24 09:00\n", ":2: ends before"),
    ],
)
def test_what_can_not_be_read_is_named_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("call", "0207 123456"), ("sms", "+44"), ("telegram", "@ana"), ("apprise", "not a url"),
        ("webhook", "http://elsewhere.test"), ("link", "x"), ("pigeon", "x"),
    ],
)  # fmt: skip
def test_an_address_that_can_not_be_one_is_refused(way: str, address: str) -> None:
    with pytest.raises(InputError):
        _check(way, address)


@pytest.mark.parametrize(
    ("way", "address"),
    [("call", "+442071234567"), ("apprise", "json://127.0.0.1/x"), ("webhook", "https://events.example.org/v2")],
)
def test_an_address_of_its_way_is_taken(way: str, address: str) -> None:
    _check(way, address)
