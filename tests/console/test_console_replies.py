"""Ready replies: who may write whose, what fills them, that two writers never overwrite each other, and that none sends itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from clinic import Clinic, Desk, Enter
from test_console_life import member, path_of, step

from bot.console.replies.page import may_change
from bot.content.staff_replies import LONGEST_TEXT, LONGEST_TITLE, fill, unknown_place
from bot.store import outbox, replies, staff, teams
from bot.store.escalations import Escalation
from bot.store.lifecycle import Action, Role, may
from bot.store.replies import Canned
from bot.store.types import TeamId

NORTH = TeamId("north")
FILLED = {
    "both": ("Hello {name}, I am {me}.", "Rosa", "Hello Rosa, I am Ana Torres."),
    "twice": ("{name}, {name}!", "Rosa", "Rosa, Rosa!"),
    "nobody's name, in the middle": ("Are you safe, {name}? Write.", "", "Are you safe? Write."),
    "nobody's name, after a word": ("Hello {name}.", "", "Hello."),
    "nobody's name, at the beginning": ("{name}, are you safe?", "", "are you safe?"),
    "nobody's name, on a second line": ("Hello.\n{name}: are you safe?", "", "Hello.\nare you safe?"),
    "a name like a place": ("Hello {name}.", "{me}", "Hello Ana Torres."),
    "none": ("Take your time.", "Rosa", "Take your time."),
}


@pytest.mark.parametrize("label", FILLED)
def test_two_names_are_filled_in(label: str) -> None:
    text, name, wanted = FILLED[label]
    assert fill(text, name, "Ana Torres") == wanted


def test_a_place_that_nothing_fills_is_named() -> None:
    places = {text: unknown_place(text) for text in ("{name} {me}", "{coach}", "{}", "no place", "{ name }")}
    assert places == {"{name} {me}": "", "{coach}": "{coach}", "{}": "{}", "no place": "", "{ name }": ""}


@pytest.fixture
def north(clinic: Clinic, ben: Desk) -> TeamId:
    """A team that Ben is in and Ana is not."""
    with clinic.store.write() as connection:
        made = teams.add(connection, "North", "Day", clinic.clock.now())
        assert made is not None
        teams.put_in(connection, member(clinic, "ben"), made)
    return made


def write(desk: Desk, title: str = "Hello", text: str = "Hello {name}, {me} here.", team: str = "") -> Any:
    return desk.post("/console/replies/add", title=title, text=text, team=team)


def kept(clinic: Clinic, *teams_: TeamId) -> list[Canned]:
    with clinic.store.read() as connection:
        return replies.listed(connection, clinic.store.vault, teams_)


def test_what_one_writes_is_listed_with_its_cost_and_writer(clinic: Clinic, ana: Desk) -> None:
    page = write(ana, "Say <hello>", "Hi {name}, are you <there>?").text
    assert "It is there for the next chat." in page
    assert "Say &lt;hello&gt;" in page and "Hi {name}, are you &lt;there&gt;?" in page
    assert "Every team · 1 SMS segment · Ana Torres, Tue 24 Nov" in page
    assert "Say who you are" in page  # one of those to begin with
    assert write(ana, "Long", "x" * 161).text.count("2 SMS segments") == 1
    assert clinic.actions().count("replies.added") == 2
    with clinic.store.read() as connection:
        assert not any("hello" in (entry.detail + entry.subject).lower() for entry in staff.entries(connection))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mine", [frozenset[TeamId](), frozenset({NORTH})], ids=["in no team", "in the team"])
def test_who_may_write_whose(role: Role, mine: frozenset[TeamId]) -> None:
    class Somebody:
        teams = mine

    me: Any = Somebody()
    me.role = role
    cares = role in (Role.SUPERVISOR, Role.CLINICIAN)
    assert may_change(me, None) is (role is Role.SUPERVISOR)
    assert may_change(me, NORTH) is (cares and NORTH in mine)


@pytest.mark.parametrize("role", Role)
def test_each_door_asks_the_role(clinic: Clinic, enter: Enter, ana: Desk, role: Role) -> None:
    write(ana)
    (one,) = kept(clinic)
    desk = enter("eve", "Eve", role)
    seen = one.changed_at.isoformat()
    reads, writes = may(role, Action.TAKE_OVER), role is Role.SUPERVISOR
    assert desk.get("/console/replies").status_code == (200 if reads else 403)
    assert desk.get("/console/replies/add").status_code == (200 if reads else 403)
    for path in ("/console/replies/add", f"/console/replies/{one.id}/change"):
        assert desk.post(path, title="A", text="B", seen=seen).status_code == (200 if writes else 403), path
    titles = [reply.title for reply in kept(clinic)]
    assert titles == (["A", "A"] if writes else ["Hello"])
    with clinic.store.read() as connection:
        now = replies.get(connection, clinic.store.vault, one.id)
    assert now is not None
    answer = desk.post(f"/console/replies/{one.id}/remove", seen=now.changed_at.isoformat())
    assert answer.status_code == (200 if writes else 403) and len(kept(clinic)) == 1


@pytest.mark.parametrize("role", Role)
def test_whoever_writes_in_chats_is_led_to_them_from_the_account_and_the_command_bar(enter: Enter, role: Role) -> None:
    page = enter("eve", "Eve", role).get("/console/account").text
    assert page.count('href="/console/replies"') == (2 if may(role, Action.TAKE_OVER) else 0)


def test_a_teams_replies_are_its_own(clinic: Clinic, ana: Desk, ben: Desk, north: TeamId) -> None:
    assert write(ben, "Ours", "For us.", north).status_code == 200
    assert write(ana, "Theirs", "No.", north).status_code == 403
    assert "For us." in ben.get("/console/replies").text and "For us." not in ana.get("/console/replies").text
    (one,) = kept(clinic, north)
    assert ana.get(f"/console/replies/{one.id}").status_code == 404
    fields = {"title": "Taken", "text": "x", "seen": one.changed_at.isoformat()}
    assert ana.post(f"/console/replies/{one.id}/change", **fields).status_code == 409
    ana.post(f"/console/replies/{one.id}/remove", **fields)
    assert kept(clinic, north) == [one]
    ben.post(f"/console/replies/{one.id}/change", **{**fields, "title": "Changed"})
    assert [reply.title for reply in kept(clinic, north)] == ["Changed"]


UNFIT = {
    "no title": ({"title": ""}, "Give it a title"),
    "a long title": ({"title": "x" * (LONGEST_TITLE + 1)}, "Give it a title"),
    "a title of two lines": ({"title": "a\nb"}, "Give it a title"),
    "no words": ({"text": ""}, "Write what it says"),
    "too many words": ({"text": "x" * (LONGEST_TEXT + 1)}, "in at most 480 characters"),
    "a place that nothing fills": ({"text": "Hello {coach}"}, "Nothing fills {coach}."),
}


@pytest.mark.parametrize("label", UNFIT)
def test_what_is_not_fit_is_told_and_still_there(clinic: Clinic, ana: Desk, label: str) -> None:
    fields, told = UNFIT[label]
    given = {"title": "Hello", "text": "Hello there", **fields}
    answer = ana.post("/console/replies/add", **given)
    assert answer.status_code == 422 and told in answer.text and "Hello" in answer.text
    assert kept(clinic) == []
    write(ana)
    (one,) = kept(clinic)
    answer = ana.post(f"/console/replies/{one.id}/change", seen=one.changed_at.isoformat(), **given)
    assert answer.status_code == 422 and kept(clinic) == [one]


def test_the_second_of_two_is_told_who_and_what_and_overwrites_nothing(clinic: Clinic, enter: Enter, ana: Desk) -> None:
    write(ana)
    (one,) = kept(clinic)
    cleo = enter("cleo", "Cleo Wirth")
    old = {"seen": one.changed_at.isoformat()}
    clinic.minutes(1)
    cleo.post(f"/console/replies/{one.id}/change", title="Hello", text="Cleo's words", **old)
    answer = ana.post(f"/console/replies/{one.id}/change", title="Hello", text="my words", **old)
    assert answer.status_code == 409 and "Cleo Wirth changed it at 02:13" in answer.text
    assert "Cleo&#39;s words" in answer.text and "my words" in answer.text
    kept_on = ana.post(f"/console/replies/{one.id}/remove", **old)
    assert kept_on.status_code == 409 and "It is not taken away." in kept_on.text
    assert "What you wrote is still below" not in kept_on.text
    assert ">\nCleo&#39;s words</textarea>" in kept_on.text
    assert [reply.text for reply in kept(clinic)] == ["Cleo's words"]
    again = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert again is not None
    ana.post(f"/console/replies/{one.id}/change", title="Hello", text="my words", seen=again[1].replace("&#43;", "+"))
    assert [reply.text for reply in kept(clinic)] == ["my words"]


def test_what_was_taken_away_meanwhile_can_be_added_again(clinic: Clinic, ana: Desk) -> None:
    write(ana)
    (one,) = kept(clinic)
    seen = {"seen": one.changed_at.isoformat()}
    assert "It is gone." in ana.post(f"/console/replies/{one.id}/remove", **seen).text
    assert "It is gone." in ana.post(f"/console/replies/{one.id}/remove", **seen).text  # a second tap
    answer = ana.post(f"/console/replies/{one.id}/change", title="Hello", text="my words", **seen)
    assert answer.status_code == 409 and "taken it away" in answer.text and "my words" in answer.text
    assert 'action="/console/replies/add"' in answer.text


@pytest.fixture
def chat(clinic: Clinic, ana: Desk) -> Escalation:
    """A case whose chat Ana has taken over."""
    case = clinic.emergency("Rosa")[1]
    step(ana, case, "take_over")
    return case


def options(page: str) -> Mapping[str, str]:
    """Title and cost of each reply that the chat offers -> the words that it puts into the field."""
    says = dict(re.findall(r'<p hidden id="says-([^"]+)">([^<]*)<', page))
    return {title: says[reply_id] for reply_id, title in re.findall(r'<option value="([^"]+)">([^<]+) SMS', page)}


def test_the_chat_offers_ones_teams_then_every_teams_then_those_to_begin_with(
    clinic: Clinic, ana: Desk, ben: Desk, north: TeamId, chat: Escalation
) -> None:
    write(ana, "Mine", "Hello {name}, {me} here.")
    write(ben, "Of North", "x", north)
    page = ana.get(path_of(chat)).text
    assert re.findall(r'<optgroup label="([^"]+)"', page) == ["Every team", "To begin with"]
    assert options(page)["Mine (1"] == "Hello Rosa, Ana Torres here."
    assert len(options(page)) == 1 + len(clinic.console.coach.staff_replies)
    with clinic.store.write() as connection:
        teams.put_in(connection, member(clinic, "ana"), north)
    labels = re.findall(r'<optgroup label="([^"]+)"', ana.get(path_of(chat)).text)
    assert labels == ["Your teams", "Every team", "To begin with"]


def test_the_button_puts_it_in_the_field_after_what_was_typed_and_sends_nothing(
    clinic: Clinic, ana: Desk, chat: Escalation
) -> None:
    write(ana, "Mine", "Hello {name}, {me} here.")
    (one,) = kept(clinic)
    before = len(clinic.actions())
    page = ana.post(f"{path_of(chat)}/fill", reply=one.id, text="Now <then>.").text
    assert ">\nNow &lt;then&gt;.\nHello Rosa, Ana Torres here.</textarea>" in page
    assert clinic.actions()[before:] == ["escalation.view"]
    with clinic.store.read() as connection:
        sent = [row.text for row in outbox.recent(connection, clinic.store.vault, chat.patient_id, 9)]
    assert not any("Now" in text or "Hello Rosa" in text for text in sent)
    page = ana.post(f"{path_of(chat)}/fill", reply="starter-1", text="").text
    assert "I want to ask you straight, Rosa" in page
    for nothing in ("", "starter-99", "f" * 32):
        assert ">\nas typed</textarea>" in ana.post(f"{path_of(chat)}/fill", reply=nothing, text="as typed").text


def test_whoever_has_not_the_chat_gets_no_field_filled_and_keeps_their_words(
    clinic: Clinic, ana: Desk, ben: Desk, enter: Enter, chat: Escalation
) -> None:
    answer = ben.post(f"{path_of(chat)}/fill", reply="starter-1", text="my words")
    assert answer.status_code == 409 and "my words" in answer.text and "Ana Torres" in answer.text
    assert enter("eve", "Eve", "administrator").post(f"{path_of(chat)}/fill", reply="starter-1").status_code == 403
    assert "<optgroup" not in ben.get(path_of(chat)).text


def test_the_eight_to_begin_with_are_brief_and_plain(clinic: Clinic) -> None:
    ready = clinic.console.coach.staff_replies
    assert len(ready) == len({one.title for one in ready}) == 8
    for one in ready:
        words = fill(one.say, "Alexandra", "Ana Torres")
        assert len(words) <= 306, one.title  # two joined segments
        assert not re.search(r"\b(pill|dose|medic|diagnos|promise|always|never|cure|disorder)", words.lower()), (
            one.title
        )
