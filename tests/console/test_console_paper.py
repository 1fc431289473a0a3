"""A case on paper: all of it, nothing to press, and that it was opened is written down."""

from __future__ import annotations

import re
from pathlib import Path

from clinic import CRY, Clinic, Desk, Enter

from bot.store import inbox

STATIC = Path(__file__).parents[2] / "bot" / "console" / "static"


def resolved(clinic: Clinic, desk: Desk) -> str:
    """An emergency that was lived through to its end; the address of its page."""
    _, case = clinic.emergency()
    path = f"/console/escalation/{case.id}"
    desk.post(f"{path}/acknowledge", path)
    clinic.minutes(3)
    desk.post(f"{path}/contact", path, how="phone", reached="yes", contact_note="Her sister is with her.")
    desk.post(f"{path}/note", path, note="Spoke for twenty minutes.")
    version = re.search(r'name="version" value="(\d+)"', desk.get(path).text)
    assert version
    told = {"outcome": "safe_plan", "spoken_to": "Ana", "risk": "Lower now.", "means": "yes", "follow_up": "Ben"}
    answer = desk.post(f"{path}/resolve", path, **told, next_contact_on="2026-11-25", version=version[1])
    assert "How it was resolved" in answer.text
    return path


def main_of(html: str) -> str:
    """What is between the head and the foot of a page."""
    return html[html.index("<main") : html.index("</main>")]


def test_all_of_the_case_is_on_it(clinic: Clinic, ana: Desk) -> None:
    page = ana.get(f"{resolved(clinic, ana)}/paper").text
    for words in (
        "Printed by Ana Torres, supervisor, Tue 24 Nov 2026, 02:35 GMT",
        "Safe plan made", "Lower now.", "Her sister is with her.", "Spoke for twenty minutes.", "Acknowledged",
        "Good evening. How is your pain now", "You matter. Are you safe right now?", "Not delivered by SMS",
        "This message decided", "No second person has read it yet.", "Means are at hand, gathered or made ready.",
    ):  # fmt: skip
        assert words in page, words


def test_nothing_on_it_can_be_pressed_but_print(clinic: Clinic, ana: Desk) -> None:
    page = main_of(ana.get(f"{resolved(clinic, ana)}/paper").text)
    assert "<form" not in page and "<input" not in page
    assert re.findall(r"<button[^>]*>", page) == ['<button class="main" type="button" data-print hidden>']


def test_what_was_written_is_escaped_on_it(clinic: Clinic, ana: Desk) -> None:
    page = ana.get(f"{resolved(clinic, ana)}/paper").text
    assert CRY not in page and "&lt;b&gt;any more&lt;/b&gt;" in page


def test_that_it_was_opened_is_an_entry_of_its_own(clinic: Clinic, ana: Desk) -> None:
    path = resolved(clinic, ana)
    ana.get(f"{path}/paper")
    assert clinic.actions()[-1] == "escalation.paper"
    assert "Opened an escalation to print it" in ana.get("/console/audit").text


def test_who_may_not_read_gets_no_paper(clinic: Clinic, ana: Desk, enter: Enter) -> None:
    path = resolved(clinic, ana)
    answer = enter("rea", "Rea", "researcher").get(f"{path}/paper")
    assert answer.status_code == 403 and "Spoke for" not in answer.text
    assert "escalation.paper" not in clinic.actions()
    assert ana.get("/console/escalation/nothing/paper").status_code == 404


def test_messages_of_other_weeks_are_not_on_it_and_what_is_left_out_is_told(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient()
    clinic.writes(who, "a word of another week")
    clinic.minutes(60 * 24 * 7)
    for n in range(401):
        clinic.writes(who, f"word {n}")
    clinic.writes(who, "I want to die tonight", "emergency", "suicide")
    ana.log_in()
    page = ana.get(f"/console/escalation/{clinic.escalation(who.patient_id).id}/paper").text
    assert "a word of another week" not in page and "word 0<" not in page and "word 400<" in page
    assert "There are earlier ones, too." in page and "This message decided" in page
    with clinic.store.read() as connection:
        assert len(inbox.recent(connection, clinic.store.vault, who.patient_id, 500)) == 403


def test_every_page_takes_the_rules_of_paper_along(ana: Desk) -> None:
    assert '<link rel="stylesheet" href="/console/static/print.css" media="print">' in ana.get("/console/").text
    rules = (STATIC / "print.css").read_text(encoding="utf-8")
    hidden = re.search(r"([^}]*)\{ display: none !important; \}", rules)
    assert hidden and {".tour", "form", "button", ".top", ".jump"} <= {part.strip() for part in hidden[1].split(",")}
    assert "counter(page)" in rules and "color-scheme: light" in rules


def test_what_a_patient_asked_for_is_on_paper_which_leaves_forms_out(clinic: Clinic, ana: Desk) -> None:
    who = clinic.patient("Dora")
    clinic.asks(who, "talk_to_human", "please ring me")
    page = re.sub(
        r"<form.*?</form>", "", ana.get(f"/console/patients/{clinic.code(who.patient_id)}").text, flags=re.DOTALL
    )
    assert "Wants to talk to a person" in page and "please ring me" in page and "Note as done" not in page
