"""Queries on real changes of the ground: held-out LEVIR scenes with drawn classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from figures.buildings import tiles_of
from figures.scoring import LabelledQuery, QueriedPair
from mtrs_geo.class_codes import IGNORE, class_of_code
from mtrs_geo.data.datasets.annotated import read_storms
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.ground import ground_of_pair, ground_pair
from mtrs_geo.data.sampling.read_sources import is_held_out, read_levir_classes
from mtrs_geo.data.sampling.transforms import swap_dates
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.data.sentences.question import answer_mask, class_question
from mtrs_geo.data.sentences.sentence_writer import SentenceWriter
from mtrs_geo.data.sentences.templates import NounPhrase, fill_noun
from mtrs_geo.types import ChangeKind, LandCoverClass

__all__ = [
    "DIRECTIONS",
    "GROUND_CLASSES",
    "class_texts",
    "ground_pairs",
    "ground_queries",
    "read_ground",
    "read_quiet_storms",
]

GROUND_CLASSES: tuple[LandCoverClass, ...] = ("road", "vegetation", "water", "bare")
DIRECTIONS: tuple[ChangeKind, ...] = ("appear", "disappear")
_WORDINGS = 2


def read_ground(root: Path) -> list[Pair]:
    """Read the held-out pairs of LEVIR with the ground that was drawn as changed."""
    return read_levir_classes(root, lambda name: is_held_out("levir", name))


def read_quiet_storms(root: Path) -> list[Pair]:
    """Read the held-out pairs before and after storms; no building changed in them."""
    return read_storms(
        root / "pairs/storms", gsd_m=0.5, keep=lambda name: is_held_out("storms", name)
    )


def ground_pairs(pairs: list[Pair], prefix: str) -> Iterator[QueriedPair]:
    """Yield every tile in both orders of the dates, with two wordings a class and direction.

    Changed buildings with 3 px around them, and ground of unknown change, are not scored.
    """
    rng = np.random.default_rng(3)
    for pair in pairs:
        for tile in tiles_of(pair):
            for ordered in (tile, swap_dates(tile)):
                queries = tuple(ground_queries(ordered, prefix, rng))
                valid = ground_of_pair(ordered) != IGNORE
                yield QueriedPair(ordered.before, ordered.after, ordered.gsd_m, queries, valid)


def ground_queries(pair: Pair, prefix: str, rng: np.random.Generator) -> Iterator[LabelledQuery]:
    """Yield sentences on each class that appeared or disappeared, and on the wrong direction."""
    classes = ground_pair(pair)
    codes = np.array(classes.transitions).reshape(-1, 2)
    changed = {
        kind: {class_of_code(int(code)) for code in codes[:, date]}
        for kind, date in (("appear", 1), ("disappear", 0))
    }
    for name in GROUND_CLASSES:
        for kind, other in (DIRECTIONS, DIRECTIONS[::-1]):
            mask = answer_mask(classes, class_question(kind, name))
            if mask is None:
                continue
            for text in class_texts(name, kind, rng):
                yield LabelledQuery(f"{prefix}{name}.{kind}", text, mask)
                if name in changed[other] - changed[kind]:
                    yield LabelledQuery(f"{prefix}wrong_direction", text, mask)


def class_texts(
    name: LandCoverClass, kind: ChangeKind, rng: np.random.Generator, count: int = _WORDINGS
) -> Iterator[str]:
    """Yield sentences on a class that appeared or disappeared, in held-out wording."""
    writer = SentenceWriter(HELD_OUT_CLASSES, rng)
    nouns = [n for n in HELD_OUT_CLASSES.nouns if n.class_name == name and not n.attribute]
    for _ in range(count):
        phrase = NounPhrase(writer.pick(nouns), is_one=False)
        yield fill_noun(writer.template(class_question(kind, name), name), phrase)
