"""How many tiles are answered together, where the user does not say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtrs_geo import ChangeResult, detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths, RenderedPair
from mtrs_geo.detect.inference import batch_size
from mtrs_geo.detect.inference.batch_size import choose_batch_size
from mtrs_geo.errors import OutputError
from mtrs_geo.io.raster import read_probability
from mtrs_geo.models import BrightnessSegmenter, ModelInfo, load_model
from mtrs_geo.types import FloatArray, UInt8Array

MIB = 1 << 20
TINY = ModelInfo("tiny", "1", 0.5, (0.2, 1.5), 256, "cpu", pass_bytes=700, pass_bytes_per_query=120)
GPU = replace(TINY, device="cuda")
TILE = (256, 256)


def leave(monkeypatch: pytest.MonkeyPatch, free: int | None) -> None:
    monkeypatch.setattr(batch_size, "free_bytes", lambda device: free)


@pytest.mark.parametrize(
    ("info", "tile", "free", "expected"),
    [
        (TINY, TILE, 16_000 * MIB, 4),
        (TINY, TILE, None, 4),  # the system does not say
        (TINY, TILE, 250 * MIB, 2),
        (TINY, TILE, 10 * MIB, 1),
        (TINY, (2048, 2048), 16_000 * MIB, 2),
        (replace(TINY, pass_bytes=0), (2048, 2048), 10 * MIB, 4),  # the model does not say
        (GPU, TILE, 16_000 * MIB, 64),
        (GPU, TILE, 2_000 * MIB, 16),
        (GPU, TILE, None, 64),
        (GPU, (1024, 1024), 100_000 * MIB, 4),
        (GPU, (8192, 8192), 10**13, 1),
        (GPU, (64, 64), 10**13, 64),
    ],
)
def test_what_pays_or_what_fits(
    monkeypatch: pytest.MonkeyPatch,
    info: ModelInfo,
    tile: tuple[int, int],
    free: int | None,
    expected: int,
) -> None:
    leave(monkeypatch, free)
    assert choose_batch_size(info, tile, 2, 1, 1) == expected


def test_more_sentences_and_dates_take_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    leave(monkeypatch, 600 * MIB)
    sizes = [choose_batch_size(TINY, TILE, *c) for c in ((2, 1, 1), (2, 1, 20), (10, 45, 5))]
    assert sizes[0] == 4
    assert sizes[0] > sizes[1] >= sizes[2] >= 1


def test_the_bundled_model_says_what_memory_it_takes() -> None:
    info = load_model("tiny", "cpu").info
    assert 300 < info.pass_bytes < 3000
    assert info.pass_bytes_per_query > 0


def run(pair: PairPaths, folder: Path, **options: Any) -> ChangeResult:
    return detect_changes(
        pair.before, pair.after, "new buildings", output=folder / "c.gpkg",
        probability=folder / "p.tif", **{"model": "brightness", "tile_px": 64, **options},
    )  # fmt: skip


class StopError(Exception):
    """Ends a run."""


class Sized(BrightnessSegmenter):
    """Keeps the sizes of its batches; the memory is full above a number of tiles."""

    info = replace(BrightnessSegmenter.info, pass_bytes=700)

    def __init__(self, most: int = 1000, last: int = 1000) -> None:
        self.most, self.last, self.sizes = most, last, list[int]()

    def predict_tiles(self, images: UInt8Array, queries: Any) -> FloatArray:
        if len(images) > self.most:
            msg = "CUDA out of memory"
            raise RuntimeError(msg)
        if len(self.sizes) == self.last:
            raise StopError
        self.sizes.append(len(images))
        return super().predict_tiles(images, queries)


def test_the_report_says_how_many_tiles_were_answered_together(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Sized()
    leave(monkeypatch, 15 * MIB)
    assert run(pair_paths, tmp_path, model=model).report.batch_size == 2 == max(model.sizes)
    again = {"overwrite": True}
    assert run(pair_paths, tmp_path, model=Sized(), batch_size=3, **again).report.batch_size == 3
    assert run(pair_paths, tmp_path, model=Sized(1), **again).report.batch_size == 1


def test_a_run_that_goes_on_keeps_its_batches(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is free then, so that the sums are those of the run that was stopped."""
    leave(monkeypatch, 15 * MIB)
    with pytest.raises(StopError):
        run(pair_paths, tmp_path, model=Sized(last=4))
    leave(monkeypatch, None)
    with pytest.raises(OutputError, match="batch_size was 2 and is 3"):
        run(pair_paths, tmp_path, model=Sized(), batch_size=3, resume=True)
    model = Sized()
    assert run(pair_paths, tmp_path, model=model, resume=True).report.batch_size == 2
    assert max(model.sizes) == 2


def test_a_stated_size_is_kept_as_well(pair_paths: PairPaths, tmp_path: Path) -> None:
    with pytest.raises(StopError):
        run(pair_paths, tmp_path, model=Sized(last=3), batch_size=3)
    model = Sized()
    assert run(pair_paths, tmp_path, model=model, resume=True).report.batch_size == 3
    assert max(model.sizes) == 3


@pytest.mark.parametrize("device", ["cpu", "openvino"])
def test_an_answer_hardly_depends_on_the_batch_size(
    pair_paths: PairPaths, tmp_path: Path, device: str
) -> None:
    """Files of probabilities differ by one step at most, through OpenVINO by none."""
    if device == "openvino":
        pytest.importorskip("openvino", reason='needs "mtrs-geo[openvino]"')
    model, found = load_model("tiny", device), []
    tile_px = 256 if device == "openvino" else 64
    for size in (1, 4):
        result = run(
            pair_paths, tmp_path, model=model, batch_size=size, overwrite=True, tile_px=tile_px
        )
        assert result.probability is not None
        found.append(read_probability(result.probability))
        assert result.report.batch_size == size
    first, second = (np.nan_to_num(np.asarray(p)) for p in found)
    step = 1 / 254  # of a file of probabilities
    assert np.abs(first - second).max() <= (0 if device == "openvino" else step + 1e-6)


def test_probabilities_of_a_batch_are_those_of_single_tiles(rendered: RenderedPair) -> None:
    """docs/speed.md: at most 1e-4 through PyTorch."""
    dates = np.stack([rendered.before, rendered.after]).transpose(0, 3, 1, 2)  # (T, C, H, W)
    tiles = np.stack([dates[..., 99 * i :, 99 * i :][..., :256, :256] for i in range(3)])
    model = load_model("tiny", "cpu")
    together = model.predict_tiles(tiles, ["new buildings"])
    one_by_one = np.concatenate([model.predict_tiles(t[None], ["new buildings"]) for t in tiles])
    assert together.max() > 0.5, "nothing to compare"
    assert np.abs(together - one_by_one).max() < 1e-4
