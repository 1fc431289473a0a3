"""Walks the steps of a conversation: says, works out, asks, ends, and goes back to what lies below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.content.coach import Coach
from bot.content.skill import Branch, Skill, Step
from bot.program import reading
from bot.program.calculation import calculate
from bot.program.condition import holds
from bot.program.facts import after
from bot.program.place import Frame, Place
from bot.program.turn import Effect, Say, Script
from bot.program.wording import day_names, fill, variant

OTHER = "other"
ALARM = "alarm"  # the effect of an answer that its question marks as a risk: target is the tier, value the kind


def begin(coach: Coach, place: Place, skill: Skill, opened_by: str, ahead: Mapping[str, Any], script: Script) -> Place:
    """Open a conversation: its opening words, then its first question that is not answered yet."""
    frame = Frame(skill.id, "", dict(ahead), opened_by=opened_by, ahead=tuple(ahead))
    opening = skill.opens.get(opened_by) or skill.opens.get(OTHER, ())
    _say(skill, "opens", opening, frame, script)
    return _walk(coach, place.push(frame), skill, 0, script)


def ask(skill: Skill, step: Step, script: Script, frame: Frame | None = None, bridge: str = "") -> None:
    """Say a step's question, with its buttons; behind a bridge in the words that stand well there, if there are any."""
    text = _worded(skill, step.id, (step.resumed if bridge else ()) or step.say, frame, script)
    script.says.append(Say(f"{bridge} {text}".strip(), reading.buttons(step, script.facts), skill.asked(step)))


def write(coach: Coach, skill: Skill, step: Step, value: Any, script: Script) -> None:
    """Note where an answer is kept, what it shows of risk, and let later texts of this turn know."""
    known = {**script.facts, step.id: value}
    marks = [risk for risk in step.risk if value is not None and holds(risk.when, known)]
    script.effects += [Effect(ALARM, risk.tier, risk.kind, f"{skill.id}.{step.id}") for risk in marks]
    if step.sets and value is not None:
        script.effects.append(Effect("set", step.sets, value, skill.id))
        script.facts.update(after(coach, script.facts, step.sets, value))


def settle(coach: Coach, place: Place, skill: Skill, step: Step, script: Script, *, passed: bool = False) -> Place:
    """After a question was answered or passed over: its reply (not to one passed over), its act, and the next step."""
    frame = place.top
    assert frame  # only called with an open conversation
    if step.does:
        script.effects.append(Effect(step.does, skill=skill.id, value=_text_of(frame, step)))
    values = {**script.facts, **frame.answers}
    branch = next((branch for branch in step.reply if holds(branch.when, values)), None)
    if branch is None:
        return _walk(coach, place, skill, skill.index(step.id) + 1, script)
    return _follow(coach, place, skill, step, branch.model_copy(update={"say": ()}) if passed else branch, script)


def _text_of(frame: Frame, step: Step) -> Any:
    return frame.answers.get(step.id)


def _follow(coach: Coach, place: Place, skill: Skill, step: Step, branch: Branch, script: Script) -> Place:
    frame = place.top
    assert frame  # settle looked
    _say(skill, f"{step.id}.reply", branch.say, frame, script)
    if branch.does:
        script.effects.append(Effect(branch.does, skill=skill.id, value=_text_of(frame, step)))
    if branch.go in ("leave", "later"):
        if skill.kind == "skill":  # `leave`: the programme must not bring back what does not fit; `later`: another day
            left = branch.go == "leave"
            script.effects.append(Effect("delivered", "left", None, skill.id) if left else _declined(skill.id))
        return _resume(coach, place.pop(), script)
    if branch.drops:
        script.effects += [_declined(below.skill) for below in place.frames[:-1]]
        place = Place(place.frames[-1:])
    position = (
        len(skill.steps) if branch.go == "end" else skill.index(branch.go) if branch.go else skill.index(step.id) + 1
    )
    opened = coach.skills.get(fill(branch.opens, {**script.facts, **frame.answers})) if branch.opens else None
    if opened is None:
        return _walk(coach, place, skill, position, script)
    if position >= len(skill.steps):
        place = _finish(skill, place, script, quiet=True)
    else:
        place = place.put(replace(frame, step=skill.steps[position].id, pending=True))
    return begin(coach, place, opened, "programme" if skill.kind == "checkin" else OTHER, {}, script)


def _declined(skill_id: str) -> Effect:
    return Effect("not_today", skill_id, None, skill_id)


def _walk(coach: Coach, place: Place, skill: Skill, position: int, script: Script) -> Place:
    while position < len(skill.steps):
        step = skill.steps[position]
        frame = place.top
        assert frame  # the walk is inside an open conversation
        if not holds(step.when, {**script.facts, **frame.answers}):
            position += 1
            continue
        if step.ask and step.id not in frame.ahead:
            ask(skill, step, script, frame)
            return place.put(replace(frame, step=step.id, tries=0, pending=False))
        if step.ask:  # answered ahead, in an earlier message
            frame = replace(frame, ahead=tuple(other for other in frame.ahead if other != step.id), previous=step.id)
            write(coach, skill, step, frame.answers[step.id], script)
            return settle(coach, place.put(frame), skill, step, script)
        if step.reply:
            place = place.put(_worked(skill, step, frame, script))
            write(coach, skill, step, (place.top or frame).answers.get(step.id), script)
            return settle(coach, place, skill, step, script)
        place = place.put(_worked(skill, step, frame, script))
        write(coach, skill, step, (place.top or frame).answers.get(step.id), script)
        if step.does:
            script.effects.append(Effect(step.does, skill=skill.id))
        position += 1
    place = _finish(skill, place, script)
    return _resume(coach, place, script)


def _worked(skill: Skill, step: Step, frame: Frame, script: Script) -> Frame:
    if step.calculate:
        values = {**script.facts, **frame.answers}
        frame = frame.with_answer(step.id, calculate(step.calculate, [values.get(name) for name in step.given]))
    _say(skill, step.id, step.say, frame, script)
    return frame


def recalculated(place: Place, skill: Skill, script: Script) -> Place:
    """The place with all that was worked out before the open question worked out once more, after a correction."""
    frame = place.top
    assert frame  # only called with an open conversation
    for step in skill.steps[: skill.index(frame.step)]:
        if step.calculate and step.id in frame.answers:
            values = {**script.facts, **frame.answers}
            frame = frame.with_answer(step.id, calculate(step.calculate, [values.get(name) for name in step.given]))
    return place.put(frame)


def _finish(skill: Skill, place: Place, script: Script, *, quiet: bool = False) -> Place:
    """End the open conversation; `quiet`: without its closing words, since another follows at once."""
    frame = place.top
    assert frame  # only an open conversation ends
    values = {**script.facts, **frame.answers}
    if skill.record:
        kept = {name: frame.answers.get(name) for name in skill.record.fields}
        script.effects.append(Effect("record", skill.record.kind, kept, skill.id))
    agreed = _agreed(skill, values)
    if agreed:
        script.effects.append(Effect("practice", skill.id, agreed, skill.id))
    if skill.kind == "skill":
        script.effects.append(Effect("delivered", "kept", skill=skill.id))
    goes_on = skill.kind == "checkin" and len(place.frames) > 1
    if not quiet and not goes_on:
        _say(skill, "done", skill.done, frame, script)
    return place.pop()


def _agreed(skill: Skill, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The practice that was agreed to; None where nothing was."""
    what = fill(skill.practice.what, values) if skill.practice and holds(skill.practice.agreed, values) else ""
    if not what or skill.practice is None:
        return None
    when = values.get(skill.practice.when)
    days = list(when) if isinstance(when, list | tuple) else []
    return {
        "what": what,
        "when": day_names(days) if days else fill("{when}", {"when": when}),
        "days": days,
        "sure": values.get(skill.practice.sure),
        "title": skill.title,
    }


def _resume(coach: Coach, place: Place, script: Script) -> Place:
    frame = place.top
    skill = coach.skills.get(frame.skill) if frame else None
    if frame is None or skill is None:
        return Place()
    if frame.pending:
        return _walk(coach, place.put(replace(frame, pending=False)), skill, max(0, skill.index(frame.step)), script)
    step = skill.step(frame.step)
    if step is None:
        return place.pop()
    bridge = variant(coach.phrases.get("resume", ()), "resume", int(script.facts.get("turn") or 0))
    ask(skill, step, script, frame, bridge=fill(bridge, script.facts))
    return place


def _say(skill: Skill, where: str, variants: tuple[str, ...], frame: Frame, script: Script) -> None:
    text = _worded(skill, where, variants, frame, script)
    if text:
        script.says.append(Say(text))


def _worded(skill: Skill, where: str, variants: tuple[str, ...], frame: Frame | None, script: Script) -> str:
    chosen = variant(variants, f"{skill.id}.{where}", int(script.facts.get("day") or 0))
    return fill(chosen, {**script.facts, **(frame.answers if frame else {})})
