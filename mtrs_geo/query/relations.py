"""Relations to other things: "within 50 m of the road", "in the forest", "nearest to the road"."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import (
    LENGTH_UNIT,
    LENGTH_UNITS,
    MAX_VALUE,
    NUMBER,
    UNIT,
    any_of,
    parse_number,
    to_metric,
)
from mtrs_geo.query.positions import NOT_NEGATED, PLACES, SECTION, ZONE, is_zone
from mtrs_geo.query.ranks import (
    MEASURES,
    NOT_AFTER_ORDINAL,
    ORDINAL,
    parse_ordinal,
)
from mtrs_geo.query.rules import AnyOf, Inside, Measure, Near, SimpleRule, Superlative

__all__ = ["join_distance_ranks", "separate_not_on", "take_distance_ranks", "take_relations"]

_TOUCHING_M, _BESIDE_M, _NEAR_M = 5.0, 20.0, 50.0
_MOST_CHARACTERS = 200
"""Length of the text in which a reference may end."""
_PLACE = "|".join(f"(?:{words})" for words in PLACES.values())
_DEGREE = r"(?:(?:right|directly|just|very|so|too|immediately) )?"
_AREAS = (
    r"(?= (?:the |an? )?(?:woods?|woodlands?|forests?|jungle|parks?|parkland|meadows?"
    r"|pastures?|paddocks?|swamps?|bogs?|mangroves?|fields?|farmland|orchards?|gardens?"
    r"|back gardens?|vineyards?|plantations?|grasslands?"
    r"|wetlands?|marsh(?:es)?|floodplains?|villages?|towns?|settlements?|residential areas?"
    r"|industrial (?:areas?|estates?)|reservoirs?)\b)"
)
_ZONES = rf"(?= (?:the |an? )?{ZONE})"
_LOST = (
    r"(?:(?<=removed )|(?<=vanished )|(?<=disappeared )|(?<=cleared )|(?<=felled )|(?<=lost )"
    r"|(?<=gone )|(?<=missing )|(?<=taken )|(?<=demolished )|(?<=vanish )|(?<=disappear ))"
)
# "Taken over by water" says what replaced a thing, "a hut by the water" where it is.  People
# demolish and build: "demolished by the river" is a place.
_HUMAN = ("demolished", "built", "erected", "constructed", "felled", "planted", "razed", "set up")
_BY_PEOPLE = "|".join(
    rf"(?<=\b{verb} )" for verb in (*_HUMAN, "torn down", "pulled down", "cut down", "put up")
)
_BY = (
    r"(?:right |close |hard )by"
    rf"|(?:{_BY_PEOPLE}"
    r"|(?<!ed )(?<!en )(?<!wn )(?<!over )(?<!up )(?<!away )(?<!out )(?<!down ))by"
    r"(?= the (?:water(?:side|front)?|riverside|lakeside|roadside|seaside|rivers?|streams?|lakes?"
    r"|ponds?|canals?|sea|coast|shore|roads?|streets?|forest edge)\b)"
    # "What changed at the lake" asks for the lake.
    r"|(?<!change )(?<!changes )(?<!changed )(?<!happened )(?<!look )(?<!looking )at"
    r"(?= the (?:rivers?|streams?|lakes?|ponds?|canals?|sea|roads?|streets?|(?:water|lake|river"
    r"|road|sea)side|waterfront|coast|shore|beach|(?:forest|wood|field|lake) edge|river mouth"
    r"|villages?|meadows?|fields?|forests?|woods?)(?=$|[,;.?!]| (?:that|which"
    r"|built|[a-z]+ed|in|since|after|before|and|or|near|is|are|was|were|has|have|had|got)\b))"
)
_BANK = (
    r"(?:(?:river|stream|lake|canal|pond)[- ]?(?:banks?|shores?|sides?)|banks?|waterside|waterfront"
    r"|shores?|shoreline|coast|seaside|roadside|forest edge)"
)
_TOUCHING = (
    r"(?<=that )(?:touch|border|adjoin|abut)|adjoining|abutting|touching|bordering(?: on)?"
    r"|(?:up )?against|attached to|joined (?:on)?to|onto"
)
_BESIDE = (
    r"next(?: door)? to|beside|adjacent to|alongside|(?:along |on )?(?:both|either) sides? of"
    r"|(?:at|in|on|along) the (?:edges?|fringes?|outskirts) of"
    r"|along|lining|flanking|(?<!-)facing(?= (?:the|an?) )|in front of|at the side of"
    rf"|on the banks? of|on(?= the {_BANK}\b)|{_BY}"
)
_WITHIN_REACH = (
    r" (?:an? |the )?(?:\w+ ){0,2}(?:stone's throw|distance|reach|buffer|range)"
    r" (?:of|from|around|to)"
)
_NEAR = (
    r"near(?:by)?(?: to)?|close to|in (?:the |close )?(?:vicinity|neighbou?rhood"
    r"|proximity) (?:of|to)"
    r"|around|surrounding"
    rf"|within{_WITHIN_REACH}"
)
_AWAY = r"(?:well |far )?away from|far from|a long way from|distant from|at a distance from"
_INSIDE = (
    rf"inside|within(?!{_WITHIN_REACH})|amid(?:st)?"
    r"|(?:(?<=, )|(?<=ed )|(?<=ing )|(?<=built )|(?<=up ))among(?:st)?"
    r"|surrounded by|enclosed by|in the (?:middle|midst) of"
    rf"|(?<!change )(?<!changes )(?<!shift )(?<!difference )in{_AREAS}|(?:in|on){_ZONES}"
    rf"|{_LOST}from(?:{_AREAS}|{_ZONES})(?! (?:the |an? )?(?:reservoir|wetland|marsh))"
    rf"|(?:running|leading|passing) through|(?<!cut )through{_AREAS}"
)
_OUTSIDE = r"outside(?: of)?(?= (?:the|an?|any|all|my|our|their|its|his|her) )"
# "Outside the school" may be in front of it.
_IN_FRONT = re.compile(
    r"\b(?:shops?|stores?|stations?|kindergartens?|nurser(?:y|ies)|gates?|doors?|windows?|offices?"
    r"|pubs?|bars?|caf[eé]s?|hotels?|museums?|supermarkets?|cinemas?|theatres?|prisons?|mosques?"
    r"|chapels?|banks?|mills?|colleges?|librar(?:y|ies)|castles?|restaurants?|cottages?)$"
)
_LESS = (
    r"(?:within|closer than|less than|nearer than|at most|up to|max(?:imum)?\.?"
    r"|(?:no|not) (?:farther|further|more) than)"
)
_MORE = r"(?:farther than|further than|more than|at least|over|beyond|min(?:imum)?\.?)"
_MEASURED = rf"(?:{_LESS}|{_MORE}) {NUMBER} ?(?:{LENGTH_UNIT})(?!\w) (?:away )?(?:of|from|to) "
_RELATION = (
    rf"(?:(?:{_LESS} (?:about )?(?P<n>{NUMBER}) ?(?P<nu>{LENGTH_UNIT})(?!\w) (?:away )?(?:of"
    r"|from|to)"
    rf"|(?P<o>{NUMBER}) ?(?P<ou>{LENGTH_UNIT})(?!\w) or (?:more|farther|further) (?:away )?from"
    rf"|keeping (?:a )?(?:clearance of )?(?P<k>{NUMBER}) ?(?P<ku>{LENGTH_UNIT})(?!\w)"
    r"(?: clearance| distance| away)?(?: or more)? (?:from|to)"
    rf"|(?:at a distance of )?{_MORE} (?P<f>{NUMBER}) ?(?P<fu>{LENGTH_UNIT})(?!\w)"
    r" (?:away )?(?:from|of)"
    rf"|(?P<inside>{_INSIDE})|(?P<on>situated on)|(?P<outside>{_OUTSIDE})"
    rf"|{_DEGREE}(?:(?P<touching>{_TOUCHING})|(?P<beside>{_BESIDE})|(?P<near>{_NEAR})"
    rf"|(?P<away>{_AWAY}))) )"
)
_RELATION_START = re.compile(_RELATION)
_RELATION_NO_GROUPS = re.sub(r"\?P<\w+>", "?:", _RELATION)
_NO_REFERENCE = (
    r"(?!(?:each other|one another|itself|themselves|it|them|this|these|that|those|which|where"
    r"|the same|(?:the |any )?(?:image|scene|dates?|time|years?|period|\d)|\d)\b)"
)
"""Look-ahead: pronouns, dates and parts of the scene do not name another thing."""
_STARTS = re.compile(
    r"(?:(?:that|which) (?:(?:is|are|was|were|lies?) |(?=touch |border |adjoin |abut )))?"
    rf"(?<!\bneither ){NOT_NEGATED}\b{_RELATION}"
    rf"{_NO_REFERENCE}"
    rf"(?:the |an? |any |another |some |all )?(?P<rest>[^\W\d_][^,;:]{{0,{_MOST_CHARACTERS}}})"
)
_SUBJECT_VERB = (
    r"(?:gets?|got|was|were|is|are|has|have|had|did|does|do|been|being|became|disappeared|appeared"
    r"|vanished|emerged|disappear|vanish|exist(?:s|ed)?|survived?)"
)
_CHANGED = (
    r"(?:built|erected|constructed|demolished|removed|destroyed|felled|cleared|planted|added|lost"
    r"|gone|stripped|torn|pulled|knocked|cut|dug|ripped|taken|razed|paved|flooded|converted|turned"
    r"|replaced|changed|put|made|bought|sold|opened|closed|dried|drained|shr[aiu]nk|burn(?:ed|t)"
    r"|died?|overgrown|collapsed?|washed|swept|flattened|levell?ed|bulldozed|blown|filled|silted|receded|grown?|grew"
    r"|expand(?:ed)?|extended|fallen|(?:dry|burn|wash|silt|fall)(?= (?:up|out|down|away|over)\b))"
)
_CUTS = re.compile(
    rf"(?P<joint> (?:and|but) (?:also |still )?(?={_RELATION_NO_GROUPS}))"
    rf"|(?P<distance>(?<! or) (?={_MEASURED}))|(?P<end>[(]|[.?!)](?= |$)| [-–—] "
    r"| so that\b|(?: and| but| so)? (?:i|we) (?:want|need|would)\b| and (?:want|need|would)s?\b)"
    rf"|(?P<clause> (?:that|which|who) (?P<verb>{_SUBJECT_VERB}|\w+)\b)"
    rf"|(?P<finite> {_SUBJECT_VERB}\b)"
    r"|(?P<time> (?:since|after|before|until|from|between|in|by) (?:\w+ )?(?:19|20)\d\d\b)"
    r"|(?P<changed> still (?=exist|stand|there\b|remain|visible|present|intact|here\b)"
    rf"| (?:newly |recently |completely |fully |partly )?{_CHANGED}(?= *$| (?:up|down|out|off|since"
    r"|between|in|on|by|away|back|again|completely"
    r"|after|before|from|to|into|near|over|with|for)\b))"
)
_BOTH = re.compile(r"both (?!sides\b)(.+?) and (.+)$")
_ARTICLE = re.compile(
    r"^(?:(?:the|an?|any|another|other|some|all|of|only|among|his|her|its|their|my|our) )+"
)
_SIDE = re.compile(r"^(river|road|street|lake|sea)side$")  # "on the roadside"
_TAIL = re.compile(
    r"(?: (?:the|an?|and|or|but|with|in|at|on|near|within|to|from|of|those|ones|only|except"
    r"|each|please|(?:that|which) (?:is|are)))+$"
)
_NO_THING = re.compile(
    rf"^(?:in|at|on|to|by|with|not|no|that|which)\b|^(?:far |very )?(?:{_PLACE}){SECTION}$"
    r"|\bto be\b|\b(?:distance|buffer|radius|earshot|eyeshot|sight|view|hearing|hail)\b"
    r"|\b(?:dates?|images?|imagery|pictures?|photos?|orthophotos?|scenes?|years?|months?|period"
    r"|time)\b"
)
_PLACE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "north northern south southern east eastern west western top upper bottom the of study"
        " uppermost lower lowermost left right hand central centre center middle mid half part"
        " portion area quarter quadrant corner third section region zone edge end far very most"
        " survey side",
    )
)
_PLACE_WORD = re.compile(
    r"\b(?:(?:north|south|east|west)[a-z-]*|(?:upper|lower)(?:most)?|top(?:most)?|bottom|left|right"
    r"|central|centre|center|middle|corner|quarter|quadrant)\b"
)
_SINGULAR_VERB = {"was", "is", "has", "gets", "does"}
_PLURAL_VERB = {"were", "are", "have", "get", "do"}
_PLACED = (
    rf"(?:about )?{NUMBER} ?(?:{LENGTH_UNIT})(?!\w)|(?:an? |the )?(?:\w+ ){{0,2}}"
    r"(?:stone's throw|distance|reach|buffer|range) (?:of|from|around|to)"
    r"|(?:the |close )?(?:vicinity|neighbou?rhood|proximity|middle|midst|edges?|fringes?|outskirts"
    r"|banks?|sides?|front) (?:of|to)|(?:both|either) sides? of|front of"
)
"""After "on", "in" or "within": words of a distance, which name no thing that one stands on."""
_NOT_ON = re.compile(
    rf"(?P<relation>\b{_RELATION_NO_GROUPS})(?P<first>(?:the |an? |any )?\w[\w -]{{0,40}}?,? )??"
    rf"(?:but )?not (?:(?:directly )?(?:on|in|inside|within) (?!{_PLACED})"
    r"(?P<second>(?:the |an? |any )?\w[\w -]{0,40}?)"
    rf"|(?P<closer>{_RELATION_NO_GROUPS})(?P<thing>(?:the |an? |any )?\w[\w -]{{0,40}}?))"
    r"(?=$|[,;.?!])"
)
_ORDINAL = rf"(?:(?P<ordinal>{ORDINAL})[ -]|{NOT_AFTER_ORDINAL})"
_NEAREST, _FARTHEST = r"(?:nearest|closest)", r"(?:farthest|furthest|most distant|most remote)"
_DETERMINER = r"(?:the|an?|any|another|my|our|their|its|his|her)"
_BE = r"(?:(?:that |which )?(?:is|are|was|were|lies?|stands?|lying|located|situated) )?"
_RANK_START = re.compile(
    rf"{NOT_NEGATED}{NOT_AFTER_ORDINAL}\b{_BE}(?:only )?(?:the )?(?:(?P<n>{NUMBER}) )?(?:ones? )?"
    rf"{_ORDINAL}(?:(?P<nearest>{_NEAREST})(?: to\b|(?= {_DETERMINER} ))"
    rf"|(?P<farthest>{_FARTHEST})(?: away)? from) "
    rf"{_NO_REFERENCE}(?:the |an? |any |another |some |all )?(?P<rest>[^\W\d_][^,;:]{{0,200}})"
)
_WORD = (
    r"(?:(?!(?:to|from|of|that|which|who|in|into|on|at|near|by|with|and|or|but|not|except|within"
    r"|inside|outside|along|away|between|nearest|closest|farthest|furthest|becam?e|became|newly"
    rf"|{_CHANGED})\b)[^\W\d_][^\W_]*(?:[-'][^\W_]+)*)"
)
# "The three closest new buildings to the road", "three new buildings closest to the road".
_APART = re.compile(
    rf"{NOT_NEGATED}(?<!\bfrom )(?<!\bto )(?<!\bof )(?<!\bfrom the )(?<!\bto the )(?<!\bof the )"
    rf"{NOT_AFTER_ORDINAL}\b(?:the )?(?:(?P<n>{NUMBER})(?! ?{UNIT}) )?{_ORDINAL}(?:"
    rf"(?P<nearest>{_NEAREST}) (?P<x>(?:{_WORD} ){{1,5}}?)to"
    rf"|(?P<farthest>{_FARTHEST}) (?P<y>(?:{_WORD} ){{1,5}}?)from)(?= {_DETERMINER} )"
)
_COUNTED = re.compile(
    rf"\b(?:the )?(?P<n>{NUMBER})(?! ?{UNIT}) (?P<x>(?:{_WORD} ){{1,5}}?){_BE}(?:the )?"
    rf"(?P<rank>{_NEAREST} to|{_FARTHEST}(?: away)? from)\b"
)
_NEXT = re.compile(
    r" (?:and )?(?=(?:within|less than|more than|at least|at most|farther than|further than|near"
    r"|close to|next to|inside|outside|those|except)\b)"
)
"""Where a reference ends: another relation to the same polygons."""
_OTHER_RANK = re.compile(rf" or | of (?:the )?(?:{NUMBER} )?(?:{any_of(MEASURES)})\b")
_SCENE_PART = re.compile(
    "(?:far |very )?(?:" + "|".join(f"(?:{p})" for p in PLACES.values()) + r")\b"
)


def separate_not_on(text: str) -> str:
    """Write "close to but not on the road" as a relation and an exception."""

    def rewrite(match: re.Match[str]) -> str:
        first, second = (match["first"] or "").strip(" ,"), match["second"] or match["thing"]
        is_pronoun = second in ("it", "them")
        thing = first if is_pronoun else second
        if not thing or (match["closer"] and first and not is_pronoun):
            return match[0]
        left_out = f"{match['closer']}{thing}" if match["closer"] else f"those situated on {thing}"
        return f"{match['relation']}{first or second} except {left_out}"

    return _NOT_ON.sub(rewrite, text)


def take_relations(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the relations of a text to ``rules``; return the text with ``gap`` in their place.

    The reference ends before a comma, another relation, or the verb of the sentence: "trees
    beside the lake | get removed".
    """
    pieces, position = [], 0
    while match := _STARTS.search(text, position):
        start, end = match.start("rest"), _end_of_reference(match, text)
        both = _BOTH.match(text[start:end])
        found = [_rule(match, name) for name in (both.groups() if both else [text[start:end]])]
        if None in found:
            end = max(start, match.start() + 1)
            pieces.append(text[position:end])
        else:
            rules += filter(None, found)
            pieces += [text[position : match.start()], gap]
        position = end
    return "".join([*pieces, text[position:]])


def _end_of_reference(match: re.Match[str], text: str) -> int:
    """Return where the reference of a match ends in a text: its group ``rest`` may be too long."""
    start = match.start("rest")
    rest = match["rest"]
    for cut in _CUTS.finditer(rest):
        if cut["clause"] and not _belongs_to_subject(match, text, rest[: cut.start()], cut["verb"]):
            continue
        if cut["changed"] and _names_change(text[: match.start()]):
            continue
        return start + cut.start()
    return start + len(rest)


def _belongs_to_subject(match: re.Match[str], text: str, reference: str, verb: str) -> bool:
    """Return whether "that was felled" describes the subject rather than the reference."""
    subject = text[: match.start()]
    is_plural = reference.rstrip().endswith("s") and not reference.rstrip().endswith("ss")
    if (verb in _SINGULAR_VERB and is_plural) or (verb in _PLURAL_VERB and not is_plural):
        return True
    return not _names_change(subject)


def _names_change(text: str) -> bool:
    return direction_of(text) != "changed" or re.search(rf"\b{_CHANGED}\b", text) is not None


def _rule(match: re.Match[str], words: str) -> SimpleRule | None:
    """Return the rule; None if an alternative is no thing: "near the river or in the north"."""
    found: list[Near | Inside] = []
    for option in words.split(" or "):
        start = _RELATION_START.match(option)
        relation = start or match
        rule = _relation_to(relation, _noun_of(option[start.end() :] if start else option))
        if rule is None:
            return None
        found.append(rule)
    options = tuple(dict.fromkeys(found))
    return options[0] if len(options) == 1 else AnyOf(options)


def _noun_of(words: str) -> str:
    """Return a noun phrase without article; empty if the words are no thing on the ground."""
    words = _ARTICLE.sub("", " ".join(words.split()).strip(" .:!?"))
    words = words if is_zone(words) else _TAIL.sub("", words).strip(" .:!?")
    words = _SIDE.sub(r"\1", words)
    is_place = _PLACE_WORDS.issuperset(re.split("[ -]", words))
    return "" if is_place or _NO_THING.search(words) else words


def _relation_to(match: re.Match[str], reference: str) -> Near | Inside | None:
    if not reference:
        return None
    if match["inside"]:
        is_part = _PLACE_WORD.search(reference) and not is_zone(reference)
        return None if is_part else Inside(reference)
    if match["on"]:
        return Inside(reference, with_gaps=False)
    if match["outside"]:
        is_area = class_of(reference) != "building" and not _IN_FRONT.search(reference)
        is_area = is_area and not _PLACE_WORD.search(reference)
        return Inside(reference, outside=True) if is_area else None
    for number, unit, beyond in (
        ("n", "nu", False),
        ("f", "fu", True),
        ("k", "ku", True),
        ("o", "ou", True),
    ):
        if match[number]:
            distance_m = to_metric(match[number], LENGTH_UNITS[match[unit]])
            return Near(reference, distance_m, beyond=beyond)
    if match["away"]:
        return Near(reference, _NEAR_M, beyond=True)
    if match["touching"]:
        return Near(reference, _TOUCHING_M)
    return Near(reference, _BESIDE_M if match["beside"] else _NEAR_M)


def join_distance_ranks(text: str) -> str:
    """Return a text with the words of each rank by distance side by side.

    "The three closest new buildings to the road" is "new buildings the three nearest to the road".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """

    def join(match: re.Match[str]) -> str:
        number = f"{match['n']} " if match["n"] else ""
        rank = "nearest to" if match["nearest"] else "farthest from"
        ordinal = f"{match['ordinal']} " if match["ordinal"] else ""
        return f"{match['x'] or match['y']}the {number}{ordinal}{rank}"

    text = re.sub(rf"\b({_NEAREST}) (?=the )", r"\1 to ", text)
    return _COUNTED.sub(r"\g<x>the \g<n> \g<rank>", _APART.sub(join, text))


def take_distance_ranks(text: str, rules: list[SimpleRule], gap: str) -> str:
    """Append the ranks by distance of a text to ``rules``; return the text with ``gap`` instead.

    A rank by the distance to several alternatives, or to a part of the scene, stays in the text,
    and so does one of polygons that have another rank: "nearest to the road of the 3 largest".
    """
    pieces, position = [], 0
    while match := _RANK_START.search(text, position):
        start, end = match.start("rest"), _end_of_reference(match, text)
        following = _NEXT.search(text, start, end)
        end = following.start() if following else end
        reference = _noun_of(text[start:end])
        count = int(min(parse_number(match["n"] or "1"), MAX_VALUE))
        if _is_unmeasured(reference) or count < 1:
            pieces.append(text[position:start])
            position = start
            continue
        first = parse_ordinal(match["ordinal"]) if match["ordinal"] else 1
        measure: Measure = "nearest" if match["nearest"] else "farthest"
        rules.append(Superlative(count if first == 1 else 1, measure, first, reference))
        pieces += [text[position : match.start()], gap]
        position = end
    return "".join([*pieces, text[position:]])


def _is_unmeasured(reference: str) -> bool:
    """Return whether a reference is no single thing: "river or road", "road of the 3 largest"."""
    return bool(not reference or _SCENE_PART.match(reference) or _OTHER_RANK.search(reference))
