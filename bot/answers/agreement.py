"""Reads yes or no, and yes, partly or no to "did you do it?"."""

from __future__ import annotations

import re

from bot.answers.choices import read_choice
from bot.answers.wording import asks_back, corrections

_FILLER = re.compile(
    r"^(?:(?:um+|uh+|er+m*|hmm+|hm+|well|oh|ah|ok so|so|honestly|tbh|hi|hello|hey|right|look|i guess|"
    r"i think|i mean|actually|lol|haha|to be honest|in fact|and|god|gosh|omg|good question|"
    r"thanks?|thank you|let me think|let me see|ooh|aw+|mate|hun|love|dear|if i'?m honest|being honest|"
    r"fine)\b[\s,.!:;-]*)+"
)
_UNSURE = re.compile(
    r"\b(?:not (?:so |too |quite |really |very )?(?:sure|certain)|unsure|maybe|mayb|perhaps|possibly|"
    r"prehaps|sometimes|depends?|dunno|don'?t know|dont know|idk|no idea|no clue|who knows|hard to (?:say|"
    r"tell|know)|50/50|fifty[- ]fifty|"
    r"i'?ll (?:think|see|have to think)|let me think|need to think|on the fence|can'?t (?:decide|"
    r"say(?! (?:i|it|that))|tell|"
    r"remember)|cant (?:decide|say|tell|remember)|undecided|no opinion|ask me later|in two minds|neither|"
    r"yes and no|"
    r"yes or no|possibly|mixed|couldn'?t say|not decided|haven'?t decided|we'?ll see|will see|might)\b"
)
_NO_START = re.compile(
    r"^(?:no+|nope+|nop|nah+|naw+|na|n|nay|non|nein|niet|nyet|nee|nej|nei|nao|negative|never|not|none|"
    r"neither|nowt|no thank(?:s| you)|absolutely not|definitely not|certainly not|of course not|"
    r"hell no|hardly|no way|nae|noo+|nopes|noe|nooo+|nil|cba|can'?t|cannot|cant|won'?t|wont|didn'?t|didnt|"
    r"don'?t|dont|haven'?t|havent|wasn'?t|isn'?t|aren'?t|couldn'?t|wouldn'?t|false|leave it|"
    r"pass|later|rather not|forget it|nuh ?uh|hayir|nie|nei|nu|la|ne|n0|stop)\b(?!['])"
)
_YES_START = re.compile(
    r"^(?:ye+s+|yeah+|yea+h*|yep+|yup+|yupp+|yah+|yeh+|ya+|yess+|ys|yse|yesh|yas+|y|aye+|och aye|k|kk|ok+|"
    r"okay+|okey|okie|oki|okey ?dokey|okie ?dokie|sure+|certainly|course|of course|ofc|"
    r"absolutely|absolutly|definitely|definately|defo|deffo|def|totally|indeed|correct|right|true|"
    r"affirmative|affirmitive|please(?: do)?|go (?:for it|on|ahead)|why not|sounds? (?:good|great|fine)|"
    r"alright|all right|alrighty|fine|great|good|perfect|gladly|happy to|happily|i do|i did|i am|i have|"
    r"i will|i'?ll|i can|i would|i'?d (?:like|love|be)|i could|let'?s|lets|do it|cool|si|oui|ja+|jep|da|"
    r"sim|hai|jo|haan|tak|evet|ano|"
    r"suppose(?: so)?|i suppose(?: so)?|guess so|i guess(?: so)?|probably|prob|probs|yh|100 ?%|(?:it|that|"
    r"we|they) (?:did|does|is|was|has|have)|think so|i think so|believe so|i believe so|"
    r"hope so|reckon so|i reckon(?: so)?|by all means|yes please|exactly|that'?s (?:right|it|correct|fine|"
    r"ok|good)|"
    r"mhm+|mm+ ?hm+|uh ?huh|mhmm|roger|yarp|sort of yes|done|did it|always|agreed|deal|count me in|i'?m in|"
    r"you bet|too right|obviously|naturally|for sure|bring it on|no problem|no worries|no bother|"
    r"not a problem|of corse|"
    r"ready|yeppers|yessir|yus|yiss|yis|righto|rather|very much so|most days?|pretty much|mostly|"
    r"works for me|would (?:love|like) to|love to|id love to|id like (?:that|to))\b(?!['])"
)
_NO_INSIDE = re.compile(
    r"\b(?:don'?t|do not|dont|didn'?t|did not|can'?t|cannot|won'?t|wouldn'?t|not really|not (?:today|now|"
    r"yet|tonight|particularly|for me|at all|this time|interested|happening|a chance)|rather not|"
    r"no thanks?|haven'?t|have not|wasn'?t|"
    r"isn'?t|aren'?t|i'?m not|am not|never|no way|nope|nah|no chance|couldn'?t|i'?d say no|has to be (?:a )"
    r"?no|it'?s a no|afraid not|hope not|suppose not|guess not|think not|fraid not|unlikely|doubt it|"
    r"(?:unfortunately|sadly|hard|firm|big|regretfully|still|probably) no|can'?t say (?:i|it|that)|"
    r"say no|not keen|no for now|unfortunately not|sadly not|not on your (?:life|nelly))\b"
)
_YES_INSIDE = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|ok|okay|definitely|of course|i did|i do|i have|i am|i will|i would|i can|"
    r"please|absolutely|aye|why not|think so|suppose so|guess so|go for it|love to|happy to|managed it|"
    r"it'?s a yes|say yes)\b"
)
_YES_THOUGH = re.compile(
    r"^(?:not a problem|no (?:problem|worries|bother|doubt|question)|of course,? no\b|why not|can'?t wait|"
    r"couldn'?t agree more|don'?t see why not|i don'?t see why not|i don'?t mind|don'?t mind if i do|"
    r"wouldn'?t mind|i wouldn'?t mind|never better|not half|without (?:a )?doubt|no objections?)"
)
_NOT_YES = re.compile(
    r"^(?:(?:good|great|fine|perfect|right|ok|okay|sure|done)\s+(?:question|grief|god|morning|evening|"
    r"for nothing|lord|then what|what)|i (?:do|did|can|could|would|have|am|will)(?:n'?t| not| never)|"
    r"i'?ll (?:not|pass|skip|leave)|i'?d (?:rather|like) not|let'?s not|lets not|"
    r"sure as hell not|(?:definitely|absolutely|certainly|totally|obviously|of course|course|definately|"
    r"defo) not|think not|prob(?:ably|s)? not|(?:it|that|we|they) (?:did|does|is|was|has|have) not|"
    r"i (?:think|guess|suppose|reckon|believe) not|rather not|please (?:don'?t|no|stop)"
    r"|ya (?:no|know)|suppose not|sure i (?:don'?t|didn'?t)|always (?:no|not)|i would (?:rather )?not|"
    r"mostly (?:no|not)|yet)\b"
)
# "I would like to pace myself" asks for something of its own; "I would like to try it" says yes.
_OWN_WISH = re.compile(
    r"^i(?:'?d| would) (?:really )?(?:like|love) to (?:pace|breathe|relax|check|talk|speak|stop|pause|change|cancel|"
    r"delete|leave|work on|sleep|quit|skip)\b"
)
_LAST_SAID = re.compile(
    r"^(?:(?:yes|yeah|yea|yep|ye|no|nah|nope)[\s,.-]+)*(yes|yeah|yea|yep|ye|no|nah|nope)\b(?!\s+(?:problem|"
    r"worries|doubt|bother|question))"
)
_EMOJI_YES, _EMOJI_NO = "👍👌✅✔☑🙌👏🆗💪🙏😀😃😄😁🙂😊🥳🤝💯❤🙆", "👎❌✖🚫🙅⛔🛑❎🙁😞"
_PARTLY = re.compile(
    r"\b(?:partly|partially|part|half|halfway|half way|some(?: of it)?|a bit|a little|a (?:small |wee |"
    r"tiny )?bit|bits? of|sort of|sorta|kind of|kinda|ish|most of|mostly|nearly|almost|not all|"
    r"not (?:quite|fully|completely|entirely|everything|the whole|all of|properly|finished)|"
    r"started|tried|in part|to (?:a|some) (?:degree|extent)|more or less|only|just the|a few|one of|two of|"
    r"some|bit of it|didn'?t finish|couldn'?t finish|but (?:stopped|gave up|had to stop|not)|gave up|until|"
    r"\d+ (?:out )?of|had to stop|stopped|50%|incomplete|semi|yes and no|so-?so|did what i could|"
    r"as much as i could|got through)\b"
)
_DONE = re.compile(
    r"\b(?:did it|did them|done|managed(?: it)?|completed|finished|all of it|nailed it|smashed it|"
    r"every (?:bit|one)|the whole (?:thing|lot)|fully|i did|yes all|in full|all done|did everything|"
    r"completely|100%|did all)\b"
)
_UNDONE = re.compile(
    r"\b(?:forgot|didn'?t|did not|didnt|couldn'?t|not (?:at all|today|yet|done|a chance|this time)|no time|"
    r"skipped|missed|never|none(?: of it)?|too (?:tired|sore|busy|ill|much)|nothing|haven'?t|wasn'?t able|"
    r"failed|zero|not any|0%|no chance)\b"
)


def read_yes_no(text: str, options: tuple[str, ...] = ()) -> str | None:
    """ "yes" or "no"; null for "maybe", "not sure" and anything else.

    "Yeah no" is no, "no yeah" is yes, "yes but not today" is yes. Numbers count only if `options` shows them.
    """
    if asks_back(text) and not re.match(r"^why not\b", text):
        return None
    if options and (chosen := read_choice(text, options)):
        return _simply(options[chosen - 1].strip().casefold())
    for part in reversed(corrections(text)):
        answer = _simply(part)
        if answer or _UNSURE.search(part):
            return answer
    return None


def read_partly(text: str) -> str | None:
    """ "yes", "partly" or "no" to "did you do it?"; null where the text does not say."""
    if asks_back(text) or re.search(r"\b(?:don'?t know|dunno|not sure|can'?t remember|idk|maybe)\b", text):
        return None
    if re.match(r"^(?:\W*(?:no+|nope|nah)\W+)", text + " ") and not _PARTLY.search(text):
        return "no"
    if re.search(
        r"\bdidn'?t (?:really )?(?:do|manage|get) (?:any|it|to it)\b|\bnone of it\b|\bnot (?:one|a) bit\b|"
        r"\bforgot\b|\bnever (?:got |even )?started\b|\bnot started\b|\bno,? not (?:even|at all)\b",
        text,
    ):
        return "no"
    if _PARTLY.search(text) and not re.search(
        r"\b(?:all of it|the whole (?:thing|lot))\b(?<!not all of it)", re.sub(r"not (?:the whole|all)", "", text)
    ):
        return "partly"
    if _UNDONE.search(text):
        return "no"
    return "yes" if _DONE.search(text) else read_yes_no(text)


def _simply(text: str) -> str | None:
    if emoji := _emoji(text):
        return emoji
    text = _FILLER.sub("", re.sub(r"(.)\1{3,}", r"\1\1", text)).strip(" ,.!-'\"()") or text.strip(" ,.!-'\"()")
    if _YES_THOUGH.search(text):
        return "yes"
    if (last := _LAST_SAID.search(text)) and not re.match(r"^(?:yes|no) (?:and|or) (?:yes|no)\b", text):
        return "no" if last[1] in ("no", "nah", "nope") else "yes"
    return _by_words(text)


def _by_words(text: str) -> str | None:
    if _UNSURE.search(text) or _OWN_WISH.search(text):
        return None
    if _NOT_YES.search(text):
        return "no" if re.search(r"\bnot|n'?t\b|pass|skip|leave|rather|\bno\b|stop", text) else None
    if re.match(r"^no one\b|^not bad\b|^none of your\b", text):
        return None
    if _YES_START.search(text):
        return "yes"
    if _NO_START.search(text) or _NO_INSIDE.search(text):
        return "no"
    return "yes" if _YES_INSIDE.search(text) else None


def _emoji(text: str) -> str | None:
    yes, no = any(sign in _EMOJI_YES for sign in text), any(sign in _EMOJI_NO for sign in text)
    if yes == no or re.search(r"[a-z]", text):
        return None
    return "yes" if yes else "no"
