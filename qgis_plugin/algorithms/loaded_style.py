"""Style and times of the polygons of a run that QGIS loads."""

from __future__ import annotations

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)
from qgis.PyQt.QtXml import QDomDocument

__all__ = ["style_when_loaded"]

_waiting: set[_Style] = set()
"""QGIS does not keep the Python object of a post-processor."""


def style_when_loaded(
    output: str, polygons: str, context: QgsProcessingContext, algorithm_id: str
) -> None:
    """Give an output the style and the times of the worker's file, if QGIS loads it after the run.

    A style that the user chose for the output of the algorithm in Processing has priority.

    Args:
        output: path or id of the output.
        polygons: source of the layer that the worker wrote.
        context: of the run.
        algorithm_id: with the id of the provider.
    """
    if not context.willLoadLayerOnCompletion(output):
        return
    details = context.layerToLoadOnCompletionDetails(output)
    categories = QgsMapLayer.StyleCategory.AllStyleCategories
    if _has_own_style(algorithm_id, details.outputName):
        categories = QgsMapLayer.StyleCategory.Temporal
    layer = QgsVectorLayer(polygons, "changes", "ogr")
    layer.loadDefaultStyle()
    style = _Style(layer, categories)
    _waiting.add(style)
    details.setPostProcessor(style)


def _has_own_style(algorithm_id: str, output: str) -> bool:
    """Return whether the user chose a style for an output ("Edit rendering styles")."""
    try:
        from processing.gui.RenderingStyles import RenderingStyles
    except ImportError:  # QGIS without its Processing plugin
        return False
    return bool(RenderingStyles.getStyle(algorithm_id, output))


class _Style(QgsProcessingLayerPostProcessorInterface):
    def __init__(self, layer: QgsVectorLayer, categories: QgsMapLayer.StyleCategory) -> None:
        super().__init__()
        self._categories = categories
        self._style = QDomDocument()
        layer.exportNamedStyle(self._style)
        self._fields = set(layer.fields().names()) - {"fid"}

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style the layer; QGIS calls this when the layer is in the project."""
        _waiting.discard(self)
        # Formats such as shapefiles shorten the names that the style refers to.
        if isinstance(layer, QgsVectorLayer) and self._fields <= set(layer.fields().names()):
            layer.importNamedStyle(self._style, self._categories)
            layer.triggerRepaint()
