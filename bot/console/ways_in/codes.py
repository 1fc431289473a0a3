"""One-time codes as authenticator apps make them (RFC 6238: SHA-1, 6 digits, 30 s), and recovery codes. Pure."""

from __future__ import annotations

from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from pyotp.utils import strings_equal

from bot.store.types import new_code

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a phone's clock may be half a minute off (RFC 6238 §5.2)
DIGITS = 6
RECOVERY_CODES, RECOVERY_LETTERS = 10, 12  # 12 letters of 31 are 59 bits


def new_key() -> str:
    """A fresh key of 160 bits, base32."""
    return pyotp.random_base32(32)


def step_of(key: str, code: str, now: datetime) -> int | None:
    """The time step that a code is of, within what clocks may differ; None where it is none of them.

    Args:
        key: base32.
        code: as it was typed; blanks don't count.
        now: the present.
    """
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdecimal()):
        return None
    totp, present = pyotp.TOTP(key), int(now.timestamp()) // STEP_SECONDS
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    found = [step for step in steps if strings_equal(totp.generate_otp(step), typed)]  # all are tried: equal time
    return max(found, default=None)


def address(key: str, login: str, site: str) -> str:
    """The otpauth:// address that a QR code holds."""
    return pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=site)


def picture(text: str) -> Markup:
    """A QR code as SVG, dark on white whatever the page's colours are: cameras need that."""
    made = segno.make(text, error="m", micro=False)
    return Markup(made.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False))  # noqa: S704  # nosec B704  # numbers alone


def grouped(key: str) -> str:
    """A key in groups of four, to be typed."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes, shown once, each good once: ABCD-EFGH-JKLM."""
    return [
        "-".join(code[at : at + 4] for at in range(0, RECOVERY_LETTERS, 4))
        for code in (new_code(RECOVERY_LETTERS) for _ in range(RECOVERY_CODES))
    ]


def looks_like_recovery(code: str) -> bool:
    """Whether what was typed may be a recovery code, rather than six digits."""
    return sum(letter.isalnum() for letter in code) == RECOVERY_LETTERS
