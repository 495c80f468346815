"""Ways from a pair of rasters to a file of polygons.

Each function imports what it needs and returns the run, so that imports are not measured.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import rasterio
import shapely
from job import Job, difference
from rasterio.features import shapes
from rasterio.windows import Window

__all__ = ["METHODS", "OURS", "WHOLE"]

OURS = "mtrs-geo"
WHOLE = ("geoai", "samgeo", "whole arrays")
"""Methods that hold arrays of the whole raster."""
Run = Callable[[Job], None]


def mtrs_geo() -> Run:
    """`detect_changes`, with outlines of pixels as the others make them."""
    from mtrs_geo import detect_changes
    from mtrs_geo.models import BrightnessSegmenter
    from mtrs_geo.types import FloatArray, UInt8Array

    class Difference(BrightnessSegmenter):
        def __init__(self, radius_px: int) -> None:
            self.radius_px = radius_px

        def predict_tiles(self, images: UInt8Array, queries: Sequence[Any]) -> FloatArray:
            found = np.stack([difference(pair[:, 1], self.radius_px) for pair in images])
            return np.broadcast_to(found[:, None], (len(found), len(queries), *found.shape[1:]))

    def run(job: Job) -> None:
        detect_changes(
            job.folder / "before.tif", job.folder / "after.tif", "", output=job.output,
            model=Difference(job.radius_px), tile_px=job.tile_px, overlap_px=job.overlap_px,
            threshold=job.threshold, min_area_m2=job.min_area_m2, simplify_px=0, overwrite=True,
        )  # fmt: skip

    return run


def geoai() -> Run:
    """`geoai`: its `predict_geotiff` (blended tiles) and `raster_to_vector`."""
    import torch

    if importlib.util.find_spec("leafmap") is None:
        # geoai imports it for maps, which are not drawn here.
        sys.modules["leafmap"] = types.ModuleType("leafmap")
    from geoai.inference import predict_geotiff
    from geoai.utils.raster import raster_to_vector

    class Difference(torch.nn.Module):
        def __init__(self, radius_px: int) -> None:
            super().__init__()
            self.radius_px = radius_px

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            found = (images[:, 4:5] - images[:, 1:2]).abs()  # (B, 6, H, W) -> (B, 1, H, W)
            side = 2 * self.radius_px + 1
            return torch.nn.functional.avg_pool2d(found, side, 1, self.radius_px)

    def run(job: Job) -> None:
        mask = job.folder / "mask.tif"
        predict_geotiff(
            Difference(job.radius_px), str(job.folder / "both.tif"), str(mask),
            tile_size=job.tile_px, overlap=job.overlap_px, device="cpu", verbose=False,
            postprocess_fn=lambda found: (found >= job.threshold).astype(np.uint8),
            output_dtype="uint8", output_nodata=0,
        )  # fmt: skip
        raster_to_vector(str(mask), str(job.output), min_area=job.min_area_m2)

    return run


def samgeo() -> Run:
    """`samgeo`: its `tiff_to_tiff` (tiles with a margin) and `raster_to_vector`."""
    # The file alone: its package imports every model that it knows.
    found = importlib.util.find_spec("samgeo")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("samgeo", name="samgeo")
    spec = importlib.util.spec_from_file_location(
        "samgeo_common", Path(found.origin).parent / "common.py"
    )
    common = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(common)

    def run(job: Job) -> None:
        def answer(block: np.ndarray, **options: object) -> np.ndarray:
            return (difference(block[[1, 4]], job.radius_px) >= job.threshold).astype(np.uint8)

        mask = job.folder / "mask.tif"
        common.tiff_to_tiff(
            str(job.folder / "both.tif"), str(mask), answer, data_to_rgb=lambda block: block,
            sample_size=(job.tile_px, job.tile_px),
        )  # fmt: skip
        common.raster_to_vector(str(mask), str(job.output))
        _write(geopandas.read_file(job.output).geometry.array, job)

    return run


def whole_arrays() -> Run:
    """Own copy: both images and the sums of all answers in memory, outlines of the whole mask.

    geoai's ChangeDetector does so (its tiles have one weight).
    """

    def run(job: Job) -> None:
        images = []
        for name in ("before.tif", "after.tif"):
            with rasterio.open(job.folder / name) as file:
                images.append(file.read())
                transform, crs = file.transform, file.crs
        rows, cols = images[0].shape[1:]
        sums, counts = np.zeros((2, rows, cols), np.float32)
        for window in _windows(rows, cols, job.tile_px, job.overlap_px):
            at = window.toslices()
            green = np.stack([image[1][at] for image in images])
            sums[at] += difference(green, job.radius_px)
            counts[at] += 1
        sums /= counts
        mask = (sums >= job.threshold).astype(np.uint8)
        _write([shapely.geometry.shape(s) for s, _ in shapes(mask, mask > 0, transform=transform)],
               job, crs)  # fmt: skip

    return run


def tile_by_tile() -> Run:
    """Own copy: outlines of every tile for itself, put together as they are, small ones too."""

    def run(job: Job) -> None:
        geopandas.GeoDataFrame(geometry=list(_outlines_of_tiles(job)), crs=_crs(job)).to_file(
            job.output
        )

    return run


def tile_by_tile_dissolved() -> Run:
    """Own copy: outlines of every tile for itself, dissolved at the end."""

    def run(job: Job) -> None:
        whole = shapely.union_all(list(_outlines_of_tiles(job)))
        _write(shapely.get_parts(whole), job, _crs(job))

    return run


METHODS: dict[str, Callable[[], Run]] = {
    OURS: mtrs_geo,
    "geoai": geoai,
    "samgeo": samgeo,
    "whole arrays": whole_arrays,
    "tile by tile": tile_by_tile,
    "tile by tile, dissolved": tile_by_tile_dissolved,
}


def _windows(rows: int, cols: int, tile_px: int, overlap_px: int) -> Iterator[Window]:
    """Yield windows of one size; the last of a row or column is moved back into the raster."""
    step = tile_px - overlap_px
    for row in range(0, rows, step):
        for col in range(0, cols, step):
            top, left = (max(0, min(at, side - tile_px)) for at, side in ((row, rows), (col, cols)))
            yield Window(left, top, min(tile_px, cols), min(tile_px, rows))


def _outlines_of_tiles(job: Job) -> Iterator[shapely.Geometry]:
    with rasterio.open(job.folder / "both.tif") as both:
        for row in range(0, both.height, job.tile_px):
            for col in range(0, both.width, job.tile_px):
                window = Window(col, row, min(job.tile_px, both.width - col),
                                min(job.tile_px, both.height - row))  # fmt: skip
                found = difference(both.read([2, 5], window=window), job.radius_px)
                mask = (found >= job.threshold).astype(np.uint8)
                transform = both.window_transform(window)
                for outline, _ in shapes(mask, mask > 0, transform=transform):
                    yield shapely.geometry.shape(outline)


def _crs(job: Job) -> Any:  # noqa: ANN401 - rasterio's CRS
    with rasterio.open(job.folder / "both.tif") as both:
        return both.crs


def _write(
    outlines: Sequence[shapely.Geometry],
    job: Job,
    crs: Any = None,  # noqa: ANN401 - rasterio's CRS
) -> None:
    """Write the outlines that are large enough."""
    frame = geopandas.GeoDataFrame(geometry=outlines, crs=crs)
    frame[frame.area >= job.min_area_m2].to_file(job.output)
