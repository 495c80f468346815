"""Style of the probability raster: transparent at 0, coloured towards 1."""

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
    """Style the first band of a probability raster, with values of 0 to 1 in QGIS."""
    items = []
    for value, alpha in ((0.0, 0), (0.2, 0), (0.5, 130), (1.0, 235)):
        shade = QColor(colour)
        shade.setAlpha(alpha)
        items.append(QgsColorRampShader.ColorRampItem(value, shade, f"{value:.0%}"))
    ramp = QgsColorRampShader(0.0, 1.0)
    ramp.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(1.0)
    layer.setRenderer(renderer)
