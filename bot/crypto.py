"""Sealing of free text, names and addresses: AES-256-GCM, each value bound to its place, keys rotatable.

A sealed value is `key id (4 bytes) ‖ nonce (12) ‖ ciphertext and tag`. The place ("table.column:row") is the
associated data, so a value copied to another row or column does not open (NIST SP 800-38D).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4


def new_key() -> str:
    """A fresh random key, base64, as the settings hold it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decode(key: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SettingsError("EVENDAY_KEYS holds something that is no key: make one with `evenday key new`")
    return raw


def _derive(raw: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(raw)


@dataclass(frozen=True)
class _Key:
    id: bytes
    cipher: AESGCM


class Vault:
    """Seals with the first key, opens with any.

    Args:
        keys: base64 keys, the newest first. The last one (the oldest) also keys the address hashes, so that
            rotation does not lose anybody.

    Raises:
        SettingsError: no key, or one that isn't 32 bytes of base64.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise SettingsError("EVENDAY_KEYS is empty: make a key with `evenday key new`")
        raw = [_decode(key) for key in keys]
        made = [
            _Key(hashlib.sha256(b"evenday key id" + r).digest()[:ID_BYTES], AESGCM(_derive(r, b"seal"))) for r in raw
        ]
        self._first = made[0]
        self._ciphers = {key.id: key.cipher for key in made}
        self._hash_key = _derive(raw[-1], b"address hash")
        self._audit_key = _derive(raw[-1], b"audit chain")
        self._sign_key = _derive(raw[-1], b"cookies and links")

    def seal(self, text: str, place: str) -> bytes:
        """`text` sealed for one place."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._first.id + nonce + self._first.cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text that was sealed for this place.

        Raises:
            SettingsError: the key is gone, or the value was not sealed for this place.
        """
        cipher = self._ciphers.get(bytes(sealed[:ID_BYTES]))
        if cipher is None:
            raise SettingsError("a stored value is sealed with a key that EVENDAY_KEYS no longer holds: put it back")
        try:
            rest = bytes(sealed[ID_BYTES:])
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag:
            raise SettingsError(
                f"the stored value at {place.split(':', maxsplit=1)[0]} does not open: it was altered or moved"
            ) from None

    def seal_json(self, value: Any, place: str) -> bytes:
        """A JSON value sealed for one place."""
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")), place)

    def open_json(self, sealed: bytes, place: str) -> Any:
        """The JSON value that was sealed for this place; raises as `open`."""
        return json.loads(self.open(sealed, place))

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is sealed with the newest key."""
        return bytes(sealed[:ID_BYTES]) == self._first.id

    def fingerprint(self, channel: str, address: str) -> str:
        """A keyed hash by which an address is looked up without being kept in clear."""
        return hmac.new(self._hash_key, f"{channel}:{address}".encode(), hashlib.sha256).hexdigest()

    def chain(self, previous: str, entry: str) -> str:
        """The next link of the audit chain: HMAC(key, previous ‖ entry)."""
        return hmac.digest(self._audit_key, f"{previous}\n{entry}".encode(), "sha256").hex()  # half the time of `new`

    @property
    def signing_key(self) -> bytes:
        """Key for cookies, form tokens and links."""
        return self._sign_key
