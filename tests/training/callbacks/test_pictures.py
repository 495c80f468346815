"""The pictures of a run, and where its checkpoints come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.source_weights import Shares
from mtrs_geo.training.callbacks.learning_curve import draw_curves
from mtrs_geo.training.callbacks.sample_sheet import ShownSample, draw_samples


def sample(number: int) -> ShownSample:
    rng = np.random.default_rng(number)
    before, after = rng.integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    truth = np.zeros((64, 64), bool)
    truth[10:30, 10:40] = number % 3 > 0
    answer = np.roll(truth, 4 * number, 0)
    return ShownSample("appear", "new houses " * (1 + 8 * number), before, after, truth, answer)


@pytest.mark.parametrize("count", [1, 12])
def test_sheet(count: int, tmp_path: Path) -> None:
    path = tmp_path / "run" / "samples.png"
    draw_samples(path, [sample(n) for n in range(count)], "step 3")
    assert [p.name for p in path.parent.iterdir()] == ["samples.png"]
    picture = np.asarray(Image.open(path).convert("RGB"))
    assert picture.shape[1] > 1200
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000


def test_curves_are_drawn_whatever_there_is(tmp_path: Path) -> None:
    path = tmp_path / "curve.png"
    steps = range(0, 200, 10)
    for curves in (
        {"train_loss": [(0, 1.0)]},
        {"val_iou": [(100, 0.5)]},
        {"train_loss": [(s, 3.0 / (s + 1)) for s in steps], "dense": [(s, -1.0) for s in steps],
         **{f"val_task {i}": [(s, s / 250) for s in steps] for i in range(30)}},
    ):  # fmt: skip
        draw_curves(path, curves)
        assert Image.open(path).size == (1300, 500)


def test_data_hash_is_that_of_what_is_read(root: Path) -> None:
    first = ChangeDataModule(str(root)).fingerprint()
    assert first == ChangeDataModule(str(root), batch_size=3).fingerprint()
    assert first != ChangeDataModule(str(root), shares=Shares(guangzhou=0)).fingerprint()
    image = root / "pairs/guangzhou/A/gz_01_0_0.jpg"
    content = image.read_bytes()
    try:
        image.write_bytes(content + b"\0")
        assert first != ChangeDataModule(str(root)).fingerprint()
        without = ChangeDataModule(str(root), shares=Shares(guangzhou=0)).fingerprint()
    finally:
        image.write_bytes(content)
    assert without == ChangeDataModule(str(root), shares=Shares(guangzhou=0)).fingerprint()
