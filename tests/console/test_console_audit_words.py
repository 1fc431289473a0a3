"""Every action that the code records has words on the audit's page."""

from __future__ import annotations

from pathlib import Path

import pytest
from recorded import actions

from bot.console import audit_words
from bot.console.escalation.buttons import BUTTONS

BOT = Path(__file__).resolve().parents[2] / "bot"
LONGEST = 40  # the column of the table


def test_every_recorded_action_has_words_and_a_group() -> None:
    recorded = actions(BOT)
    assert recorded >= {"login.failed", "refused", "drill", *(f"escalation.{name}" for name in BUTTONS)}
    assert recorded - set(audit_words.ACTIONS) == set(), "give these words in ACTIONS_OF of bot/console/audit_words.py"
    assert max(map(len, recorded)) <= LONGEST


def test_groups_have_words_no_two_entries_say_the_same_and_no_group_is_named_like_an_action() -> None:
    assert set(audit_words.GROUPS) == set(audit_words.ACTIONS_OF)
    assert set(audit_words.GROUPS).isdisjoint(audit_words.ACTIONS)
    assert (
        len(audit_words.ACTIONS)
        == sum(len(group) for group in audit_words.ACTIONS_OF.values())
        == len(set(audit_words.ACTIONS.values()))
    )
    assert audit_words.actions_of("cases") > audit_words.actions_of("escalation.note") == {"escalation.note"}


STAFF = "def record(connection, vault, now, staff_id, action, subject): ...\n"
CODE = {
    "a text": ("from bot import staff\nstaff.record(c, v, n, None, 'a.b', 's')", {"a.b"}),
    "by name": ("from bot import staff\nstaff.record(c, v, n, None, subject='s', action='a.b')", {"a.b"}),
    "an alias": ("from bot import staff as rows\nrows.record(c, v, n, None, 'a.b', 's')", {"a.b"}),
    "the function alone": ("from bot.staff import record\nrecord(c, v, n, None, 'a.b', 's')", {"a.b"}),
    "one of two": ("from bot import staff\nstaff.record(c, v, n, None, 'a.b' if x else 'a.c', 's')", {"a.b", "a.c"}),
    "a constant": ("from bot import staff\nA = 'a.b'\ndef f():\n    staff.record(c, v, n, None, A, 's')", {"a.b"}),
    "a wrapper": (
        "from bot import staff\ndef f(x, why):\n    staff.record(c, v, n, None, why, 's')\nf(1, 'a.b')\nf(1, why='a.c')",
        {"a.b", "a.c"},
    ),
    "a method": (
        "from bot import staff\nclass V:\n    def note(self, why):\n        staff.record(c, v, n, None, why, 's')\nv.note('a.b')",
        {"a.b"},
    ),
    "a part of a text": (
        "from bot import staff\ndef f(x):\n    def g():\n        staff.record(c, v, n, None, f'a.{x}', 's')\nf('b')",
        {"a.b"},
    ),
    "what a function tells": (
        "from bot import staff\ndef h():\n    return 1, 'a.b'\ndef f():\n    x, y = h()\n    staff.record(c, v, n, None, y, 's')",
        {"a.b"},
    ),
    "another record": (
        "from bot import staff\nfrom bot import films\nfilms.record(c, v, n, None, 'a.b', 's')",
        set[str](),
    ),
}


def written(folder: Path, code: str) -> Path:
    (folder / "staff.py").write_text(STAFF, "utf-8")
    (folder / "page.py").write_text(code, "utf-8")
    return folder


@pytest.mark.parametrize("name", CODE)
def test_an_action_is_found_however_it_is_written(tmp_path: Path, name: str) -> None:
    code, expected = CODE[name]
    assert actions(written(tmp_path, code)) == expected


@pytest.mark.parametrize("action", ["names[0]", "f'{a}.{b}'", "'a' + b", "unheard_of"])
def test_an_action_that_can_not_be_followed_is_no_way_round(tmp_path: Path, action: str) -> None:
    code = f"from bot import staff\ndef f():\n    staff.record(c, v, n, None, {action}, 's')"
    with pytest.raises(AssertionError, match=r"page\.py:3"):
        actions(written(tmp_path, code))
