"""Changes of ponds at 5 m against NDWI, which needs a band that the sentence model does not see.

Run: python benchmarks/pond_events.py --root ../shared/data [--timeline ponds.png]

Ten dates of North Dakota (NAIP, 2009 to 2020) are compared by one stack with "ponds that grew" and
"ponds that dried up".  Water at a date is where NDWI = (green - NIR) / (green + NIR) is above a
threshold, or NIR below one, in patches of at least 400 m².  NAIP is not calibrated between dates:
the thresholds are Otsu's, or were chosen by eye where Otsu's is wrong.  A pixel of a polygon has
the right direction if it became water ("grew") or stopped to be water ("dried up").  No promise.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import geopandas
import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.features import rasterize, sieve
from rasterio.vrt import WarpedVRT

from mtrs_geo import ChangeResult, detect_changes_stack
from mtrs_geo.grid import Grid

_GREW, _DRIED = "ponds that grew", "ponds that dried up"
_THRESHOLDS = {
    "2009": (0.19, 80), "2010": (0.2, 80), "2012": (0.2, 80), "2014": (0.395, 0),
    "2015": (0.05, 0), "2016": (0.215, 0), "2017": (0.31, 0), "2018": (0.33, 0),
    "2019": (0.15, 0), "2020": (0.17, 0),
}  # fmt: skip
"""Lowest NDWI of water, and the near infrared below which a pixel is water, by year."""
_LEAST_PX = 16
"""Smallest patch of water."""
_GREEN, _NIR = 2, 4

Mask = npt.NDArray[np.bool_]


def main() -> None:
    """Run the stack and print a row per pair of dates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--timeline", type=Path)
    parser.add_argument("--model", default="tiny")
    arguments = parser.parse_args()
    paths = sorted((arguments.root / "geo/north_dakota_lakes").glob("*.tif"))
    result = detect_changes_stack(
        paths, [_GREW, _DRIED], model=arguments.model, answer_anyway=True,
        timeline=arguments.timeline, overwrite=True,
    )  # fmt: skip
    water = [_water(path, result.grid) for path in paths]
    sys.stdout.write(
        "| dates | water before, after (ha) | became water, dried (ha) | polygons (ha) "
        "| right | wrong direction | no change of water | right of right and wrong | found |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    totals = np.zeros(5)
    for before, after in result.report.pairs:
        totals += _row(result, water, before, after)
    sys.stdout.write(_line("all", " | | ", totals) + "\n")
    events = result.events
    more = int((events["polygons"] > 1).sum())
    sys.stdout.write(f"\n{len(events)} events, {more} of them of several pairs\n")


def _water(path: Path, grid: Grid) -> Mask:
    """Return where a date shows water, on the grid of the run."""
    with (
        rasterio.open(path) as file,
        WarpedVRT(
            file, crs=grid.crs, transform=grid.transform, height=grid.shape[0],
            width=grid.shape[1], resampling=rasterio.enums.Resampling.bilinear,
        ) as warped,
    ):  # fmt: skip
        green, nir = (warped.read(band).astype(np.float32) for band in (_GREEN, _NIR))
    ndwi = (green - nir) / np.maximum(green + nir, 1)
    lowest_ndwi, dark = _THRESHOLDS[path.stem.split("_")[1][:4]]
    is_water = (ndwi > lowest_ndwi) | (nir < dark)
    mask: Mask = sieve(is_water.astype(np.uint8), _LEAST_PX) == 1
    return mask


def _row(
    result: ChangeResult, water: list[Mask], before: int, after: int
) -> npt.NDArray[np.float64]:
    """Print the row of a pair, and return right, wrong, unchanged, true and found pixels."""
    dates, frame = result.report.dates, result.polygons
    own = frame[(frame.date_before == dates[before]) & (frame.date_after == dates[after])]
    became, dried = water[after] & ~water[before], water[before] & ~water[after]
    grew, shrank = (_drawn(own[own["query"] == text], result.grid) for text in (_GREW, _DRIED))
    right = np.count_nonzero(grew & became) + np.count_nonzero(shrank & dried)
    wrong = np.count_nonzero(grew & dried) + np.count_nonzero(shrank & became)
    drawn = np.count_nonzero(grew) + np.count_nonzero(shrank)
    true = np.count_nonzero(became) + np.count_nonzero(dried)
    found = np.count_nonzero(became & grew) + np.count_nonzero(dried & shrank)
    counts = np.array([right, wrong, drawn - right - wrong, true, found], float)
    pixel_ha = np.prod(result.grid.pixel_size_m()) / 1e4
    facts = (
        f"{water[before].sum() * pixel_ha:.0f}, {water[after].sum() * pixel_ha:.0f} "
        f"| {became.sum() * pixel_ha:.0f}, {dried.sum() * pixel_ha:.0f} | {drawn * pixel_ha:.0f}"
    )
    sys.stdout.write(_line(f"{dates[before]} to {dates[after]}", facts, counts) + "\n")
    return counts


def _line(name: str, facts: str, counts: npt.NDArray[np.float64]) -> str:
    right, wrong, unchanged, true, found = counts.tolist()
    drawn = max(1.0, right + wrong + unchanged)
    direction = right / (right + wrong) if right + wrong else 0.0
    return (
        f"| {name} | {facts} | {right / drawn:.2f} | {wrong / drawn:.2f} "
        f"| {unchanged / drawn:.2f} | {direction:.2f} | {found / max(1.0, true):.2f} |"
    )


def _drawn(frame: geopandas.GeoDataFrame, grid: Grid) -> Mask:
    """Return the pixels of polygons."""
    if not len(frame):
        return np.zeros(grid.shape, np.bool_)
    mask: Mask = rasterize(frame.geometry, out_shape=grid.shape, transform=grid.transform) == 1
    return mask


if __name__ == "__main__":
    main()
