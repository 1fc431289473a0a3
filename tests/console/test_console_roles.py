"""Every cell of role, step and stage, attacked through the door: the tables of the life cycle decide, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from clinic import Clinic, Desk, build, token_in

from bot.store import escalations, handling, inbox, judging, opening, patients, snoozing, takeovers
from bot.store.escalations import Escalation
from bot.store.lifecycle import Action, Role, Stage, after, may
from bot.store.steps import Step
from bot.store.types import StaffId

# Step -> its button's name, and a form that lacks nothing.
FORMS: dict[Action, tuple[str, dict[str, str]]] = {
    Action.ACKNOWLEDGE: ("acknowledge", {}),
    Action.HAND_OVER: ("hand_over", {}),
    Action.ACCEPT: ("accept", {}),
    Action.TAKE_OVER: ("take_over", {}),
    Action.HAND_BACK: ("hand_back", {}),
    Action.NOTE: ("note", {"note": "a word"}),
    Action.LOG_CONTACT: ("contact", {"how": "phone", "reached": "yes"}),
    Action.SNOOZE: ("snooze", {"snooze_until": "2026-11-24T12:00", "snooze_why": "she sleeps"}),
    Action.SHOW_AGAIN: ("show_again", {}),
    Action.RESOLVE: (
        "resolve",
        {
            "outcome": "referred",
            "spoken_to": "her",
            "risk": "low",
            "means": "no",
            "next_contact_on": "2030-01-01",
            "follow_up": "us",
        },
    ),
    Action.SECOND_READ: ("second_read", {}),
    Action.REOPEN: ("reopen", {"why": "she rang"}),
    Action.MARK_FALSE_ALARM: ("false_alarm", {"verdict": "a song"}),
}
CELLS = [(role, action, stage) for role in Role for action in Action for stage in Stage]


class Ward:
    """One clinic for all cells: somebody of each role is logged in, and Olga has what is somebody's."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.olga = clinic.staff("olga", "Olga Lind", "clinician")
        self.ids: dict[Role, StaffId] = {role: clinic.staff(role, role.title(), role) for role in Role}
        self.desks: dict[Role, Desk] = {}
        for role in Role:
            self.desks[role] = Desk(clinic)
            assert self.desks[role].log_in(role, wanted="/console/health").status_code == 200
        self.tokens = {role: token_in(desk.get("/console/health").text) for role, desk in self.desks.items()}

    def case(self, stage: Stage, owner: StaffId) -> Escalation:
        """An emergency at a stage, somebody's from acknowledged on."""
        clinic, vault, now = self.clinic, self.clinic.store.vault, self.clinic.clock.now()
        with clinic.store.write() as connection:
            who = patients.create(connection, vault, "web", f"browser {uuid4()}", now, country="ES", zone="UTC")
            message = inbox.put(
                connection, vault, patient_id=who.patient_id, address_id=who.id, provider_key=f"key {who.id}",
                form="text", text="I'll do it tonight", choice=None, received_at=now, tier="emergency", kind="suicide",
                evidence=[], state=inbox.DONE,
            )  # fmt: skip
            assert message is not None
            made = opening.note(connection, vault, who.patient_id, message, "emergency", "suicide", now)
            if stage is not Stage.OPEN:
                handling.was_paged(connection, made.id, now)
            if stage in (Stage.ACKNOWLEDGED, Stage.CONTACTED, Stage.RESOLVED):
                handling.acknowledge(Step(connection, vault, made.id, owner, now))
            if stage is Stage.CONTACTED:
                handling.log_contact(Step(connection, vault, made.id, owner, now), how="phone", reached=True)
            if stage is Stage.RESOLVED:
                judging.resolve(Step(connection, vault, made.id, owner, now), {"outcome": "referred"})
            return escalations.get(connection, vault, made.id)


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    clinic = build(tmp_path_factory.mktemp("ward"))
    yield Ward(clinic)
    clinic.store.close()


def prepared(ward: Ward, role: Role, action: Action, stage: Stage) -> Escalation:
    """A case at a stage in which the step is this person's to take, as far as it can be."""
    me, store = ward.ids[role], ward.clinic.store
    case = ward.case(stage, me if action in (Action.HAND_OVER, Action.SNOOZE) and may(role, action) else ward.olga)
    with store.write() as connection:
        now = ward.clinic.clock.now()
        if action is Action.ACCEPT and may(role, action) and after(stage, Action.HAND_OVER):
            handling.hand_over(Step(connection, store.vault, case.id, ward.olga, now), me)
        if action is Action.SHOW_AGAIN and after(stage, Action.SNOOZE):
            until = now + timedelta(hours=1)
            snoozing.snooze(Step(connection, store.vault, case.id, ward.olga, now), until, "she sleeps")
        if action is Action.HAND_BACK:
            takeovers.begin(connection, case.patient_id, ward.olga, now)
    return ward.clinic.escalation(case.patient_id)


@pytest.mark.parametrize(("role", "action", "stage"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_a_step_is_offered_and_taken_only_where_the_tables_allow(
    ward: Ward, role: Role, action: Action, stage: Stage
) -> None:
    desk, clinic, case = ward.desks[role], ward.clinic, prepared(ward, role, action, stage)
    page = desk.get(f"/console/escalation/{case.id}")
    assert page.status_code == (200 if may(role, Action.VIEW) else 403)
    if action is Action.VIEW:
        return
    allowed, then = may(role, action), after(stage, action)
    if action is Action.MARK_MISSED:
        path, fields = (
            f"/console/patients/{clinic.code(case.patient_id)}/missed/{case.message_id}",
            {
                "tier": "emergency",
                "kind": "suicide",
            },
        )
    else:
        name, fields = FORMS[action]
        path = f"/console/escalation/{case.id}/{name}"
        offered = f'action="{path}"' in page.text
        assert offered is (allowed and then is not None)
    given = {"csrf": ward.tokens[role], "version": str(case.version), "to": ward.olga, **fields}
    answer = desk.client.post(path, data=given, follow_redirects=False)
    now = clinic.escalation(case.patient_id)
    if allowed and then is not None:
        assert answer.status_code == 303
        assert now.state is then
    else:
        assert answer.status_code == (409 if allowed else 403)
        assert (now.state, now.version) == (case.state, case.version)
        assert clinic.actions()[-1] == ("escalation.conflict" if allowed else "refused")


@pytest.mark.parametrize("role", [role for role in Role if not may(role, Action.NOTE)])
def test_who_may_only_read_is_offered_no_step_at_all(ward: Ward, role: Role) -> None:
    for stage in Stage:
        page = ward.desks[role].get(f"/console/escalation/{ward.case(stage, ward.olga).id}").text
        assert 'action="/console/escalation' not in page


def test_a_step_without_the_forms_token_is_not_taken(ward: Ward) -> None:
    case = ward.case(Stage.OPEN, ward.olga)
    desk = ward.desks[Role.CLINICIAN]
    for token in ("", "0" * 64, ward.tokens[Role.SUPERVISOR]):
        answer = desk.client.post(f"/console/escalation/{case.id}/acknowledge", data={"csrf": token})
        assert answer.status_code == 403
    assert ward.clinic.escalation(case.patient_id).state is Stage.OPEN
