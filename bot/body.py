"""Reads the body of a request that anybody may have sent: within bounds, and never more of it in memory than that."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

MOST_DIGITS = 18


async def read_body(request: Request, most_bytes: int) -> bytes | None:
    """The raw body; None where it is longer than `most_bytes`, says so of itself, or broke off."""
    declared = request.headers.get("content-length", "0")
    # By its length first: Python reads no number of more than 4,300 digits.
    if not declared.isdecimal() or len(declared) > MOST_DIGITS or int(declared) > most_bytes:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
