"""Pieces of pages that look the same to many readers, rendered once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from markupsafe import Markup

MOST = 5_000  # pieces of some half a kilobyte each; then it begins anew


class Fragments:
    """Keeps what a piece of a template came to, by its name and by all that can change it.

    In a template: `{% call kept("name", key) %}…{% endcall %}`. Whatever the piece shows must follow from its key.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Hashable], Markup] = {}

    def __call__(self, name: str, key: Hashable, caller: Callable[[], Markup]) -> Markup:
        """The piece: as it was kept, or rendered now."""
        found = self._kept.get((name, key))
        if found is None:
            if len(self._kept) >= MOST:
                self._kept = {}
            found = self._kept[name, key] = caller()
        return found
