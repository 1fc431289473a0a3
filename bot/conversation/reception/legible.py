"""What the coach can read: words in its own script, of a length that the dialogue is made for."""

from __future__ import annotations

import unicodedata

from bot.conversation.message import Form

LONGEST = 4000  # characters that the dialogue is given; all of a longer text is screened
# What the coach can't read, and the phrase that says so; also shown to staff, since a voice may ask for help.
UNREADABLE = {
    Form.VOICE: "cannot_read_voice",
    Form.PHOTO: "cannot_read_photo",
    Form.STICKER: "cannot_read_sticker",
    Form.LOCATION: "cannot_read_location",
    Form.CONTACT: "cannot_read_contact",
    Form.FILE: "cannot_read_file",
}


def has_words(text: str) -> bool:
    """Whether anything readable is there: a letter, digit, or sign such as an emoji; not spaces and invisible marks alone."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def is_foreign(text: str) -> bool:
    """Whether most letters are of a script that the coach can't read."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 3 and sum(ord(letter) > 0x24F for letter in letters) > len(letters) * 0.6
