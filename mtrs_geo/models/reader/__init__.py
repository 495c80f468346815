"""The sentence reader: a sentence → its probable directions and classes, in NumPy.

`mtrs_geo.understanding` weighs them against its rules.  The reader is the bundled MiniLM with
matrices of low rank and three small heads; loading it takes a tenth of the time of an import of
torch.  ``meanings`` lists what a sentence may mean, ``encoder`` runs the
layers, ``reader`` joins both.  Imported by `mtrs_geo.models.vocabulary` and by training.
"""

from __future__ import annotations

from mtrs_geo.models.reader.encoder import SCALE
from mtrs_geo.models.reader.meanings import DIRECTIONS, MEANINGS, Meaning, probabilities
from mtrs_geo.models.reader.reader import MOST_TOKENS, SentenceReader

__all__ = [
    "DIRECTIONS",
    "MEANINGS",
    "MOST_TOKENS",
    "SCALE",
    "Meaning",
    "SentenceReader",
    "probabilities",
]
