"""The page of ready replies: those of one's teams and of all, written, changed and taken away by those who care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.console import times
from bot.console.escalation.forms import values_of
from bot.console.visit import Answer, Go, Missing, Page, Visit
from bot.content.gsm import count, plain
from bot.content.staff_replies import LONGEST_TEXT, LONGEST_TITLE, unknown_place
from bot.store import replies, teams
from bot.store.access import Refused, Role
from bot.store.lifecycle import Action, may
from bot.store.replies import Canned
from bot.store.staff import Staff
from bot.store.types import TeamId

REPLIES = "/console/replies"
FIELDS = ("title", "text", "team")
EVERY_TEAM = "Every team"
DONE = {"added": "It is there for the next chat.", "changed": "It is changed.", "removed": "It is gone."}


@dataclass(frozen=True)
class Row:
    """One reply as the page shows it."""

    reply: Canned
    team: str
    parts: int
    who: str
    may_change: bool


def parts(text: str) -> int:
    """The SMS segments that a text costs as it is sent."""
    return count(plain(text)).parts


def may_change(me: Staff, team_id: TeamId | None) -> bool:
    """Whether somebody may write the replies of a team of theirs, or (None) those of all teams."""
    if team_id is None:
        return me.role == Role.SUPERVISOR
    return me.role in (Role.SUPERVISOR, Role.CLINICIAN) and team_id in me.teams


def show(visit: Visit) -> Answer:
    """GET /console/replies."""
    _view(visit)
    me, names = visit.staff, visit.names
    titles = scopes(visit)
    found = replies.listed(visit.connection, visit.vault, me.teams)
    values = {
        "rows": [
            Row(
                one, titles[one.team_id], parts(one.text), names.get(one.made_by or "", ""), may_change(me, one.team_id)
            )
            for one in found
        ],
        "starters": [(one, parts(one.say)) for one in visit.console.coach.staff_replies],
        "may_add": any(may_change(me, team_id) for team_id in titles),
        "done": DONE.get(visit.query.get("done", ""), ""),
    }
    return Page("replies.html", values)


def scopes(visit: Visit) -> dict[TeamId | None, str]:
    """Whose replies somebody is offered, in words: their teams', then (None) every team's."""
    mine = [team for team in teams.listed(visit.connection) if team.id in visit.staff.teams]
    return {**{team.id: team.title for team in mine}, None: EVERY_TEAM}


def show_new(visit: Visit) -> Answer:
    """GET /console/replies/add."""
    _view(visit)
    return _form(visit, None, {})


def show_one(visit: Visit) -> Answer:
    """GET /console/replies/{id}."""
    _view(visit)
    reply = _theirs(visit)
    if reply is None:
        raise Missing
    return _form(visit, reply, {"title": reply.title, "text": reply.text})


def add(visit: Visit) -> Answer:
    """POST /console/replies/add."""
    _check(visit)
    team_id = TeamId(visit.form["team"]) if visit.form.get("team") else None
    if not may_change(visit.staff, team_id):
        raise Refused("your role may not write replies for that team: ask a supervisor of it")
    problems = _problems(visit.form)
    if problems:
        return _form(visit, None, visit.form, problems, 422)
    title, text = visit.form["title"], visit.form["text"]
    made = replies.add(visit.connection, visit.vault, team_id, title, text, visit.staff.id, visit.now)
    return _done(visit, "added", made)


def change(visit: Visit) -> Answer:
    """POST /console/replies/{id}/change."""
    reply = _theirs(visit)
    if reply is None or not _is_as_seen(visit, reply):
        return _came_second(visit, reply)
    problems = _problems(visit.form)
    if problems:
        return _form(visit, reply, visit.form, problems, 422)
    title, text = visit.form["title"], visit.form["text"]
    if not replies.change(visit.connection, visit.vault, reply, title, text, visit.staff.id, visit.now):
        return _came_second(visit, replies.get(visit.connection, visit.vault, reply.id))
    return _done(visit, "changed", reply.id)


def remove(visit: Visit) -> Answer:
    """POST /console/replies/{id}/remove; a second tap finds it gone, which is what it wanted."""
    reply = _theirs(visit)
    if reply is None:
        return Go(f"{REPLIES}?done=removed")
    if not _is_as_seen(visit, reply):
        return _came_second(visit, reply)
    if not replies.remove(visit.connection, reply):
        return _came_second(visit, replies.get(visit.connection, visit.vault, reply.id))
    return _done(visit, "removed", reply.id)


def _check(visit: Visit) -> None:
    if not may(visit.staff.role, Action.TAKE_OVER):
        raise Refused("your role does not write in chats: ask a supervisor")


def _view(visit: Visit) -> None:
    _check(visit)
    visit.record("replies.view", "replies")


def _theirs(visit: Visit) -> Canned | None:
    """The one that the address names, if this person may write it; None where it is gone, or another team's."""
    _check(visit)
    found = replies.get(visit.connection, visit.vault, visit.path["id"])
    if found is None or not (found.team_id is None or found.team_id in visit.staff.teams):
        return None
    if not may_change(visit.staff, found.team_id):
        raise Refused("your role may not change what every team uses: ask a supervisor")
    return found


def _is_as_seen(visit: Visit, reply: Canned) -> bool:
    return visit.form.get("seen", "") == reply.changed_at.isoformat()


def _came_second(visit: Visit, reply: Canned | None) -> Page:
    """What the reply is now and who wrote it so; what the second had typed stays in the form, if they had typed."""
    if reply is None:
        notice = "Somebody has taken it away. You can add it again."
    else:
        who = visit.names.get(reply.made_by or "", "Somebody")
        at = times.clock_time(reply.changed_at, visit.console.zone)
        notice = f"{who} changed it at {at}. It says now: {reply.title}: {reply.text}"
    typed = visit.form if "text" in visit.form else {"title": reply.title, "text": reply.text} if reply else {}
    return _form(visit, reply, typed, {}, 409, notice)


def _form(
    visit: Visit,
    reply: Canned | None,
    typed: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> Page:
    options = {team_id or "": title for team_id, title in scopes(visit).items() if may_change(visit.staff, team_id)}
    values = {
        "reply": reply,
        "typed": values_of({"team": next(iter(options), ""), **typed}, FIELDS),
        "problems": problems or {},
        "notice": notice,
        "has_typed": "text" in visit.form,
        "options": options,
        "longest": LONGEST_TEXT,
    }
    return Page("reply.html", values, status)


def _problems(form: Mapping[str, str]) -> dict[str, str]:
    title, text = form.get("title", ""), form.get("text", "")
    problems = {}
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        problems["title"] = f"Give it a title of at most {LONGEST_TITLE} letters."
    if not text or len(text) > LONGEST_TEXT:
        problems["text"] = f"Write what it says, in at most {LONGEST_TEXT} characters."
    elif unknown_place(text):
        problems["text"] = f"Nothing fills {unknown_place(text)}. There are {{name}} and {{me}}."
    return problems


def _done(visit: Visit, what: str, reply_id: str) -> Go:
    visit.record(f"replies.{what}", f"reply:{reply_id}")
    return Go(f"{REPLIES}?done={what}")
