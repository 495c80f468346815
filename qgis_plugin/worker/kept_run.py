"""What a run that did not end has kept beside its output, and how a caller learns of it."""

from __future__ import annotations

import os
from pathlib import Path

from qgis.core import QgsProcessingFeedback, QgsProcessingUtils

from ..i18n.translate import tr

__all__ = ["EXPORTED", "KEPT", "remove_temporary", "tell_of_kept"]

KEPT = "mtrs_geo_kept"
"""Property of a feedback: the output beside which what was done is kept."""
EXPORTED = "mtrs_geo_exported"
"""Property of a feedback: a list with the exported file of each raster; empty for a layer that is a
file."""


def tell_of_kept(output: str, feedback: QgsProcessingFeedback) -> None:
    """Store and show that what was done is kept, if a run has not ended.

    Args:
        output: path of the polygons.
        feedback: of the run.
    """
    if not os.path.isfile(_ledger(output)):  # False in a folder that may not be read
        return
    feedback.setProperty(KEPT, output)
    message = tr(
        "What was done is kept in {}. To go on, run again with the same input and output and “Go "
        "on with an interrupted run of the same output”."
    )
    feedback.pushInfo(message.format(_ledger(output).name))


def remove_temporary(output: str) -> None:
    """Remove what is kept beside an output, if it is in the temporary folder of QGIS."""
    ledger = _ledger(output)
    if Path(QgsProcessingUtils.tempFolder()) not in ledger.parents:
        return
    for ending in ("-wal", "-shm", "-journal", ""):
        path = ledger.with_name(ledger.name + ending)
        if path.exists():
            path.unlink()


def _ledger(output: str) -> Path:
    return Path(f"{output}.run")
