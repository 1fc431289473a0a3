"""Reads answers that stay words: an activity, a name to be called by, free text."""

from __future__ import annotations

import re

from bot.answers.wording import MAX_RAW, asks_back, corrections, is_question, plain, tidy

LONGEST_NAME_WORDS = 3
LONGEST_ACTIVITY_WORDS = 25
LONGEST_NAME_ANSWER = 160
LONGEST_ACTIVITY_ANSWER = 600
"""Characters of a whole answer; a longer one is a story, not a name or an activity."""

_LEADS = re.compile(
    r"^(?:(?:um+|uh+|er+m*|hmm+|hm+|well|oh|ok(?:ay)?|so|yes|yeah|yep|sure|right|alright|honestly|maybe|"
    r"perhaps|probably|possibly|definitely|hi|hello|hey|just|please|lol|haha|and|also|mine(?:'?s| is|"
    r" would be| is probably)|"
    r"(?:i'?d|i would|id) (?:say|like|love|choose|pick|go (?:for|with)|rather|prefer|want|guess|"
    r"probably (?:say|pick|go (?:for|with)|choose))|i (?:want|wanna|choose|pick|chose|guess|think|fancy|"
    r"reckon|suppose|picked|need|miss|hope|might|will|could|can|love|like|enjoy)|"
    r"i'?ll|ill|i'?m going|im going|i am going|i'?m gonna|going to|gonna|wanna|want|(?:let'?s|lets|let us)"
    r"(?: do| try| go for| say)?|let me|how about|what about|can (?:i|we)|could (?:i|we)|i'?m hoping|"
    r"to (?:pick|try|do|say|choose|work on|go (?:for|with)|start with|get back to|be able to|practi[sc]e|"
    r"have a go at)|to|try(?:ing)?(?= to\b)|(?:pick|choose|say|work on|go (?:for|with)|start with|"
    r"have a go at|doing(?= the\b| some\b| a\b| my\b)|able to|get back to|be able to)|it(?:'?s| is|"
    r" would be| will be| has to be|'d be| would have to be)|its|that(?:'?s| would be)|"
    r"my (?:activity|choice|goal|pick|answer|one|thing)(?: is| would be|:| will be)?|the (?:activity|one|"
    r"thing)(?: i'?d (?:like|pick|choose))?(?: is| would be)|activity|something like|(?:the )"
    r"?thing i (?:want|avoid|miss|struggle with)(?: most)?(?: is)?|be|do(?= some\b| the\b| my\b| a\b))"
    r"(?=[\s,.:;!-])[\s,.:;!-]*)+",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"(?:[\s,.!;:-]+(?:please|pls|plz|thanks?|thank you|thx|ta|cheers|x+|i think|i guess|i suppose|maybe|"
    r"probably|if (?:that'?s|thats) (?:ok(?:ay)?|alright|fine|all right)|if i can|if possible|for me|lol|"
    r"haha|then|tbh|i reckon|sounds good|would be (?:good|nice|great|lovely)|again))*[\s,.!;:\-]*$",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\s*(?:[,;(-]\s*|\s)(?:because|cos|coz|cuz|bc|as (?:i|it|my)|since i|so (?:i|that)|which)\b.*$|"
    r"\.\s+\S.*$|[.!]$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"^(?:nothing|none|no|nope|nah|yes|yeah|ok|okay|idk|idunno|dunno|don'?t know|dont know|i (?:don'?t|"
    r"dont|do not) know|not sure|i'?m not sure|no idea|no clue|anything|whatever|everything|something|any|"
    r"either|skip|pass|stop|help|maybe|n/?a|nowt|nil|"
    r"can'?t think(?: of (?:any|one|anything).*)?|cant think.*|can'?t decide.*|unsure|haven'?t decided.*|"
    r"you (?:choose|pick|decide)|(?:i )?(?:don'?t|dont) (?:want|care|mind|have).*|hmm+|um+|erm*|lol|haha+|"
    r"hi|hello|hey|thanks?|thank you|test|same|not (?:really|today|now|yet).*|"
    r"nothing (?:really|much|at all|comes to mind|today|springs to mind|i can).*|"
    r"i can'?t(?: do (?:anything|any|much).*)?|no thanks|leave me alone|it|that|this|them|one|the|a|i|"
    r"first one|the first one|later|tomorrow|who knows|not a clue|none of (?:them|those|these).*|"
    r"i have no idea.*|good question|never mind|nvm|"
    r"sorry|what|why|how|eh|huh|good|fine|bad|tired|pain|too sore.*|(?:too|so) tired.*)$"
)
_MASH = re.compile(
    r"^(?:[^\s]*?(?:asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|zxcv|xcvb|jkl;)[^\s]*|"
    r"[bcdfghjklmnpqrstvwxz]{4,}|(\w)\1{2,}|(?:[a-z]{1,2}\d|\d[a-z]){3,}\w*)$"
)
_VOWELS = re.compile(r"[aeiouy]")
_CALLED = re.compile(
    r"\b(?:(?:you can |just |please |pls |but )*(?:call me|calls? me|my name(?:'s|s| is)|(?:my )?name(?:'s|"
    r" is|:)|i'?m called|i am called|i go by|known as|people (?:call|know) me(?: as)?|(?:everyone|"
    r"everybody|friends|they|family|folk|all) calls? me|i prefer|i'?d (?:like|prefer|rather)"
    r"(?: to be called| you called me| be called)?|prefer|"
    r"this is|it'?s|its|i am|i'?m|im|me llamo|soy|je m'?appelle|ich bin|address me as|refer to me as|"
    r"the name'?s|name'?s|go with|use|make it|use my (?:first )?name,?|shortened to|short for \w+,?)"
    r"[\s,:]+(?:is\s+|just\s+|plain\s+)*)(?P<name>.+)$",
    re.IGNORECASE,
)
_NAME_END = re.compile(
    r"\s*(?:[,;!?(]|\.(?:\s|$)|\s-\s|\b(?:please|pls|plz|thanks?|thank you|thx|is (?:fine|good|ok|okay|"
    r"great|grand|alright|perfect)|will do|works|would be|for short|if (?:you|that)|and (?:i|you|my)|but|"
    r"not|because|cos|everyone|everybody|as|when|from|only|here|btw|though|or|x+|lol|ok|okay|i guess|"
    r"to (?:my|friends|you|everyone)|does|do)\b|[^\w\s'.\u00c0-\uffff-]).*$",
    re.IGNORECASE,
)
_NOT_NAME = frozenset(
    "yes no nope yeah yep nah ok okay sure fine good great bad tired sore hello hi hey hiya thanks thank "
    "please stop help skip pass nothing none idk dunno whatever anything anonymous why what who how when "
    "where maybe not in at the a an my your i you it me us we "
    "they he she here there this that is are am was don't dont do can't cant won't sorry later now going "
    "feeling in pain hurting lol haha morning evening afternoon bye first nobody same any anyone unsure "
    "so very really just too all over well happy sad start back ready done".split()
)
_WISH = re.compile(r"^(?:can|could) (?:i|we)\b")
_LETTERS = re.compile(r"[^\W\d_]")


def read_text(text: str) -> str | None:
    """Free text, trimmed, as written; null if nothing visible is left."""
    return tidy(text) or None


def read_activity(text: str) -> str | None:
    """The activity as the person put it, without lead-ins, thanks and reasons; null for "idk" and the like."""
    said = plain(text)
    if len(text.strip()) > LONGEST_ACTIVITY_ANSWER or (is_question(said) and not _WISH.search(said)):
        return None
    written = _small(tidy(text).replace("“", "").replace("”", "").strip("\"'"))
    part = _last_corrected(written)
    activity = _cleaned(part)
    return activity if activity and _is_activity(plain(activity)) else None


def read_name(text: str) -> str | None:
    """The name to be called by, as written ("call me Ana" gives "Ana"); null for questions and refusals."""
    said = tidy(text[:MAX_RAW])
    if len(said) > LONGEST_NAME_ANSWER or is_question(plain(said)) or "?" in said:
        return None
    found = _CALLED.search(said.replace("’", "'"))
    name = _trimmed_name(found["name"] if found else _without_greeting(said))
    return _cased(name) if _is_name(name) else None


def _last_corrected(text: str) -> str:
    parts = (
        corrections(text)
        if re.search(r"\b(?:no wait|scratch that|i meant|sorry i mean)\b", text, re.IGNORECASE)
        else [text]
    )
    return parts[-1]


def _small(text: str) -> str:
    if text.isupper():
        return text.lower()
    return text[:1].lower() + text[1:] if text[:2] != "I " else text


def _cleaned(text: str) -> str:
    text = _TAILS.sub("", _REASON.sub("", _LEADS.sub("", text)))
    text = re.sub(r"[^\w\s)'\"]+$", "", text).strip(' ,.;:!-"')
    return _small(_LEADS.sub("", text + " ").strip())


def _is_activity(text: str) -> bool:
    said = re.findall(r"[^\W\d_]+", text)
    if not said or len(said) > LONGEST_ACTIVITY_WORDS or _NOTHING.match(text) or asks_back(text):
        return False
    if any(_MASH.match(word) for word in said) and len(said) < 3:
        return False
    return not (text.isascii() and not any(_VOWELS.search(word) for word in said)) and len("".join(said)) > 1


def _without_greeting(text: str) -> str:
    return re.sub(
        r"^(?:(?:hi|hello|hey|hiya|yes|yeah|ok|okay|sure|um+|erm*|well|oh|just|please|plain|good (?:morning|"
        r"evening|afternoon))\b(?:\s+there)?[\s,.!:-]*)+(?=\S)",
        "",
        text,
        flags=re.IGNORECASE,
    )


def _trimmed_name(text: str) -> str:
    text = _NAME_END.sub("", text.strip(" \"'.,!“”‘’"))
    return text.strip(" \"'.,!-“”‘’")


def _is_name(name: str) -> bool:
    said = name.split()
    if not said or len(said) > LONGEST_NAME_WORDS or len(name) > 40 or re.search(r"\d", name):
        return False
    mashed = any(_MASH.match(word.lower()) for word in said if word.isascii() and len(word) > 4)
    return (
        bool(_LETTERS.search(name)) and not mashed and not any(word.lower().strip(".'") in _NOT_NAME for word in said)
    )


def _cased(name: str) -> str:
    if name.islower():
        return name.title() if "'" not in name else name[:1].upper() + name[1:]
    return name.title() if name.isupper() and len(name) > 2 else name
