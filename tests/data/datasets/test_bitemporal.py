"""Bi-temporal datasets of torchgeo, in their layouts on disk, read by the classes of torchgeo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE, NONE
from mtrs_geo.data.datasets.bitemporal import BITEMPORAL_SETS, BitemporalPairs, open_bitemporal
from mtrs_geo.errors import MissingExtraError, RasterError

SHAPE = (32, 40)
RNG = np.random.default_rng(0)


def save(path: Path, array: np.ndarray) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    return array


def photo() -> np.ndarray:
    return RNG.integers(0, 255, (*SHAPE, 3), dtype=np.uint8)


def square(value: int) -> np.ndarray:
    mask = np.zeros(SHAPE, np.uint8)
    mask[4:12, 6:20] = value
    return mask


def check(pairs: BitemporalPairs, before: np.ndarray, after: np.ndarray, code: int) -> None:
    pair = pairs[0]
    np.testing.assert_array_equal(pair.before, before)
    np.testing.assert_array_equal(pair.after, after)
    np.testing.assert_array_equal(pair.label, square(code))
    assert pair.before.dtype == pair.after.dtype == pair.label.dtype == np.uint8


def test_levircd_is_read_by_split(tmp_path: Path) -> None:
    images = {}
    for name in ("train_2", "train_1", "val_1"):
        images[name] = [save(tmp_path / d / f"{name}.png", photo()) for d in "AB"]
        save(tmp_path / "label" / f"{name}.png", square(255))
    pairs = open_bitemporal("levircd", tmp_path)
    assert pairs.names == ("train_1", "train_2")
    check(pairs, *images["train_1"], APPEAR)
    assert (pairs[0].source, pairs[0].gsd_m) == ("levircd", 0.5)
    assert [pair.name for pair in pairs[1:]] == ["train_2"]
    assert open_bitemporal("levircd", tmp_path, "val").names == ("val_1",)
    with pytest.raises(RasterError, match="has no pair of split 'test' of LEVIRCD"):
        open_bitemporal("levircd", tmp_path, "test")
    with pytest.raises(RasterError, match="no split 'summer'"):
        open_bitemporal("levircd", tmp_path, "summer")


def test_levircdplus_is_read_by_split(tmp_path: Path) -> None:
    for split in ("train", "test"):
        folder = tmp_path / "LEVIR-CD+" / split
        before, after = (save(folder / d / "7.png", photo()) for d in "AB")
        save(folder / "label" / "7.png", square(255))
    check(open_bitemporal("levircdplus", tmp_path, "test"), before, after, APPEAR)


def test_xview2_damage_levels_become_change_codes(tmp_path: Path) -> None:
    buildings = np.zeros(SHAPE, np.uint8)
    buildings[4:28, 6:36] = 1
    damaged = buildings.copy()
    for damage, cols in ((2, 12), (3, 20), (4, 28)):
        damaged[4:28, cols : cols + 8] = damage
    for split in ("train", "test"):
        name = "joplin-tornado_00000001"
        images = [
            save(tmp_path / split / "images" / f"{name}_{when}_disaster.png", photo())
            for when in ("pre", "post")
        ]
        for when, mask in (("pre", buildings), ("post", damaged)):
            save(tmp_path / split / "targets" / f"{name}_{when}_disaster_target.png", mask)
    pair = open_bitemporal("xview2", tmp_path, "test")[0]
    assert pair.name == "joplin-tornado_00000001"
    np.testing.assert_array_equal(pair.after, images[1])
    expected = {8: NONE, 14: IGNORE, 22: CHANGED, 30: DISAPPEAR}
    assert {col: pair.label[10, col] for col in expected} == expected
    assert not pair.label[:4].any()


def test_oscd_is_read_as_rgb_and_each_date_is_stretched(tmp_path: Path) -> None:
    root = "Onera Satellite Change Detection dataset -"
    bands = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11",
             "B12"]  # fmt: skip
    ramp = np.linspace(300, 3300, SHAPE[0] * SHAPE[1]).reshape(SHAPE)
    for region in ("paris", "abudhabi"):
        folder = tmp_path / f"{root} Images" / region
        for date, gain in ((1, 1.0), (2, 1.3)):
            for band in bands:
                # Only green decreases where the other bands increase.
                values = ramp if band != "B03" else ramp[::-1]
                path = folder / f"imgs_{date}_rect" / f"S2A_{region}_{band}.tif"
                save(path, (values * gain).astype(np.uint16))
        (folder / "dates.txt").write_text("date_1: 20160101\ndate_2: 20180101\n")
        save(tmp_path / f"{root} Train Labels" / region / "cm" / "cm.png", square(255))
    pairs = open_bitemporal("oscd", tmp_path)
    assert pairs.names == ("abudhabi", "paris")
    pair = pairs[0]
    red, green, blue = pair.before.astype(int).transpose(2, 0, 1)
    assert red[0, 0] == blue[0, 0] == 0
    assert red[-1, -1] == blue[-1, -1] == 255
    np.testing.assert_array_equal(green, red[::-1])
    # Each date is stretched by itself, so a brighter day is not a change.
    assert np.abs(pair.before.astype(int) - pair.after).max() <= 1
    np.testing.assert_array_equal(pair.label, square(CHANGED))
    assert pair.gsd_m == 10


@pytest.mark.parametrize(
    ("source", "file", "other", "gsd_m"),
    [("chabud", "train_eval.hdf5", None, 10), ("cabuar", "512x512.hdf5", "chabud_test.h5", 20)],
)
def test_burned_areas_are_read_as_rgb(
    tmp_path: Path, source: str, file: str, other: str | None, gsd_m: float
) -> None:
    h5py = pytest.importorskip("h5py", reason="torchgeo reads these sets with h5py")
    before, after = RNG.integers(0, 4000, (2, *SHAPE, 12), dtype=np.uint16)
    for name in filter(None, (file, other)):
        with h5py.File(tmp_path / name, "w") as store:
            group = store.create_group("fire_1")
            group.attrs["fold"] = 1
            group["pre_fire"], group["post_fire"] = before, after
            group["mask"] = square(1)[..., None]
    pair = open_bitemporal(source, tmp_path)[0]
    assert (pair.name, pair.gsd_m) == ("fire_1", gsd_m)
    np.testing.assert_array_equal(pair.label, square(CHANGED))
    # Red is the fourth band of Sentinel-2.
    assert np.corrcoef(pair.after[..., 0].ravel(), after[..., 3].ravel())[0, 1] > 0.99


def test_a_missing_h5py_is_named(tmp_path: Path) -> None:
    try:
        import h5py  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match="pip install h5py"):
            open_bitemporal("chabud", tmp_path)
    else:
        with pytest.raises(RasterError, match="no split"):
            open_bitemporal("chabud", tmp_path)


@pytest.mark.parametrize("source", ["levircd", "levircdplus", "oscd", "xview2"])
def test_the_error_of_an_empty_folder_names_the_dataset(tmp_path: Path, source: str) -> None:
    with pytest.raises(RasterError, match=BITEMPORAL_SETS[source].dataset):
        open_bitemporal(source, tmp_path)


def test_an_unknown_dataset_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match=r"'xbd'\. Choose one of: levircd"):
        open_bitemporal("xbd", tmp_path)


def test_the_error_of_a_damaged_pair_names_it(tmp_path: Path) -> None:
    for folder in "AB":
        save(tmp_path / folder / "train_1.png", photo())
    save(tmp_path / "label" / "train_1.png", square(255)[:, :-1])
    with pytest.raises(RasterError, match="pair train_1 of levircd has dates of"):
        open_bitemporal("levircd", tmp_path)[0]
    (tmp_path / "B/train_1.png").write_bytes(b"no image")
    with pytest.raises(RasterError, match="pair train_1 of levircd cannot be read"):
        open_bitemporal("levircd", tmp_path)[0]


@pytest.mark.parametrize("mask_shape", [(1, 8, 8), (8, 8)])
def test_masks_may_have_a_time_axis(mask_shape: tuple[int, ...]) -> None:
    class Dataset:
        files = ({"image1": "A/one.png"},)

        def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
            return {"image": torch.zeros(2, 3, 8, 8), "mask": torch.ones(mask_shape).long()}

    assert (BitemporalPairs("levircd", Dataset())[0].label == APPEAR).all()


def test_samples_of_an_older_torchgeo_are_an_error() -> None:
    class OldDataset:
        files = ({"image1": "A/one.png"},)

        def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
            return {"image1": torch.zeros(3, 8, 8), "image2": torch.zeros(3, 8, 8)}

    with pytest.raises(RasterError, match="image"):
        BitemporalPairs("levircd", OldDataset())[0]
