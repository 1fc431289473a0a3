"""What the console has to attack, read from its own route tables, pages and code, so that nothing new is forgotten.

A page that is added to `bot.console.app` is attacked the next time the tests run. One that needs something in its address
gets it from the links and forms of the other pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, Mount, Route

from bot.console.app import Console, routes

CODE = Path(__file__).parents[3] / "bot" / "console"
NAMED = re.compile(r"(?:form|query|fields|typed|given)(?:\.get\(|\[)\"(\w+)\"")


@dataclass(frozen=True)
class Place:
    """One route: its path with parameters in braces, as the tables of `bot.console.app` have it."""

    path: str
    method: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of what stands in the address."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    def matches(self, path: str) -> bool:
        """Whether an address is one of this route's."""
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        return re.fullmatch(pattern, path) is not None

    def read(self, path: str) -> dict[str, str]:
        """What stands in an address of this route for each part of it that varies, by the part of the path up to there."""
        names, said = self.path.split("/"), path.split("/")
        return {"/".join(names[: n + 1]): said[n] for n, name in enumerate(names) if name.startswith("{")}

    def filled(self, known: Mapping[str, str], other: str = "7") -> str:
        """An address of this route: with what is `known` to stand there, or `other`."""
        names = self.path.split("/")
        parts = (
            known.get("/".join(names[: n + 1]), other) if name.startswith("{") else name for n, name in enumerate(names)
        )
        return "/".join(parts)


def places(console: Console) -> list[Place]:
    """Every route of the console but its own files and the page for what is not there."""
    found = [place for place in _places(routes(console), "") if "{rest}" not in place.path]
    assert len(found) > 40
    return found


def _places(found: Sequence[BaseRoute], before: str) -> Iterator[Place]:
    for route in found:
        if isinstance(route, Mount):
            yield from _places(route.routes, before + route.path)
        elif isinstance(route, Route):
            yield from (
                Place(before + route.path_format, method) for method in sorted(route.methods or ()) if method != "HEAD"
            )


@cache
def names() -> tuple[str, ...]:
    """Every name that the console's code asks of a form or of what stands after the `?`."""
    found = {name for file in CODE.rglob("*.py") for name in NAMED.findall(file.read_text("utf-8"))}
    assert {"next", "show", "code", "before"} <= found, found
    return tuple(sorted(found - {"csrf"}))


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Read(HTMLParser):
    """What a browser makes of a page: elements with their attributes, texts, links and forms."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  # (element, text)
    forms: list[Form] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag in ("input", "textarea", "select", "button") and self.forms and given.get("name"):
            self.forms[-1].fields.setdefault(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """A text, within the element that was opened last."""
        self.texts.append((self._open[-1] if self._open else "", data))

    @property
    def links(self) -> list[str]:
        """Where its links lead, and what its script fetches by itself."""
        found = [given["href"] for tag, given in self.elements if tag == "a" and "href" in given]
        return [*found, *(given["data-live"] for _, given in self.elements if "data-live" in given)]


def read(html: str) -> Read:
    """A page as a browser reads it."""
    made = Read()
    made.feed(html)
    made.close()
    return made


def path_of(link: str) -> str:
    """An address without what follows the `?` or `#`."""
    return urlsplit(link).path


def whole(link: str) -> str:
    """An address without what follows the `#`, which no server is sent."""
    return link.partition("#")[0]
