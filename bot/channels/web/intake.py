"""Reads what the page sent: JSON, within bounds, into an `Inbound`."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request

from bot.body import read_body
from bot.channels.incoming import readable, start_code
from bot.channels.web.guard import Refusal
from bot.conversation.message import Form, Inbound

BODY_LIMIT = 65_536  # bytes; the page stops at 15 000 characters
_SPOKEN_LENGTH = 8  # codes up to this are typed in any case, as in `channels.incoming`
_JSON = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)


class Sent(BaseModel):
    """What the page posts: a text, or a press.

    Attributes:
        id: the page's own, the same when it sends again.
        text: the words, or the pressed button's label.
        prompt: outbox id of the message that carried the button.
        choice: number of the button, 1-based.
        code: an invitation's code from the link that opened the page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    text: Annotated[str, Field(min_length=1)]
    prompt: Annotated[int, Field(ge=1, lt=2**53)] | None = None
    choice: Annotated[int, Field(ge=1, le=99)] | None = None
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{4,64}$")] | None = None

    @model_validator(mode="after")
    def _press_is_whole(self) -> Sent:
        if (self.prompt is None) != (self.choice is None):
            raise ValueError("prompt and choice come together")
        return self


async def read(request: Request, browser: str) -> Inbound | Refusal:
    """What a browser sent, or why it can't be taken: 415 no JSON, 413 too long, 422 not of the form."""
    if not _JSON.fullmatch(request.headers.get("content-type", "")):
        return Refusal(415, "not_json")
    body = await read_body(request, BODY_LIMIT)
    if body is None:
        return Refusal(413, "too_long")
    try:
        sent = Sent.model_validate_json(body)
    except ValidationError:
        return Refusal(422, "malformed")
    return _inbound(sent, browser)


def _shadow(browser: str) -> str:
    # The key stands in clear in the inbox; the browser's id is an address and may not.
    return hashlib.sha256(browser.encode()).hexdigest()[:32]


def _inbound(sent: Sent, browser: str) -> Inbound:
    pressed = sent.prompt is not None
    text = readable(sent.text)
    return Inbound(
        channel="web",
        address=browser,
        provider_key=f"web:{_shadow(browser)}:{sent.id}",
        form=Form.BUTTON if pressed else Form.TEXT,
        text=text,
        prompt=sent.prompt,
        choice=sent.choice,
        start_code=_spoken(sent.code) if sent.code else None if pressed else start_code(text),
    )


def _spoken(code: str) -> str:
    return code.upper() if len(code) <= _SPOKEN_LENGTH else code
