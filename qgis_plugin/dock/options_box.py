"""What is seldom changed about a run, folded away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingUtils, QgsSettings
from qgis.gui import QgsCollapsibleGroupBoxBasic, QgsFileWidget
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QWidget,
)

from ..i18n.translate import tr

__all__ = ["OptionsBox", "free_path"]

_KEY = "mtrs_geo/dock"


def free_path(path: str) -> str:
    """Return a path where nothing is yet: a result that was reviewed is never written over."""
    wanted = Path(path)
    if not wanted.suffix:
        wanted = wanted.with_suffix(".gpkg")
    free, number = wanted, 1
    while free.exists():
        number += 1
        free = wanted.with_name(f"{wanted.stem}_{number}{wanted.suffix}")
    return str(free)


class OptionsBox(QgsCollapsibleGroupBoxBasic):
    """Threshold, smallest polygon, model, device, outputs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Options"), parent)
        self.threshold = _number(0.01, 0.99, 0.5, 0.05, "", 2)
        self.threshold.setToolTip(tr("Probability from which a pixel counts"))
        self.min_area = _number(0, 1e9, 10, 5, " m²", 0)
        self.resolution = _number(0.01, 1000, 0.5, 0.1, " m", 2)
        self.resolution.setToolTip(tr("Of layers that are no file on this computer"))
        self.model = QComboBox()
        self.model.setEditable(True)
        self.model.addItem("tiny")
        self.model.setToolTip(tr("A name, or the folder of a model of your own"))
        self.device = QComboBox()
        self.device.addItems(["auto", "cpu", "cuda", "mps", "openvino"])
        self.probability = QCheckBox(tr("Add the probabilities"))
        self.output = QgsFileWidget()
        self.output.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.output.setFilter("GeoPackage (*.gpkg)")
        self.output.setDialogTitle(tr("Keep the polygons in"))
        self.output.lineEdit().setPlaceholderText(tr("temporary file"))
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, widget in (
            (tr("Threshold"), self.threshold), (tr("Smallest polygon"), self.min_area),
            (tr("Model"), self.model), (tr("Device"), self.device),
            (tr("Pixel, web layers"), self.resolution), (tr("Keep in"), self.output),
        ):  # fmt: skip
            form.addRow(text, widget)
        form.addRow(self.probability)
        self._restore()
        self.setCollapsed(True)

    def parameters(self) -> dict[str, Any]:
        """Return the algorithm's parameters, and keep what was chosen."""
        self._keep()
        path = self.output.filePath().strip()
        temporary = QgsProcessingUtils.generateTempFilename("changes.gpkg")
        asked = {
            "THRESHOLD": self.threshold.value(),
            "MIN_AREA": self.min_area.value(),
            "RESOLUTION": self.resolution.value(),
            "MODEL": self.model.currentText().strip() or "tiny",
            "DEVICE": self.device.currentText(),
            "OUTPUT": free_path(path) if path else temporary,
        }
        if self.probability.isChecked():
            asked["PROBABILITY"] = QgsProcessingUtils.generateTempFilename("probability.tif")
        return asked

    def _keep(self) -> None:
        settings = QgsSettings()
        settings.setValue(f"{_KEY}/threshold", self.threshold.value())
        settings.setValue(f"{_KEY}/min_area", self.min_area.value())
        settings.setValue(f"{_KEY}/model", self.model.currentText())
        settings.setValue(f"{_KEY}/device", self.device.currentText())

    def _restore(self) -> None:
        settings = QgsSettings()
        self.threshold.setValue(settings.value(f"{_KEY}/threshold", 0.5, type=float))
        self.min_area.setValue(settings.value(f"{_KEY}/min_area", 10.0, type=float))
        self.model.setEditText(settings.value(f"{_KEY}/model", "tiny", type=str))
        self.device.setCurrentText(settings.value(f"{_KEY}/device", "auto", type=str))


def _number(
    low: float, high: float, value: float, step: float, suffix: str, decimals: int
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setValue(value)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    return box
