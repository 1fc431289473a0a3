"""Forms: their fields, the token that each must carry, and where one goes after."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

from bot.body import read_body
from bot.console.guard import MOST_BYTES
from bot.crypto import Vault

HOME = "/console/"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Draft:
    """What a form held that could not be kept, so that it is shown again; `form` names the form."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


def safe_next(wanted: str) -> str:
    """Where to go next: a page of the console, or its home; nothing else that an address may name."""
    leads_out = "//" in wanted or "\\" in wanted or ".." in unquote(wanted)  # a browser walks up at %2e%2e, too
    return wanted if wanted.startswith(HOME) and wanted.isprintable() and not leads_out else HOME


def csrf_token(vault: Vault, secret: str) -> str:
    """The token that a form must carry: bound to the session (or, at log-in, the visit) by the signing key."""
    return hmac.new(vault.signing_key, b"console form:" + secret.encode(), hashlib.sha256).hexdigest()


def is_token(given: str, wanted: str) -> bool:
    """Whether a form's token is the right one, told in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


async def read_form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None where the body is too long or no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        return None
    body = await read_body(request, MOST_BYTES)
    if body is None:
        return None
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    return {name: value.replace("\x00", "").replace("\r\n", "\n").strip() for name, value in fields}
