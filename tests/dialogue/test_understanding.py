"""What is remembered of short texts, and that nothing is of longer ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inside = Callable[[str], Any]

TWICE = """
from pathlib import Path
from dialogue.parse_batch import understanding_in
model = understanding_in(Path("models/evenday.tar.gz"))
encode, encoded = model.encoder.one, []
model.encoder.one = lambda text: (encoded.append(text), encode(text))[1]
found = {}
for text in ("no thanks", "no thanks, not after such a day"):
    encoded.clear()
    first, second = model.ranking(text), model.ranking(text)
    found[text] = [first == second, len(encoded)]
print(json.dumps(list(found.values())))
"""


def test_only_a_short_text_is_understood_from_memory(inside: Inside) -> None:
    assert inside(TWICE) == [[True, 1], [True, 2]]
