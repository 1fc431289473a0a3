"""A device that makes passkeys and signs by them (WebAuthn §6, ES256), and that can be told to do each thing wrongly."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from clinic import PASSWORD, Desk, token_in
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ACCOUNT, PASSKEYS, LOG_IN = "/console/account", "/console/account/passkeys", "/console/login/passkey"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    """Base64url without padding, as WebAuthn writes bytes in JSON."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def data(written: str) -> bytes:
    """The bytes of such a text."""
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass
class Device:
    """A phone or a key with one passkey at most.

    Attributes:
        counts: whether it counts what it signs; many don't, and say 0.
    """

    counts: bool = True
    origin: str = "http://testserver"
    count: int = 0
    owner: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], **wrong: Any) -> str:
        """Make the passkey that a site wants; `wrong` takes the place of what is right."""
        self.owner = data(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public)
        about = self._about(options["rp"]["id"], wrong, ATTESTED) + attested
        client = self._client("webauthn.create", options, wrong)
        return self._answer(
            clientDataJSON=client, attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        )

    def get(self, options: dict[str, Any], **wrong: Any) -> str:
        """Sign a challenge."""
        self.count += self.counts
        about, client = self._about(options["rpId"], wrong), self._client("webauthn.get", options, wrong)
        key = wrong.get("key", self.key)
        signature = key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=about, signature=signature,
            userHandle=wrong.get("owner", self.owner),
        )  # fmt: skip

    def _about(self, rp: str, wrong: dict[str, Any], flags: int = 0) -> bytes:
        flags |= (PRESENT if wrong.get("present", True) else 0) | (VERIFIED if wrong.get("verified", True) else 0)
        count = wrong.get("count", self.count)
        return hashlib.sha256(wrong.get("rp", rp).encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], wrong: dict[str, Any]) -> bytes:
        said = {
            "type": wrong.get("kind", kind), "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin), "crossOrigin": False,
        }  # fmt: skip
        return json.dumps(said).encode()

    def _answer(self, **response: bytes) -> str:
        credential = text(self.credential_id)
        told = {name: text(value) for name, value in response.items()}
        return json.dumps({"id": credential, "rawId": credential, "type": "public-key", "response": told})


def wanted(desk: Desk, password: str = PASSWORD) -> Any:
    """What the site wants of a new passkey; the response as it came."""
    csrf = token_in(desk.get(ACCOUNT).text)
    return desk.client.post(f"{PASSKEYS}/options", data={"csrf": csrf, "password": password})


def added(desk: Desk, device: Device, name: str = "my phone") -> Device:
    """A device whose passkey a member has added."""
    answer = desk.post(PASSKEYS, ACCOUNT, name=name, answer=device.create(wanted(desk).json()))
    assert answer.status_code == 200 and "Your passkey is added" in answer.text
    return device


def challenged(desk: Desk) -> dict[str, Any]:
    """What the log-in page lets a passkey sign."""
    answer = desk.client.post(f"{LOG_IN}/options", data={"csrf": token_in(desk.get("/console/login").text)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(desk: Desk, answer: str, wanted_page: str = "") -> Any:
    """Send what a passkey signed."""
    return desk.post(LOG_IN, "/console/login", answer=answer, next=wanted_page)


def logged_in(desk: Desk, device: Device, wanted_page: str = "", **wrong: Any) -> Any:
    """Log in by a passkey."""
    return shown(desk, device.get(challenged(desk), **wrong), wanted_page)
