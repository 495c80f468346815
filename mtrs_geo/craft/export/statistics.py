"""Numbers about exported triplets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mtrs_geo.craft.backends.grid import cell_of_mask, plan_cells
from mtrs_geo.craft.export.accepted import Triplet
from mtrs_geo.craft.project import Origin, Pair
from mtrs_geo.craft.project.records import CELLS
from mtrs_geo.data.split.layout import Subset
from mtrs_geo.types import BoolArray

__all__ = ["SIZE_EDGES", "Fact", "fact_of", "summarise"]

SIZE_EDGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Upper edges of classes of size, as shares of the image."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MOST_WORDS = 30
_STOP_WORDS = frozenset(
    ("a", "an", "the", "of", "in", "on", "at", "to", "and", "or", "with", "by", "from", "near",
     "beside", "next", "along", "is", "are", "was", "were", "has", "have", "that", "which", "it",
     "its", "this", "these", "there", "as", "for", "into")
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """What is counted of one triplet."""

    pair: str
    subset: Subset
    source: str
    place: str
    change_type: str
    object_class: str
    words: tuple[str, ...]
    """In lower case."""
    share: float
    """Part of the image that is inside the mask."""
    cell: str
    """Where the centre of the mask is; empty for an empty mask."""
    is_negative: bool
    sentence_origin: str
    mask_origin: str
    auditors: int


def fact_of(pair: Pair, triplet: Triplet, mask: BoolArray, subset: Subset) -> Fact:
    """Return what is counted of a triplet with its mask (rows, cols)."""
    item, current = triplet.item, triplet.round
    return Fact(
        pair.name, subset, pair.source, pair.place, item.change_type, item.object_class,
        tuple(_WORD.findall(current.sentence.lower())), float(mask.mean()),
        cell_of_mask(mask, plan_cells(mask.shape)) if min(mask.shape) >= len(CELLS) // 3 else "",
        item.is_negative, _name(current.sentence_origin), _name(current.mask_origin),
        len(triplet.auditors),
    )  # fmt: skip


def summarise(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the numbers of an export, which can be written as JSON."""
    filled = [fact for fact in facts if fact.share]
    words = Counter(word for fact in facts for word in fact.words)
    return {
        "pairs": len({fact.pair for fact in facts}),
        "places": len({fact.place for fact in facts}),
        "sentences": len(facts),
        "subsets": {name: _subset(facts, name) for name in ("train", "val")},
        "empty_share": _share(len(facts) - len(filled), len(facts)),
        "negatives_on_purpose": sum(fact.is_negative for fact in facts),
        "without_a_person": sum(not fact.auditors for fact in facts),
        "sentences_per_pair": _counts(facts, lambda fact: fact.pair),
        "words_per_sentence": _distribution([len(fact.words) for fact in facts]),
        "vocabulary": len(words),
        "frequent_words": dict(
            Counter({w: n for w, n in words.items() if w not in _STOP_WORDS}).most_common(
                _MOST_WORDS
            )
        ),
        "change_types": _by(facts, lambda fact: fact.change_type),
        "object_classes": _by(facts, lambda fact: fact.object_class),
        "mask_share": _distribution([fact.share for fact in filled]),
        "sizes": _sizes([fact.share for fact in filled]),
        "positions": {cell: sum(fact.cell == cell for fact in filled) for cell in CELLS},
        "sources": _by(facts, lambda fact: fact.source or "not given"),
        "sentence_origins": _by(facts, lambda fact: fact.sentence_origin),
        "mask_origins": _by(facts, lambda fact: fact.mask_origin),
    }


def _subset(facts: Sequence[Fact], name: str) -> dict[str, int]:
    inside = [fact for fact in facts if fact.subset == name]
    return {
        "pairs": len({fact.pair for fact in inside}),
        "places": len({fact.place for fact in inside}),
        "sentences": len(inside),
    }


def _by(facts: Iterable[Fact], key: Callable[[Fact], str]) -> dict[str, int]:
    return dict(Counter(map(key, facts)).most_common())


def _counts(facts: Iterable[Fact], key: Callable[[Fact], str]) -> dict[str, int]:
    """Return how many groups have one triplet, two, and so on."""
    sizes = Counter(Counter(map(key, facts)).values())
    return {str(size): sizes[size] for size in sorted(sizes)}


def _distribution(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    quantiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
    names = ("least", "quarter", "median", "three_quarters", "most")
    return {"mean": float(np.mean(values)), **dict(zip(names, map(float, quantiles), strict=True))}


def _sizes(shares: Sequence[float]) -> dict[str, int]:
    found = np.searchsorted(SIZE_EDGES, shares)
    return {f"up to {100 * edge:g} %": int((found == i).sum()) for i, edge in enumerate(SIZE_EDGES)}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _name(origin: Origin | None) -> str:
    if origin is None:
        return "no mask"
    return " ".join(filter(None, asdict(origin).values()))
