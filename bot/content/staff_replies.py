"""Ready words for a person who writes in the coach's place: read from content, and filled with two names."""

from __future__ import annotations

import re
from pathlib import Path

from bot.content.skill import Strict
from bot.content.source import read

NAMES = frozenset({"name", "me"})  # the patient's first name, and that of whoever writes
LONGEST_TITLE, LONGEST_TEXT = 80, 480
_PLACE = re.compile(r"\{(\w*)\}")


class StaffReply(Strict):
    """One of them: by what title it is found, and what it says."""

    title: str
    say: str


class StaffReplies(Strict):
    """The form of staff_replies.yml."""

    staff_replies: tuple[StaffReply, ...]


def load_staff_replies(file: Path) -> tuple[StaffReply, ...]:
    """Read and check them.

    Raises:
        ContentError: names file and line of the first thing that is wrong.
    """
    source = read(file)
    found = source.parse(StaffReplies).staff_replies
    for n, one in enumerate(found):
        at = ("staff_replies", n)
        if not one.title or len(one.title) > LONGEST_TITLE:
            raise source.error((*at, "title"), f"a title has 1 to {LONGEST_TITLE} letters")
        if not one.say or len(one.say) > LONGEST_TEXT:
            raise source.error((*at, "say"), f"a reply has 1 to {LONGEST_TEXT} characters")
        if unknown_place(one.say):
            raise source.error((*at, "say"), f"nothing fills {unknown_place(one.say)}: there are {{name}} and {{me}}")
    return found


def unknown_place(text: str) -> str:
    """The first `{place}` that nothing fills, with its braces; "" where there is none."""
    return next((found[0] for found in _PLACE.finditer(text) if found[1] not in NAMES), "")


def fill(text: str, name: str, me: str) -> str:
    """The text with both names in it. Where the patient's is not known, the comma or blank before it goes, too."""
    if not name:
        text = re.sub(r"^\{name\}[,:]?\s*|,?[ \t]*\{name\}", "", text, flags=re.MULTILINE)
    return text.replace("{name}", name).replace("{me}", me)
