"""What a passkey is asked and what it answers (W3C WebAuthn, by py_webauthn). Pure: no store, no request."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.store.staff import Staff

TIMEOUT_MS = 60_000


@dataclass(frozen=True)
class Party:
    """For whom a passkey is good (the *relying party*, §4).

    Attributes:
        id: the host's name, which the device binds the key to.
        origins: the addresses whose pages may ask for it, as browsers write them.
    """

    id: str
    origins: tuple[str, ...]


def party_of(public_url: str, host: str) -> Party | None:
    """The party of this console; None where it is reached by number, as browsers bind passkeys to names alone (§5.1.3).

    Args:
        public_url: the address that staff use, "" where it is this host's own.
        host: what the request's Host header says; counts only without `public_url`.
    """
    try:
        parts = urlsplit(public_url or f"//{host}")
        name = (parts.hostname or "").lower()
    except ValueError:
        return None
    if not name or _is_number(name):
        return None
    # Without a public address TLS may end before us. Whoever is asked by plain http is `localhost`, or refused by the browser.
    schemes = (parts.scheme,) if public_url else ("https", "http")
    return Party(name, tuple(f"{scheme}://{parts.netloc}".lower() for scheme in schemes))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def to_register(party: Party, site: str, who: Staff, known: Iterable[bytes], challenge: bytes) -> str:
    """What a browser is told so that it makes a passkey, as JSON: one that it finds by itself, and that checks its owner."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=site,
        user_id=who.id.encode(),
        user_name=who.login,
        user_display_name=who.name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def to_log_in(party: Party, challenge: bytes) -> str:
    """What a browser is told so that it shows a passkey, as JSON. It names none, so it is the same for everybody."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def challenge_of(answer: str) -> bytes | None:
    """The challenge that an answer says it signed; None where it is no answer. Nothing is verified yet."""
    try:
        client_data = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@dataclass(frozen=True)
class Claim:
    """Which passkey an answer names, and whose the device says that it is. Nothing is verified yet."""

    credential_id: bytes
    owner: bytes


def claim_of(answer: str) -> Claim:
    """What an answer claims; an empty claim where it claims nothing, which is nobody's."""
    try:
        read = json.loads(answer)
        return Claim(base64url_to_bytes(read["rawId"]), base64url_to_bytes(read["response"]["userHandle"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Claim(b"", b"")


@dataclass(frozen=True)
class Made:
    """A passkey that a device has made, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def made(party: Party, answer: str, challenge: bytes) -> Made | None:
    """The passkey that was made by an answer; None where it does not hold (§7.1)."""
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except Exception:  # the library raises more than it tells of: what can't be read is not verified
        return None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def signed(party: Party, answer: str, challenge: bytes, public_key: bytes) -> int | None:
    """The sign count that an answer shows, if the passkey signed it for us and checked its owner; else None (§7.2).

    Whether the count rose is the store's to say, in the same step that keeps it.
    """
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None
    return found.new_sign_count
