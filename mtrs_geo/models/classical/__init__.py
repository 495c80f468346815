"""Classical change detection: methods without weights as a `ChangeSegmenter`.

``segmenter`` has `ClassicalSegmenter`, which runs one of the methods of ``methods``: ``cva``,
``irmad`` and ``pca_kmeans``, each a function from a pair of images to a map of change.
``thresholds`` splits the values of such a map.  Imported by `mtrs_geo.models.runtime`.
"""

from __future__ import annotations

from mtrs_geo.models.classical.segmenter import CLASSICAL, ClassicalSegmenter

__all__ = ["CLASSICAL", "ClassicalSegmenter"]
