"""The sentence reader: a sentence → its probable directions and classes, in NumPy.

`mtrs_geo.understanding` weighs them against its rules.  The reader is the bundled MiniLM with
trained weights and three small heads; loading it takes a tenth of the time of an import of torch.
``meanings`` lists what a sentence may mean, ``differences`` is how the trained weights are stored,
``encoder`` runs the layers, ``reader`` joins all.  Imported by `mtrs_geo.models.vocabulary` and by
training.
"""

from __future__ import annotations

from mtrs_geo.models.reader.differences import compressed, is_part, restored
from mtrs_geo.models.reader.meanings import DIRECTIONS, MEANINGS, Meaning, probabilities
from mtrs_geo.models.reader.reader import MOST_TOKENS, SentenceReader

__all__ = [
    "DIRECTIONS",
    "MEANINGS",
    "MOST_TOKENS",
    "Meaning",
    "SentenceReader",
    "compressed",
    "is_part",
    "probabilities",
    "restored",
]
