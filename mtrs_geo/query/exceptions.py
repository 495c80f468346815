"""Exceptions: "except new roads", "everything but water", "apart from those in the north"."""

from __future__ import annotations

import re

from mtrs_geo.query.classes import class_of
from mtrs_geo.query.direction import direction_of
from mtrs_geo.query.numbers import NUMBER, UNIT, any_of
from mtrs_geo.query.positions import PLACES, PREPOSITION
from mtrs_geo.query.ranks import MEASURES, ORDINAL, RANK
from mtrs_geo.query.rules import AnyOf, Except, Position, is_bare_noun, reference_of
from mtrs_geo.query.scene_phrases import split_rules
from mtrs_geo.query.sizes import LEAVE_OUT, POLYGONS

__all__ = ["EXCEPT", "take_exceptions", "write_except"]

_PLACE = "|".join(f"(?:{words})" for words in PLACES.values())
_MOST_JOINTS = 20
_SET = rf"(?:{RANK}|(?:those|the ones|ones)\b)"
"""Start of polygons that are named without a noun: "the largest", "those in the north"."""
_PLACE_START = rf"{PREPOSITION} (?:the |any )?(?:far |very )?(?:{_PLACE}|corners?|edges?)\b"
_CONDITION = (
    rf"(?:{_PLACE_START}|(?:(?:close|next|adjacent) to|near|beside|along|touching|adjoining"
    r"|bordering|inside|outside|(?:within|closer than|farther than|further than|less than"
    r"|more than|at least|at most|over|under|above|below|up to|exceeding) \d+"
    r"|(?:(?:no|not) )?(?:larg|small|bigg|long|short|wid|narrow)er than)\b|[<>]=? ?\d|[≤≥] ?\d)"
)
_BARE_PLACE = re.compile(rf"(?:the )?(?:far |very )?(?:{_PLACE})\b")
_SET_START, _CONDITION_START = re.compile(_SET), re.compile(_CONDITION)
_JOINT = re.compile(r",? (?:and|or|but) (?:also )?(?:for )?|, ")
_LAST = re.compile(rf"(?:(?:and|or) |{_SET}[^,;]*? (?:and|or) )(?={_SET})")
_THOSE = re.compile(r"\b(?:those|ones|these)\b")
_UNFINISHED = re.compile(rf"\b(?:first|between|{ORDINAL}|\d+)$")
_RANKS = rf"{RANK}(?:(?:, {RANK}){{0,6}},? (?:and|or) {RANK})?"
_RANKS_OF = re.compile(rf"(?:{_RANKS} of )+")
_ALL_BUT = re.compile(
    r"^(?P<lead>(?:please )?(?:(?:show|find|detect|map|mark|highlight|list|outline|give)(?: me)? "
    r")?)all (?:but|except(?:ing)?|excluding|other than|apart from|aside from|save|bar)(?: for)? "
    rf"(?P<ranks>{_RANKS}(?: of {_RANKS}){{0,3}})(?: ones?)?(?: of)?(?: the| those| all)* "
    r"(?P<rest>(?!and |or |of )[^,;].*)$"
)
_NEITHER = re.compile(
    r"(?:(?:but|and|(?:that|which) (?:is|are|lies?)),? )?\bneither "
    rf"(?=(?:{_SET}|{_CONDITION}))(?P<one>[^,;]{{1,120}}?),? nor (?=(?:{_SET}|{_CONDITION}|the ))"
)
_EXCEPTED = re.compile(
    rf", ?(?:with )?(?P<set>(?:{_SET}|{_CONDITION})[^,;.?!]{{0,120}}?)"
    r" (?:being |are |is )?(?:excepted|excluded|left out|aside)(?=[ .?!]*(?:$|[,;]))"
)
_WHOLE = re.compile(r"\b(?:all|every|each|any changes?|everything|everywhere|anywhere)\b")
# `mtrs_geo.query.sizes` leaves out polygons of any kind.
_ANY_KIND = rf"(?:(?:small|tiny|little) )?(?:{POLYGONS}|anything|everything|those|all|any)"
_COMPARED = (
    r"(?:(?:larg|small|bigg|great|long|short|wid|narrow)er than|less than|more than|under|below"
    r"|beneath|over|above|exceeding|up to|at most|at least|[<>]=?|[≤≥])"
)
_BOUND = (
    rf"(?:{_COMPARED} ?{NUMBER} ?{UNIT}|between {NUMBER}(?: ?{UNIT})? and {NUMBER} ?{UNIT}"
    rf"|{NUMBER} ?{UNIT} (?:or|and) (?:less|smaller|under|below|more|larger|bigger|over)\b)"
)
_OF_A_SIZE = (
    rf"{LEAVE_OUT} (?:(?:the|all|any|those|small|tiny|little|minor) )*+"
    rf"(?P<thing>(?!{_ANY_KIND}\b)[a-z-]+(?: (?:and|or) [a-z-]+| [a-z-]+)?)"
    r" (?:(?:that|which) (?:are|is|measure) |of |with (?:an )?areas? (?:of )?)?"
    rf"(?P<size>{_BOUND})"
)
_SKIPPED = (
    re.compile(rf"^(?:please )?{_OF_A_SIZE}(?:[,:;.]| and| [-–—]) ?(?P<rest>[a-z].*)(?P<tail>)$"),
    re.compile(
        rf"^(?P<rest>.*[\w²)])[,;:] (?:and |but |please )*{_OF_A_SIZE}"
        r"(?P<tail>[,;:.?!] ?\w.*|[ .?!]*)$"
    ),
)
"""Things of a size that are left out: "skip sheds under 25 m²: new buildings"."""
_BRACKETS = re.compile(rf" ?\((?P<words>(?:please )?{LEAVE_OUT} [^()]*\d[^()]*)\)")
"""What brackets leave out: "new houses (ignore anything under 20 m²)"."""
_NOT_SHOWN = re.compile(
    rf"(?:^|(?: ?[,;:.?!]| [-–—])? ?\b(?:(?:and|but) )?)(?:please )?(?:{LEAVE_OUT}"
    r"|(?:(?:i|we) )?(?:do not|don't)"
    r" (?:want(?: to see)?|show|include|list|count|report|map|mark|give|return|display|detect"
    rf"|consider|find)(?: me| us)?)(?= (?:[a-z-]+ ){{1,6}}?{_BOUND})"
)
"""Orders to leave out what has a size: "but don't show anything under 50 m²"."""
_SMALLER = rf"(?:(?:small|short|narrow)er than|less than|under|below) {NUMBER} ?{UNIT}"
_IS_NOISE = (
    r" (?:(?:is|are|counts? as) (?:just |only |mere )?(?:noise|irrelevant|unimportant|negligible"
    r"|clutter|of no (?:interest|importance)|not (?:interesting|relevant|important|of interest))"
    r"|(?:does not|doesn't|do not|don't) (?:matter|count|interest (?:me|us)))\b"
)
_NOISE = re.compile(
    rf"(?P<start>^|[,;.:] ?)(?:(?:and|but) )?(?:{_ANY_KIND} )?(?:(?:that|which) (?:is|are) )?"
    rf"(?P<size>{_SMALLER}){_IS_NOISE}(?P<end>[,;.:] ?(?=\w))?"
)
"""What is too small to matter: "anything under 100 m² is noise; new houses"."""
_WISH_OF_NOISE = re.compile(
    rf"^(?P<wish>(?!{_ANY_KIND}\b)[a-z][a-z ]*?) (?P<size>{_SMALLER}){_IS_NOISE}"
    r"(?:[,;.] ?(?:so |and )?(?:please )?(?:only )?show (?:me |us )?(?:only )?"
    r"(?:what|those|the ones|everything|that which)(?: that)? (?:is|are|lies?)"
    r" (?:above|over|larger|bigger|beyond)(?: than)? (?:that|this|it))?[ .?!]*$"
)
_ONLY_NOT_SHOWN = re.compile(
    rf"ignore (?P<thing>[a-z-]+(?: [a-z-]+){{0,3}}?) (?P<size>{_BOUND})[ .?!]*"
)
"""Such an order alone: "don't show new houses under 50 m²" asks for the other new houses."""
_WHERE_BUT = re.compile(
    rf"^(?:any|every)where but (?P<place>{_PLACE_START}[^,:;]*)[,:;] (?P<rest>[^,:;].*)$"
)
# "Any new houses, but in the north" are those in the north.
_BUT_PLACE = re.compile(rf"(?<!nothing )(?<!, )\bbut (?={_PLACE_START})(?![^,;.?!]* only\b)")
_ALL_THAT = (
    r"(?P<all>(?:(?:please )?(?:show|find|detect|map|mark|highlight|list|outline|give)(?: me)? )?"
    r"(?:everything|anything|whatever|all)(?P<told>(?: that| which)?"
    r"(?: (?:is|are|was|were|has|have|had|got|been|newly|recently))*))"
)
_CHANGE_BUT = re.compile(
    rf"^{_ALL_THAT} (?P<way>[a-z]+(?: (?:up|down|away|out|over))?)"
    r"(?P<place>(?: (?:in|at|on|near|along|within|since|between|after) [^,;.?!]{2,60}?)?),?"
    r" but(?: for)? "
    r"(?P<rest>(?!(?:not|no|never|only|also|then|now|later|still|it|they|in|at|on|near|within|where"
    r"|which|that)\b)[a-z][^,;.?!]*)"
)
"""What changed except for some: "everything built but roads"."""
_ALL_BUT_KIND = re.compile(
    r"(?P<all>\b(?:all|every|each|any) (?!changes?\b)[^,;.?!]{3,80}?),? but(?: for)? "
    r"(?P<rest>[a-z -]+)(?=$|[,;.?!])"
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|did|do|does|will|would|can)\b")
_EXCLUSION = re.compile(
    r"\b(?:with|under|by) (?:the )?exclusion of (?:(?:the|all|any|those) )*"
    r"(?P<than>(?=(?:larg|small|bigg|long|short|wid|narrow)er than|less than|more than|under|below"
    r"|over|above|near|close|in|on|at|within|along))?"
)
_BUT_ONE = re.compile(rf"\b(?P<measure>{'|'.join(MEASURES)}) but (?P<n>one|two|three)\b")
_RANK_AFTER = {"one": "second", "two": "third", "three": "fourth"}
_TWO_ORDINALS = re.compile(
    rf"\b(?P<one>{ORDINAL}) and (?:the )?(?P<other>{ORDINAL})[ -]"
    rf"(?P<measure>{'|'.join(MEASURES)})\b"
)
_DATE = (
    r"(?:(?:in|on|at) )?(?:the |any )?(?:\w+ )?(?:images?|imagery|dates?|pictures?|photos?|scenes?"
    r"|orthophotos?|years?|survey)\b|(?:(?:in|on|at) )?the (?:first|second|old|new|older"
    r"|newer|earlier|later|other)(?: one\b|(?=[ ,.;?!]*$))|(?:\w+ ){0,2}(?:before|earlier|later"
    r"|previously"
    r"|afterwards|now|today)\b"
    r"|(?:in )?\d{4}\b"
)
# "But those in the north were kept" and "but only the largest" tell what is wanted.
_NOT_TOLD = (
    r"(?![^,;.?!]*(?:(?<!that)(?<!which) (?:is|are|was|were|has|have)\b| (?:only|too|as well)\b))"
)
EXCEPT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|with the exception of|other than|apart from|aside from"
    r"|save for|barring|not counting|not including"
    r"|leaving (?:out|aside)(?! (?:anything|everything|those|all|any)\b)"
    r"|(?<=changes )(?:besides|minus)|(?<=change )(?:besides|minus)"
    r"|(?<=changed )besides"
    # "Less trees" disappeared; "less the biggest" and "less those" are left out.
    rf"|(?<=[s²,)] )(?:less|minus|bar|save)(?= {_SET}){_NOT_TOLD}"
    # "Parks minus their trees" lost them.
    rf"|(?<=[s²,)] )minus(?! (?:{_DATE}|(?:the )?(?:new|old)\b|its\b|their\b|all\b|most\b"
    r"|every\b))(?= [a-z])"
    r"|(?<=^everything )(?:besides|bar)"
    rf"|but not(?! (?:{_DATE}))"
    r"|(?<=^everything )but(?! not\b)|(?<=^anything )but(?! not\b)|(?<=^all changes )but(?! not\b)"
    r"|(?<=^any change )but(?! not\b)|(?<=^any changes )but(?! not\b)"
    r"|(?<=^every change )but(?! not\b)"
    r"|(?<=^all )but(?! not\b)|(?<= everything that changed )but(?! not\b)"
    rf"|(?<!nothing )(?<!none )but(?: for)?(?= {_SET}){_NOT_TOLD}"
    # "Houses without the trees nearby" describes the trees around each house.
    r"|without (?=the |those )(?![^,;]{0,60} (?:nearby|around|near (?:it|them)|next to (?:it|them)"
    r"|beside (?:it|them)|around (?:it|them))(?:[,;.!? ]*$|[,;]))"
    r"|(?:(?:that|which) (?:is|are) |and )?not "
    rf"(?={PREPOSITION} (?:the )?(?:far )?(?:{_PLACE})\b"
    r"|(?:close|next|adjacent) to |near |beside |along |touching |adjoining |bordering |within \d"
    rf"|the (?:\w+ )?(?:{any_of(MEASURES)})\b"
    rf"|(?:those|the ones|ones) (?:(?:that|which) (?:are|lie) )?{_CONDITION}))\b"
)
_CONTRAST = re.compile(r" (?:(?:those|the ones|ones)\b)?")
_OF_THOSE = re.compile(r"^(?:the )?(?:(?:those|ones|that) of )?(?:the )?(?=.)")
_OWN = re.compile(r"(?:(?:the )?(?:those|ones|these))?")


def take_exceptions(text: str) -> tuple[str, tuple[Except, ...]]:
    """Return the text without its exceptions, and these.

    An exception ends at the next comma; rules after it belong to the whole sentence.  A list of
    ranks or "those …" goes on to the set after its "and": "the largest, the oldest and those …".
    What "but" contrasts with a negation is a rule too: "not those in the north but those in the
    south" are the latter.
    """
    text = write_except(text)
    main, end, opener, is_contrast = "", 0, "", False
    found: list[Except] = []
    for match in [*EXCEPT.finditer(text), None]:
        part = text[end : match.start()] if match else text[end:]
        if is_contrast:
            main = f"{main}, {_CONTRAST.sub('', part, count=1)}"
        elif opener:
            inside, outside = _at_comma(part)
            sets, others = _split_sets(inside, opener=opener.strip())
            main = ", ".join([main, *outside, *others])
            found += [exception for words in sets for exception in _parse_exceptions(words)]
        else:
            main = part
        if match:
            is_contrast = _is_contrast(text, opener, part, match)
            end, opener = match.end(), match[0]
    return main, tuple(dict.fromkeys(found))


def _is_contrast(text: str, opener: str, negated: str, match: re.Match[str]) -> bool:
    """Return whether "but" names what is wanted: "not in the north but the ones in the south".

    "All new houses not in the north but the largest" leaves out the largest.
    """
    is_bare = opener.strip().endswith("not") and "," not in negated.rstrip(" ,")
    is_rank = re.match(f" {RANK}", text[match.end() :]) is not None
    is_but = match[0] == "but"
    return is_but and is_bare and not (is_rank and _WHOLE.search(text, 0, match.start()))


def _at_comma(part: str) -> tuple[str, list[str]]:
    """Return the text that belongs to an exception, and rules of the whole sentence after it."""
    first, *others = re.split(r"[,;] ?", part)
    inside, outside = [first], list[str]()
    listed = _length_of_list(others)
    for number, other in enumerate(others):
        prompt, rules = split_rules(other)
        is_outside = number >= listed and rules and not prompt
        (outside if is_outside else inside).append(other)
    return ", ".join(inside), outside


def _parse_exceptions(text: str) -> list[Except]:
    prompt, rules = split_rules(text)
    if _OWN.fullmatch(prompt):
        return [Except(None, rules)] if rules else []
    names = [_OF_THOSE.sub("", name) for name in re.split(r",? and |,? or |, ", prompt)]
    return [
        Except(name, rules)
        for name in (names if _are_separate(names) else [_OF_THOSE.sub("", prompt)])
    ]


def _are_separate(names: list[str]) -> bool:
    """Return whether each is a thing of its own: "houses and ponds", "new sheds and new roads"."""
    if all(is_bare_noun(name) for name in names):
        return True
    return all(direction_of(name) != "changed" and " " in name for name in names)


def write_except(text: str) -> str:
    """Return a text that says "except" for some wordings of an exception.

    "All but the largest new building" is "new building, except the largest"; "neither the largest
    nor the smallest" and "the largest excepted" are exceptions too.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    text = _EXCLUSION.sub(lambda m: f"except {'' if m['than'] is None else 'those '}", text)
    text = _ALL_BUT_KIND.sub(_except_kind, _CHANGE_BUT.sub(_except_of_all, text))
    text = _BUT_ONE.sub(lambda m: f"{_RANK_AFTER[m['n']]} {m['measure']}", text)
    text = _ALL_BUT.sub(r"\g<lead>\g<rest>, except \g<ranks>", text)
    text = _NEITHER.sub(r"except \g<one> or ", text)
    text = _EXCEPTED.sub(r", except \g<set>", text)
    text = _BRACKETS.sub(r", \g<words>", text)
    text = _NOT_SHOWN.sub(lambda m: ", ignore" if m.start() else "ignore", text)
    text = _WISH_OF_NOISE.sub(r"\g<wish>, ignore anything \g<size>", text)
    text = _NOISE.sub(
        lambda m: f"{', ' if m['start'] else ''}ignore anything {m['size']}{m['end'] or ''}", text
    )
    only = _ONLY_NOT_SHOWN.fullmatch(text)
    if only and direction_of(only["thing"]) != "changed":
        return f"{only['thing']}, except those {only['size']}"
    for form in _SKIPPED:
        text = form.sub(r"\g<rest>, except \g<thing> \g<size>\g<tail>", text)
    text = _WHERE_BUT.sub(r"\g<rest>, except those \g<place>", text)
    match = _BUT_PLACE.search(text)
    if match and _WHOLE.search(text, 0, match.start()):
        text = f"{text[: match.start()]}except {text[match.end() :]}"
    return text


def _except_of_all(match: re.Match[str]) -> str:
    """Return "everything built except roads" for "everything built but roads"."""
    way, rest = match["way"], match["rest"]
    is_told = direction_of(way) != "changed" or match["told"] or not match["all"].endswith("all")
    is_clause = _FINITE.search(rest) or direction_of(rest) != "changed" or way == "changes"
    if is_clause or not is_told:
        return match[0]
    return f"{match['all']} {way}{match['place']} except {rest}"


def _except_kind(match: re.Match[str]) -> str:
    """Return "all new houses except sheds" for "all new houses but sheds"."""
    rest = re.sub(r"^(?:the|all|any) ", "", match["rest"])
    is_known = rest.endswith("s") or class_of(rest) not in ("any", "other")
    is_kind = is_bare_noun(rest) and is_known
    return f"{match['all']} except {rest}" if is_kind else match[0]


def _length_of_list(pieces: list[str]) -> int:
    """Return how many texts between commas belong to a list that ends with "and those …"."""
    for number, piece in enumerate(pieces):
        if _LAST.match(piece):
            return number + 1
        if not _SET_START.match(piece):
            break
    return 0


def _split_sets(text: str, *, opener: str) -> tuple[list[str], list[str]]:
    """Return the sets that an exception names, and what belongs to the rest of the sentence.

    Every set is excepted: "the largest and those in the south" are two.  "Those near the road and
    larger than 500 m²" are one.  After "not", "and" joins a condition of the whole sentence: "not
    in the north and larger than 500 m²"; "not in the north and south" leaves out both.

    Args:
        text: what follows "except" or "not".
        opener: the words before the text: "except", "but not", "not".
    """
    is_negation = opener.endswith("not")
    text = _TWO_ORDINALS.sub(
        r"\g<one> \g<measure> and the \g<other> \g<measure>", text.removeprefix(" ")
    )
    ranks = _RANKS_OF.match(text)
    joints = list(_JOINT.finditer(text, ranks.end() if ranks else 0))
    if len(joints) > _MOST_JOINTS:
        return [text], []
    sets, start = [], 0
    ends = [*(joint.start() for joint in joints[1:]), len(text)]
    for joint, end in zip(joints, ends, strict=False):
        piece = text[joint.end() : end]
        current = text[start : joint.start()]
        is_set = _SET_START.match(piece) is not None
        if not _is_boundary(current, joint[0], piece, is_set=is_set, is_negation=is_negation):
            continue
        sets.append(current)
        start = joint.end()
        is_place = opener == "but not" or _BARE_PLACE.match(piece)
        is_list = is_set or " or " in joint[0] or (is_place and _are_places(sets[-1], piece))
        if is_negation and not is_list:
            return sets, [text[start:]]
    return [*sets, text[start:]], []


def _is_boundary(current: str, joint: str, piece: str, *, is_set: bool, is_negation: bool) -> bool:
    """Return whether a text after a joint begins another set."""
    if _UNFINISHED.search(current) or ("but" in joint and not is_negation):
        return False
    prompt, rules = split_rules(current)
    is_own = _OWN.fullmatch(prompt) is not None
    if is_set:
        return bool(rules or not is_own)
    is_condition = _CONDITION_START.match(piece) is not None
    if not is_own:
        return is_condition and not rules and not _THOSE.search(current)
    if not rules:
        return False
    if is_condition:
        is_list = is_negation or "or" in joint or not _THOSE.search(current)
        return is_list or _are_places(current, piece)
    # "Near the river and the road" is near one thing.
    is_open = any(isinstance(rule, AnyOf) or reference_of(rule) for rule in rules)
    return not is_open and (is_bare_noun(piece) or direction_of(piece) != "changed")


def _are_places(*texts: str) -> bool:
    return all(isinstance(rule, Position) for text in texts for rule in split_rules(text)[1])
