"""The page's own files: two templates, and the style, scripts and icon in `static`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.web.guard import HEADERS
from bot.channels.web.numbers import CountryNumbers

FOLDER = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Pages:
    """Renders the page and serves its files, which are read once.

    Args:
        site_name: what people see as the coach's name.
    """

    def __init__(self, site_name: str) -> None:
        self._templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True)
        self._site_name = site_name
        files = [file for file in (FOLDER / "static").iterdir() if file.suffix in TYPES]
        self._files = {file.name: (file.read_bytes(), TYPES[file.suffix]) for file in files}
        self._tags = {name: f'"{hashlib.sha256(body).hexdigest()[:24]}"' for name, (body, _) in self._files.items()}

    def chat(self, session: str) -> Response:
        """The chat page of one conversation; no message stands in it."""
        page = self._templates.get_template("chat.html")
        return HTMLResponse(page.render(site_name=self._site_name, session=session), headers=HEADERS)

    def numbers(self, countries: Sequence[CountryNumbers]) -> Response:
        """The numbers as a page of their own, for who has no JavaScript."""
        page = self._templates.get_template("numbers.html")
        return HTMLResponse(page.render(site_name=self._site_name, countries=countries), headers=HEADERS)

    def file(self, request: Request) -> Response:
        """One file; 304 where the browser has it already."""
        name = request.path_params["name"]
        if name not in self._files:
            return Response(status_code=404, headers=HEADERS)
        body, kind = self._files[name]
        headers = HEADERS | {"Cache-Control": "no-cache", "ETag": self._tags[name]}
        if request.headers.get("if-none-match") == self._tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=kind, headers=headers)
