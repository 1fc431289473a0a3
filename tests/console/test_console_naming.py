"""Who is named in a note: a login after an at sign, and nothing that only looks like one; and that they find it."""

from __future__ import annotations

import pytest
from clinic import Clinic, Desk

from bot.console.escalation.naming import MOST, marked, named
from bot.store import mentions, staff, teams
from bot.store.escalations import Escalation
from bot.store.types import StaffId

LOGINS = frozenset({"ben", "eve", "ben.ode", "o'neill", "kai@north.org", "x"})
NOTES = {
    "at the beginning": ("@ben please ring her", ["ben"]),
    "at the end of a sentence": ("Please ring her, @ben.", ["ben"]),
    "in brackets": ("(@ben, @eve)", ["ben", "eve"]),
    "two in a row": ("@eve/@ben", ["eve", "ben"]),
    "whoever comes first stands first": ("@eve and @ben and @eve", ["eve", "ben"]),
    "in capitals": ("@BEN", ["ben"]),
    "the longest login that is known": ("@ben.ode", ["ben.ode"]),
    "a genitive": ("@ben's turn", ["ben"]),
    "a curly genitive": ("@ben’s turn", ["ben"]),
    "a login with signs": ("ask @o'neill.", ["o'neill"]),
    "a login that is an address": ("ask @kai@north.org!", ["kai@north.org"]),
    "after a line break": ("Rang.\n@ben", ["ben"]),
    "after a dash without blank": ("done—@ben", ["ben"]),
    "before dots": ("@ben...", ["ben"]),
    "an e-mail address": ("wrote to ben@eve.org and eve@ben", []),
    "an address with a plus": ("a.b+@ben", []),
    "a fediverse address": ("@ben@site.org", []),
    "an unknown login": ("@ana and @benny and @ben.oda and @ben_x", []),
    "a name without the sign": ("ben", []),
    "the sign alone": ("@ ben @", []),
    "two signs": ("@@ben", []),
    "letters that look alike": ("@bеn", []),  # a Cyrillic е
    "nothing": ("", []),
}  # fmt: skip


@pytest.mark.parametrize("label", NOTES)
def test_a_login_after_an_at_sign_names_somebody(label: str) -> None:
    text, wanted = NOTES[label]
    assert list(named(text, LOGINS)) == wanted


@pytest.mark.parametrize("label", NOTES)
def test_marking_loses_no_letter_and_marks_the_names_alone(label: str) -> None:
    text, wanted = NOTES[label]
    pieces = marked(text, LOGINS)
    assert "".join(piece.text for piece in pieces) == text
    assert {piece.text[1:].lower() for piece in pieces if piece.marked} == set(wanted)


def write(desk: Desk, case: Escalation, text: str) -> str:
    return str(desk.post(f"/console/escalation/{case.id}/note", note=text).text)


def of(clinic: Clinic, login: str) -> StaffId:
    with clinic.store.read() as connection:
        found = staff.by_login(connection, clinic.store.vault, login)
    assert found is not None
    return found.id


def test_whoever_is_named_finds_it_first_until_they_open_it(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    assert "You are mentioned" not in ben.get("/console/").text
    page = write(ana, case, "@ben: her <sister> rang")
    assert "<mark>@ben</mark>: her &lt;sister&gt; rang" in page
    clinic.minutes(5)
    queue = ben.get("/console/?show=mine").text
    assert queue.index("You are mentioned") < queue.index("Yours, or offered to you")
    assert "Ana Torres names you in a note" in queue and ">5 min</time> ago" in queue and case.code in queue
    assert "sister" not in queue  # no words
    assert "<title>(2) Queue" in queue  # the emergency, and the mention
    assert "Names you" in ben.get("/console/").text
    assert "You are mentioned" not in ana.get("/console/").text
    ben.get(f"/console/escalation/{case.id}")
    queue = ben.get("/console/").text
    assert "You are mentioned" not in queue and "Names you" not in queue and "<title>(1) Queue" in queue


def test_a_mention_changes_the_live_queue_of_whom_it_names_alone(
    clinic: Clinic, ana: Desk, ben: Desk, case: Escalation
) -> None:
    def mark(desk: Desk) -> str:
        return str(desk.get("/console/live").text).partition('data-mark="')[2][:16]

    before = {desk: mark(desk) for desk in (ana, ben)}
    write(ana, case, "@ben look")
    assert ben.get(f"/console/live?mark={before[ben]}").status_code == 200
    assert ana.get(f"/console/live?mark={before[ana]}").status_code == 204
    again = mark(ben)
    write(ana, case, "@ben look again")
    page = ben.get(f"/console/live?mark={again}")
    assert page.status_code == 200 and "named 2 times" in page.text


def test_nobody_names_themselves_a_stranger_or_whoever_sees_no_patient(
    clinic: Clinic, ana: Desk, case: Escalation
) -> None:
    clinic.staff("rita", "Rita Kay", "researcher")
    page = write(ana, case, "@ana @rita @nobody ana@ben.org")
    assert "The note was kept." in page and "<mark>@" not in page.partition("History")[2]
    with clinic.store.read() as connection:
        assert not any(mentions.unseen(connection, of(clinic, login)) for login in ("ana", "rita"))
        assert "named" not in next(iter(staff.entries(connection))).detail


def test_a_colleague_of_another_team_is_not_named(clinic: Clinic, ana: Desk, ben: Desk, case: Escalation) -> None:
    with clinic.store.write() as connection:
        team = teams.add(connection, "North", "Day", clinic.clock.now())
        assert team is not None
        teams.put_in(connection, of(clinic, "ana"), team)
        teams.move(connection, case.patient_id, team)
    page = write(ana, case, "@ben look")
    assert "@ben</span>" not in page
    with clinic.store.read() as connection:
        assert mentions.unseen(connection, of(clinic, "ben")) == []


def test_more_than_ten_names_are_refused_and_the_words_are_still_there(
    clinic: Clinic, ana: Desk, case: Escalation
) -> None:
    logins = [clinic.staff(f"c{n}", f"Cleo {n}") and f"c{n}" for n in range(MOST + 1)]
    text = " ".join(f"@{login}" for login in logins)
    answer = ana.post(f"/console/escalation/{case.id}/note", note=text)
    assert answer.status_code == 422 and "Name at most 10 colleagues" in answer.text and text in answer.text
    write(ana, case, text.removesuffix(" @c10"))
    with clinic.store.read() as connection:
        seen = [bool(mentions.unseen(connection, of(clinic, login))) for login in logins]
    assert seen == [True] * MOST + [False]


def test_the_note_says_that_the_patient_never_sees_it_and_lists_colleagues(
    ana: Desk, ben: Desk, case: Escalation
) -> None:
    page = ana.get(f"/console/escalation/{case.id}").text
    assert "Only staff see it. It is never sent or shown to Ana." in page
    assert '<span class="login">@ben</span> Ben Okafor' in page and "@ana</span>" not in page
