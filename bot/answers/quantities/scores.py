"""Reads a score on a 0-10 scale: ratios, ranges, then-and-now, and numbers that measure something else."""

from __future__ import annotations

import re
from itertools import pairwise
from math import floor

from bot.answers.quantities.numbers import NUMBER, in_digits, whole, with_decimal_comma
from bot.answers.wording import corrections, is_question

LOW, HIGH = 0, 10
"""Ends of the numeric rating scale (NRS)."""
WIDEST_RANGE = 3
"""A range wider than this says too little: asked again."""
MOST_NUMBERS = 20
"""A text with more numbers than this is no answer."""

_LEAD = (
    r"(?:(?:an?|the|about|around|maybe|perhaps|possibly|probably|even|just|like|say|more like|nearer|at|"
    r"roughly|low|high|solid)\s+)*"
)
_UNIT = (
    r"(?:hours?|hrs?|hr|minutes?|mins?|min|seconds?|secs?|days?|dys|weeks?|wks?|months?|mths?|years?|yrs?|"
    r"nights?|times|o'?clock|am|pm|a\.m|"
    r"p\.m|mg|ml|mcg|kg|lbs?|stone|km|kms|miles?|metres?|meters?|yards?|feet|ft|steps?|stairs?|flights?|"
    r"tablets?|pills?|tabs?|doses?|"
    r"paracetamols?|paracetemol|ibuprofens?|nurofen|advil|tylenol|aspirins?|codeines?|co-?codamols?|"
    r"tramadols?|naproxen|cups?|glasses|"
    r"pints?|beers?|people|kids|children|grandkids|dogs?|things|jobs|loads|bags|meetings|appointments|"
    r"appts?|sessions?|reps?|sets|laps|"
    r"lengths|blocks|st|nd|rd|th|degrees|percent of the time|quid|pounds|dollars)\b"
)
_OTHER = re.compile(
    rf"{NUMBER}(?:\s*(?:-|to|or)\s*{NUMBER})?(?:\s*|-)(?:more |whole |full |long |solid |straight )"
    rf"?{_UNIT}(?!\s*(?:of|out of)\s*pain)"
    rf"|\b\d{{1,2}}[:.]\d\d\b\s*(?:am|pm)?|\b(?:since|until|till|til|by|half past|quarter (?:past|to)|half)\s+\d+\b"
    rf"|\b(?:woke|wake|waking|woken|up|awake|bed|slept|asleep|rose|got up|get up|start(?:ed)?|finish(?:ed)?|"
    rf"work)\s+(?:up\s+)?(?:at|from|around|about|by)"
    rf"\s+(?:about\s+|around\s+)?\d+\b|\b(?:day|week|step|session|lesson|room|age|aged|question|q|number of|"
    rf"chapter|part)\s?\d+\b|\b[clts]\d+\b"
)
_SCALE_NOTE = re.compile(
    r"\(?(?:on|out of|from|using)?\s*(?:an?|the|your|ur|this|that)?\s*(?:pain\s+)?scale\s*(?:of|from|thing|"
    r"between|,)?\s*(?:0|1)\s*(?:to|-|and|through)\s*10\)?"
    r"|\(?\b(?:on|from)\s+(?:an?\s+|the\s+)?(?:0|1)\s*(?:to|-)\s*10(?:\s+scale)?\)?"
)
_SCALE_ALONE = re.compile(r"^(?:from\s+|between\s+)?[01]\s*(?:-|to|and)\s*10\W*$")
_OUT_OF_TEN = re.compile(
    rf"({NUMBER})(?:ish)?\s*(?:/|out\s*of|outta|outof|outa|of|over|oot o'?f?)\s*(?:a\s+(?:possible\s+)?)?10\b"
)
_OUT_OF_HUNDRED = re.compile(rf"({NUMBER})\s*(?:/\s*100\b|out\s*of\s*(?:a\s+)?100\b|%|per\s?cent\b)")
_OTHER_RATIO = re.compile(rf"({NUMBER})\s*(?:/|out\s*of)\s*(\d+)\b")
_MOVED = re.compile(
    rf"\b(?:from|went|gone|going|up|down|dropped|risen|rose|fell|fallen|jumped|crept|changed|moved|was|"
    rf"started)\b[^.;\d]{{0,25}}({NUMBER})\s*"
    rf"(?:-?>+|to|down to|up to|and now|,?\s*now)\s*{_LEAD}({NUMBER})"
)
_RANGE = re.compile(
    rf"({NUMBER})(?:ish)?\s*(?:-\s?|/|\bto\b|\btill?\b|\bor\b|,?\s*\bor\b|,?\s*(?:\bmaybe|\bperhaps|"
    rf"\bpossibly|\bnearly|\bpushing|\bverging on|\bbordering on)"
    rf"(?:\s+even)?|,\s*)\s*{_LEAD}({NUMBER})(?!\s*/)"
)
_BETWEEN = re.compile(
    rf"\b(?:between|betwixt|somewhere between)\s+{_LEAD}({NUMBER})\s*(?:and|&|n|to|-|or)\s*{_LEAD}({NUMBER})"
)
_NEGATED = re.compile(
    rf"\b(?:not|isn'?t|wasn'?t|aint|ain't|never|instead of|rather than|(?:more|less|worse|better|higher|"
    rf"lower|other|over|above|below|under) than|"
    rf"below|above)\s+(?:an?\s+|the\s+|quite\s+|really\s+|even\s+|as bad as\s+|yesterday'?s\s+)*({NUMBER})"
)
_JUST_BESIDE = re.compile(r"\bjust\s+(over|above|under|below)\s+(?:an?\s+)?(\d+)\b(?!\.)")
_BELOW_ZERO = re.compile(r"(?:^|[^\w\s)]\s|:\s?)-\d|\bminus\s+\d|\bnegative\s+\d")
_AGAIN = re.compile(
    r"(?<=\d)\s*[,.]*\s*(?:\.\.+\s*)?(?:no|nope|nah|er|erm)\b[,.\s]+(?=(?:more like |make it |its? |it's |"
    r"a |an |about )*\d)"
)
_CLAUSE = re.compile(
    r"[,;()\n]|\.(?!\d)|(?<!\d)-(?!\d)|\s-\s|\bbut\b|\band\b|\bthen\b|\bwhereas\b|\bwhile\b|\s(?=(?:right )"
    r"?now\s+(?:it'?s\s+|its\s+|i'?m\s+|more like\s+|down\s+|up\s+|at\s+|to\s+"
    r"|an?\s+|about\s+|around\s+|maybe\s+|only\s+|nearer\s+)*\d)|\s(?=(?:today|currently)\s+(?:it'?s\s+|"
    r"its\s+|i'?m\s+|at\s+|an?\s+|more like\s+)*\d)"
)
_PAST = re.compile(
    r"\b(?:was|were|yesterday'?s?|earlier|last (?:night|week|time|month|year|monday|tuesday)|usually|usual|"
    r"normally|normal|typically|before|used to|"
    r"started|had been|been|ago|average|avg|on bad days|bad days?|good days?|at (?:its|it's) worst|peaked|"
    r"worst|woke|first thing|most days|"
    r"previously|when i (?:woke|got up))\b"
)
_PRESENT = re.compile(
    r"\b(?:now|currently|at the moment|atm|rn|right now|as we speak|at present|at this minute|today|"
    r"tonight|this evening|settled|eased|calmed|down to|up to|nw)\b"
)
_MANY_PARTS = re.compile(
    r"\b(?:back|neck|hips?|knees?|legs?|arms?|feet|foot|hands?|shoulders?|head|wrists?|ankles?|jaw|stomach|"
    r"left|right|resting|at rest|sitting|"
    r"standing|walking|moving|lying|stairs|elbows?|fingers|ribs|pelvis|thighs?|calf|calves|toes?|spine|"
    r"chest|bum|when)\b"
)


def read_score(text: str, low: int = LOW, high: int = HIGH) -> int | float | None:
    """The score that a plain text names, in steps of a half; null if none, if out of range, or if the text asks back.

    The present beats the past ("was 7, now 4" gives 4), a range gives its middle, and of several parts of the body the
    higher counts. Hours, doses, dates and clock times are not scores.

    Args:
        text: a text from `wording.plain`.
        low: lowest score of the scale.
        high: highest score of the scale.
    """
    if is_question(text) or len(re.findall(r"\d+", text)) > MOST_NUMBERS:
        return None
    said = with_decimal_comma(in_digits(text))
    parts = [part for part in corrections(_AGAIN.sub(" no wait ", said)) if _numbers_of(part)]
    found = _score_of(parts[-1]) if parts else None
    return None if found is None or not low <= found <= high else whole(found)


def without_other_numbers(text: str) -> str:
    """A text in digits without the numbers that count hours, doses, steps, days or name a clock time."""
    return _OTHER.sub(" ", text)


def _numbers_of(part: str) -> bool:
    return bool(re.search(r"\d", without_other_numbers(_SCALE_NOTE.sub(" ", part))))


def _score_of(text: str) -> float | None:
    text = _SCALE_NOTE.sub(" ", text)
    if _SCALE_ALONE.search(text) or _BELOW_ZERO.search(text):
        return None
    rated = _out_of(without_other_numbers(text))
    if rated is None:
        return None
    merged = _merge_ranges(_beside(_MOVED.sub(r" now \2", rated)))
    return None if merged is None else _pick(merged)


def _out_of(text: str) -> str | None:
    text = _OUT_OF_HUNDRED.sub(lambda found: f"{float(found[1]) / 10:.2f}", _OUT_OF_TEN.sub(r" \1 ", text))
    for value, of in _OTHER_RATIO.findall(text):
        if int(of) != float(value) + 1 or int(of) == 5:
            return None
    return text


def _beside(text: str) -> str:
    return _JUST_BESIDE.sub(lambda found: str(int(found[2]) + (0.5 if found[1] in ("over", "above") else -0.5)), text)


def _merge_ranges(text: str) -> str | None:
    for pattern in (_BETWEEN, _RANGE):
        for found in pattern.finditer(text):
            if abs(float(found[2]) - float(found[1])) > WIDEST_RANGE and not _is_list(found[0]):
                return None
        text = pattern.sub(_middle, text)
    return text


def _is_list(said: str) -> bool:
    return "," in said or bool(_MANY_PARTS.search(said))


def _middle(found: re.Match[str]) -> str:
    one, other = float(found[1]), float(found[2])
    if "," in found[0] and not re.search(r"maybe|perhaps|possibly|\bor\b|pushing|nearly|verging|bordering", found[0]):
        return found[0]
    if one > HIGH or other > HIGH:
        return f" {max(one, other):g} "
    return f" {(one + other) / 2:g} "


def _pick(text: str) -> float | None:
    negated = {found.start(1) for found in _NEGATED.finditer(text)}
    present: list[float] = []
    plain: list[float] = []
    past: list[float] = []
    for start, clause in _clauses(text):
        said = [found for found in re.finditer(NUMBER, clause) if start + found.start() not in negated]
        if said:
            _shelf(clause, present, plain, past).extend(_half(float(found[0])) for found in said)
    for shelf in (present, plain, past):
        if shelf:
            return max(shelf) if len(shelf) > 1 and _MANY_PARTS.search(text) else shelf[0]
    return None


def _shelf(clause: str, present: list[float], plain: list[float], past: list[float]) -> list[float]:
    if _PAST.search(clause):
        return past
    return present if _PRESENT.search(clause) else plain


def _clauses(text: str) -> list[tuple[int, str]]:
    edges = [0, *(found.end() for found in _CLAUSE.finditer(text)), len(text)]
    return [(start, text[start:end]) for start, end in pairwise(edges)]


def _half(number: float) -> float:
    return number if number > HIGH else floor(number * 2 + 0.5) / 2
