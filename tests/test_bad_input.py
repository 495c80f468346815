"""Mistakes of users: each has its own message, and no incomplete file is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from command_server import run_command

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import GridError, MTRSGeoError, OutputError, RasterError

FAST: dict[str, Any] = {"model": "brightness", "threshold": 0.25}


def write(path: Path, image: np.ndarray, **more: Any) -> Path:
    profile = {"driver": "GTiff", "count": len(image), "height": image.shape[1],
               "width": image.shape[2], "dtype": "uint8", "crs": "EPSG:32614", "tiled": True,
               "transform": Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000), **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(image)
    return path


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(1, 255, (3, 600, 600), np.uint8)


def truncated(path: Path, image: np.ndarray) -> Path:
    write(path, image).write_bytes(path.read_bytes()[:-400_000])
    return path


def garbled(path: Path, image: np.ndarray) -> Path:
    path.write_bytes(image.tobytes()[:5000])
    return path


CASES: dict[str, tuple[Callable[[Path, np.ndarray], Path], type[MTRSGeoError], str]] = {
    "missing": (lambda path, _: path, RasterError, r"bad\.tif cannot be opened.*No such file"),
    "truncated": (truncated, RasterError, r"bad\.tif is damaged: rows .*Copy the file again"),
    "not a raster": (garbled, RasterError, r"bad\.tif cannot be opened.*not recognized"),
    "no CRS": (
        lambda path, image: write(path, image, crs=None), RasterError,
        r"bad\.tif has no coordinate reference system\. Assign",
    ),
    "no overlap": (
        lambda path, image: write(path, image, transform=Affine(0.5, 0, 7e5, 0, -0.5, 3e6)),
        GridError, r"do not overlap: .*bad\.tif \(EPSG:32614\) covers",
    ),
    "all nodata": (
        lambda path, image: write(path, np.zeros_like(image), nodata=0), RasterError,
        r"bad\.tif holds no valid pixel where the rasters overlap",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("is_later", [False, True])
def test_an_unusable_raster_is_refused_without_output(
    case: str, is_later: bool, noise: np.ndarray, tmp_path: Path
) -> None:
    make, error, message = CASES[case]
    out = tmp_path / "out"
    out.mkdir()
    pair = [make(tmp_path / "bad.tif", noise), write(tmp_path / "good.tif", noise)]
    with pytest.raises(error, match=message):
        detect_changes(
            *(pair[::-1] if is_later else pair), "x", output=out / "c.gpkg",
            probability=out / "p.tif", preview=out / "p.png", **FAST,
        )  # fmt: skip
    assert os.listdir(out) == []


def test_dates_in_the_wrong_order_give_a_warning(pair_paths: PairPaths) -> None:
    in_order = detect_changes(pair_paths.before, pair_paths.after, **FAST)
    swapped = detect_changes(pair_paths.after, pair_paths.before, **FAST)
    assert in_order.report.warnings == ()
    (warning,) = swapped.report.warnings
    assert "after.tif seems to be of 2023-06-01 (tag TIFFTAG_DATETIME" in warning
    assert "Swap" not in warning


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    # Root ignores permissions, but not a read-only mount.
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("root can write everywhere, and mounting is not allowed here")
    yield folder
    if os.geteuid() == 0:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("option", ["output", "probability", "preview"])
def test_a_read_only_folder_is_refused(option: str, read_only: Path, pair_paths: PairPaths) -> None:
    name = {"output": "c.gpkg", "probability": "p.tif", "preview": "p.png"}[option]
    with pytest.raises(OutputError, match=r"cannot be written: no permission in"):
        detect_changes(pair_paths.before, pair_paths.after, **{option: read_only / name}, **FAST)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("option", ["--output", "--probability", "--preview"])
def test_a_full_disk_gives_an_error_with_advice_and_no_file(
    option: str, small_disk: Path, pair_paths: PairPaths, tmp_path: Path
) -> None:
    name = {"--output": "c.gpkg", "--probability": "p.tif", "--preview": "p.png"}[option]
    elsewhere = [] if option == "--output" else ["-o", tmp_path / "c.fgb"]
    done = run_command(
        "detect", pair_paths.before, pair_paths.after, "x", option, small_disk / name, *elsewhere,
        "--model", "brightness", "--threshold", "0.25",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    # libtiff prints its own messages to stderr; the error and its advice are the last lines.
    message, advice = done.stderr.splitlines()[-2:]
    assert message.startswith("error: ")
    assert f"{name} cannot be written" in message
    assert "space" in advice
    assert "Traceback" not in done.stderr
    assert os.listdir(small_disk) == []
