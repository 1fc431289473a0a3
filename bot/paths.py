"""Numbers of rows in addresses: `{message:row}` in a route takes as many digits as any database counts to, and no more.

Starlette's own `int` takes any number: one beyond 64 bits breaks SQLite, and one of 4,301 digits Python.
"""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor


class RowNumber(Convertor[int]):
    """A number from 0 to eighteen nines; what is longer is no address of ours."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """The number that stands there."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The number as it stands in an address."""
        return str(value)


register_url_convertor("row", RowNumber())
