"""People write numbers as digits, words and typos of words; this turns the words into digits and leaves the rest."""

from __future__ import annotations

import re

NUMBER = r"(?<![\d.])\d+(?:\.\d+)?"
"""A number in digits, not starting inside another."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_BY_NAME = {word: number for number, word in enumerate(_UNITS)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_USUAL_SLIPS = {
    "nought": 0, "naught": 0, "ziro": 0, "tow": 2, "tew": 2, "twoo": 2, "fourty": 40, "ninty": 90, "fith": 5,
    "sixx": 6,
    "sxi": 6, "siks": 6, "tenn": 10, "etn": 10, "seve": 7, "sven": 7, "fvie": 5, "fiv": 5, "fife": 5,
    "foru": 4, "fuor": 4,
    "nien": 9, "tweleve": 12, "twelv": 12, "fiften": 15, "tweny": 20, "twunty": 20, "threee": 3, "svn": 7,
    "fourtyfive": 45, "thirtyfive": 35, "twentyfive": 25, "nin": 9, "onw": 1, "fyve": 5, "sicks": 6,
}  # fmt: skip
_REAL_WORDS = frozenset(
    "even sever seen seem steven sevens eleven right night fight light sight weight height eights there "
    "tree threw free thee for our hour "
    "your tour pour sour fur foul form fore fourth flour fours five fine dive give live fire file hive "
    "jive fives fie ive nine mine line "
    "none nice vine pine wine dine nina hero aero nero zeros sixteen seventeen fifteen sixty nineteen "
    "eighteen ninety eighty seventy fifty "
    "forty fort forth forte thirty thirst thirsty shirty dirty nifty twelfth tweet twenties thirties "
    "forties fifties sixties seventies "
    "eighties nineties ninth eighth tree's ten then tent one two six nie ate thee rive se".split()
)
_NEIGHBOURS = {
    "e": "wr3", "i": "uo", "o": "ip", "n": "bm", "v": "cb", "s": "ad", "g": "fh", "h": "gj", "t": "ry",
    "r": "et", "u": "yi", "f": "g", "w": "q",
}  # fmt: skip
_NOT_A_NUMBER = re.compile(
    r"\b(the|this|that|no|any|which|left|right|bad|good|last|top|bottom|middle|other|every|each|some|first|"
    r"second|third|tough|hard|another|"
    r"long|only|easy|nice)\s+one\b(?!\s*(?:hour|hr|min|out|/))|\bone(?=\s+(?:of|thing|day|more|at|side|"
    r"another|where|that|minute i)\b)"
)
_MARK = "\x01"
_TOO_LONG, _HUGE = re.compile(r"\d{13,}"), "9999999999999"


def _slips(word: str) -> set[str]:
    cut = {word[:at] + word[at + 1 :] for at in range(len(word))}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    doubled = {word[: at + 1] + word[at:] for at in range(len(word))}
    mistaken = {word[:at] + key + word[at + 1 :] for at, sign in enumerate(word) for key in _NEIGHBOURS.get(sign, "")}
    return cut | swapped | doubled | mistaken


def _table() -> dict[str, int]:
    table: dict[str, int] = {}
    for word, number in _BY_NAME.items():
        if len(word) > 3:
            table.update(dict.fromkeys(_slips(word) - _REAL_WORDS, number))
    return table | _USUAL_SLIPS | _BY_NAME


_TABLE = _table()


def in_digits(text: str) -> str:
    """A plain text with its English number words up to some thousands as digits.

    "sixty-six" gives "66", "five and a half" gives "5.5", "eighteen hundred" gives "1800"; "the left one" stays.
    """
    text = _TOO_LONG.sub(_HUGE, text)
    text = _NOT_A_NUMBER.sub(lambda found: f"{found[1] or ''} thing", text)
    text = re.sub(r"[a-z]+", lambda found: f"{_TABLE[found[0]]}{_MARK}" if found[0] in _TABLE else found[0], text)
    text = re.sub(rf"\b([2-9]0){_MARK}(?:[\s-]*)([1-9]){_MARK}", lambda found: str(int(found[1]) + int(found[2])), text)
    return _with_parts(_with_hundreds(text.replace(_MARK, "")))


def numbers(text: str) -> list[float]:
    """All numbers of a text already in digits, in order."""
    return [float(found) for found in re.findall(NUMBER, text)]


def whole(number: float) -> int | float:
    """The number as an int where it is one."""
    return int(number) if number == int(number) else number


def with_decimal_comma(text: str) -> str:
    """Halves and quarters written with a comma ("6,5") as a point, outside of lists."""
    return re.sub(r"(?<![\d,.])(\d{1,2}),(5|25|75)(?![\d,])", r"\1.\2", text)


def _with_hundreds(text: str) -> str:
    if "hundred" not in text:
        return text
    return re.sub(r"\b(?:(\d+)|an?)\s*hundred(?:\s+(?:and\s+)?(\d{1,2})\b)?", _hundreds, text)


def _hundreds(found: re.Match[str]) -> str:
    return str(int((found[1] or "1")[:3]) * 100 + int(found[2] or 0))


def _with_parts(text: str) -> str:
    text = re.sub(r"(?<![\d./])(\d+)\s*(?:(?:and|&|n|an)\s*)(?:an?\s+)?(?:half|1/2)\b(?!\s+(?:past|\d))", r"\1.5", text)
    text = re.sub(r"(?<![\d./])(\d+)\s+1/2\b", r"\1.5", text)
    text = re.sub(r"(?<![\d./])(\d+)\s+and\s+a\s+quarter\b(?!\s+(?:past|to))", r"\1.25", text)
    text = re.sub(r"(?<![\d./])(\d+)\s+and\s+(?:3|three)[\s-]quarters\b", r"\1.75", text)
    return re.sub(r"(?<![\d./])(\d+)\s+point\s+(\d)\b", r"\1.\2", text)
