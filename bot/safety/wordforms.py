"""Inflected forms and number words, so that a rule names a word once."""

from __future__ import annotations

_IRREGULAR = {
    "be": "am is are was were been being", "begin": "began begun beginning", "bleed": "bled", "break": "broke broken",
    "bring": "brought", "burn": "burnt", "buy": "bought", "choke": "", "come": "came coming", "cut": "cut cutting",
    "die": "dies died dying", "do": "does did done doing", "drink": "drank drunk", "drive": "drove driven driving",
    "drop": "dropped dropping", "eat": "ate eaten", "fall": "fell fallen", "feel": "felt", "find": "found",
    "get": "got gotten getting", "give": "gave given giving", "go": "goes went gone going", "grab": "grabbed grabbing",
    "hang": "hung", "have": "has had having", "hit": "hit hitting", "hide": "hid hidden hiding", "hold": "held",
    "hurt": "hurt", "keep": "kept", "know": "knew known", "leave": "left leaving", "lie": "lied lay lying",
    "lose": "lost losing", "make": "made making", "pin": "pinned pinning", "put": "put putting", "run": "ran running",
    "say": "said", "see": "saw seen", "sell": "sold", "send": "sent", "set": "set setting", "shoot": "shot",
    "slap": "slapped slapping", "slit": "slit slitting", "spit": "spat spit spitting", "stab": "stabbed stabbing",
    "stand": "stood", "steal": "stole stolen", "stop": "stopped stopping", "swallow": "", "take": "took taken taking",
    "tell": "told", "think": "thought", "throw": "threw thrown", "wake": "woke woken waking", "wet": "wet wetting",
    "wish": "", "write": "wrote written writing", "shove": "", "grip": "gripped gripping", "pop": "popped popping",
    "down": "", "neck": "", "scratch": "", "plan": "planned planning", "whip": "whipped whipping", "try": "tried",
    "worry": "worried", "sit": "sat sitting", "rip": "ripped ripping", "chop": "chopped chopping", "ring": "rang rung",
    "overdo": "overdid overdone overdoing", "swell": "swollen", "shake": "shook shaking", "slip": "slipped slipping",
    "mix": "", "forget": "forgot forgotten forgetting", "starve": "", "bang": "", "beat": "beaten", "lock": "",
}  # fmt: skip

_UNITS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_MORE = "seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred".split()
# "one" stays a word: it is a pronoun far more often than a count.
NUMBER_WORDS: dict[str, str] = (
    {word: str(value) for value, word in enumerate([*_UNITS, *_MORE], start=2)}
    | {word: str(value * 10) for value, word in enumerate(_TENS, start=2)}
    | {"fourty": "40", "dozen": "12", "dozens": "24", "hundreds": "100"}
)
LARGEST_COUNT = 600
FIRST_YEAR, LAST_YEAR = 1900, 2040


def forms(word: str) -> frozenset[str]:
    """The word with its regular forms (-s, -ed, -ing) and the irregular ones."""
    stem = word.removesuffix("e")
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        regular = {word[:-1] + "ies", word[:-1] + "ied", word + "ing"}
    else:
        s = "es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s"
        regular = {word + s, stem + "ed", stem + "ing"}
    return frozenset({word} | regular | set(_IRREGULAR.get(word, "").split()))


def counts(least: int) -> frozenset[str]:
    """All whole numbers, as digits, from `least` to the largest count that anybody writes of tablets, or to the last year."""
    largest = LAST_YEAR if least >= FIRST_YEAR else LARGEST_COUNT
    return frozenset(str(value) for value in range(least, largest + 1))
