"""What channels share on their receiving side: bounds, making text storable, finding codes."""

from __future__ import annotations

import re

from starlette.responses import Response

BODY_LIMIT = 1_048_576  # bytes; a Telegram update or a Twilio form is a few kilobytes
RETRY_SECONDS = 5  # what a provider is told to wait when the store is away

_COMMAND = re.compile(r"/start[ \n]+([A-Za-z0-9_-]{1,64})\s*")  # TG bots/features, "Deep linking"
_JOIN = re.compile(r"\W*(?:join|start)[\s:]+([A-Za-z0-9_-]{4,64})[\s.!\"'”’]*", re.IGNORECASE)
_SPOKEN_LENGTH = 8  # codes up to this are read aloud and typed in any case; longer ones come from links, exactly


def store_is_away() -> Response:
    """503 with `Retry-After`: the provider keeps the message and offers it again."""
    return Response(status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})


def readable(text: str) -> str:
    """`text` without what no database or encoder takes: lone surrogates and NUL become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")


def start_code(text: str) -> str | None:
    """The code of `/start CODE`, `JOIN CODE` or `START CODE` when that is the whole message, else None.

    Only the shape is looked at ("start again" passes): whether the code exists is the caller's to find out,
    and the text is still there if it does not. Codes of up to eight characters come back in capitals.
    """
    match = _COMMAND.fullmatch(text) or _JOIN.fullmatch(text)
    if match is None:
        return None
    code = match.group(1)
    return code.upper() if len(code) <= _SPOKEN_LENGTH else code
