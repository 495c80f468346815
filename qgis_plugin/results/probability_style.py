"""Probabilities over the map: clear where nothing changed, coloured where it did."""

from __future__ import annotations

from qgis.core import (
    QgsColorRampShader,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

__all__ = ["style_probability"]


def style_probability(layer: QgsRasterLayer, colour: str) -> None:
    """Draw the first band of a probability raster, whose values QGIS sees as 0 to 1."""
    items = []
    for value, alpha in ((0.0, 0), (0.2, 0), (0.5, 130), (1.0, 235)):
        tone = QColor(colour)
        tone.setAlpha(alpha)
        items.append(QgsColorRampShader.ColorRampItem(value, tone, f"{value:.0%}"))
    ramp = QgsColorRampShader(0.0, 1.0)
    ramp.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(1.0)
    layer.setRenderer(renderer)
