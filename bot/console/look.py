"""Makes the template environment: everything escaped, every name defined, times and words by filter."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.console import audit_words, times, words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

_WORDS = {
    "tier": words.TIERS,
    "kind": {**words.KINDS, **words.DRILLS},
    "state": words.STATES,
    "delivery": words.DELIVERY,
    "channel": words.CHANNELS,
    "request": words.REQUESTS,
    "patient_state": words.PATIENT_STATES,
    "mode": words.MODES,
    "role": words.ROLES,
    "outcome": words.OUTCOMES,
    "milestone": words.MILESTONES,
    "limit": words.LIMITS,
    "way": words.WAYS,
    "page_reason": words.REASONS,
    "page_state": words.PAGE_STATES,
    "arrival": words.ARRIVALS,
    "post": words.POSTS,
    "contact_result": words.CONTACT_RESULTS,
    "glass": words.GLASS,
    "audit_group": audit_words.GROUPS,
}


# What turns the direction of the text behind it, and what ends that (UAX #9, explicit directional formatting).
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATES, _END_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_EMBEDDINGS, _END_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"


def closed(value: object) -> object:
    """A text whose own direction ends with it: a name that turns it must not turn the words of ours around it."""
    if not isinstance(value, str) or not (signs := _TURNS.findall(value)):
        return value
    ends: list[str] = []
    for sign in signs:
        if sign in _ISOLATES or sign in _EMBEDDINGS:
            ends.append(_END_ISOLATE if sign in _ISOLATES else _END_EMBEDDING)
        elif sign == _END_ISOLATE and _END_ISOLATE in ends:
            while ends.pop() != _END_ISOLATE:  # it ends the embeddings within it, too
                pass
        elif ends and sign == ends[-1]:
            ends.pop()
    return value + "".join(reversed(ends))


def environment() -> Environment:
    """The environment in which all pages are rendered."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=closed,
    )
    made.filters["when"] = times.when
    made.filters["day"] = times.day
    made.filters["clock_time"] = times.clock_time
    made.filters["age"] = times.age
    made.filters["length_of"] = times.length
    made.filters["left"] = times.left
    made.filters["span"] = times.span
    made.filters["plain"] = words.plain
    made.filters["number"] = words.number
    made.filters["times"] = words.times
    made.filters["words"] = lambda name, group: words.said(_WORDS[group], str(name))
    made.globals["audit_of"] = audit_words.ACTIONS_OF
    made.filters["in_text"] = lambda name, group: words.in_text(_WORDS[group], str(name))
    return made
