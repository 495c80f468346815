"""Tell the things that a sentence is about from the places that it names."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.lexicon import Segment

__all__ = [
    "KINDS",
    "ON_GROUND",
    "PAUSES",
    "is_change",
    "is_inside_noun_phrase",
    "is_of_treatment",
    "is_qualifier",
    "roles_of",
]

KINDS = frozenset({"appeared", "disappeared", "changed", "unchanged"})
"""Directions that a word of change may name."""
PAUSES = frozenset(";:,.!?()")
"""Marks that end a noun phrase."""
_DETERMINERS = frozenset({
    "a", "an", "the", "any", "some", "each", "every", "all", "both", "another", "other", "existing",
    "old", "older", "this", "that", "these", "those", "its", "their", "my", "our", "of", "or more",
    "m", "metres", "meters", "metre", "meter", "km", "ft", "feet", "square", "area", "water's",
    "half", "half a mile", "mile", "miles", "acre", "acres", "hectare", "hectares", "kilometres",
    "kilometers", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "several", "many", "few", "nearest", "closest", "next", "nearby",
})  # fmt: skip
_NOT_A_PLACE_AFTER_CHANGE = frozenset({"to", "of", "in", "with"})
_PARTS = frozenset(
    {
        "edge",
        "edges",
        "side",
        "sides",
        "bank",
        "banks",
        "shore",
        "shores",
        "corner",
        "corners",
        "end",
        "ends",
        "border",
        "borders",
        "boundary",
        "boundaries",
        "margin",
        "margins",
        "fringe",
        "fringes",
        "foot",
        "top",
        "bottom",
        "back",
        "front",
        "rear",
        "outskirts",
        "perimeter",
        "opposite",
        "middle",
        "centre",
        "center",
        "rim",
        "tip",
        "mouth",
        "limits",
        "reach",
        "line",
        "far",
        "vicinity",
        "surroundings",
        "proximity",
        "course",
    }
)
"""Parts of a place: "at the edge of the pond"."""
_HEADS = frozenset(
    {
        "area",
        "areas",
        "place",
        "places",
        "spot",
        "spots",
        "site",
        "sites",
        "zone",
        "zones",
        "location",
        "locations",
        "parcel",
        "parcels",
        "plot",
        "plots",
        "land",
        "everything",
        "anything",
        "tile",
        "tiles",
        "region",
        "regions",
        "parts",
        "polygons",
        "polygon",
        "patches",
        "where",
        "surfaces",
        "sections",
    }
)
"""Words that are no thing of their own: "areas with new houses" are about houses."""
_PLOTS = frozenset({
    "field", "fields", "meadow", "meadows", "paddock", "paddocks", "pasture", "pastures", "park",
    "parks", "garden", "gardens", "plantation", "plantations", "forest", "woodland",
})  # fmt: skip
"""Vegetation that is named after its use: "a horse paddock", but not "balcony flowers"."""
ON_GROUND = frozenset({"built on", "erected on", "constructed on", "put on", "dug into"})
"""Relations after which a class is the ground that was there before."""


_LATELY = frozenset({"newly", "freshly", "recently", "fresh", "lately", "just"})
_TREATED = frozenset({
    "mown", "mowed", "trimmed", "pruned", "clipped", "raked", "grazed", "painted", "repainted",
    "cleaned", "repaired", "renovated", "refurbished", "watered", "irrigated", "fertilised",
    "fertilized", "sprayed", "manured", "insulated", "whitewashed", "sold",
})  # fmt: skip
"""What is done to ground that stays: "freshly mown meadows" are not new."""


def roles_of(segments: Sequence[Segment]) -> list[str]:
    """Return ``thing`` or ``place`` per class noun, and an empty text for other words."""
    roles = [""] * len(segments)
    is_place = False
    for i, segment in enumerate(segments):
        if segment.land_cover and not _is_change_before_noun(segments, i):
            if _is_unit(segments, i) or _is_first_of_compound(segments, i):
                continue
            roles[i] = "place" if is_place else "thing"
            is_place = is_place and _next_text(segments, i) in ("and", "or")
        elif is_place and segment.text in ("and", "or"):
            continue
        elif segment.is_one_of("transition:forward", "transition:backward") and (
            not segment.is_one_of("word:relations") or segment.text in ON_GROUND
        ):
            is_place = False
        elif segment.is_one_of("word:relations"):
            is_place = _is_place_next(segments, i)
        elif is_place and (_is_part(segments, i) or _is_scene_name(segments, i)):
            continue
        elif segment.text in PAUSES or not is_inside_noun_phrase(segment):
            is_place = False
    return roles


def _is_part(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a word is part of a place: "at the | edge | of the pond"."""
    following = {s.text for s in segments[i + 1 : i + 4]}
    return segments[i].text in _PARTS and bool(following & {"of", *_PARTS})


def _is_unit(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a noun is a unit of length: "30 yards"."""
    return segments[i].text in ("yard", "yards") and i > 0 and segments[i - 1].text[0].isdigit()


def _is_first_of_compound(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the next word names the thing: "the village street" is a street."""
    if i + 1 >= len(segments) or not segments[i + 1].land_cover:
        return False
    return not _is_change_before_noun(segments, i + 1)


def is_qualifier(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a noun only says which thing: "the rail yard", "a school's car park".

    A plural is not a qualifier, unless it is a possessive.
    """
    text = segments[i].text
    is_plural = text.endswith("s") and not text.endswith(("ss", "us")) and "'" not in text
    if is_plural or text.endswith("ed"):
        return False
    for segment in segments[i + 1 : i + 4]:
        if segment.land_cover:
            is_plant = segment.land_cover == "vegetation" and segment.text not in _PLOTS
            return not is_change(segment) and not is_plant
        if not segment.text.endswith(("'s", "s'")):
            return False
    return False


def _is_change_before_noun(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a word is a change rather than a thing: "construction of roads"."""
    return is_change(segments[i]) and any(
        s.land_cover for j, s in enumerate(segments) if j != i and not is_change(s)
    )


def _is_place_next(segments: Sequence[Segment], i: int) -> bool:
    """Return whether the relation at ``i`` starts a place with a class noun."""
    before = segments[i - 1] if i else None
    if (
        before is not None
        and before.is_one_of("change:changed", "change:noun")
        and segments[i].text in _NOT_A_PLACE_AFTER_CHANGE
        and _next_text(segments, i) not in ("the middle", "the vicinity")
    ):
        return segments[i].text == "in" and _next_text(segments, i) in ("a", "an", "this", "that")
    if segments[i].text == "from" and any(s.text in ("to", "into") for s in segments[i:]):
        return False
    if segments[i].text == "with":
        if before is not None and before.is_one_of("transition:to_vegetation"):
            return False  # "planted with saplings"
        is_owned = _next_text(segments, i) in ("their", "its", "associated", "accompanying")
        if is_owned or (before is not None and before.text in _HEADS):
            return False
    for j in range(i + 1, len(segments)):
        segment = segments[j]
        if segment.land_cover:
            return True
        is_inside = is_inside_noun_phrase(segment) or segment.is_one_of("word:relations")
        if not is_inside and not _is_part(segments, j) and not _is_scene_name(segments, j):
            return False
    return False


def _is_scene_name(segments: Sequence[Segment], i: int) -> bool:
    """Return whether a word of the scene stands before its noun: "the | valley | road"."""
    is_last = i + 1 >= len(segments)
    is_name = segments[i].is_one_of("word:scene") and not segments[i].is_one_of("word:requests")
    return is_name and not is_last and bool(segments[i + 1].land_cover)


def is_inside_noun_phrase(segment: Segment) -> bool:
    """Return whether a word may stand in front of the noun of a phrase."""
    return (
        segment.text in _DETERMINERS
        or segment.text[0].isdigit()
        or not segment.tags
        or segment.is_one_of("word:modifiers", "change:adjective")
    ) and segment.text not in PAUSES


def _next_text(segments: Sequence[Segment], i: int) -> str:
    return segments[i + 1].text if i + 1 < len(segments) else ""


def is_of_treatment(segments: Sequence[Segment], i: int) -> bool:
    """Return whether "freshly" says when ground was treated: "freshly | mown meadows"."""
    return segments[i].text in _LATELY and _next_text(segments, i) in _TREATED


def is_change(segment: Segment) -> bool:
    """Return whether a phrase says that something appeared, disappeared, changed or did not."""
    return segment.is_one_of(*(f"change:{kind}" for kind in KINDS))
