"""The paging policy: a site may shorten it; what is longer than safety.md §4 needs a name, a reason and a date."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.app import CONTENT
from bot.content.paging import LIMITS, Policy, load_paging
from bot.errors import ContentError

FILE = CONTENT / "safety" / "paging.yml"
DECISION = {"decided_by": "Dr Lea Stone", "reason": "one person on call covers three islands", "on": "2026-11-01"}


def changed(folder: Path, **changes: object) -> Path:
    """The policy with values set by dotted path."""
    data = yaml.safe_load(FILE.read_text("utf-8"))
    for path, value in changes.items():
        *parts, last = path.split("__")
        at = data
        for part in parts:
            at = at[int(part)] if part.isdecimal() else at[part]
        at[last] = value
    file = folder / "paging.yml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return file


def test_the_default_is_that_of_the_specification() -> None:
    policy = load_paging(FILE)
    emergency, urgent = policy.tiers["emergency"], policy.tiers["urgent"]
    assert [(step.after_minutes, step.ways) for step in emergency.steps] == [(0, 2), (5, 2), (10, 2)]
    assert (emergency.acknowledge_minutes, emergency.contact_minutes, emergency.repeat_minutes) == (5, 15, 5)
    assert [(step.after_minutes, step.ways) for step in urgent.steps] == [(0, 1), (30, 1), (60, 1)]
    assert (urgent.acknowledge_minutes, urgent.contact_minutes) == (30, 240)
    assert policy.of("watch") is None and policy.watch.review_working_days == 1
    assert policy.longer is None


LONGER = {
    "tiers__emergency__acknowledge_minutes": 6,
    "tiers__emergency__contact_minutes": 16,
    "tiers__emergency__no_answer_minutes": 11,
    "tiers__emergency__repeat_minutes": 6,
    "tiers__emergency__steps__1__after_minutes": 6,
    "tiers__emergency__steps__2__after_minutes": 11,
    "tiers__emergency__steps__0__ways": 1,
    "tiers__urgent__acknowledge_minutes": 31,
    "tiers__urgent__contact_minutes": 241,
    "tiers__urgent__no_answer_minutes": 61,
    "tiers__urgent__repeat_minutes": 31,
    "tiers__urgent__steps__1__after_minutes": 31,
    "tiers__urgent__steps__2__after_minutes": 61,
    "watch__review_working_days": 2,
    "watch__no_answer_minutes": 1441,
}


@pytest.mark.parametrize("path", LONGER)
def test_a_longer_time_needs_a_decision(tmp_path: Path, path: str) -> None:
    with pytest.raises(ContentError, match=r"paging\.yml:\d+: .*decided_by"):
        load_paging(changed(tmp_path, **{path: LONGER[path]}))
    assert isinstance(load_paging(changed(tmp_path, **{path: LONGER[path], "longer": DECISION})), Policy)


@pytest.mark.parametrize("missing", DECISION)
def test_a_decision_needs_a_name_a_reason_and_a_date(tmp_path: Path, missing: str) -> None:
    part = {name: value for name, value in DECISION.items() if name != missing}
    with pytest.raises(ContentError, match=missing):
        load_paging(changed(tmp_path, longer=part))


@pytest.mark.parametrize("tier", LIMITS)
def test_any_time_may_be_shortened(tmp_path: Path, tier: str) -> None:
    shorter = {f"tiers__{tier}__{name}": 1 for name in ("acknowledge_minutes", "contact_minutes", "repeat_minutes")}
    assert load_paging(changed(tmp_path, **shorter, **{f"tiers__{tier}__steps__1__after_minutes": 1}))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tiers__emergency__steps__0__after_minutes": 1}, "first step must be at 0"),
        ({"tiers__emergency__steps__1__after_minutes": 10}, "after the one before"),
        ({"tiers__emergency__steps__2__who": ["lead"]}, "must page everyone"),
        ({"tiers__emergency__steps__0__who": ["porter"]}, "who"),
        ({"tiers__emergency__steps": []}, "steps"),
        ({"tiers__emergency__steps__0__hurry": True}, "hurry"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(tmp_path: Path, changes: dict[str, object], why: str) -> None:
    with pytest.raises(ContentError, match=why) as caught:
        load_paging(changed(tmp_path, **changes))
    assert caught.value.line > 0
