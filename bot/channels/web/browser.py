"""Knows a browser again: a signed cookie with a random id, which is the person's address on this channel."""

from __future__ import annotations

import hashlib
import re
import secrets

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "evenday_chat"
PATH = "/try"
ID_BYTES = 16  # 128 bits: nobody guesses another's
KEPT_SECONDS = 180 * 86_400  # from the last visit: a programme of ten weeks, and time to come back

_ID = re.compile(r"[0-9a-f]{32}")


def new_browser() -> str:
    """A fresh id; says nothing about anybody."""
    return secrets.token_hex(ID_BYTES)


def session(browser: str) -> str:
    """A short name of the conversation that the page may see, by which it notices that another tab began afresh."""
    return hashlib.sha256(f"page {browser}".encode()).hexdigest()[:12]


class Browsers:
    """Reads and gives the cookie.

    SameSite=Lax, as Strict would lose the conversation of who follows a link to the page from an e-mail.

    Args:
        key: secret by which cookies are signed (`Vault.signing_key`).
        secure: the page is served over https.
    """

    def __init__(self, key: bytes, secure: bool) -> None:
        self._signer = Signer(key, salt="evenday.web.browser", digest_method=hashlib.sha256)
        self._secure = secure

    def read(self, request: Request) -> str | None:
        """The browser's id; None where there is no cookie or we did not sign it."""
        try:
            browser = self._signer.unsign(request.cookies.get(COOKIE, "")).decode()
        except (BadSignature, UnicodeError):
            return None
        return browser if _ID.fullmatch(browser) else None

    def give(self, response: Response, browser: str) -> None:
        """Set the cookie, or lengthen its life."""
        response.set_cookie(
            COOKIE,
            self._signer.sign(browser).decode(),
            max_age=KEPT_SECONDS,
            path=PATH,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
