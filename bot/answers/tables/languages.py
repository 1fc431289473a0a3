"""Names of languages in English and in themselves, to ISO 639-1 codes."""

from __future__ import annotations

_NAMES = """
en english|inglés|anglais|englisch|inglese|engels|angielski|american english|british english|ingles|angol
es spanish|español|espanol|castellano|castilian|spagnolo|espagnol|spanisch|castillian|hiszpański
fr french|français|francais|francés|französisch|francese|frans
de german|deutsch|alemán|allemand|tedesco|duits|swiss german
it italian|italiano|italien|italienisch
pt portuguese|português|portugues|brazilian|brazilian portuguese|portugees|brasileiro
nl dutch|nederlands|flemish|vlaams|hollands|holandés
pl polish|polski|polnisch|polska
ru russian|русский|russkiy|russisch|russki
uk ukrainian|українська|ukrainska|украинский
cs czech|čeština|česky|cesky|cestina
sk slovak|slovenčina|slovensky|slovakian
sl slovenian|slovene|slovenščina
hr croatian|hrvatski
sr serbian|srpski|српски
bs bosnian|bosanski
mk macedonian|македонски
bg bulgarian|български|bulgarski
ro romanian|română|romana|moldovan|romaneste
hu hungarian|magyar|magyarul
fi finnish|suomi|suomeksi
et estonian|eesti
lv latvian|latviešu|latviski
lt lithuanian|lietuvių|lietuviskai
sv swedish|svenska
no norwegian|norsk
nb bokmål|bokmal
nn nynorsk
da danish|dansk
is icelandic|íslenska
fo faroese|føroyskt
ga irish|gaeilge|irish gaelic|gaelige
gd scottish gaelic|scots gaelic|gàidhlig
cy welsh|cymraeg
kw cornish|kernewek
gv manx|gaelg
br breton|brezhoneg
eu basque|euskara|euskera|vasco
ca catalan|català|valencian|valencià|catala
gl galician|galego|gallego
oc occitan
co corsican
mt maltese|malti
sq albanian|shqip
el greek|ελληνικά|ellinika|ellinika
tr turkish|türkçe|turkce
az azerbaijani|azeri
ka georgian|ქართული
hy armenian|հայերեն|hayeren
he hebrew|עברית|ivrit
yi yiddish|ייִדיש
ar arabic|العربية|عربي|arabi|عربى|arabe
fa persian|farsi|فارسی|dari
ps pashto|pushto|پښتو
ku kurdish|kurdî|kurmanji|sorani
ur urdu|اردو
hi hindi|हिन्दी|हिंदी
bn bengali|bangla|বাংলা|sylheti
pa punjabi|panjabi|ਪੰਜਾਬੀ|پنجابی
gu gujarati|ગુજરાતી|gujrati
mr marathi|मराठी
ta tamil|தமிழ்
te telugu|తెలుగు
kn kannada|ಕನ್ನಡ
ml malayalam|മലയാളം
or odia|oriya
as assamese
sd sindhi
ne nepali|नेपाली
si sinhala|sinhalese|සිංහල
my burmese|မြန်မာ
th thai|ไทย|ภาษาไทย
lo lao|laotian
km khmer|cambodian
vi vietnamese|tiếng việt|tieng viet
zh chinese|mandarin|cantonese|中文|汉语|漢語|普通话|广东话|粵語|putonghua|zhongwen|mandarin chinese
zh simplified chinese|traditional chinese
ja japanese|日本語|nihongo
ko korean|한국어|hangugeo|조선말
mn mongolian|монгол
kk kazakh|қазақша
ky kyrgyz
uz uzbek
tg tajik
tk turkmen
be belarusian|беларуская
id indonesian|bahasa indonesia|bahasa
ms malay|bahasa melayu|melayu
tl tagalog|filipino|pilipino
jv javanese
su sundanese
mg malagasy
sw swahili|kiswahili
so somali|soomaali
am amharic|አማርኛ
ti tigrinya|ትግርኛ
om oromo
ha hausa
yo yoruba|yorùbá
ig igbo
zu zulu|isizulu
xh xhosa|isixhosa
st sotho|sesotho
tn tswana|setswana
sn shona|chishona
rw kinyarwanda
ln lingala
wo wolof
lg luganda
ak twi|akan
ny chichewa|nyanja
af afrikaans
ht haitian creole|kreyòl|haitian
eo esperanto
la latin
sa sanskrit
mi maori|māori|te reo
sm samoan
to tongan
fj fijian
lb luxembourgish|lëtzebuergesch
fy frisian|frysk
rm romansh
ug uyghur
bo tibetan
"""

LANGUAGES = {name: line[:2] for line in _NAMES.split("\n") if line for name in line[3:].split("|")}
"""Names as written by their speakers, lower case with accents, to ISO 639-1; compare after `wording.plain`."""

CODES = frozenset(LANGUAGES.values())
"""All codes known."""
