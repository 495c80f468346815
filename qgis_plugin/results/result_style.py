"""How a result is drawn: coloured by the way the change goes, the likelier the fuller."""

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
from .change_kinds import CHANGED, KINDS, Kind

__all__ = ["outlined", "style"]

_COLUMN = "change"


def style(layer: QgsVectorLayer, kinds: set[Kind]) -> None:
    """Draw polygons by kind of change, the likelier the fuller, and label them.

    No feature is read: a result may have very many.

    Args:
        layer: with the column ``change``; without it all count as changed.
        kinds: that the layer holds.
    """
    has_column = layer.fields().lookupField(_COLUMN) >= 0
    shown = [k for k in KINDS.values() if k in (kinds if has_column else {CHANGED})]
    categories = [QgsRendererCategory(k.name, _symbol(k), tr(k.title)) for k in shown]
    said = f"coalesce(\"{_COLUMN}\", '{CHANGED.name}')" if has_column else f"'{CHANGED.name}'"
    layer.setRenderer(QgsCategorizedSymbolRenderer(said, categories))
    layer.setLabeling(QgsVectorLayerSimpleLabeling(_labels()))
    layer.setLabelsEnabled(True)
    layer.setDisplayExpression('"query" || \' \' || "id"')
    layer.setMapTipTemplate(
        "<b>[% \"query\" %]</b><br>[% round(100 * \"score_mean\") %] %, "
        "[% format_number(\"area_m2\", 0) %] m²"
    )  # fmt: skip
    for name, alias in (
        ("query", tr("Sentence")), (_COLUMN, tr("Change")), ("score_mean", tr("Score, mean")),
        ("score_max", tr("Score, highest")), ("area_m2", tr("Area (m²)")),
        ("perimeter_m", tr("Perimeter (m)")), ("date_before", tr("Before")),
        ("date_after", tr("After")), ("touches_edge", tr("Touches the edge")),
    ):  # fmt: skip
        index = layer.fields().lookupField(name)
        if index >= 0:
            layer.setFieldAlias(index, alias)


def outlined(layer: QgsVectorLayer) -> QgsVectorLayer:
    """Return a copy of a result that hides nothing below it: outlines without labels."""
    copy = layer.clone()
    copy.setLabelsEnabled(False)
    renderer = copy.renderer().clone()
    for symbol in renderer.symbols(QgsRenderContext()):
        symbol.symbolLayer(symbol.symbolLayerCount() - 1).setFillColor(QColor(0, 0, 0, 0))
    copy.setRenderer(renderer)
    return copy


def _symbol(kind: Kind) -> QgsFillSymbol:
    """Return an outline on a dark halo, which stands out on any imagery, and a tinted fill."""
    fill = QColor(kind.colour)
    fill.setAlpha(95)
    symbol = QgsFillSymbol.createSimple(
        {"color": "0,0,0,0", "outline_color": "0,0,0,150", "outline_width": "0.85",
         "outline_width_unit": "MM", "joinstyle": "round"}
    )  # fmt: skip
    tinted = QgsFillSymbol.createSimple(
        {"outline_color": kind.colour, "outline_width": "0.45", "outline_width_unit": "MM",
         "joinstyle": "round"}
    )  # fmt: skip
    inner = tinted.symbolLayer(0).clone()
    inner.setFillColor(fill)
    symbol.appendSymbolLayer(inner)
    # From 45 % where the score is that of the threshold to 100 % where it is certain.
    opacity = QgsProperty.fromExpression(
        "scale_linear(coalesce(\"score_mean\", 1), 0.4, 0.95, 45, 100)"
    )  # fmt: skip
    symbol.setDataDefinedProperty(QgsSymbol.Property.PropertyOpacity, opacity)
    return symbol


def _labels() -> QgsPalLayerSettings:
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
    labels.fieldName = "round(100 * \"score_mean\") || ' %'"
    labels.placement = QgsPalLayerSettings.Placement.Horizontal
    labels.fitInPolygonOnly = True
    return labels
