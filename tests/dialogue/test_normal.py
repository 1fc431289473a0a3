"""Messages are rewritten in the words of the training lines; other languages are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inside = Callable[[str], Any]

WRITTEN = {
    "emoji": ("\U0001f62d my back", "loudly crying face my back"),
    "skin tone": ("\U0001f44d\U0001f3fd", "thumbs up sign"),
    "curly quotes": ("I can\u2019t sleep", "i can't sleep"),
    "shorthand": ("u dont get it", "you don't get it"),
    "repeated letters": ("soooooo tired", "so tired"),
    "typo": ("my sholder hurts agian", "my shoulder hurts again"),
    "full width": ("\uff48\uff45\uff4c\uff4c\uff4f", "hello"),
    "spanish": ("me duele mucho la espalda hoy", "me duele mucho la espalda hoy"),
    "german": ("Mein R\u00fccken schmerzt heute sehr", "mein r\u00fccken schmerzt heute sehr"),
    "number": ("7/10", "7 / 10"),
    "empty": ("", ""),
}
CODE = """
from dialogue.normal import Normaliser, counted
normalise = Normaliser(counted(["my shoulder hurts again", "my shoulder hurts again", "so tired", "so tired"]))
print(json.dumps([normalise(text) for text in {texts!r}]))
"""


def test_messages_are_written_like_training_lines(inside: Inside) -> None:
    found = inside(CODE.format(texts=[written for written, _ in WRITTEN.values()]))
    assert dict(zip(WRITTEN, found, strict=True)) == {name: wanted for name, (_, wanted) in WRITTEN.items()}
