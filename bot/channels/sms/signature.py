"""Whether a request is Twilio's, by the signature over the address that Twilio called.

Source: Twilio, "Webhooks security" (X-Twilio-Signature; bodySHA256 for JSON) and "Auth tokens and how to change them".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types

HEADER = "X-Twilio-Signature"
_MOST_FIELDS = 500


def verified(tokens: Sequence[str], url: str, content_type: str, body: bytes, signature: str) -> dict[str, str] | None:
    """The parameters of a request that one of `tokens` has signed, or None.

    Args:
        tokens: auth tokens; any of them may have signed, as both do while one is being changed.
        url: public address with query string, as Twilio was told it; never made from `Host`.
        content_type: the request's.
        body: the raw body: a form, or JSON if the address carries a `bodySHA256` that fits it.
        signature: the header's value.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _form(tokens, url, body, signature)
    if kind == "application/json" and parse_qs(urlsplit(url).query).get("bodySHA256"):
        return _json(tokens, url, body, signature)
    return None


def _form(tokens: Sequence[str], url: str, body: bytes, signature: str) -> dict[str, str] | None:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    signed = any(RequestValidator(token).validate(url, ImmutableMultiDict(pairs), signature) for token in tokens)
    return dict(pairs) if signed else None


def _json(tokens: Sequence[str], url: str, body: bytes, signature: str) -> dict[str, str] | None:
    try:
        text = body.decode()
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    signed = any(RequestValidator(token).validate(url, text, signature) for token in tokens)
    if not signed or not isinstance(fields, dict):
        return None
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
