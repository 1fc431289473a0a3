"""What an SMS can hold in its small alphabet, GSM-7 (3GPP TS 23.038 §6.2.1)."""

from __future__ import annotations

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_PAIRS = frozenset("^{}\\[~]|€")  # the extension table: two septets each


def septets(text: str) -> int:
    """Length of a text on SMS, in GSM-7 septets; -1 if it holds a character that GSM-7 lacks."""
    if not set(text) <= GSM | GSM_PAIRS:
        return -1
    return len(text) + sum(character in GSM_PAIRS for character in text)
