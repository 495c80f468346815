from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

DATES = ["2009", "2012-06", "2016", "2018", "2020-07-15"]


@pytest.fixture(scope="session")
def ponds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five dates: a square grows to the right until 2016, another one is there from 2020."""
    folder = tmp_path_factory.mktemp("ponds")
    image = np.full((3, 96, 96), 40, np.uint8)
    paths = []
    for i, date in enumerate(DATES):
        # Each growth shares its left half with the growth before it, at another brightness.
        if 1 <= i <= 2:
            image[:, 10:30, 10 * i : 10 * i + 20] = 40 + 100 * i
        if i == 4:
            image[:, 60:80, 60:80] = 200
        paths.append(folder / f"ponds_{date}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", width=96, height=96, count=3, dtype="uint8",
            crs="EPSG:32633", transform=from_origin(5e5, 5.8e6, 0.5, 0.5),
        ) as file:  # fmt: skip
            file.write(image)
    return paths
