"""safety.md §5 as two tables: what may follow what, and who may do it. Each cell is a row here."""

from __future__ import annotations

import pytest

from bot.store.lifecycle import Action, Role, Stage, after, may

A, S = Action, Stage
# Action -> the stage after it, from open, paged, acknowledged, contacted, resolved; "" where it can't be done.
TABLE = {
    A.VIEW: "open paged acknowledged contacted resolved",
    A.NOTE: "open paged acknowledged contacted resolved",
    A.ACKNOWLEDGE: "acknowledged acknowledged - - -",
    A.HAND_OVER: "- - acknowledged contacted -",
    A.ACCEPT: "- - acknowledged contacted -",
    A.TAKE_OVER: "open paged acknowledged contacted -",
    A.HAND_BACK: "open paged acknowledged contacted resolved",
    A.LOG_CONTACT: "- - contacted contacted -",
    A.RESOLVE: "- - resolved resolved -",
    A.MARK_FALSE_ALARM: "- - resolved resolved -",
    A.SECOND_READ: "- - - - resolved",
    A.REOPEN: "- - - - open",
    A.MARK_MISSED: "open paged acknowledged contacted open",
}
CELLS = [
    (stage, action, None if wanted == "-" else Stage(wanted))
    for action, row in TABLE.items()
    for stage, wanted in zip(Stage, row.split(), strict=True)
]
CARERS = {Role.SUPERVISOR, Role.CLINICIAN}


@pytest.mark.parametrize(("stage", "action", "then"), CELLS, ids=[f"{stage}-{action}" for stage, action, _ in CELLS])
def test_what_may_follow_what(stage: Stage, action: Action, then: Stage | None) -> None:
    assert after(stage, action) is then


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_who_may_do_what(role: Role, action: Action) -> None:
    reads = role is Role.ADMINISTRATOR and action in (Action.VIEW, Action.MARK_MISSED)
    assert may(role, action) is (role in CARERS or reads)


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may(role, action) for role in ("", "visitor", "Supervisor") for action in Action)
