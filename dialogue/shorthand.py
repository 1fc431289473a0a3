"""Words as they are typed on a phone, and what they stand for."""

from __future__ import annotations

from typing import Dict, FrozenSet, Text

_PAIRS = """
u you; r are; ur your; y why; n and; k ok; b be; c see; da the; dat that; dis this; wen when; wat what; wot
what; wud would; cud could; shud should; hav have; havin having; bin been; coz because; cos because; cuz
because; bc because; becoz because; bcoz because; pls please; plz please; plse please; thx thanks; thnx
thanks; tnx thanks; ty thank you; tysm thank you so much; thanx thanks; cheers thanks; tmrw tomorrow; tmr
tomorrow; 2moro tomorrow; 2morrow tomorrow; tomoz tomorrow; tomoro tomorrow; 2day today; tday today; 2nite
tonight; 2night tonight; tonite tonight; nite night; l8r later; l8 late; gr8 great; m8 mate; b4 before; 4get
forget; 4ever forever; any1 anyone; every1 everyone; some1 someone; no1 no one; 2 to; 4 for; idk i don't know;
dunno don't know; imo in my opinion; tbh to be honest; ngl not going to lie; omg oh my god; lol laugh; lmao
laugh; rofl laugh; btw by the way; asap as soon as possible; rn right now; atm at the moment; afaik as far as
i know; wtf what the fuck; ffs for fuck's sake; nvm never mind; msg message; msgs messages; txt text; txts
texts; ppl people; appt appointment; appts appointments; med medicine; meds medicines; doc doctor; docs
doctors; dr doctor; gp doctor; physio physiotherapist; info information; prob probably; probs probably; def
definitely; obvs obviously; min minute; mins minutes; hr hour; hrs hours; wk week; wks weeks; yr year; yrs
years; im i'm; ive i've; id i'd; ill i'll; dont don't; cant can't; wont won't; didnt didn't; doesnt doesn't;
isnt isn't; wasnt wasn't; havent haven't; hasnt hasn't; hadnt hadn't; couldnt couldn't; wouldnt wouldn't;
shouldnt shouldn't; arent aren't; werent weren't; thats that's; whats what's; hows how's; wheres where's; whos
who's; theres there's; heres here's; lets let's; youre you're; youve you've; youll you'll; theyre they're;
theyve they've; theyll they'll; weve we've; hes he's; shes she's; itll it'll; yall you all; gonna going to;
wanna want to; gotta got to; gimme give me; lemme let me; kinda kind of; sorta sort of; outta out of; innit
isn't it; aint isn't; ain't isn't; nah no; nope no; yep yes; yup yes; yeah yes; yea yes; ya yes; yh yes; ok
ok; okay ok; okey ok; alr alright; alrite alright; nothin nothing; somethin something; doin doing; goin going;
feelin feeling; talkin talking; tryin trying; thru through; tho though; altho although; luv love; sry sorry;
soz sorry; soo so; v very; w with; w/ with; w/o without; bf boyfriend; gf girlfriend; hubby husband
"""

SHORTHAND: Dict[Text, Text] = {
    short: full for short, _, full in (pair.strip().partition(" ") for pair in _PAIRS.replace("\n", " ").split(";"))
}

# small words that English does not use: two of them, and a message is left as it is
FOREIGN: FrozenSet[Text] = frozenset(
    "el los las que mi muy mucho mucha duele dolor hoy estoy tengo pero por para una como esto esta "
    "ich nicht mein meine und ist sehr habe heute schmerzen auch "
    "je suis j'ai très est une avec aujourd'hui c'est douleur "
    "sono molto oggi mio della dolore "
    "estou tenho muito hoje minha meu não "
    "jestem nie boli mnie bardzo się jak dzisiaj "
    "çok bugün ağrım "
    "mujhe nahi bahut dard mera kya "
    "ako ang sakit hindi".split()
)
