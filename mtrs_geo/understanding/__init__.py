"""Understanding: what a sentence asks for, and whether a model can answer it.

``understand`` takes a sentence and a `Vocabulary` and returns its questions as `Understanding`
values; ``reading`` finds classes and direction with the words of ``lexicon``; ``spelling`` corrects
misspelt words; ``languages/`` holds one file of words per language.  Pure text: no files of the
user, no arrays, no model.  May be imported by every package above `mtrs_geo.query`.
"""

from __future__ import annotations

from mtrs_geo.understanding.taught import sentence_key, taught_vocabulary
from mtrs_geo.understanding.types import Direction, Opinion, Status
from mtrs_geo.understanding.understand import confirm, understand
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.vocabulary import LAND_COVER, Vocabulary

__all__ = [
    "LAND_COVER",
    "Direction",
    "Opinion",
    "Status",
    "Understanding",
    "Vocabulary",
    "confirm",
    "sentence_key",
    "taught_vocabulary",
    "understand",
]
