"""Names, short names and adjectives of countries, to their ISO 3166 codes (names after tzdata's iso3166.tab)."""

from __future__ import annotations

_NAMES = """
AD andorra
AE abu dhabi|dubai|emirates|u.a.e|uae|united arab emirates
AF afghan|afghanistan
AG antigua & barbuda|antigua and barbuda
AI anguilla
AL albania|albanian
AM armenia|armenian
AO angola
AQ antarctica
AR argentina|argentine|argentinian
AS samoa
AT austria|austrian|osterreich
AU aus|aussie|australia|australian|down under|oz|straya
AW aruba
AX aland islands
AZ azerbaijan
BA bosnia|bosnia & herzegovina|bosnia and herzegovina|bosnian
BB bajan|barbados
BD bangladesh|bangladeshi
BE belgian|belgie|belgique|belgium
BF burkina faso
BG bulgaria|bulgarian
BH bahrain
BI burundi
BJ benin
BL st barthelemy
BM bermuda
BN brunei
BO bolivia|bolivian
BQ caribbean nl
BR brasil|brazil|brazilian
BS bahamas|the bahamas
BT bhutan
BV bouvet island
BW botswana
BY belarus|belarusian
BZ belize
CA canada|canadian|kanada
CC cocos
CD democratic republic of congo|democratic republic of the congo|dr congo|drc
CF central african rep.
CG congo|congo brazzaville|republic of the congo
CH schweiz|suisse|swiss|switzerland
CI cote d'ivoire|cote d'ivoire|ivorian|ivory coast
CK cook islands
CL chile|chilean
CM cameroon|cameroonian
CN china|chinese|prc
CO colombia|colombian|columbia
CR costa rica
CU cuba|cuban
CV cape verde
CW curacao
CX christmas island
CY cypriot|cyprus
CZ czech|czech republic|czechia
DE alemania|deu|deutschland|german|germany
DJ djibouti
DK danish|danmark|denmark
DM dominica
DO dominican|dominican republic
DZ algeria|algerian
EC ecuador|ecuadorian
EE estonia|estonian
EG egypt|egyptian
EH western sahara
ER eritrea|eritrean
ES esp|espana|spain|spaniard|spanish
ET ethiopia|ethiopian
FI finland|finnish|suomi
FJ fiji|fijian
FK falkland islands
FM micronesia
FO faroe islands
FR fra|france|francia|french
GA gabon
GB blighty|britain|british|eng|england|english|gb|gbr|great britain|inglaterra|n ireland|northern ireland
GB reino unido|scotland|scots|scottish|u.k|uk|united kingdom|wales|welsh
GD grenada
GE georgia|georgian
GF french guiana
GG guernsey
GH ghana|ghanaian
GI gibraltar
GL greenland
GM gambia|the gambia
GN guinea
GP guadeloupe
GQ equatorial guinea
GR greece|greek|hellas
GS south georgia & the south sandwich islands|south georgia and the south sandwich islands
GT guatemala
GU guam
GW guinea-bissau
GY guyana
HK hong kong
HM heard island & mcdonald islands|heard island and mcdonald islands
HN honduras
HR croatia|croatian|hrvatska
HT haiti|haitian
HU hungarian|hungary
ID indonesia|indonesian
IE eire|ireland|irish|irl|rep of ireland|republic of ireland|roi|southern ireland
IL israel|israeli
IM isle of man|manx
IN bharat|ind|india|indian
IO british indian ocean territory
IQ iraq|iraqi
IR iran|iranian|persia
IS iceland|icelandic
IT ita|italia|italian|italy
JE jersey
JM jamaica|jamaican
JO jordan|jordanian
JP japan|japanese|nippon
KE kenya|kenyan
KG kyrgyzstan
KH cambodia|cambodian
KI kiribati
KM comoros
KN st kitts & nevis|st kitts and nevis
KP north korea
KR korea|korean|republic of korea|south korea
KW kuwait
KY cayman islands
KZ kazakhstan
LA laos
LB lebanese|lebanon
LC st lucia
LI liechtenstein
LK sri lanka|sri lankan
LR liberia
LS lesotho
LT lithuania|lithuanian
LU luxembourg
LV latvia|latvian
LY libya|libyan
MA moroccan|morocco
MC monaco
MD moldova|moldovan
ME montenegro
MF st martin
MG madagascar
MH marshall islands
MK macedonia|macedonian|north macedonia
ML mali
MM burma|burmese|myanmar
MN mongolia|mongolian
MO macao|macau
MP northern mariana islands
MQ martinique
MR mauritania
MS montserrat
MT malta|maltese
MU mauritian|mauritius
MV maldives
MW malawi
MX mexican|mexico
MY malaysia|malaysian
MZ mozambique
NA namibia|namibian
NC new caledonia
NE niger
NF norfolk island
NG naija|nigeria|nigerian
NI nicaragua
NL dutch|holland|nederland|netherlands|nld|the netherlands
NO norge|norway|norwegian
NP nepal|nepalese|nepali
NR nauru
NU niue
NZ aotearoa|kiwi|new zealand|new zealander|nz|nzl
OM oman|omani
PA panama
PE peru|peruvian
PF french polynesia
PG papua new guinea
PH filipino|philippines|pinoy|the philippines
PK pakistan|pakistani
PL poland|polish|polska
PM st pierre & miquelon|st pierre and miquelon
PN pitcairn
PR puerto rican|puerto rico
PS palestine|palestinian
PT portugal|portuguese
PW palau
PY paraguay
QA qatar|qatari
RE reunion|reunion
RO romania|romanian
RS serbia|serbian
RU russia|russian|russian federation
RW rwanda|rwandan
SA ksa|saudi|saudi arabia
SB solomon islands
SC seychelles
SD sudan|sudanese
SE sverige|sweden|swedish
SG singapore|singaporean
SH st helena
SI slovenia|slovenian
SJ svalbard & jan mayen|svalbard and jan mayen
SK slovak|slovakia
SL sierra leone
SM san marino
SN senegal|senegalese
SO somali|somalia
SR suriname
SS south sudan
ST sao tome & principe|sao tome and principe
SV el salvador
SX st maarten
SY syria|syrian
SZ eswatini|swaziland
TC turks & caicos is|turks and caicos is
TD chad
TF french s. terr.
TG togo
TH thai|thailand
TJ tajikistan
TK tokelau
TL east timor
TM turkmenistan
TN tunisia|tunisian
TO tonga
TR turkey|turkish|turkiye
TT tobago|trinidad|trinidad & tobago|trinidad and tobago
TV tuvalu
TW taiwan|taiwanese
TZ tanzania|tanzanian
UA ukraine|ukrainian
UG uganda|ugandan
UM us minor outlying islands
US america|american|amerika|eeuu|estados unidos|states|the states|u.s|u.s.a|united states
US united states of america|us|us of a|usa
UY uruguay
UZ uzbekistan
VA vatican|vatican city
VC st vincent
VE venezuela|venezuelan
VG virgin islands
VI us virgin islands|virgin islands
VN vietnam|vietnamese
VU vanuatu
WF wallis & futuna|wallis and futuna
WS samoa
YE yemen|yemeni
YT mayotte
ZA mzansi|rsa|sa|south africa|south african|zaf
ZM zambia|zambian
ZW zimbabwe|zimbabwean
XK kosovo
"""

COUNTRIES = {name: line[:2] for line in _NAMES.split("\n") if line for name in line[3:].split("|")}
"""Plain (lower case, no accents) names to ISO codes."""

CODES = frozenset(COUNTRIES.values())
"""All codes known."""
