"""What a model declares that it knows: classes, further nouns, pixel sizes and languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mtrs_geo.understanding.types import Reader

__all__ = ["LAND_COVER", "Vocabulary"]

LAND_COVER = ("building", "road", "vegetation", "water", "bare")
"""Classes of the lexicon."""


@dataclass(frozen=True)
class Vocabulary:
    """What sentences a model can answer."""

    classes: tuple[str, ...] = LAND_COVER
    """Classes of the lexicon that the model is trained on."""
    nouns: Mapping[str, str] = field(default_factory=dict)
    """Further nouns that its training sentences named: noun, in the singular, to class, or to
    an empty text if the noun is a class of its own."""
    sentences: frozenset[str] = frozenset()
    """Sentences that it was trained on, normalised; they are always understood."""
    open: bool = False
    """Whether the model takes any noun, as an open-vocabulary model does."""
    coarsest_m: float | None = None
    """Largest pixel size at which things of a few metres are seen."""
    finest_m: float | None = None
    """Smallest pixel size that the model is trained on."""
    existing: frozenset[str] = frozenset()
    """Words that are no spelling errors, in lower case."""
    standing: bool = False
    """Whether the model finds unchanged ground of a class."""
    weak: Mapping[str, float] = field(default_factory=dict)
    """Classes whose real changes the model seldom finds, with its IoU on real pairs."""
    languages: tuple[str, ...] = ("en",)
    """Languages of its training sentences (ISO 639-1); others are translated first."""
    reader: Reader | None = field(default=None, compare=False)
    """Reads sentences that the rules refuse or doubt."""
