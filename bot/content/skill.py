"""The form of a skill file: steps that say or ask, in the words of data/coach/README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.answers import Kind

Condition = dict[str, Any]
FOLLOW_THROUGH = ("end", "leave", "later")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Variants = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Strict(BaseModel):
    """A frozen part of a content file; unknown keys are refused, so a typo can't pass unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Branch(Strict):
    """What follows an answer: the first branch whose `when` holds is taken, and no other."""

    when: Condition = {}
    say: Variants = ()
    go: str = ""
    does: str = ""
    opens: str = ""
    drops: bool = False


class Risk(Strict):
    """An answer that shows risk: `when` it holds, it raises the alarm of that tier and kind, as free words would."""

    when: Condition = Field(min_length=1)
    tier: Literal["watch", "urgent", "emergency"]
    kind: Literal["suicide", "self_harm", "overdose", "medical", "abuse", "hopelessness", "other_person"]


class Step(Strict):
    """One thing that the coach says, asks, or works out."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    when: Condition = {}
    say: Variants = ()
    ask: Kind | None = None
    options: Variants = ()
    values: tuple[Any, ...] = ()
    options_from: str = ""
    words: Mapping[str, Any] = {}
    again: Variants = ()
    resumed: Variants = ()
    passed: Variants = ()
    default: Any = None
    cues: Variants = ()
    sets: str = ""
    does: str = ""
    part_of_day: str = ""
    required: bool = False
    optional: bool = False
    safety: str = ""
    risk: tuple[Risk, ...] = ()
    calculate: str = ""
    given: Variants = ()
    reply: tuple[Branch, ...] = ()
    look: bool = False


class Record(Strict):
    """The exercise that is kept when a skill ends: its kind, and which answers it holds."""

    kind: str
    fields: tuple[str, ...]


class Practice(Strict):
    """What was agreed at the end of a skill, and how the next check-in asks after it."""

    what: str
    agreed: Condition = {}
    when: str = ""
    sure: str = ""
    follow_up: Variants = ()


class Skill(Strict):
    """One conversation that is made of steps: a skill, the check-in, or a matter of the account."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    kind: Literal["skill", "checkin", "enrolment", "account"] = "skill"
    intents: tuple[str, ...] = ()
    week: int = 0
    minutes: int = 2
    why: str = ""
    source: str = ""
    opens: Mapping[str, Variants] = {}
    takes: Mapping[str, str] = {}
    steps: tuple[Step, ...]
    record: Record | None = None
    practice: Practice | None = None
    done: Variants = ()

    def index(self, step_id: str) -> int:
        """Position of a step, or -1."""
        return next((n for n, step in enumerate(self.steps) if step.id == step_id), -1)

    def asked(self, step: Step) -> str | None:
        """The id under which a step's question is kept with the message, where its answer is judged; else None."""
        return step.safety or (f"{self.id}.{step.id}" if step.risk else None)

    def step(self, step_id: str) -> Step | None:
        """The step of that id, None where it is gone (content may change while somebody is in the middle)."""
        n = self.index(step_id)
        return self.steps[n] if n >= 0 else None
