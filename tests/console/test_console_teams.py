"""Teams: each door to a patient asks whose patient it is, whoever knocks and however they came to be let in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from clinic import Clinic, Desk, Enter, build, token_in

from bot.console import app
from bot.console.pages.teams import MAY
from bot.store import escalations, glass, handling, invitations, judging, patients, replies, staff, teams
from bot.store.access import Role
from bot.store.lifecycle import Action, Crossing, may, may_cross
from bot.store.patients import Address
from bot.store.steps import Step
from bot.store.types import PatientId, StaffId, TeamId

TEAMS = "/console/teams"
# It tells whose patient it is and lets in for a reason; it shows nothing of the patient's.
GLASS = "/patients/{code}/glass"
# (method, address): every door to one patient, from the console's own tables, so that a new one is tried, too.
DOORS = sorted(
    (method, path)
    for method, table in (("GET", (*app.VIEWS, *app.LIVE)), ("POST", app.STEPS))
    for path, *_ in table
    if ("{code}" in path or path.startswith("/escalation/")) and path != GLASS
)
NAME, WORDS = "Aurelia", "The pills are in my hand"
# How somebody stands to a patient -> whether they may see who it is.
STANDINGS = {
    "in their team": True,
    "they are of no team": True,
    "in another team": False,
    "in no team": False,
    "taken out of their team": False,
    "has the case": True,
    "was offered the case": True,
    "was paged for the case": True,
    "had the case, resolved two days ago": False,
    "opened it an hour ago": True,
    "opened it five hours ago": False,
    "a colleague opened it": False,
}
AGO = {"had the case, resolved two days ago": 50, "opened it an hour ago": 1, "opened it five hours ago": 5}
SHIFT = timedelta(hours=6)  # shorter than what ends a session


class Ward:
    """Two teams, somebody of each role, and Olga, who is of the first."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.count = clinic, 0
        self.ids = {role: clinic.staff(role, role.title(), role) for role in Role}
        self.olga = clinic.staff("olga", "Olga Lind", "supervisor")
        self.desks = {role: Desk(clinic) for role in Role}
        with clinic.store.write() as connection:
            made = [teams.add(connection, site, "Day team", clinic.clock.now()) for site in ("North", "South")]
            self.theirs, self.other = (TeamId(str(one)) for one in made)
            teams.put_in(connection, self.olga, self.theirs)
        self.came: dict[Role, datetime] = {}
        for role in Role:
            self._come(role)

    def _come(self, role: Role) -> None:
        """Log in, where the session may have ended: each patient takes some minutes of the clock."""
        now = self.clinic.clock.now()
        if now - self.came.get(role, now - SHIFT) >= SHIFT:
            self.desks[role].log_in(role, wanted="/console/health")
            self.came[role] = now

    def stand(self, role: Role, standing: str) -> Address:
        """A patient in danger, to whom somebody of that role stands so."""
        clinic, me, ago = self.clinic, self.ids[role], AGO.get(standing, 0)
        clinic.clock.turn(timedelta(hours=-ago))
        self.count += 1
        who, case = clinic.emergency(f"{NAME} {self.count}")
        if standing == "was paged for the case":
            clinic.page(case, clinic.reach(me, "sms", f"+4477009{self.count:05}"))
        self._belong(me, who.patient_id, standing)
        self._have(me, case.id, standing)
        if "opened it" in standing:
            self._break(self.olga if standing.startswith("a colleague") else me, who.patient_id)
        clinic.clock.turn(timedelta(hours=ago))
        self._come(role)
        return who

    def _belong(self, me: StaffId, patient_id: PatientId, standing: str) -> None:
        with self.clinic.store.write() as connection:
            for team in (self.theirs, self.other):
                teams.take_out(connection, me, team)
            if standing != "they are of no team":
                teams.move(connection, patient_id, self.theirs)
            if standing in ("in their team", "taken out of their team"):
                teams.put_in(connection, me, self.theirs)
            if standing == "taken out of their team":
                teams.take_out(connection, me, self.theirs)
            if standing == "in another team":
                teams.put_in(connection, me, self.other)

    def _have(self, me: StaffId, case_id: escalations.EscalationId, standing: str) -> None:
        vault, now = self.clinic.store.vault, self.clinic.clock.now()
        with self.clinic.store.write() as connection:
            if standing.startswith("ha"):
                handling.acknowledge(Step(connection, vault, case_id, me, now))
            if standing.startswith("had"):
                judging.resolve(Step(connection, vault, case_id, me, now), {"outcome": "referred"})
            if standing == "was offered the case":
                handling.acknowledge(Step(connection, vault, case_id, self.olga, now))
                handling.hand_over(Step(connection, vault, case_id, self.olga, now), me)

    def _break(self, opener: StaffId, patient_id: PatientId) -> None:
        with self.clinic.store.write() as connection:
            vault, now = self.clinic.store.vault, self.clinic.clock.now()
            glass.break_(connection, vault, opener, patient_id, "danger", "she rang", now)


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    clinic = build(tmp_path_factory.mktemp("ward"))
    yield Ward(clinic)
    clinic.store.close()


def is_a_case_of(role: Role, standing: str) -> bool:
    """Only who may take a case has one, is offered one or is paged for one."""
    return "case" not in standing or may(role, Action.ACKNOWLEDGE)


CELLS = [(role, standing) for role in Role for standing in STANDINGS if is_a_case_of(role, standing)]


@pytest.mark.parametrize(("role", "standing"), CELLS)
def test_every_door_to_a_patient_asks_whose_it_is(role: Role, standing: str, ward: Ward) -> None:
    who = ward.stand(role, standing)
    clinic, desk, case = ward.clinic, ward.desks[role], ward.clinic.escalation(who.patient_id)
    token, code = token_in(desk.get("/console/health").text), clinic.code(who.patient_id)
    message = case.message_id
    for method, path in DOORS:
        at = path.replace("{code}", code).replace("{message:row}", str(message))
        at = at.replace("{id}", case.id if "/escalation/" in path else "0" * 32)
        form = {"csrf": token, "note": "x", "text": "x", "once": "x1"}
        if method == "GET":
            answer = desk.get(f"/console{at}", follow_redirects=False)
        else:
            answer = desk.client.post(f"/console{at}", data=form, follow_redirects=False)
        is_at_the_glass = f"/patients/{code}/glass" in answer.headers.get("location", "")
        if STANDINGS[standing] and role is not Role.RESEARCHER:
            assert not is_at_the_glass, at
            continue
        assert is_at_the_glass or answer.status_code == 403, at
        assert NAME not in answer.text and WORDS not in answer.text, at
        assert clinic.escalation(who.patient_id) == case, at
        told = clinic.actions()[-1]
        assert told == ("refused.other_team" if is_at_the_glass else told) and told.startswith("refused"), at


@pytest.mark.parametrize("standing", list(STANDINGS))
def test_lists_hold_whom_one_may_see(standing: str, ward: Ward) -> None:
    who = ward.stand(Role.CLINICIAN, standing)
    ward.clinic.asks(who, "talk_to_human")
    desk, code = ward.desks[Role.CLINICIAN], ward.clinic.code(who.patient_id)
    queue = desk.get("/console/").text
    assert (f"Patient {code}" in queue) is STANDINGS[standing]
    is_of_mine = standing in ("in their team", "they are of no team")
    assert (f"/patients/{code}#requests" in queue) is is_of_mine
    assert (f"/patients/{code}" in desk.get("/console/patients").text) is is_of_mine


def test_what_nobody_of_another_team_has_taken_is_seen_by_all_but_not_whose_it_is(clinic: Clinic, enter: Enter) -> None:
    ward, ana = Ward(clinic), enter()
    who = ward.stand(Role.CLINICIAN, "in another team")
    code, case = clinic.code(who.patient_id), clinic.escalation(who.patient_id).code
    seen = ana.get("/console/").text
    assert "Other teams" in seen and case in seen and "North, Day team" in seen and code not in seen
    assert "<title>Queue" in seen  # not counted among one's own
    olga = Desk(clinic)
    olga.log_in("olga")
    olga.post(f"/console/escalation/{clinic.escalation(who.patient_id).id}/acknowledge")
    assert case not in ana.get("/console/").text
    clinic.minutes(6 * 60)
    assert case in ana.get("/console/").text  # nobody has called the person yet


def test_glass_is_broken_for_a_reason_in_words_for_four_hours_and_is_looked_at(clinic: Clinic, enter: Enter) -> None:
    ward, ben = Ward(clinic), enter("ben", "Ben Ode", "clinician")
    who = ward.stand(Role.CLINICIAN, "in another team")
    case, code = clinic.escalation(who.patient_id), clinic.code(who.patient_id)
    at = f"/console/escalation/{case.id}"
    page = ben.get(at)
    assert "North, Day team" in page.text and NAME not in page.text
    for lacking in ({}, {"reason": "danger"}, {"words": "she rang"}, {"reason": "curious", "words": "hm"},
                    {"reason": "danger", "words": "x" * 2001}):  # fmt: skip
        answer = ben.post(f"/console/patients/{code}/glass", at, next=at, **lacking)
        assert answer.status_code == 422 and NAME not in answer.text
    assert NAME not in ben.get(at).text
    opened = ben.post(f"/console/patients/{code}/glass", at, next=at, reason="danger", words="She rang <b>me</b>.")
    assert opened.url.path == at and NAME in opened.text
    assert "glass.broken" in clinic.actions()
    assert all("rang" not in entry.detail for entry in entries(clinic))
    clinic.minutes(4 * 60 - 1)
    assert NAME in ben.get(at).text
    clinic.minutes(1)
    assert NAME not in ben.get(at).text


# Step -> the page that it is taken from, and what is typed in it.
FROM: dict[str, tuple[str, dict[str, str]]] = {
    "/escalation/{id}/note": ("/escalation/{id}", {"note": "She <rang>."}),
    "/patients/{code}/request/{id}": ("/patients/{code}", {}),
    "/patients/{code}/missed/{message}": ("/patients/{code}/missed/{message}", {"why": "She <rang>."}),
    "/patients/{code}/agreed/safety_plan": ("/patients/{code}/agreed", {"signs": "She <rang>."}),
    "/patients/{code}/pause": ("/patients/{code}", {}),
}


@pytest.mark.parametrize("step", FROM)
def test_a_step_on_what_has_closed_gives_the_words_back_and_leads_to_its_page(step: str, ward: Ward) -> None:
    who = ward.stand(Role.CLINICIAN, "opened it five hours ago")
    desk, case = ward.desks[Role.CLINICIAN], ward.clinic.escalation(who.patient_id)
    code, (from_page, typed) = ward.clinic.code(who.patient_id), FROM[step]
    at, page = (
        path.format(id=case.id, code=code, message=case.message_id)
        for path in (f"/console{step}", f"/console{from_page}")
    )
    answer = desk.post(at, **typed)
    glass_at = f"/console/patients/{code}/glass?next={page}"
    assert answer.status_code == 403 and "nothing was kept" in answer.text and f'href="{glass_at}"' in answer.text
    assert ("She &lt;rang&gt;." in answer.text) is bool(typed) and NAME not in answer.text
    assert "What you had written" in answer.text if typed else "copied" not in answer.text
    again = desk.post(f"/console/patients/{code}/glass", glass_at, next=page, reason="danger", words="she rang")
    assert again.status_code == 200 and again.url.path == page and NAME in again.text


def test_a_second_tap_on_the_glass_goes_on_and_opens_nothing_again(clinic: Clinic) -> None:
    ward = Ward(clinic)
    who = ward.stand(Role.CLINICIAN, "in another team")
    desk, code = ward.desks[Role.CLINICIAN], clinic.code(who.patient_id)
    for why in ({"reason": "danger", "words": "she rang"}, {"reason": "danger", "words": "she rang"}, {}):
        assert desk.post(f"/console/patients/{code}/glass", **why).url.path == f"/console/patients/{code}"
    mine = clinic.code(ward.stand(Role.CLINICIAN, "in their team").patient_id)
    assert desk.post(f"/console/patients/{mine}/glass", reason="danger", words="x").url.path.endswith(mine)
    with clinic.store.read() as connection:
        assert len(glass.listed(connection, clinic.store.vault, clinic.clock.now())) == 1
    assert clinic.actions().count("glass.broken") == 1


def test_who_reads_which_team_a_patient_is_of_leaves_an_entry_and_who_may_see_them_is_led_on(clinic: Clinic) -> None:
    ward = Ward(clinic)
    who = ward.stand(Role.CLINICIAN, "in another team")
    desk, at = ward.desks[Role.CLINICIAN], f"/console/patients/{clinic.code(who.patient_id)}/glass"
    assert "North, Day team" in desk.get(at).text
    entry = entries(clinic)[0]
    assert (entry.action, entry.subject, entry.detail) == ("glass.view", who.patient_id, "")
    assert "North, Day team" in desk.post(at, "/console/health").text  # without a reason
    assert clinic.actions()[-1] == "glass.view"
    seen = clinic.actions().count("glass.view")
    mine = clinic.code(ward.stand(Role.CLINICIAN, "in their team").patient_id)
    assert desk.get(f"/console/patients/{mine}/glass").url.path == f"/console/patients/{mine}"
    assert clinic.actions().count("glass.view") == seen


def entries(clinic: Clinic) -> list[staff.Entry]:
    with clinic.store.read() as connection:
        return staff.entries(connection)


def test_another_than_who_opened_it_looks_at_it_once(clinic: Clinic, enter: Enter) -> None:
    ward = Ward(clinic)
    who = ward.stand(Role.SUPERVISOR, "opened it an hour ago")
    opener, admin = ward.desks[Role.SUPERVISOR], ward.desks[Role.ADMINISTRATOR]
    with clinic.store.read() as connection:
        (one,) = glass.listed(connection, clinic.store.vault, clinic.clock.now())
    seen = f"/console/glass/{one.id}/seen"
    assert opener.post(seen).status_code in (403, 404)
    assert ward.desks[Role.CLINICIAN].post(seen).status_code in (403, 404)
    olga = Desk(clinic)
    olga.log_in("olga")
    assert "opened across teams" in olga.get("/console/").text
    assert "she rang" in olga.get("/console/glass").text
    assert "you have looked at it" in olga.post(seen).text
    assert "Somebody had looked" in admin.post(seen).text
    assert "opened across teams" not in olga.get("/console/").text
    assert clinic.actions().count("glass.reviewed") == 1 and who.patient_id


@pytest.mark.parametrize("role", list(Role))
def test_only_who_cares_breaks_the_glass(role: Role, ward: Ward) -> None:
    who = ward.stand(role, "in another team")
    code = ward.clinic.code(who.patient_id)
    answer = ward.desks[role].post(f"/console/patients/{code}/glass", reason="danger", words="she rang")
    assert (answer.status_code == 200) is may_cross(role, Crossing.BREAK)
    assert (NAME in answer.text) is may_cross(role, Crossing.BREAK)


@pytest.mark.parametrize("standing", [one for one, may_see in STANDINGS.items() if may_see])
def test_a_patient_who_was_only_opened_is_not_moved_to_ones_own_team(standing: str, ward: Ward) -> None:
    who = ward.stand(Role.SUPERVISOR, standing)
    code = ward.clinic.code(who.patient_id)
    was = "" if standing == "they are of no team" else ward.theirs
    ward.desks[Role.SUPERVISOR].post(f"/console/patients/{code}/team", **{"from": was, "team": ward.other})
    assert (team_of(ward, who) == ward.other) is (standing in ("in their team", "they are of no team"))


def team_of(ward: Ward, who: Address) -> TeamId | None:
    with ward.clinic.store.read() as connection:
        return patients.get(connection, ward.clinic.store.vault, who.patient_id).team_id


def test_who_is_second_to_give_a_patient_to_a_team_is_told_and_undoes_nothing(clinic: Clinic) -> None:
    ward = Ward(clinic)
    who = ward.stand(Role.SUPERVISOR, "in their team")
    with clinic.store.write() as connection:
        teams.put_in(connection, ward.ids[Role.SUPERVISOR], ward.other)
    desk, at = ward.desks[Role.SUPERVISOR], f"/console/patients/{clinic.code(who.patient_id)}"
    assert f'name="from" value="{ward.theirs}"' in desk.get(at).text
    given = desk.post(f"{at}/team", at, **{"from": ward.theirs, "team": ward.other})
    assert "is given to the other team" in given.text and team_of(ward, who) == ward.other
    for seen in ({"from": ward.theirs}, {}):
        answer = desk.post(f"{at}/team", at, team="", **seen)
        assert answer.status_code == 409 and "A colleague gave this patient" in answer.text
        assert f'name="from" value="{ward.other}"' in answer.text and team_of(ward, who) == ward.other
    assert clinic.actions().count("patient.moved") == 1 and clinic.actions()[-1] == "patient.conflict"


def test_a_form_that_names_no_team_gives_nobody_to_all(clinic: Clinic) -> None:
    ward = Ward(clinic)
    who = ward.stand(Role.SUPERVISOR, "in their team")
    code = clinic.code(who.patient_id)
    answer = ward.desks[Role.SUPERVISOR].post(f"/console/patients/{code}/team", **{"from": ward.theirs})
    assert answer.status_code == 422 and "named no team" in answer.text
    answer = ward.desks[Role.ADMINISTRATOR].post(f"{TEAMS}/give", code=code)
    assert answer.status_code == 422 and "named no team" in answer.text
    assert team_of(ward, who) == ward.theirs


STEPS: dict[str, dict[str, str]] = {
    "add": {"site": "West", "name": "Night team"},
    "{team}/rename": {"site": "West", "name": "Night team"},
    "{team}/remove": {},
    "{team}/join": {"login": "olga"},
    "{team}/leave": {"login": "olga"},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("what", list(STEPS))
def test_teams_are_changed_by_administrators_alone(what: str, role: Role, ward: Ward) -> None:
    before = set(ward.clinic.actions())
    with ward.clinic.store.write() as connection:
        made = teams.add(connection, f"{role} {what}", "Day team", ward.clinic.clock.now())
    answer = ward.desks[role].post(f"{TEAMS}/{what.format(team=made)}", **STEPS[what])
    assert (answer.status_code in (200, 422)) is (role in MAY["change"])
    assert role in MAY["change"] or set(ward.clinic.actions()) <= before | {"refused"}


def test_a_team_is_made_filled_renamed_and_taken_away(clinic: Clinic, enter: Enter) -> None:
    ana = enter("ana", "Ana Torres", "administrator")
    clinic.staff("ben", "Ben Ode", "clinician")
    assert "The team is there" in ana.post(f"{TEAMS}/add", site="North", name="Day <b>team").text
    assert "team of that name" in ana.post(f"{TEAMS}/add", site="North", name="Day <b>team").text
    assert "Give the site" in ana.post(f"{TEAMS}/add", site="", name="x" * 81).text
    with clinic.store.read() as connection:
        (team,) = teams.listed(connection)
    page = ana.post(f"{TEAMS}/{team.id}/join", login="ben").text
    assert "Take out Ben Ode" in page and "Day &lt;b&gt;team" in page
    who = clinic.patient()
    ana.post(f"{TEAMS}/give", code=clinic.code(who.patient_id).lower(), team=team.id)
    assert "still has patients" in ana.post(f"{TEAMS}/{team.id}/remove").text
    ana.post(f"{TEAMS}/give", code=clinic.code(who.patient_id), team="")
    assert "The team is gone" in ana.post(f"{TEAMS}/{team.id}/remove").text
    assert "No patient has that code" in ana.post(f"{TEAMS}/give", code="ZZZZZZ", team="").text


def test_what_was_typed_about_a_team_comes_back_where_it_was_typed(clinic: Clinic, enter: Enter) -> None:
    ana = enter("ana", "Ana Torres", "administrator")
    with clinic.store.write() as connection:
        north, south = (teams.add(connection, site, "Day", clinic.clock.now()) for site in ("North", "South"))
    page = ana.post(f"{TEAMS}/give", code="zzz <z", team=south).text
    assert "No patient has that code" in page and 'value="zzz &lt;z"' in page
    assert re.findall(r'<option value="(\w*)" selected', page) == [south]
    assert re.findall(r'<option value="(\w*)" selected', ana.post(f"{TEAMS}/give", code="zzz", team="").text) == [""]
    page = ana.post(f"{TEAMS}/{south}/rename", site="North", name="Day").text
    assert "team of that name" in page and page.count("<details open>") == 1
    assert f'id="site-{south}" name="site" type="text" required maxlength="80" autocomplete="off" value="North"' in page
    assert 'value="North"' not in page.partition('id="h-add"')[2], north  # the form of another is as it was
    page = ana.post(f"{TEAMS}/add", site="North", name="Day").text
    assert 'value="North"' in page.partition('id="h-add"')[2] and "<details open>" not in page


def test_how_many_ready_replies_go_with_a_team_is_said_beside_the_button(clinic: Clinic, enter: Enter) -> None:
    ana, now, vault = enter("ana", "Ana", "administrator"), clinic.clock.now(), clinic.store.vault
    with clinic.store.write() as connection:
        me = staff.by_login(connection, vault, "ana")
        assert me is not None
        for site, count in (("North", 0), ("South", 1), ("West", 2)):
            made = teams.add(connection, site, "Day", now)
            for n in range(count):
                replies.add(connection, vault, made, f"Hello {n}", "Hello", me.id, now)
        replies.add(connection, vault, None, "Every team's", "Hello", me.id, now)
    forms = re.findall(r'/remove">(.*?)</form>', ana.get(TEAMS).text)
    assert ["ready repl" in form for form in forms] == [False, True, True]
    assert "Its ready reply goes with it." in forms[1] and "Its 2 ready replies go with it." in forms[2]


def test_who_joins_by_an_invitation_is_its_teams_patient(clinic: Clinic) -> None:
    who, now = clinic.patient(), clinic.clock.now()
    with clinic.store.write() as connection:
        team = teams.add(connection, "North", "Day team", now)
        assert team
        code = invitations.create(connection, now, team)
        assert invitations.use(connection, code, who.patient_id, now)
        assert not invitations.use(connection, code, who.patient_id, now)
        assert patients.get(connection, clinic.store.vault, who.patient_id).team_id == team
