"""Places with bright squares, and a table of jobs over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

SIDE = 200


def write_place(path: Path, squares: int, east: float = 400_000, epsg: int = 32633) -> Path:
    """Write a grey place with some bright squares."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((3, SIDE, SIDE), 80, np.uint8)
    for i in range(squares):
        row, col = 20 + 60 * (i // 3), 10 + 60 * (i % 3)
        image[:, row : row + 30, col : col + 30] = 230
    with rasterio.open(
        path, "w", driver="GTiff", count=3, height=SIDE, width=SIDE, dtype="uint8",
        crs=f"EPSG:{epsg}", transform=Affine(0.5, 0, east, 0, -0.5, 5_800_000),
    ) as file:  # fmt: skip
        file.write(image)
    return path


@pytest.fixture
def write() -> Callable[..., Path]:
    """Return `write_place`."""
    return write_place


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of three jobs, one without a raster, and two places in different zones."""
    data = tmp_path / "data"
    for name, zone in (("town", 32633), ("village", 32632)):
        write_place(data / f"{name}_2016.tif", 0, epsg=zone)
        write_place(data / f"{name}_2020.tif", 3 if name == "town" else 5, epsg=zone)
    rows = [
        "id,before,after,query,threshold",
        "town,data/town_2016.tif,data/town_2020.tif,new squares|demolished squares,0.3",
        "lost,data/town_2016.tif,data/none.tif,,",
        "village,data/village_2016.tif,data/village_2020.tif,,",
    ]
    (tmp_path / "jobs.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "jobs.csv"
