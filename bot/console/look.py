"""Makes the template environment: everything escaped, every name defined, times and words by filter."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.console import times, words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

_WORDS = {
    "tier": words.TIERS,
    "kind": {**words.KINDS, **words.DRILLS},
    "state": words.STATES,
    "delivery": words.DELIVERY,
    "channel": words.CHANNELS,
    "form": words.FORMS,
    "request": words.REQUESTS,
    "patient_state": words.PATIENT_STATES,
    "role": words.ROLES,
    "outcome": words.OUTCOMES,
    "event": words.EVENTS,
    "milestone": words.MILESTONES,
    "limit": words.LIMITS,
    "way": words.WAYS,
    "page_reason": words.REASONS,
    "arrival": words.ARRIVALS,
    "post": words.POSTS,
    "contact_result": words.CONTACT_RESULTS,
    "glass": words.GLASS,
    "audit_group": words.AUDIT_GROUPS,
}


def environment() -> Environment:
    """The environment in which all pages are rendered."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["when"] = times.when
    made.filters["clock_time"] = times.clock_time
    made.filters["age"] = times.age
    made.filters["length_of"] = times.length
    made.filters["left"] = times.left
    made.filters["span"] = times.span
    made.filters["plain"] = words.plain
    made.filters["number"] = words.number
    made.filters["words"] = lambda name, group: words.said(_WORDS[group], str(name))
    made.globals["audit_of"] = words.AUDIT_OF
    made.filters["in_text"] = lambda name, group: words.in_text(_WORDS[group], str(name))
    return made
