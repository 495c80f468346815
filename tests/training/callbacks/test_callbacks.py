"""The plots of a run and the hash of its data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.training.callbacks.learning_curve import plot_curves
from mtrs_geo.training.callbacks.sample_sheet import SheetSample, draw_samples


def sample(number: int) -> SheetSample:
    rng = np.random.default_rng(number)
    before, after = rng.integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    truth = np.zeros((64, 64), bool)
    truth[10:30, 10:40] = number % 3 > 0
    prediction = np.roll(truth, 4 * number, 0)
    return SheetSample("appear", "new houses " * (1 + 8 * number), before, after, truth, prediction)


@pytest.mark.parametrize("count", [1, 12])
def test_a_sheet_is_drawn(count: int, tmp_path: Path) -> None:
    path = tmp_path / "run" / "samples.png"
    draw_samples(path, [sample(n) for n in range(count)], "step 3")
    assert [p.name for p in path.parent.iterdir()] == ["samples.png"]
    picture = np.asarray(Image.open(path).convert("RGB"))
    assert picture.shape[1] > 1200
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000


def test_curves_are_plotted_with_losses_metrics_or_both(tmp_path: Path) -> None:
    path = tmp_path / "curve.png"
    steps = range(0, 200, 10)
    for curves in (
        {"train_loss": [(0, 1.0)]},
        {"val_iou": [(100, 0.5)]},
        {"train_loss": [(s, 3.0 / (s + 1)) for s in steps], "dense": [(s, -1.0) for s in steps],
         **{f"val_task {i}": [(s, s / 250) for s in steps] for i in range(30)}},
    ):  # fmt: skip
        plot_curves(path, curves)
        assert Image.open(path).size == (1300, 500)


def test_the_data_hash_covers_the_files_that_are_read(root: Path) -> None:
    first = ChangeDataModule(str(root)).fingerprint()
    assert first == ChangeDataModule(str(root), batch_size=3).fingerprint()
    assert (
        first
        != ChangeDataModule(str(root), source_weights=SourceWeights(guangzhou=0)).fingerprint()
    )
    image = root / "pairs/guangzhou/A/gz_01_0_0.jpg"
    content = image.read_bytes()
    try:
        image.write_bytes(content + b"\0")
        assert first != ChangeDataModule(str(root)).fingerprint()
        without = ChangeDataModule(
            str(root), source_weights=SourceWeights(guangzhou=0)
        ).fingerprint()
    finally:
        image.write_bytes(content)
    assert (
        without
        == ChangeDataModule(str(root), source_weights=SourceWeights(guangzhou=0)).fingerprint()
    )
