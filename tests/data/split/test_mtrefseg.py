from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from torchgeo.datasets import NonGeoDataset

from mtrs_geo.data.split.mtrefseg import MTRefSeg21K
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import RasterError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    with write_split(tmp_path / "RS_FINAL_CLEAN_val") as writer:
        for name in "ab":
            before, after = rng.integers(0, 255, (2, 20, 28, 3), dtype=np.uint8)
            masks = rng.random((3, 20, 28)) > 0.5
            writer.add(ReferringPair(name, before, after, ("x", "y", "z"), masks))
    return tmp_path


def test_samples_have_the_keys_of_torchgeo(root: Path) -> None:
    dataset = MTRefSeg21K(root, "RS", "val")
    assert isinstance(dataset, NonGeoDataset)
    assert len(dataset) == 2
    sample = dataset[1]
    assert sample["image"].shape == (2, 3, 20, 28)
    assert sample["image"].dtype == torch.float32
    assert sample["mask"].shape == (3, 20, 28)
    assert sample["mask"].unique().tolist() == [0, 1]
    assert sample["texts"] == ["x", "y", "z"]
    pair = dataset.pairs[1]
    np.testing.assert_array_equal(sample["image"][1].numpy().transpose(1, 2, 0), pair.after)
    assert dataset.plot(sample, "title").axes[2].get_title() == "x"


def test_a_single_split_folder_the_loader_and_transforms_work(root: Path) -> None:
    def halve(sample: dict) -> dict:
        return sample | {"image": sample["image"] / 2}

    plain = MTRefSeg21K(root / "RS_FINAL_CLEAN_val", None)
    halved = MTRefSeg21K(root / "RS_FINAL_CLEAN_val", None, transforms=halve)
    batch = next(iter(DataLoader(halved, batch_size=None)))
    torch.testing.assert_close(batch["image"] * 2, plain[0]["image"])
    with pytest.raises(RasterError, match="contains none of"):
        MTRefSeg21K(root, "NS", "train")
