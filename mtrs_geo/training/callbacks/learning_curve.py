"""Plot of a run's training losses and validation metrics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from lightning.pytorch import Callback, LightningModule, Trainer

from mtrs_geo.outputs import staged_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LearningCurve", "plot_curves"]

Curves: TypeAlias = dict[str, list[tuple[int, float]]]

_VALIDATION, _RATE = "val_", "lr-"
# Okabe and Ito's colours for colour-blind readers, without yellow, which is too pale on white.
_COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class LearningCurve(Callback):
    """Records logged values and plots them after every validation and at the end.

    The plot is ``learning_curve.png`` in the run's folder.  The values are stored in the
    checkpoint, so a resumed run plots the whole curve.
    """

    def __init__(self) -> None:
        self.curves: Curves = {}

    def state_dict(self) -> dict[str, Any]:
        """Return the recorded values."""
        return {"curves": self.curves}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the recorded values."""
        self.curves = {
            name: [(int(step), float(value)) for step, value in points]
            for name, points in state_dict["curves"].items()
        }

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:  # noqa: ANN401
        """Record the losses of every logged step."""
        step = trainer.global_step
        if step and step % trainer.log_every_n_steps == 0:
            self._record(trainer, validation=False)

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Record the validation metrics and plot."""
        if not trainer.sanity_checking and trainer.state.fn == "fit":
            self._record(trainer, validation=True)
            self._plot(trainer)

    def on_train_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Plot."""
        self._plot(trainer)

    def _record(self, trainer: Trainer, *, validation: bool) -> None:
        step = trainer.global_step
        for name, value in trainer.callback_metrics.items():
            if name.startswith(_VALIDATION) == validation and not name.startswith(_RATE):
                points = self.curves.setdefault(name, [])
                if not points or points[-1][0] < step:
                    points.append((step, float(value)))

    def _plot(self, trainer: Trainer) -> None:
        if trainer.is_global_zero and self.curves:
            plot_curves(Path(trainer.default_root_dir) / "learning_curve.png", self.curves)


def plot_curves(path: Path, curves: Mapping[str, list[tuple[int, float]]]) -> None:
    """Plot losses on the left and validation metrics on the right.

    Args:
        path: .png file; replaced.
        curves: name to (step, value); names of validation metrics begin with ``val_``.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((13, 5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    losses = {n: p for n, p in curves.items() if not n.startswith(_VALIDATION)}
    metrics = {
        n.removeprefix(_VALIDATION): p for n, p in curves.items() if n.startswith(_VALIDATION)
    }
    _plot_losses(left, losses)
    _plot_metrics(right, metrics)
    path.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(path, overwrite=True) as partial:
        figure.savefig(partial, format="png")


def _plot_losses(panel: Axes, curves: Mapping[str, list[tuple[int, float]]]) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    _frame(panel, "training losses", "loss")
    for i, (name, points) in enumerate(curves.items()):
        steps, values = np.array(points).T
        colour = _COLOURS[i % len(_COLOURS)]
        panel.plot(steps, values, color=colour, linewidth=0.8, alpha=0.25)
        panel.plot(steps, _smooth(values), color=colour, linewidth=1.6, label=_label(name))
    lowest = min((v for points in curves.values() for _, v in points), default=0)
    if lowest > 0:
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_locator(NullLocator())
    if panel.lines:
        panel.legend(fontsize=8, frameon=False, loc="upper right")


def _plot_metrics(panel: Axes, curves: Mapping[str, list[tuple[int, float]]]) -> None:
    _frame(panel, "validation", "IoU or accuracy")
    # The means first, then the tasks in alphabetical order.
    ordered = sorted(curves.items(), key=lambda item: (item[0] not in ("iou", "miou"), item[0]))
    for i, (name, points) in enumerate(ordered):
        steps, values = np.array(points).T
        panel.plot(
            steps, values, color=_COLOURS[i % len(_COLOURS)], label=_label(name), markersize=4,
            marker=_MARKERS[i // len(_COLOURS) % len(_MARKERS)],
            linewidth=2.2 if name in ("iou", "miou") else 1.1,
            linestyle="--" if name.endswith("_empty") else "-",
        )  # fmt: skip
    panel.set_ylim(-0.02, 1.02)
    if panel.lines:
        columns = 1 + (len(curves) - 1) // 18
        panel.legend(
            fontsize=8, frameon=False, ncols=columns, loc="upper left", bbox_to_anchor=(1.0, 1.0)
        )


def _frame(panel: Axes, title: str, unit: str) -> None:
    panel.set_title(title, fontsize=11)
    panel.set_xlabel("step")
    panel.set_ylabel(unit)
    panel.grid(color="0.9")
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)


def _label(name: str) -> str:
    return {"miou": "mIoU of non-empty", "iou": "any change"}.get(name, name.replace("_", " "))


def _smooth(values: np.ndarray) -> np.ndarray:
    """Return the running mean; the window is a twentieth of the points on either side."""
    half_window = len(values) // 20
    total = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    first = np.maximum(index - half_window, 0)
    last = np.minimum(index + half_window + 1, len(values))
    smooth: np.ndarray = (total[last] - total[first]) / (last - first)
    return smooth
