"""Words and templates that training sentences are made of; held_out.py has those of validation.

Ours stand here; those that others wrote are in phrases/.
"""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.data.sentences.phrasebook import collected, collected_parts
from mtrs_geo.types import Place

__all__ = ["NOW", "SINCE", "THEN", "TRAIN", "Wording", "frame_clauses", "seen_only"]


@dataclass(frozen=True)
class Wording:
    """Words and templates of one vocabulary; {n} a noun, {p} a place, {s} a size."""

    nouns: tuple[tuple[str, str], ...]
    """(singular, plural)."""
    appear: tuple[str, ...]
    disappear: tuple[str, ...]
    state: tuple[str, ...]
    place: tuple[str, ...]
    """Wraps a phrase {x} and a place {p}."""
    places: dict[Place, tuple[str, ...]]
    largest: tuple[str, ...]
    smallest: tuple[str, ...]
    absent: tuple[str, ...]


_CELLS: dict[Place, tuple[str, ...]] = {
    "top left": ("top left", "upper left", "north-west", "northwest", "top-left"),
    "top right": ("top right", "upper right", "north-east", "northeast", "top-right"),
    "bottom left": ("bottom left", "lower left", "south-west", "southwest", "bottom-left"),
    "bottom right": ("bottom right", "lower right", "south-east", "southeast", "bottom-right"),
    "top": ("top", "north", "upper part", "northern part"),
    "bottom": ("bottom", "south", "lower part", "southern part"),
    "left": ("left", "west", "left side", "western part"),
    "right": ("right", "east", "right side", "eastern part"),
    "centre": ("centre", "center", "middle", "central part"),
}
_PLACES: dict[Place, tuple[str, ...]] = {
    place: (*words, *collected_parts()[place]) for place, words in _CELLS.items()
}

SINCE = (
    "",
    " since then",
    " since the first image",
    " since the earlier date",
    " between the two dates",
    " between the images",
    " after the first picture was taken",
    " by the second date",
    " by the time of the later image",
    " over the years",
    " over time",
    " lately",
)
_BUILT = (
    "were built",
    "have been built",
    "were constructed",
    "have been constructed",
    "were put up",
    "have been put up",
    "were erected",
    "were added",
    "have been added",
    "came up",
    "have come up",
    "rose",
    "have risen",
    "sprang up",
    "appeared",
    "have appeared",
    "were raised",
    "went up",
    "were completed",
    "have been developed",
    "were set up",
)
_GONE = (
    "were demolished",
    "have been demolished",
    "were torn down",
    "have been torn down",
    "were removed",
    "have been removed",
    "were knocked down",
    "have been taken down",
    "disappeared",
    "have disappeared",
    "vanished",
    "came down",
    "have come down",
    "were lost",
    "have been cleared",
    "were razed",
    "were destroyed",
    "have been destroyed",
    "have gone",
    "were flattened",
    "were wrecked",
)
NOW = (
    "in the second image",
    "in the later picture",
    "in the newer image",
    "in the recent photo",
    "at the second date",
    "at the later date",
    "afterwards",
    "today",
    "now",
    "in the second one",
    "in image two",
    "on the new imagery",
)
THEN = (
    "in the first image",
    "in the earlier picture",
    "in the older image",
    "in the old photo",
    "at the first date",
    "at the earlier date",
    "previously",
    "earlier",
    "back then",
    "in the first one",
    "in image one",
    "on the old imagery",
)
_SEEN = ("visible", "present", "there", "seen", "shown", "found", "standing")
_FRAMES = (
    "{n} that {x}",
    "the {n} that {x}",
    "{n} which {x}",
    "all the {n} that {x}",
    "where are the {n} that {x}?",
    "show {n} that {x}",
    "find the {n} which {x}",
)


def seen_only(here: tuple[str, ...], gone: tuple[str, ...]) -> list[str]:
    """Write relative clauses: something is seen at one date and not at the other."""
    return [
        clause
        for seen in _SEEN
        for one, other in zip(here, gone, strict=True)
        for clause in (
            f"are {seen} only {one}",
            f"are {seen} {one} but not {other}",
            f"are not {seen} {other} but are {one}",
            f"are missing {other} and {seen} {one}",
            f"one sees {one} and not {other}",
            f"exist {one}, not {other}",
        )
    ]


def frame_clauses(clauses: list[str]) -> list[str]:
    """Put relative clauses into frames with a noun {n}.

    Every clause in one frame, taken in turn: thousands of sentences, not tens of thousands.
    """
    return [_FRAMES[i % len(_FRAMES)].replace("{x}", x) for i, x in enumerate(clauses)]


def _relative(verbs: tuple[str, ...], here: tuple[str, ...], gone: tuple[str, ...]) -> list[str]:
    clauses = [verb + since for verb in verbs for since in SINCE]
    return frame_clauses(clauses + seen_only(here, gone))


_RELATIVE_APPEAR = _relative(_BUILT, NOW, THEN)
_RELATIVE_DISAPPEAR = _relative(_GONE, THEN, NOW)

TRAIN = Wording(
    nouns=(
        ("building", "buildings"),
        ("building", "buildings"),
        ("house", "houses"),
        ("family home", "family homes"),
        ("warehouse", "warehouses"),
        ("shed", "sheds"),
        ("large building", "large buildings"),
        ("small house", "small houses"),
        ("structure", "structures"),
        ("home", "homes"),
        ("roof", "roofs"),
        ("construction", "constructions"),
    ),
    appear=(
        "the {n} that appeared",
        "new {n}",
        "newly built {n}",
        "{n} that were built",
        "the {n} built between the two dates",
        "recently constructed {n}",
        "{n} that have been added",
        "{n} present only in the second image",
        "the new {n}",
        "{n} which were not there before",
        "{n} constructed since the first image",
        "{n} that now exist",
        "added {n}",
        "appeared {n}",
        "{n} which have appeared",
        "{n} erected after the first date",
        "emerging {n}",
        "where {n} were built",
        "the newly appeared {n}",
        "{n} visible only in the later image",
        "{n} that came up",
        "show me the new {n}",
        "find {n} that have been constructed",
        "{n} that have sprung into being",
        "recent {n}",
        "{n} absent before and present after",
        "{n} which exist only afterwards",
        "{n} that were not in the earlier image",
        "what {n} were added?",
        "which {n} were constructed?",
        "which {n} have appeared?",
        "are there any new {n}?",
        "outline the new {n}",
        "mark all {n} that are new",
        "segment the {n} that were constructed",
        "highlight newly constructed {n}",
        "every {n} built since the first date",
        "each new {n}",
        "all newly erected {n}",
        "{n} that arose",
        "{n} that emerged",
        "{n} set up in the meantime",
        "{n} completed after the earlier date",
        "development of {n}",
        "construction of {n}",
        "appearance of {n}",
        "growth in {n}",
        "{n} seen in the later image but not in the earlier one",
        "{n} you find only in the second picture",
        "ground on which {n} were built",
        "land that got {n}",
        "freshly built {n}",
        "brand-new {n}",
        "newly established {n}",
        "{n} raised since then",
        "places with additional {n}",
        "extra {n}",
        "{n} that came into existence",
        "{n} that were founded",
        "recently finished {n}",
        "urban growth: {n}",
        *_RELATIVE_APPEAR,
        *collected("appear"),
        *collected("appear_building"),
    ),
    disappear=(
        "the {n} that disappeared",
        "demolished {n}",
        "{n} that were removed",
        "removed {n}",
        "the {n} torn down between the two dates",
        "{n} that have been destroyed",
        "lost {n}",
        "{n} present only in the first image",
        "{n} that no longer exist",
        "the {n} that are gone",
        "{n} which were there before but not now",
        "{n} knocked down since the first image",
        "destroyed {n}",
        "disappeared {n}",
        "{n} which have vanished",
        "the demolished {n}",
        "{n} razed after the first date",
        "where {n} were removed",
        "missing {n}",
        "{n} visible only in the earlier image",
        "{n} that were taken down",
        "show me the demolished {n}",
        "find {n} that have been cleared",
        "{n} that ceased to exist",
        "former {n}",
        "{n} present before and absent after",
        "{n} which existed only before",
        "{n} that are not in the later image",
        "what {n} were lost?",
        "which {n} were demolished?",
        "which {n} have disappeared?",
        "are any {n} gone?",
        "outline the demolished {n}",
        "mark all {n} that are gone",
        "segment the {n} that were destroyed",
        "highlight razed {n}",
        "every {n} removed since the first date",
        "each demolished {n}",
        "all torn-down {n}",
        "{n} that collapsed",
        "{n} that were wiped out",
        "{n} dismantled in the meantime",
        "{n} levelled after the earlier date",
        "loss of {n}",
        "demolition of {n}",
        "disappearance of {n}",
        "removal of {n}",
        "{n} seen in the earlier image but not in the later one",
        "{n} you find only in the first picture",
        "ground from which {n} were cleared",
        "land that lost its {n}",
        "wrecked {n}",
        "{n} that do not stand any more",
        "eliminated {n}",
        "{n} erased since then",
        "places with fewer {n}",
        "{n} ruined by a disaster",
        "{n} that fell",
        "{n} swept away",
        "no longer existing {n}",
        "{n} cleared away",
        *_RELATIVE_DISAPPEAR,
        *collected("disappear"),
        *collected("disappear_building"),
    ),
    state=(
        "{n} that changed",
        "changed {n}",
        "the {n} that are different",
        "all {n} changes",
        "{n} that were altered",
        "changes in {n}",
        "where {n} changed",
        "any change of {n}",
        "{n} that differ between the two dates",
        "difference in {n}",
        "altered {n}",
        "what {n} changed?",
        "{n} that were rebuilt or removed",
        "outline the changed {n}",
        "mark all changes of {n}",
        "{n} that are not the same in both images",
        "new or demolished {n}",
        *collected("state"),
    ),
    place=(
        "{x} in the {p}",
        "{x} at the {p}",
        "{x} in the {p} of the image",
        "{x} located in the {p}",
        "in the {p}, {x}",
        "{x} towards the {p}",
        "{x} in the {p} corner",
        "{x} on the {p} side",
        "{p}: {x}",
        "only {x} in the {p} quarter",
        "{x} within the {p} part",
        "{x} situated in the {p}",
        "{x} close to the {p} edge",
        "in the {p} portion, {x}",
        "{x} that lie in the {p}",
        "{x}, {p} only",
        "{x} belonging to the {p} half",
        "from the {p}: {x}",
        "at the {p}, {x}",
        "{x} on the {p} of the scene",
        "look at the {p} and find {x}",
        *collected("place"),
    ),
    places=_PLACES,
    largest=(
        "the largest of {x}",
        "the biggest one of {x}",
        "{x}, only the largest",
        "{x}: biggest",
        *collected("largest"),
    ),
    smallest=(
        "the smallest of {x}",
        "the tiniest one of {x}",
        "{x}, only the smallest",
        *collected("smallest"),
    ),
    absent=(
        "airplane",
        "ship",
        "wind turbine",
        "stadium",
        "runway",
        "cruise ship",
        "helicopter",
        "railway station",
        "oil tank",
        "solar farm",
        "glacier",
        "volcano",
        "lighthouse",
        "roller coaster",
        "cemetery",
        "quarry",
        "dam",
        "windmill",
        "golf course",
        "racetrack",
        "radio telescope",
        "waterfall",
        "train",
        "container terminal",
        "greenhouse",
        "vineyard",
        "iceberg",
        "elephant",
        "football field",
        "baseball diamond",
        "ferry",
        "satellite dish",
        *collected("absent"),
    ),
)
