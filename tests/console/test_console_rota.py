"""The rota, how staff are reached, the red bar on every page, and messages that somebody marks as missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clinic import Clinic, Desk, Enter

from bot.console.clocks import Clock, Limit, urgency
from bot.console.pages.reach import masked
from bot.console.times import left, span
from bot.store import contacts, evaluation, pages, rota, staff, troubles
from bot.store.escalations import Escalation
from bot.store.lifecycle import Stage
from bot.store.rota import Post, Shift
from bot.store.types import StaffId

ROTA = "/console/rota"
BAR = 'class="alarms"'


def member(clinic: Clinic, login: str) -> StaffId:
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, login)
    assert found is not None
    return found.id


def shifts(clinic: Clinic) -> list[Shift]:
    with clinic.store.read() as connection:
        return rota.between(connection, clinic.clock.now(), clinic.clock.now() + timedelta(days=30))


@pytest.fixture
def ana(enter: Enter, clinic: Clinic) -> Desk:
    """A supervisor who can be paged."""
    desk = enter()
    clinic.reach(member(clinic, "ana"), "sms", "+447700900123", "delivered")
    return desk


@pytest.fixture
def ben(enter: Enter) -> StaffId:
    """A clinician, whom nobody can page yet."""
    desk = enter("ben", "Ben Okafor", "clinician")
    return member(desk.clinic, "ben")


def add(desk: Desk, who: StaffId, **fields: str) -> int:
    given = {"who": who, "post": "on_call", "starts": "2026-11-24T09:00", "ends": "2026-11-24T17:00", "days": "1"}
    return int(desk.post(f"{ROTA}/add", ROTA, **{**given, **fields}).status_code)


def test_a_shift_is_added_for_days_in_a_row_at_the_same_hours(clinic: Clinic, ana: Desk, ben: StaffId) -> None:
    assert add(ana, ben, starts="2027-03-27T22:00", ends="2027-03-28T08:00", days="2") == 200
    with clinic.store.read() as connection:
        found = rota.between(connection, datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 30, tzinfo=UTC))
    told = [(f"{one.starts_at:%d %H:%M}", f"{one.ends_at:%d %H:%M}") for one in found]
    assert told == [("27 22:00", "28 07:00"), ("28 21:00", "29 07:00")]  # clocks go forward on the 28th in London
    assert clinic.actions().count("rota.add") == 1 and clinic.woken


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"who": "nobody"}, "who"),
        ({"post": "king"}, "post"),
        ({"starts": ""}, "starts"),
        ({"ends": "later"}, "ends"),
        ({"ends": "2026-11-24T08:00"}, "ends"),
        ({"ends": "2026-11-29T08:00"}, "ends"),
        ({"starts": "2026-11-20T09:00", "ends": "2026-11-20T17:00"}, "ends"),
        ({"days": "0"}, "days"),
        ({"days": "99"}, "days"),
    ],
)
def test_a_shift_that_makes_no_sense_is_told(
    clinic: Clinic, ana: Desk, ben: StaffId, fields: dict[str, str], missing: str
) -> None:
    given = {"who": ben, "post": "on_call", "starts": "2026-11-24T09:00", "ends": "2026-11-24T17:00", "days": "1"}
    answer = ana.post(f"{ROTA}/add", ROTA, **{**given, **fields})
    assert answer.status_code == 422 and f'id="problem-{missing}"' in answer.text
    assert shifts(clinic) == []


def test_who_may_not_acknowledge_can_not_be_on_a_shift(clinic: Clinic, ana: Desk) -> None:
    kim = clinic.staff("kim", "Kim Sand", "administrator")
    assert add(ana, kim) == 422
    assert "Kim Sand" not in ana.get(ROTA).text


def test_who_is_on_call_now_is_told_with_covers(clinic: Clinic, ana: Desk, ben: StaffId) -> None:
    shift = clinic.shift(member(clinic, "ana"), -1, 10)
    clinic.shift(ben, -1, 24, Post.LEAD)
    assert "<dt>On call</dt><dd><strong>Ana Torres</strong>" in ana.get(ROTA).text
    answer = ana.post(
        f"{ROTA}/{shift.id}/cover", f"{ROTA}/{shift.id}", who=ben, starts="2026-11-24T02:00", ends="2026-11-24T04:00"
    )
    assert "The cover is in the rota." in answer.text
    assert "<dt>On call</dt><dd><strong>Ben Okafor</strong>" in answer.text
    assert "<dt>Lead</dt><dd><strong>Ben Okafor</strong>" in answer.text and "stands in, Tue 24 Nov" in answer.text
    (cover,) = [one for one in shifts(clinic) if one.instead_of]
    assert "rota.cover" in clinic.actions()
    assert "The shift is off." in ana.post(f"{ROTA}/{cover.id}/remove", ROTA).text
    assert "<dt>On call</dt><dd><strong>Ana Torres</strong>" in ana.get(ROTA).text


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"who": ""}, "who"),
        ({"starts": "2026-11-26T09:00", "ends": "2026-11-26T10:00"}, "starts"),
        ({"ends": "2026-11-24T01:30"}, "ends"),
    ],
)
def test_a_cover_lies_within_its_shift(
    clinic: Clinic, ana: Desk, ben: StaffId, fields: dict[str, str], missing: str
) -> None:
    shift = clinic.shift(member(clinic, "ana"), -1, 10)
    given = {"who": ben, "starts": "2026-11-24T02:00", "ends": "2026-11-24T04:00", **fields}
    answer = ana.post(f"{ROTA}/{shift.id}/cover", f"{ROTA}/{shift.id}", **given)
    assert answer.status_code == 422 and f'id="problem-{missing}"' in answer.text
    assert len(shifts(clinic)) == 1


def test_a_gap_is_shown_days_ahead_on_the_rota_and_in_the_bar(clinic: Clinic, ana: Desk) -> None:
    me = member(clinic, "ana")
    clinic.shift(me, -1, 25)
    clinic.shift(me, 34, 24 * 20)
    told = "Wed 25 Nov, 02:12–12:12 GMT"
    page = ana.get(ROTA).text
    assert "Gap: nobody is on call" in page and told in page
    assert f"Nobody is on call {told}." in ana.get("/console/patients").text
    clinic.shift(me, 23, 12)
    assert BAR not in ana.get(ROTA).text and "Gap:" not in ana.get(ROTA).text


def test_a_gap_further_ahead_is_on_the_rota_alone(clinic: Clinic, ana: Desk) -> None:
    clinic.shift(member(clinic, "ana"), -1, 24 * 7)
    page = ana.get(ROTA).text
    assert "Gap: nobody is on call" in page and BAR not in page


def test_a_removed_shift_leaves_its_gap_to_be_seen(clinic: Clinic, ana: Desk) -> None:
    shift = clinic.shift(member(clinic, "ana"), -1, 24 * 20)
    clinic.shift(member(clinic, "ana"), 24 * 20, 1)
    answer = ana.post(f"{ROTA}/{shift.id}/remove", f"{ROTA}/{shift.id}")
    assert "Nobody is on call" in answer.text and "rota.remove" in clinic.actions()
    assert ana.post(f"{ROTA}/{shift.id}/remove", ROTA).status_code == 404


PLANS = [
    ("supervisor", True, True),
    ("administrator", True, True),
    ("clinician", False, True),
    ("researcher", False, False),
]


@pytest.mark.parametrize(("role", "plans", "covers"), PLANS)
def test_who_may_change_the_rota(clinic: Clinic, enter: Enter, role: str, plans: bool, covers: bool) -> None:
    desk = enter("kim", "Kim Sand", role)
    olga, ida = clinic.staff("olga", "Olga Lind", "clinician"), clinic.staff("ida", "Ida Berg", "clinician")
    shift = clinic.shift(olga, -1, 10)
    assert desk.get(ROTA).status_code == (403 if role == "researcher" else 200)
    given = {"starts": "2026-11-24T02:30", "ends": "2026-11-24T04:00", "who": ida}
    assert desk.post(f"{ROTA}/{shift.id}/cover", **given).status_code == (200 if covers else 403)
    assert desk.post(f"{ROTA}/add", post="on_call", days="1", **given).status_code == (200 if plans else 403)
    assert desk.post(f"{ROTA}/{shift.id}/remove").status_code == (200 if plans else 403)


def test_only_ones_own_addresses_are_shown_and_masked(clinic: Clinic, ana: Desk, ben: StaffId) -> None:
    clinic.reach(ben, "telegram", "8812345678", "failed", "403 blocked")
    clinic.reach(ben, "apprise", "mailto://ben:secret@clinic.example")
    page = ana.get(ROTA).text
    assert "•••• 0123" in page and "+44770090" not in page
    assert "Last: failed (403 blocked)" in page and "Never tried" in page
    for private in ("8812345678", "•••• 5678", "secret", "clinic.example"):
        assert private not in page


@pytest.mark.parametrize(
    ("address", "shown"),
    [("+447700900123", "•••• 0123"), ("12345678", "••••"), ("1", "••••"), ("123456789", "•••• 6789")],
)
def test_of_an_address_only_the_end_can_be_read(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_a_test_page_goes_to_oneself_and_is_marked(clinic: Clinic, ana: Desk, ben: StaffId) -> None:
    theirs = clinic.reach(ben, "telegram", "8812345678")
    with clinic.store.read() as connection:
        (mine,) = contacts.listed(connection, [member(clinic, "ana")])
    assert ana.post(f"{ROTA}/test/{theirs.id}", ROTA).status_code == 404
    assert "A test page is on its way to you." in ana.post(f"{ROTA}/test/{mine.id}", ROTA).text
    with clinic.store.read() as connection:
        ready = [pages.get(connection, one) for one in pages.ready(connection, clinic.clock.now())]
    assert [(one.contact_id, one.drill) for one in ready if one] == [(mine.id, True)]
    assert clinic.woken == ["woken"] and "page.test" in clinic.actions()
    assert "Test page" in ana.get("/console/").text


@pytest.mark.parametrize(
    "path", ["/console/", "/console/patients", "/console/aside", "/console/health", ROTA, "/console/no"]
)
def test_the_bar_is_on_every_page_while_nobody_can_be_paged(clinic: Clinic, enter: Enter, path: str) -> None:
    desk = enter()
    assert "Nobody can be paged" in desk.get(path).text
    clinic.reach(member(clinic, "ana"), "sms", "+447700900123")
    assert BAR not in desk.get(path).text


def test_the_bar_is_on_no_page_of_a_stranger(clinic: Clinic) -> None:
    assert BAR not in Desk(clinic).get("/console/login").text


def test_a_person_in_danger_of_whom_nobody_hears_is_in_the_bar(clinic: Clinic, ana: Desk) -> None:
    _, case = clinic.emergency()
    with clinic.store.read() as connection:
        (way,) = contacts.listed(connection)
    clinic.page(case, way, "failed", "30003")
    told = f"Paging reaches nobody for {case.code}."
    assert told in ana.get("/console/health").text
    ana.post(f"/console/escalation/{case.id}/acknowledge")
    assert told not in ana.get("/console/health").text


def test_a_way_that_fails_is_in_the_bar(clinic: Clinic, ana: Desk, ben: StaffId) -> None:
    clinic.reach(ben, "sms", "+447700900456", "failed", "30003")
    assert "Pages to Ben Okafor by SMS fail (30003)." in ana.get("/console/patients").text
    clinic.reach(ben, "call", "+447700900456", "failed", "busy")
    assert "2 ways to reach staff fail." in ana.get("/console/patients").text


def test_what_the_operator_was_told_is_in_the_bar(clinic: Clinic, ana: Desk) -> None:
    with clinic.store.write() as connection:
        found = {
            "numbers": "3 crisis numbers were confirmed too long ago",
            "rota_gap": "told above",
            "unheard.K7QXM": "too",
        }
        troubles.settle(connection, clinic.clock.now(), found)
        troubles.told(connection, ["numbers"], clinic.clock.now())
    page = ana.get("/console/patients").text
    assert "The operator was told: 3 crisis numbers were confirmed too long ago" in page
    assert "told above" not in page and "too<" not in page
    assert "told above" in ana.get("/console/health").text


def test_the_bar_of_the_queue_is_live(clinic: Clinic, ana: Desk) -> None:
    mark = ana.get("/console/").text.split('data-mark="')[1][:16]
    assert ana.get(f"/console/live?mark={mark}").status_code == 204
    with clinic.store.write() as connection:
        troubles.settle(connection, clinic.clock.now(), {"pages": "a page has waited for over a minute"})
    answer = ana.get(f"/console/live?mark={mark}").text
    assert '<div id="alarms">' in answer and "a page has waited for over a minute" in answer


def test_a_message_that_was_missed_opens_an_escalation_at_once(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient()
    message = clinic.writes(who, "I gave the dog to my sister, he is better off")
    code = clinic.code(who.patient_id)
    page = ana.get(f"/console/patients/{code}").text
    path = f"/console/patients/{code}/missed/{message}"
    assert f'href="{path}"' in page
    assert "I gave the dog to my sister" in ana.get(path).text
    assert 'id="problem-tier"' in ana.post(path, path, kind="suicide").text
    page = ana.post(path, path, tier="urgent", kind="suicide", why="She gives things away").text
    made = clinic.escalation(who.patient_id)
    assert (made.state, made.tier, made.missed, made.message_id) == (Stage.OPEN, "urgent", True, message)
    assert made.next_page_at is not None and clinic.woken == ["woken"]  # staff are paged
    assert (
        "Missed by the screen" in page
        and "Why: She gives things away" in page
        and made.code in ana.get("/console/").text
    )
    with clinic.store.read() as connection:
        (line,) = evaluation.verdicts(connection, clinic.store.vault)
    assert (line.verdict, line.screened, line.tier, line.kind) == ("missed", "none", "urgent", "suicide")
    assert line.text.startswith("I gave the dog")
    assert "<dt>Missed</dt><dd>1</dd>" in ana.get("/console/health").text
    assert "escalation.missed" in clinic.actions()


def test_a_message_of_somebody_else_can_not_be_marked(clinic: Clinic, ana: Desk) -> None:
    ada, bea = clinic.patient("Ada"), clinic.patient("Bea")
    message = clinic.writes(ada, "all is well")
    path = f"/console/patients/{clinic.code(bea.patient_id)}/missed/{message}"
    assert ana.get(path).status_code == 404
    assert ana.post(path, tier="urgent", kind="suicide").status_code == 404
    assert ana.get(path.rpartition("/")[0] + "/99999").status_code == 404


def test_a_false_alarm_stays_with_its_message_when_the_case_opens_again(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient()
    song = clinic.writes(who, "that song: I want to die", "urgent", "suicide")
    case = clinic.escalation(who.patient_id)
    ana.post(f"/console/escalation/{case.id}/acknowledge")
    ana.post(f"/console/escalation/{case.id}/false_alarm", version="2", verdict="a song")
    clinic.minutes(60)
    clinic.writes(who, "I mean it now", "emergency", "suicide")
    with clinic.store.read() as connection:
        (line,) = evaluation.verdicts(connection, clinic.store.vault)
    assert (line.message_id, line.verdict) == (song, "false_alarm")


NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_the_tier_comes_first_then_what_is_late_then_what_waits_longest(clinic: Clinic) -> None:
    def row(tier: str, minutes: int, late: bool) -> tuple[Escalation, Clock]:
        who = clinic.patient(f"{tier}{minutes}{late}")
        clinic.writes(who, "x", tier, "suicide")
        made = clinic.escalation(who.patient_id)
        due_at = NOW + timedelta(minutes=-1 if late else 1)
        object.__setattr__(made, "opened_at", NOW - timedelta(minutes=minutes))
        return made, Clock(Limit.ACKNOWLEDGE, due_at)

    rows = [row("urgent", 90, True), row("emergency", 3, False), row("emergency", 2, True), row("emergency", 4, False)]
    found = sorted(rows, key=lambda pair: urgency(*pair, NOW))
    assert found == [rows[2], rows[3], rows[1], rows[0]]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (4.5, "in 4 min"),
        (0.5, "in less than a minute"),
        (-125, "overdue by 2 h 5 min"),
        (240, "in 4 h"),
        (0, "overdue by less than a minute"),
    ],
)
def test_a_limit_is_told_in_words(minutes: float, told: str) -> None:
    assert left(NOW + timedelta(minutes=minutes), NOW) == told


def test_a_span_names_its_days_and_zone() -> None:
    assert span((NOW, NOW + timedelta(hours=2)), "Europe/London") == "Wed 1 Jul, 13:00–15:00 BST"
    assert span((NOW, NOW + timedelta(hours=20)), "UTC") == "Wed 1 Jul, 12:00 to Thu 2 Jul, 08:00 UTC"
