"""Colleagues named in a note: `@login`, and what is none: an unknown login, an e-mail address, a part of a longer word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.console.lines import Span

MOST = 10
# What stands before makes an address of it (`ben@site`); of what follows, a login is the longest that is known.
_AT = re.compile(r"(?<![\w.%+@-])@(?=([!-~]+))")
# After a login: nothing, what ends a clause, the next name, or dots and dashes before one of these.
_ENDS = re.compile(r"""[.\-_]*(?:$|[,;:!?)\]}"'/&*])""")


def named(text: str, logins: Collection[str]) -> tuple[str, ...]:
    """The logins that a text names, each once, in the order in which they stand.

    Args:
        text: what somebody wrote.
        logins: of all who can be named, in small letters.
    """
    return tuple(dict.fromkeys(login for _, _, login in _places(text, logins)))


def marked(text: str, logins: Collection[str]) -> tuple[Span, ...]:
    """The text in pieces, the names among them marked."""
    pieces, at = list[Span](), 0
    for start, end, _ in _places(text, logins):
        pieces += [Span(text[at:start], marked=False), Span(text[start:end], marked=True)]
        at = end
    return tuple(piece for piece in (*pieces, Span(text[at:], marked=False)) if piece.text)


def _places(text: str, logins: Collection[str]) -> Iterator[tuple[int, int, str]]:
    for found in _AT.finditer(text):
        login = _login(found[1].lower(), logins)
        if login:
            yield found.start(), found.end() + len(login), login


def _login(word: str, logins: Collection[str]) -> str:
    known = (word[:end] for end in range(len(word), 0, -1) if word[:end] in logins)
    return next((login for login in known if _ENDS.match(word[len(login) :])), "")
