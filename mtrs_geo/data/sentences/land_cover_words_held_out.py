"""Validation vocabulary about land-cover classes; it shares no template with training."""

from __future__ import annotations

from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.wording import Adjective, ClassWording, Noun, References

__all__ = ["HELD_OUT_CLASSES", "HELD_OUT_WORDS"]

HELD_OUT_WORDS = (
    "dwelling", "dwellings", "edifice", "edifices", "lane", "lanes", "roadway", "roadways",
    "tarmac", "car park", "car parks", "foliage", "flora", "turf", "woodland", "shrubs",
    "reservoir", "reservoirs", "basin", "basins", "creek", "creeks", "dirt ground", "barren land",
    "earthen ground", "automobile", "automobiles", "motor vehicle", "motor vehicles",
)  # fmt: skip
"""Words for classes that no training sentence contains."""

_NEW = (
    "{n} you can see now but could not see before",
    "which {n} are newly there?",
    "please outline the {n} that came into being recently",
    "the {n} that popped up",
    "highlight whatever {n} are newly there",
    "{n} that one finds today and did not find earlier",
)
_LOST = (
    "{n} you could see before but cannot see now",
    "which {n} are no longer there?",
    "please outline the {n} that ceased to be there",
    "the {n} that went missing",
    "highlight whatever {n} were taken away",
    "{n} that one found earlier and does not find today",
)
_BUILT = (*_NEW, *(t for t in HELD_OUT.appear if "every " not in t))
_DEMOLISHED = (*_LOST, *(t for t in HELD_OUT.disappear if "every " not in t))

HELD_OUT_CLASSES = ClassWording(
    nouns=(
        Noun("building", "dwelling", "dwellings"),
        Noun("building", "edifice", "edifices"),
        Noun("building", "building", "buildings"),
        Noun("road", "roadway", "roadways"),
        Noun("road", "tarmac"),
        Noun("road", "lane", "lanes", "strip"),
        Noun("road", "car park", "car parks", "lot"),
        Noun("road", "road", "roads"),
        Noun("vegetation", "foliage"),
        Noun("vegetation", "flora"),
        Noun("vegetation", "turf", "", "grass"),
        Noun("vegetation", "woodland", "", "trees"),
        Noun("vegetation", "vegetation"),
        Noun("water", "reservoir", "reservoirs", "pond"),
        Noun("water", "basin", "basins", "pond"),
        Noun("water", "creek", "creeks", "stream"),
        Noun("water", "water"),
        Noun("bare", "earthen ground"),
        Noun("bare", "barren land"),
        Noun("bare", "bare ground"),
        Noun("car", "automobile", "automobiles"),
        Noun("car", "motor vehicle", "motor vehicles"),
    ),
    adjectives=(
        Adjective("sizeable", "large", frozenset({"building", "road", "water", "bare"})),
        Adjective("tiny", "small", frozenset({"building", "road", "water", "bare"})),
    ),
    appear={"any": _NEW, "building": _BUILT},
    disappear={"any": _LOST, "building": _DEMOLISHED},
    state=(
        "which {n} look different now?",
        "{n} affected by change",
        "modified {n}",
    ),
    became=(
        "{a} changed over to {b}",
        "what used to be {a} and is {b} today",
        "{a} swapped for {b}",
        "{a} then, but {b} these days",
    ),
    replaced=(
        "{b} superseding {a}",
        "{b} standing where earlier one saw {a}",
        "{b} instead of the former {a}",
    ),
    everything=(
        "all that is not the same any more",
        "each and every alteration",
        "anything that looks otherwise now",
    ),
    except_class=("alterations not involving {n}", "whatever changed, {n} excluded"),
    except_place=("{x}, excluding those of the {p} section",),
    counted_new=("these {k} newly arisen {n}",),
    counted_gone=("these {k} {n} that went missing",),
    place=HELD_OUT.place,
    places=HELD_OUT.places,
    cells={
        "upper middle": ("uppermost central",),
        "lower middle": ("lowermost central",),
        "middle left": ("left-hand central",),
        "middle right": ("right-hand central",),
    },
    extremes={
        "largest": HELD_OUT.largest,
        "smallest": HELD_OUT.smallest,
        "top": ("only the most northerly among {x}",),
        "bottom": ("only the most southerly among {x}",),
        "left": ("only the most westerly among {x}",),
        "right": ("only the most easterly among {x}",),
    },
    references=References(
        nouns={
            "road": ("a roadway", "the tarmac"),
            "water": ("the waterside", "the basin"),
            "building": ("a dwelling", "dwellings"),
            "vegetation": ("the foliage",),
        },
        near=("{x} in the vicinity of {r}", "{x} right by {r}"),
        far=("{x} remote from {r}", "{x} nowhere near {r}"),
    ),
    absent=HELD_OUT.absent,
)
