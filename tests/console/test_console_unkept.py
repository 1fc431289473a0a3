"""What could not be kept comes back as it was asked: under the fields' own labels, choices in words, no codes."""

from __future__ import annotations

import re
from pathlib import Path

from clinic import Clinic, Enter

from bot.console.agreed import SAFETY_FIELDS
from bot.console.unkept import LABELS, unkept

TEMPLATES = Path(__file__).parents[2] / "bot" / "console" / "templates"
FORMS = ("escalation_chat", "escalation_resolution", "escalation_steps", "agreed", "missed", "patient_steps")
FIELD = re.compile(r'\b(?:text|area|dated|choices)\("(\w+)", "([^"]+?)(?: \(may stay empty\))?"')


def test_each_field_of_a_form_about_a_patient_comes_back_by_its_label() -> None:
    read = ((TEMPLATES / f"{name}.html").read_text("utf-8") for name in FORMS)
    asked = [found for page in read for found in FIELD.findall(page)]
    assert len(asked) > 25
    for name, label in asked:
        assert name == "why" or label.startswith(LABELS[name]), name  # two forms ask why
    extra = {"go_on", *SAFETY_FIELDS}  # a tick box, and those of a loop
    assert set(LABELS) == {name for name, _ in asked} | extra


def test_who_is_second_reads_back_words_and_no_codes(clinic: Clinic, enter: Enter) -> None:
    ana, case = enter(), clinic.emergency()[1]
    at = f"/console/escalation/{case.id}"
    ana.post(f"{at}/acknowledge")
    given = {"outcome": "referred", "means": "not_applicable", "reply": "starter-2", "risk": "Less <b>now"}
    answer = ana.post(f"{at}/resolve", version="0", **given)
    assert answer.status_code == 409
    told = answer.text[answer.text.index("What you had written") :]
    told = told[: told.index("</dl>")]
    for label, words in (("Outcome", "Referred"), ("Means discussed (medicines and other ways)", "Not applicable")):
        assert f'<dt>{label}</dt><dd dir="auto">{words}</dd>' in told
    assert "Less &lt;b&gt;now" in told and "starter-2" not in told and "not_applicable" not in told


def test_a_colleague_is_named() -> None:
    assert unkept({"to": "f" * 32, "csrf": "x", "version": "3"}, {"f" * 32: "Ben Ode"}) == [("To whom?", "Ben Ode")]
