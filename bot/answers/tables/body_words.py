"""Words for parts of the body, with sides and slang."""

from __future__ import annotations

PARTS = (
    "head|heads|skull|scalp|forehead|temple|temples|face|jaw|jaws|jawline|tmj|chin|cheek|cheeks|cheekbone|"
    "nose|sinus|sinuses|mouth|lip|lips|tongue|gum|gums|tooth|teeth|ear|ears|eye|eyes|eyeball|eyebrow|brow|"
    "throat|"
    "neck|nape|shoulder|shoulders|shoulder blade|shoulder blades|shoulderblade|shoulderblades|collarbone|"
    "collar bone|clavicle|scapula|rotator cuff|trap|traps|trapezius|armpit|armpits|"
    "arm|arms|forearm|forearms|upper arm|upper arms|lower arm|elbow|elbows|wrist|wrists|hand|hands|palm|"
    "palms|knuckle|knuckles|finger|fingers|fingertip|fingertips|index finger|middle finger|ring finger|"
    "little finger|pinky|pinkie|thumb|thumbs|biceps|bicep|tricep|triceps|"
    "chest|breast|breasts|boob|boobs|rib|ribs|ribcage|rib cage|sternum|breastbone|heart|lung|lungs|back|"
    "backs|upper back|lower back|low back|mid back|middle back|lumbar|lumbar spine|spine|backbone|"
    "vertebra|vertebrae|disc|discs|tailbone|coccyx|sacrum|"
    "thoracic spine|cervical spine|sacroiliac joint|si joint|sacroiliac|flank|flanks|loin|loins|side|sides|waist|"
    "stomach|stomachs|tummy|belly|abdomen|abs|gut|guts|bowel|bowels|bladder|kidney|kidneys|liver|pelvis|"
    "pelvic area|pelvic floor|womb|uterus|ovary|ovaries|vulva|vagina|groin|testicle|testicles|balls|penis|"
    "perineum|"
    "hip|hips|hip joint|buttock|buttocks|bum|bum cheek|bottom|backside|butt|butt cheek|arse|ass|rear|"
    "behind|glute|glutes|derriere|tush|tushy|"
    "leg|legs|upper leg|lower leg|thigh|thighs|hamstring|hamstrings|quad|quads|knee|knees|kneecap|"
    "kneecaps|knee cap|shin|shins|calf|calves|calf muscle|ankle|ankles|achilles|foot|feet|heel|heels|sole|"
    "soles|arch|arches|instep|"
    "toe|toes|big toe|big toes|little toe|little toes|ball of my foot|sciatic nerve|sciatica|joint|joints|"
    "muscle|muscles|skin|nerves|"
    "noggin|noddle|bonce|nut|gob|gub|conk|hooter|lug|lugs|lughole|peepers|mitt|mitts|paws|pins|plates|"
    "tootsies|tootsie|guns|puku|oxter|wame|napper|fud|funny bone|tum|tum tum|breadbasket|keister|fanny|"
    "bahookie|jacksie|pelvic girdle|noodle|noggen|peg|pegs"
)
"""Parts, "|" between them; the longest that fits is read."""

SLIPS = {
    "sholder": "shoulder", "shouder": "shoulder", "shulder": "shoulder", "sholders": "shoulders",
    "shoudler": "shoulder", "shoulers": "shoulders", "nee": "knee", "nees": "knees", "kne": "knee",
    "knees'": "knees",
    "bak": "back", "bakc": "back", "bck": "back", "backk": "back", "stomache": "stomach", "stomack": "stomach",
    "stumach": "stomach", "stomch": "stomach", "hed": "head", "haed": "head", "nek": "neck", "nekc": "neck",
    "rist": "wrist",
    "wirst": "wrist", "ancle": "ankle", "anke": "ankle", "ankel": "ankle", "elbo": "elbow", "ebow": "elbow",
    "hnads": "hands", "hnad": "hand", "fingrs": "fingers", "figners": "fingers", "feets": "feet",
    "fet": "feet", "foots": "feet",
    "hipp": "hip", "hpi": "hip", "thum": "thumb", "lowerback": "lower back", "lowback": "low back",
    "calfs": "calves", "abdomin": "abdomen", "toung": "tongue", "jwa": "jaw", "tummie": "tummy",
    "tumy": "tummy", "lumber": "lumbar",
    "shoulderz": "shoulders", "kneez": "knees", "hipz": "hips", "legz": "legs", "spin": "spine", "head's": "head",
    "headache": "head", "headaches": "head", "backache": "back", "toothache": "tooth", "migraine": "head",
    "migraines": "head", "earache": "ear", "bellyache": "belly", "stomachache": "stomach",
    "tummyache": "tummy",
}  # fmt: skip
"""Usual slips, and aches that name their part."""

ALL_OVER = (
    r"\b(?:all over(?: (?:my|the) body)?|everywhere|every where|(?:my |the )?(?:whole|entire) body|"
    r"whole of (?:my|me) body|head to (?:toe|foot)|top to (?:toe|bottom)|every (?:bit|part|inch|joint)|"
    r"all of (?:me|it)|"
    r"body ?wide|widespread|full body|throughout my body|everything (?:hurts|aches)|allover|all my body|"
    r"from head to toe|every bone)\b"
)
"""Says that no one part is meant."""

IDIOMS = (
    r"\b(?:come|came|coming|go|going|went|get|got|getting|been|be|write|text|ring|call|look|looking|put|"
    r"set|sent|give|gave|hold|holding|held|cut|is|are|was|head(?:ed|ing)?|right|straight|way|then|i'?m|"
    r"i'll be|be right|move[ds]?) back\b"
    r"(?! (?:pain|hurts|ache))(?=\s*(?:to|in|from|at|on|and|later|soon|again|with|home|now|$|\.|,))|"
    r"\bback (?:in|to|at|from|then|when|soon|later|and forth|on track|up|down|off|home|into)"
    r"\b(?! (?:front))|\bon the other hand\b|\bfirst hand\b|\bby heart\b|"
    r"\bhead (?:back|to|over|off|out)\b|\bheads? up\b|\bface (?:it|the|up)\b|\bon (?:my|your) own two feet\b|"
    r"\bfoot of\b|\bpain in the (?:neck|arse|ass|bum|backside|butt)\b(?= (?:really|honestly|is|this|you|"
    r"your|answering|to))|\bcan'?t put my finger\b|"
    r"\blend a hand\b|\bat hand\b|\bhands? (?:up|down|full)\b|\bkeep an eye\b|\bside effects?\b|"
    r"\bon the (?:bright|other|flip|plus) side\b|\bat the back of my mind\b|\bbehind (?:on|with|schedule|"
    r"the|me)\b|\bbottom line\b|\bnut allergy\b|"
    r"\b(?:i'?m|in) (?:good|bad|a bad) (?:joint|nerves)\b|\bset foot\b|\bon foot\b|\bby foot\b|"
    r"\bhead ?space\b|\bin my head\b|\bpulling my leg\b|\bchin up\b|\bcheeky\b|\bmy heart (?:goes|is with|"
    r"sinks)\b|\bback ?ground\b|\bfeedback\b|\bthe worst\b|\bsinks? in\b"
)
"""Phrases in which a part of the body means something else."""
