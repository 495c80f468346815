"""The reading of a sentence with the vocabulary of the bundled model."""

from __future__ import annotations

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Understanding, understand

TINY = read_vocabulary(WEIGHTS / "tiny")


def one(text: str) -> Understanding:
    """Return the only question of a sentence."""
    (found,) = understand(text, TINY)
    return found
