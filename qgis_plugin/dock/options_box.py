"""Options of a run, in a collapsed group box."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingUtils, QgsSettings, QgsVectorFileWriter
from qgis.gui import QgsCollapsibleGroupBoxBasic, QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QWidget,
)

from ..i18n.translate import tr
from ..widgets.narrow import narrow_box
from ..worker.stored import stored

__all__ = ["OptionsBox", "free_path"]

_SETTINGS_KEY = "mtrs_geo/dock"


def free_path(path: str) -> str:
    """Return a path that does not exist yet, because a reviewed result must not be overwritten.

    A name without the ending of a vector format gets .gpkg, also if it has a dot, as of a date; a
    folder gets a file in it.
    """
    target = Path(os.path.expanduser(path))
    target = target / "changes.gpkg" if os.path.isdir(target) else target
    if target.suffix[1:].lower() not in QgsVectorFileWriter.supportedFormatExtensions():
        target = target.with_name(f"{target.name}.gpkg")
    free, number = target, 1
    while os.path.exists(free):  # False for a name that is too long, which the worker refuses
        number += 1
        free = target.with_name(f"{target.stem}_{number}{target.suffix}")
    return str(free)


class OptionsBox(QgsCollapsibleGroupBoxBasic):
    """Threshold, minimum area, model, device and outputs."""

    model_changed = pyqtSignal()
    """The model, or whether it answers what it does not understand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Options"), parent)
        self.threshold = _spin_box(0.01, 0.99, 0.5, 0.05, "", 2)
        self.threshold.setToolTip(tr("Minimum probability of a changed pixel"))
        self.min_area = _spin_box(0, 1e9, 10, 5, " m²", 0)
        self.resolution = _spin_box(0.01, 1000, 0.5, 0.1, " m", 2)
        self.resolution.setToolTip(tr("Pixel size for layers that are not files on this computer"))
        self.model = QComboBox()
        self.model.setEditable(True)
        self.model.addItem("tiny")
        self.model.setToolTip(tr("Name of a model, or folder of your own model"))
        self.device = QComboBox()
        self.device.addItems(["auto", "cpu", "cuda", "mps", "openvino"])
        self.probability = QCheckBox()
        self.answer_anyway = QCheckBox()
        self.answer_anyway.setToolTip(tr("Answer also sentences that are not understood"))
        self.output = QgsFileWidget()
        self.output.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.output.setFilter("GeoPackage (*.gpkg)")
        self.output.setDialogTitle(tr("Save the polygons to"))
        self.output.lineEdit().setPlaceholderText(tr("temporary file"))
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for box in (self.model, self.device):
            narrow_box(box)
        for text, widget in (
            (tr("Threshold"), self.threshold), (tr("Minimum area"), self.min_area),
            (tr("Model"), self.model), (tr("Device"), self.device),
            (tr("Pixel size, web layers"), self.resolution), (tr("Save to"), self.output),
            (tr("Add the probability raster"), self.probability),
            (tr("Answer anyway"), self.answer_anyway),
        ):  # fmt: skip
            label = QLabel(text)
            label.setWordWrap(True)
            label.setBuddy(widget)
            form.addRow(label, widget)
        self._restore()
        self.model.currentTextChanged.connect(self.model_changed)
        self.answer_anyway.toggled.connect(self.model_changed)
        self.setCollapsed(True)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the algorithm, and store the options in the QGIS settings."""
        self._save()
        path = self.output.filePath().strip()
        temporary = QgsProcessingUtils.generateTempFilename("changes.gpkg")
        parameters = {
            "THRESHOLD": self.threshold.value(),
            "MIN_AREA": self.min_area.value(),
            "RESOLUTION": self.resolution.value(),
            "MODEL": self.model_name(),
            "ANSWER_ANYWAY": self.answer_anyway.isChecked(),
            "DEVICE": self.device.currentText(),
            "OUTPUT": free_path(path) if path else temporary,
        }
        if self.probability.isChecked():
            parameters["PROBABILITY"] = QgsProcessingUtils.generateTempFilename("probability.tif")
        return parameters

    def model_name(self) -> str:
        """Return the name or the folder of the model."""
        return self.model.currentText().strip() or "tiny"

    def _save(self) -> None:
        settings = QgsSettings()
        settings.setValue(f"{_SETTINGS_KEY}/threshold", self.threshold.value())
        settings.setValue(f"{_SETTINGS_KEY}/min_area", self.min_area.value())
        settings.setValue(f"{_SETTINGS_KEY}/model", self.model.currentText())
        settings.setValue(f"{_SETTINGS_KEY}/device", self.device.currentText())

    def _restore(self) -> None:
        self.threshold.setValue(stored(f"{_SETTINGS_KEY}/threshold", 0.5))
        self.min_area.setValue(stored(f"{_SETTINGS_KEY}/min_area", 10.0))
        self.model.setEditText(stored(f"{_SETTINGS_KEY}/model", "tiny"))
        self.device.setCurrentText(stored(f"{_SETTINGS_KEY}/device", "auto"))


def _spin_box(
    low: float, high: float, value: float, step: float, suffix: str, decimals: int
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setValue(value)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    return box
