"""Style of a result: colour by direction of the change, opacity by score."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsRenderContext,
    QgsRendererCategory,
    QgsSymbol,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..i18n.translate import tr
from ..score_field import score_field
from .change_direction import CHANGED, DIRECTIONS, Direction

__all__ = ["outline_copy", "style_result"]

_FIELD = "change"


def style_result(layer: QgsVectorLayer, directions: set[Direction]) -> None:
    """Style polygons by direction of change and score, and label them with their score.

    No feature is read, because a result may have very many.

    Args:
        layer: result; without the field ``change`` all its polygons count as changed.
        directions: directions in the layer.
    """
    has_field = layer.fields().lookupField(_FIELD) >= 0
    used = [d for d in DIRECTIONS.values() if d in (directions if has_field else {CHANGED})]
    score = score_field(layer.fields().names())
    categories = [QgsRendererCategory(d.name, _symbol(d, score), tr(d.title)) for d in used]
    expression = f"coalesce(\"{_FIELD}\", '{CHANGED.name}')" if has_field else f"'{CHANGED.name}'"
    layer.setRenderer(QgsCategorizedSymbolRenderer(expression, categories))
    layer.setLabeling(QgsVectorLayerSimpleLabeling(_labels(score)))
    layer.setLabelsEnabled(True)
    layer.setDisplayExpression('"query" || \' \' || "id"')
    layer.setMapTipTemplate(
        f"<b>[% \"query\" %]</b><br>[% round(100 * \"{score}\") %] %, "
        "[% format_number(\"area_m2\", 0) %] m²"
    )  # fmt: skip
    for name, alias in (
        ("query", tr("Sentence")), (_FIELD, tr("Change")), ("score", tr("Score")),
        ("score_mean", tr("Mean probability")), ("score_max", tr("Maximum probability")),
        ("area_m2", tr("Area (m²)")),
        ("perimeter_m", tr("Perimeter (m)")), ("date_before", tr("Before")),
        ("date_after", tr("After")), ("touches_edge", tr("Touches the edge")),
    ):  # fmt: skip
        index = layer.fields().lookupField(name)
        if index >= 0:
            layer.setFieldAlias(index, alias)


def outline_copy(layer: QgsVectorLayer) -> QgsVectorLayer:
    """Return a copy of a result with outlines only: no fill, no labels."""
    copy = layer.clone()
    copy.setLabelsEnabled(False)
    if copy.renderer() is None:
        return copy
    renderer = copy.renderer().clone()
    for symbol in renderer.symbols(QgsRenderContext()):
        if symbol.symbolLayerCount():
            symbol.symbolLayer(symbol.symbolLayerCount() - 1).setFillColor(QColor(0, 0, 0, 0))
    copy.setRenderer(renderer)
    return copy


def _symbol(direction: Direction, score: str) -> QgsFillSymbol:
    """Return a coloured outline on a dark halo, visible on any imagery, and a translucent fill."""
    fill = QColor(direction.colour)
    fill.setAlpha(95)
    symbol = QgsFillSymbol.createSimple(
        {"color": "0,0,0,0", "outline_color": "0,0,0,150", "outline_width": "0.85",
         "outline_width_unit": "MM", "joinstyle": "round"}
    )  # fmt: skip
    filled = QgsFillSymbol.createSimple(
        {"outline_color": direction.colour, "outline_width": "0.45", "outline_width_unit": "MM",
         "joinstyle": "round"}
    )  # fmt: skip
    inner = filled.symbolLayer(0).clone()
    inner.setFillColor(fill)
    symbol.appendSymbolLayer(inner)
    # From 45 % at a score of 0.4 or less to 100 % at 0.95 or more.
    opacity = QgsProperty.fromExpression(
        f'scale_linear(coalesce("{score}", 1), 0.4, 0.95, 45, 100)'
    )  # fmt: skip
    symbol.setDataDefinedProperty(QgsSymbol.Property.PropertyOpacity, opacity)
    return symbol


def _labels(score: str) -> QgsPalLayerSettings:
    buffer = QgsTextBufferSettings()
    buffer.setEnabled(True)
    buffer.setSize(0.8)
    buffer.setColor(QColor(0, 0, 0, 190))
    text = QgsTextFormat()
    text.setSize(8)
    text.setColor(QColor("white"))
    text.setBuffer(buffer)
    labels = QgsPalLayerSettings()
    labels.setFormat(text)
    labels.isExpression = True
    labels.fieldName = f"round(100 * \"{score}\") || ' %'"
    labels.placement = QgsPalLayerSettings.Placement.Horizontal
    labels.fitInPolygonOnly = True
    return labels
