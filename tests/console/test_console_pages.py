"""The other pages, the order of the queue, who may see what, and the entry that each view leaves."""

from __future__ import annotations

import importlib
import re
import threading

import pytest
from clinic import CRY, Clinic, Desk, Enter

from bot.console.pages import aside
from bot.store import inbox, outbox, staff
from bot.store.tables import audit, lanes
from bot.store.types import PatientId


def codes(page: str) -> list[str]:
    return re.findall(r'row-code code">([A-Z0-9]+)<', page)


def test_the_queue_is_in_order(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    made = {}
    for name, tier in (
        ("old_watch", "watch"),
        ("old_urgent", "urgent"),
        ("first", "emergency"),
        ("new_urgent", "urgent"),
        ("second", "emergency"),
        ("taken", "emergency"),
        ("done", "watch"),
    ):
        who = clinic.patient(name)
        clinic.writes(who, "x", tier, "suicide")
        clinic.minutes(1)
        made[name] = clinic.escalation(who.patient_id)
    for name in ("taken", "done"):
        desk.post(f"/console/escalation/{made[name].id}/acknowledge")
    desk.post(f"/console/escalation/{made['done'].id}/false_alarm", version="2", verdict="a song")
    wanted = [made[name].code for name in ("first", "second", "old_urgent", "new_urgent", "old_watch", "taken", "done")]
    page = desk.get("/console/").text
    assert codes(page) == wanted
    assert "<title>(5) Queue" in page and "open for <time" in page and ">7 min<" in page and "You have it" in page
    clinic.minutes(7 * 24 * 60 + 1)
    desk.log_in()
    assert made["done"].code not in codes(desk.get("/console/").text)


def test_the_queue_can_be_cut_to_mine_or_nobodys_and_counts_all_the_same(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    made = {}
    for name in ("mine", "theirs", "nobodys"):
        who = clinic.patient(name)
        clinic.writes(who, "x", "urgent", "suicide")
        made[name] = clinic.escalation(who.patient_id)
    desk.post(f"/console/escalation/{made['mine'].id}/acknowledge")
    clinic.take(made["theirs"].patient_id, "ben", "Ben Okafor")
    for show, names in (("all", ["nobodys", "mine", "theirs"]), ("mine", ["mine"]), ("unassigned", ["nobodys"])):
        page = desk.get(f"/console/?show={show}").text
        assert set(codes(page)) == {made[name].code for name in names}, show
        assert "<title>(1) Queue" in page and f'id="show-{show}" aria-current="true"' in page
        live = desk.get(f"/console/live?show={show}").text
        assert set(codes(live)) == {made[name].code for name in names}, show
    assert len(codes(desk.get("/console/?show=<script>").text)) == 3


def test_requests_wait_in_the_queue_until_they_are_done(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who = clinic.patient()
    request, code = clinic.asks(who, "talk_to_human", "please ring me"), clinic.code(who.patient_id)
    page = desk.get("/console/").text
    assert "Wants to talk to a person" in page and "please ring me" not in page
    assert "please ring me" in desk.get(f"/console/patients/{code}").text
    assert "noted as done." in desk.post(f"/console/patients/{code}/request/{request}").text
    assert "before you" in desk.post(f"/console/patients/{code}/request/{request}").text
    assert "Wants to talk to a person" not in desk.get("/console/").text
    assert clinic.actions().count("request.done") == 1


def test_the_queue_is_sent_again_only_when_it_changed(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    mark = re.search(r'data-mark="(\w+)"', desk.get("/console/").text)
    assert mark
    views = clinic.actions().count("queue.view")
    clinic.minutes(3)
    assert desk.get(f"/console/live?mark={mark[1]}").status_code == 204
    assert clinic.actions().count("queue.view") == views
    clinic.emergency()
    answer = desk.get(f"/console/live?mark={mark[1]}")
    assert answer.status_code == 200 and "<html" not in answer.text and 'data-count="1"' in answer.text
    assert clinic.actions().count("queue.view") == views + 1


VIEWS = {
    "/console/": ["queue.view"],
    "/console/live": ["queue.view"],
    "/console/escalation/{escalation}": ["escalation.view"],
    "/console/patients": ["patients.list"],
    "/console/patients/{code}": ["patient.view"],
    "/console/patients/{code}/missed/{message}": ["patient.view"],
    "/console/escalation/{escalation}/live": ["escalation.view"],
    "/console/rota": ["rota.view"],
    "/console/rota/{shift}": ["rota.view"],
    "/console/aside": ["aside.list"],
    "/console/audit": ["audit.view"],
    "/console/health": [],
    "/console/nowhere": [],
}
STEPS = {
    "/console/escalation/{escalation}/acknowledge": ["escalation.view", "escalation.acknowledge", "escalation.view"],
    "/console/escalation/{escalation}/note": ["escalation.view", "escalation.note", "escalation.view"],
    "/console/escalation/{escalation}/take_over": ["escalation.view", "escalation.take_over", "escalation.view"],
    "/console/patients/{code}/missed/{message}": ["patient.view", "escalation.missed", "escalation.view"],
    "/console/rota/{shift}/remove": ["rota.remove", "rota.view"],
    "/console/rota/{shift}/cover": ["rota.cover", "rota.view"],
    "/console/rota/add": ["rota.add", "rota.view"],
    "/console/find": ["patients.find", "patient.view"],
    "/console/patients/find": ["patients.find", "patient.view"],
    "/console/aside/1": ["aside.open", "aside.list"],
    "/console/health/redrive": ["parked.redrive"],
    "/console/audit/verify": ["audit.verify", "audit.verified", "audit.view"],
    "/console/audit/export": ["audit.export"],
}


def paths(clinic: Clinic) -> dict[str, str]:
    who, escalation = clinic.emergency()
    clinic.set_aside("web", "unreadable", b"?")
    clinic.asks(who, "export_data")
    olga = clinic.staff("olga", "Olga Lind", "clinician")
    return {
        "escalation": escalation.id,
        "code": clinic.code(who.patient_id),
        "patient": who.patient_id,
        "message": str(escalation.message_id),
        "shift": clinic.shift(olga, -1, 10).id,
        "ida": clinic.staff("ida", "Ida Berg", "clinician"),
    }


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_leaves_its_entry(clinic: Clinic, enter: Enter, path: str) -> None:
    desk, names = enter(), paths(clinic)
    before = len(clinic.audit())
    desk.get(path.format(**names))
    assert clinic.actions()[before:] == VIEWS[path]
    assert all(who for _, who in clinic.audit()[before:])


@pytest.mark.parametrize("path", STEPS)
def test_every_step_leaves_its_entry(clinic: Clinic, enter: Enter, path: str) -> None:
    desk, names = enter(), paths(clinic)
    before = len(clinic.audit())
    desk.post(path.format(**names), **filled(names))
    assert clinic.actions()[before:] == STEPS[path]


def filled(names: dict[str, str]) -> dict[str, str]:
    """A form that lacks nothing, whatever the step."""
    times = {"starts": "2026-11-24T03:00", "ends": "2026-11-24T05:00"}
    return {
        "note": "x",
        "sought": names["code"],
        "tier": "urgent",
        "kind": "suicide",
        "who": names["ida"],
        "post": "lead",
        "days": "1",
        **times,
    }


def test_a_view_whose_entry_can_not_be_written_is_not_shown(clinic: Clinic, enter: Enter) -> None:
    desk, names = enter(), paths(clinic)
    with clinic.store.write() as connection:
        audit.drop(connection)
    answer = desk.get(f"/console/patients/{names['code']}")
    assert answer.status_code == 503 and "Madrid" not in answer.text


@pytest.mark.parametrize("path", [path for path in {**VIEWS, **STEPS} if VIEWS.get(path) != []])
def test_a_researcher_is_refused_and_that_is_written_down(clinic: Clinic, enter: Enter, path: str) -> None:
    desk, names = enter("rae", "Rae Lind", "researcher"), paths(clinic)
    before = len(clinic.audit())
    target = path.format(**names)
    answer = desk.post(target, **filled(names)) if path in STEPS else desk.get(target)
    assert answer.status_code == 403 and "Not for your role" in answer.text
    assert "Ana" not in answer.text and names["code"] not in answer.text
    assert clinic.actions()[before:] == ["refused"]
    assert clinic.escalation(PatientId(names["patient"])).state == "open"


@pytest.mark.parametrize("role", ["supervisor", "clinician", "administrator"])
def test_the_other_roles_may_see_patients(clinic: Clinic, enter: Enter, role: str) -> None:
    desk, names = enter("kim", "Kim Sand", role), paths(clinic)
    assert desk.get(f"/console/patients/{names['code']}").status_code == 200


@pytest.mark.parametrize("path", ["/console/", "/console/patients", "/console/health", "/console/nowhere", "/console"])
def test_a_stranger_sees_nothing(clinic: Clinic, path: str) -> None:
    assert Desk(clinic).get(path).url.path == "/console/login"


@pytest.mark.parametrize(
    "path", ["/console/escalation/nope", "/console/patients/ZZZZZZ", "/console/nope", "/console/static/nope.css"]
)
def test_what_is_not_there_is_said_so(enter: Enter, path: str) -> None:
    assert enter().get(path).status_code == 404


def test_the_time_line_holds_all_and_pages_back(clinic: Clinic, enter: Enter) -> None:
    who, escalation = clinic.emergency()
    for i in range(70):
        clinic.writes(who, f"number {i}.")
        clinic.minutes(1)
    desk, code = enter(), clinic.code(who.patient_id)
    first = desk.get(f"/console/patients/{code}").text
    assert "number 69." in first and "number 12." in first and "number 1." not in first
    older = re.search(r'href="([^"]+before=[^"]+)"', first)
    assert older
    page = desk.get(older[1].replace("&amp;", "&")).text
    for words in ("number 1.", escalation.code, "Check-in", "The pills are in my hand", "Back to the newest"):
        assert words in page, words
    seen = set(re.findall(r"number (\d+)\.", first + page))
    assert len(seen) == 70
    assert desk.get(f"/console/patients/{code}?before=yesterday").status_code == 200


def test_what_was_set_aside_is_paged_none_twice_and_none_left_out(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    for n in range(aside.PER_PAGE + 3):
        clinic.set_aside("sms", f"number {n} of all", b"?")
    found: list[str] = []
    address = "/console/aside"
    for _ in range(2):
        page = desk.get(address).text
        found += re.findall(r"Why: number (\d+) of all", page)
        older = re.search(r'href="(/console/aside\?before=\d+)"', page)
        address = older[1] if older else ""
    assert [int(number) for number in found] == list(range(aside.PER_PAGE + 3))[::-1] and not address
    assert "There is nothing older." in desk.get("/console/aside?before=1").text


def test_a_body_that_was_set_aside_is_shown_only_on_asking(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    assert "All that came could be read" in desk.get("/console/aside").text
    clinic.set_aside("telegram", "unknown kind", b"the body of it")
    page = desk.get("/console/aside").text
    assert "Telegram" in page and "unknown kind" in page and "the body of it" not in page
    assert "the body of it" in desk.post("/console/aside/1").text
    assert desk.post("/console/aside/99999999999999999999999").status_code == 404


def test_health_tells_what_waits_and_parked_messages_go_again(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    who = clinic.patient()
    message = clinic.writes(who, "hello?")
    with clinic.store.write() as connection:
        inbox.set_state(connection, message, state=inbox.PARKED, attempts=7)
        outbox.hold(connection, "telegram", clinic.clock.now().replace(year=2027), "429")
    page = desk.get("/console/health").text
    assert "<strong>1</strong> message of patients" in page and "Telegram</strong> until" in page
    assert "1 message is being answered again." in desk.post("/console/health/redrive").text
    assert clinic.woken == ["woken"]
    with clinic.store.read() as connection:
        again = inbox.get(connection, clinic.store.vault, message)
        ready = connection.execute(lanes.select()).one().ready_at
    assert again.state == inbox.WAITING and again.attempts == 0 and ready is not None


def test_health_tells_how_the_audit_stood_when_it_was_last_verified(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    assert "Never verified." in desk.get("/console/health").text
    desk.post("/console/audit/verify")
    page = desk.get("/console/health").text
    assert "<strong>Whole</strong> when it was last verified. All 2 entries" in page and "by Ana Torres" in page
    with clinic.store.write() as connection:
        connection.execute(audit.update().where(audit.c.id == 1).values(action="nothing"))
    assert "<strong>Whole</strong>" in desk.get("/console/health").text  # as of then, and it says so
    desk.post("/console/audit/verify")
    assert "Broken at entry 1." in desk.get("/console/health").text


def test_a_database_that_is_away_is_told_in_plain_words(clinic: Clinic, enter: Enter) -> None:
    desk = enter()
    with clinic.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE sessions")
    answer = desk.get("/console/")
    assert answer.status_code == 503 and "The database does not answer" in answer.text


def test_two_people_have_names(clinic: Clinic, enter: Enter) -> None:
    enter()
    desk = enter("ben", "Ben Okafor", "administrator")
    page = desk.get("/console/staff").text
    assert "Ana Torres" in page and "Ben Okafor" in page
    with clinic.store.read() as connection:
        assert [member.login for member in staff.listed(connection, clinic.store.vault)] == ["ana", "ben"]


def test_what_is_in_no_log(
    clinic: Clinic, enter: Enter, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enter()
    who, escalation = clinic.emergency()
    path = f"/console/escalation/{escalation.id}"
    clinic.set_aside("web", "unreadable", CRY.encode())
    desk.get(path)
    desk.get(f"/console/patients/{clinic.code(who.patient_id)}")
    desk.post("/console/aside/1")
    desk.post(f"{path}/note", note="a private note")
    monkeypatch.setitem(clinic.console.templates.filters, "when", _breaks)
    assert desk.get(path).status_code == 500
    written = "".join(capfd.readouterr())
    assert "console.failed" in written
    for private in ("pills", "private note", "Ana", "+34600"):
        assert private not in written
    with clinic.store.read() as connection:
        details = [entry.detail for entry in staff.entries(connection)]
    assert not any("pills" in detail or "note" in detail.split() or "Ana" in detail for detail in details)


def _breaks(*given: object) -> str:
    raise RuntimeError(CRY)


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("/console/safety", "bot.console.measures.page.gather"),
        ("/console/safety/escalations.csv", "bot.console.measures.page.gather"),
        ("/console/audit", "bot.store.trail.page"),
    ],
)
def test_a_page_that_reads_long_keeps_nobody_in_danger_waiting(
    path: str, reads: str, clinic: Clinic, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, written = enter(), []
    module, name = reads.rsplit(".", 1)
    real = getattr(importlib.import_module(module), name)

    def meanwhile() -> None:
        with clinic.store.write():
            written.append(path)

    def slowly(*given: object) -> object:
        writer = threading.Thread(target=meanwhile, daemon=True)
        writer.start()
        writer.join(2)
        return real(*given)

    monkeypatch.setattr(reads, slowly)
    before = len(clinic.actions())
    assert desk.get(path).status_code == 200
    assert written == [path] and len(clinic.actions()) == before + 1
