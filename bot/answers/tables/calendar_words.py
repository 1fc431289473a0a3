"""Names of months, of days of the month and of fixed holidays."""

from __future__ import annotations

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janury januray",
            "february feb febuary febraury feburary",
            "march mar",
            "april apr apirl",
            "may",
            "june jun",
            "july jul",
            "august aug agust",
            "september sept sep setember",
            "october oct octber",
            "november nov novemeber",
            "december dec decemeber",
        ),
        start=1,
    )
    for name in names.split()
}
"""English month names, short forms and common slips, to 1-12."""

ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30}
"""English ordinals to their number."""

FIXED_HOLIDAYS = (
    (r"\b(?:christmas|xmas|crimbo|chrimbo) eve\b", 12, 24),
    (r"\b(?:christmas|xmas|crimbo|chrimbo)(?: day)?\b", 12, 25),
    (r"\bboxing day\b|\bst(?:\.|ephen'?s) day\b|\bst\.? stephen'?s\b", 12, 26),
    (r"\b(?:new year'?s|nye|new years) eve\b|\bnye\b|\bhogmanay\b", 12, 31),
    (r"\bnew year'?s? day\b|\bnew years day\b|\bnew year'?s?\b", 1, 1),
    (r"\bvalentine'?s?(?: day)?\b", 2, 14),
    (r"\b(?:st\.? patrick'?s|paddy'?s|patty'?s) day\b", 3, 17),
    (r"\bhallow'?e'?en\b", 10, 31),
    (r"\b(?:bonfire|guy fawkes) night\b", 11, 5),
    (r"\bindependence day\b", 7, 4),
    (r"\bburns night\b", 1, 25),
    (r"\bapril fool'?s?(?: day)?\b", 4, 1),
    (r"\bmay day\b", 5, 1),
)
"""Pattern, month and day of holidays that keep their date."""
