"""Words, phrases and emoji for mood, by level."""

from __future__ import annotations

LEVELS = ("very_low", "low", "ok", "good", "very_good")
"""Mood levels from worst to best."""

WORDS = {
    "very_low": (
        "terrible|terrable|terible|awful|awfull|aweful|horrible|horrid|horrendous|dreadful|rubbish|rubish|"
        "abysmal|atrocious|appalling|appaling|gutted|devastated|miserable|misrable|depressed|depressing|"
        "despair|"
        "despairing|hopeless|shit|shite|shitty|crap|crappy|crappier|rock bottom|worst|the pits|in bits|broken|"
        "desperate|suicidal|heartbroken|hellish|hell|wretched|dire|grim|ghastly|at my wits end|at my wit's "
        "end|"
        "can't go on|cant cope|can't cope|lousy as hell|lowest|the lowest|in pieces|wrecked|distraught|"
        "inconsolable|bleak|rotten|godawful|trash|in a dark place|dark place|f+ed|fucked|fucking awful|bloody "
        "awful|very bad|"
        "really bad|so bad|extremely bad|super low|very poor|dead inside|crying all day|been crying|pants|"
        "minging|diabolical|at the bottom|worthless|in despair|falling apart|mare|nightmare|a nightmare|"
        "shocking|sh1t|shit house|cr@p|black"
    ),
    "low": (
        "low|lowish|down|sad|saddish|blue|bad|badly|poor|poorly|meh|unhappy|upset|tearful|teary|weepy|glum|"
        "gloomy|flat|fed up|fedup|grumpy|cranky|irritable|irritated|annoyed|angry|cross|moody|anxious|worried|"
        "stressed|stressed out|"
        "lousy|crummy|bit rough|rough|ropey|ropy|naff|under the weather|not myself|out of sorts|lonely|"
        "drained|exhausted|knackered|shattered|tired|frustrated|frazzled|overwhelmed|off|dull|numb|bleh|blah|"
        "ugh|bummed|bummed out|"
        "down in the dumps|in the dumps|struggling|struggly|disappointed|hurt|scared|nervous|tense|on edge|"
        "subdued|deflated|disheartened|demoralised|demoralized|wobbly|could be better|been better|seen better "
        "days|gloom|melancholy|"
        "downcast|dejected|despondent|hacked off|cheesed off|pissed off|narky|ratty|mardy|snappy|worn out|"
        "wiped out|a bit pants|below par|below average|urgh|sucky|sucks|iffy|heavy|empty|restless|guilty|lost|"
        "defeated|discouraged|"
        "low mood|not so hot|lowsy|stresed|anxous|no good|nae good|mizzy|bit of a mess|grotty|gloopy|sh*t-ish|"
        "shaky|blah-ish|worse|hard going|tough|not up to much"
    ),
    "ok": (
        "ok|okay|okey|okish|okayish|ok-ish|k|fine|alright|all right|alrite|aright|so-so|so so|soso|average|"
        "middling|fair|fair to middling|not bad|not too bad|not so bad|not to bad|nae bad|neutral|normal|"
        "usual|same as usual|as usual|mediocre|"
        "in the middle|in between|in-between|middle|medium|moderate|neither here nor there|neither good nor "
        "bad|neither|bearable|tolerable|manageable|getting by|surviving|coping|plodding|plodding on|ticking "
        "along|chugging along|"
        "mustn't grumble|mustnt grumble|can't complain|cant complain|up and down|ups and downs|mixed|mixed "
        "bag|swings and roundabouts|passable|decent enough|grand|steady|stable|hanging in there|hanging in|"
        "could be worse|"
        "been worse|comme ci comme ca|adequate|reasonable|nothing special|indifferent|half and half|50/50|"
        "satisfactory|run of the mill|bog standard|fair enough|fairish|meh but ok|oki|oky|okk|alroght|fien|"
        "level|even keel"
    ),
    "good": (
        "good|gd|goood|great|grate|gr8|well|happy|happyish|cheerful|cheery|positive|upbeat|bright|brighter|"
        "better|much better|calm|relaxed|content|contented|pleased|nice|pleasant|hopeful|optimistic|peaceful|"
        "chilled|lovely|"
        "decent|pretty good|quite good|fairly good|rather good|chipper|perky|glad|grateful|light|lighter|cool|"
        "sound|canny|dandy|peachy|fine and dandy|in good spirits|good spirits|on the up|looking up|rosy|sunny|"
        "jolly|merry|smiley|"
        "motivated|energised|energized|strong|proud|satisfied|comfortable|rested|refreshed|goodish|hapy|"
        "happpy|godo|goo|gud|bonny|bonnie|braw|spry|tip top|rather well|quite well|pretty well|at ease|serene|"
        "encouraged"
    ),
    "very_good": (
        "very good|v good|vgood|really good|so good|extremely good|super good|great great|excellent|exellent|"
        "excelent|brilliant|briliant|brill|amazing|amazin|awesome|fantastic|fantastc|fab|fabulous|wonderful|"
        "superb|marvellous|marvelous|"
        "terrific|tremendous|ecstatic|elated|overjoyed|over the moon|on top of the world|top of the world|on "
        "cloud nine|on cloud 9|cloud nine|best|the best|best ever|best in ages|buzzing|thrilled|delighted|"
        "chuffed|chuffed to bits|joyful|joyous|"
        "super|magic|mint|ace|belting|cracking|stellar|splendid|very happy|really happy|so happy|super happy|"
        "very well|really great|absolutely great|on fire|perfect|outstanding|phenomenal|lush|blissful|bliss|"
        "euphoric|flying|"
        "on a high|smashing|stonking|incredible|unbelievably good|sublime|never better|couldn't be better|top "
        "notch|full of beans|full of the joys|jumping for joy|loving life|heavenly|glorious|exceptional|mega|"
        "dead good|well good|proper good|100%"
    ),
}
"""Phrases by level, "|" between them."""

EMOJI = {
    "very_low": "😭😩😫💔😖🤮😱☠💀🖤⚫😵👿🤬",
    "low": "😢😔😞☹🙁😟😥😓😿😣😕😠😡🥺👎😪😒😰😨😮🤒🤕🌧🫤😤🥱😴⛈🤢🫠☁😧😦😬😑🥴",
    "ok": "😐😶👌🆗🙃⛅🤔🌤🙄",
    "good": "🙂😊👍😌😀☺😉😃🌞☀😇🌻🤗✌💪🌈😺❤💚😋🙏",
    "very_good": "😁😄🤩🥳😍🎉😆🥰🤸💃🕺✨🌟⭐🙌🤣😂💯🔥😎",
}
"""Emoji by level."""

ASCII_FACES = (
    (r"(?:^|\s):'\(", "very_low"),
    (r"(?:^|\s)[:;=]-?[(\[/\\]|</3", "low"),
    (r"(?:^|\s)[:=]-?\|", "ok"),
    (r"(?:^|\s)[:;=]-?[)\]]|(?:^|\s)<3", "good"),
    (r"(?:^|\s)[:;=x]-?d\b", "very_good"),
)
"""Faces typed in signs, on plain (lower case) text."""
