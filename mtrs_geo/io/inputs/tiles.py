"""Read the headers of tiles, and check that they fit together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio._path import _parse_path, _vsi_path
from rasterio.dtypes import _gdal_typename
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.io.dates import RasterDate, date_tags, raster_date
from mtrs_geo.io.inputs.arrays import dated_path
from mtrs_geo.io.inspection.placement import check_pixel_grid
from mtrs_geo.io.paths import redacted_path
from mtrs_geo.types import Shape

__all__ = ["Tile", "check_tiles", "place_tiles", "read_tile"]

_MOST_PX = 2**31 - 1
_COLOURS = 3
"""Fewer image bands are read as grey, or as the colours of a palette."""
_NO_COLOUR = (ColorInterp.alpha, ColorInterp.palette)
"""What a band of a mosaic is not."""
_SAME_PX = 0.5
"""Largest error at the far side of a tile, in pixels, if pixel sizes differ slightly."""


@dataclass(frozen=True)
class Tile:
    """What the header of a tile says."""

    path: str
    """Path in GDAL's own form."""
    name: str
    crs: Any
    """`rasterio.crs.CRS`."""
    transform: Affine
    shape: Shape
    dtype: str
    """GDAL's name of the type."""
    block: Shape
    bands: tuple[int, ...]
    """Numbers of the image bands: all but alpha."""
    colours: tuple[ColorInterp, ...]
    names: tuple[str, ...]
    """Colour interpretation and description of each image band."""
    is_palette: bool
    mask: Literal["nodata", "band", "alpha", "colours", "none"]
    """Where its invalid pixels are: a nodata value, a mask or alpha band that GDAL uses,
    another alpha band, clear colours of a palette, or none."""
    nodata: float | None
    date: RasterDate | None
    tags: dict[str, str] = field(default_factory=dict)
    band_tags: tuple[dict[str, str], ...] = ()
    alpha: int | None = None
    """Number of an alpha band that GDAL does not know as the mask."""
    scaling: tuple[tuple[float, float], ...] = ()
    """Scale and offset of each image band."""


def read_tile(dataset: DatasetReader, *, is_alpha_mask: bool) -> Tile:
    """Return the description of an open tile; no pixel is read.

    Args:
        dataset: open raster.
        is_alpha_mask: whether a band that is tagged alpha is a mask.

    Raises:
        RasterError: without a CRS and an affine georeference, or if its rows are not
            west to east, north to south.
    """
    name = PurePath(redacted_path(dataset.name)).name
    dated = dated_path(dataset)
    _check_place(dataset, name)
    interps: tuple[ColorInterp, ...] = tuple(dataset.colorinterp)
    bands = [
        band
        for band, interp in enumerate(interps, 1)
        if interp != ColorInterp.alpha or not is_alpha_mask
    ]
    flags = set(dataset.mask_flag_enums[0])
    has_band = MaskFlags.per_dataset in flags and (is_alpha_mask or MaskFlags.alpha not in flags)
    is_palette = interps[bands[0] - 1] == ColorInterp.palette and len(bands) < _COLOURS
    is_palette = is_palette and dataset.dtypes[bands[0] - 1] == "uint8"
    if len({dataset.dtypes[band - 1] for band in bands}) > 1:
        msg = f"the bands of {name} have different types: {', '.join(dataset.dtypes)}."
        raise RasterError(msg, advice="Convert them to one type: `gdal_translate -ot`.")
    tags = {**dataset.tags(), **dataset.tags(ns="IMAGERY")}
    is_other_alpha = is_alpha_mask and flags == {MaskFlags.all_valid}
    is_other_alpha = is_other_alpha and ColorInterp.alpha in interps
    clear = _clear_colours(dataset, bands[0]) if is_palette else set()
    mask: Any = "nodata" if dataset.nodata is not None else "band" if has_band else "none"
    return Tile(
        path=_vsi_path(_parse_path(dataset.name)),
        name=name,
        crs=dataset.crs,
        transform=dataset.transform,
        shape=dataset.shape,
        dtype=_gdal_typename(dataset.dtypes[bands[0] - 1]),
        block=dataset.block_shapes[0],
        bands=tuple(bands),
        colours=tuple(
            ColorInterp.undefined if interps[b - 1] in _NO_COLOUR else interps[b - 1] for b in bands
        ),
        names=tuple(dataset.descriptions[band - 1] or "" for band in bands),
        is_palette=is_palette,
        mask="alpha" if is_other_alpha else "colours" if clear - {dataset.nodata} else mask,
        nodata=dataset.nodata,
        date=raster_date(PurePath(redacted_path(dated)).name, date_tags(dataset), dated),
        tags=tags,
        band_tags=tuple(dataset.tags(band) for band in bands),
        alpha=interps.index(ColorInterp.alpha) + 1 if is_other_alpha else None,
        scaling=tuple((dataset.scales[band - 1], dataset.offsets[band - 1]) for band in bands),
    )


def _clear_colours(dataset: DatasetReader, band: int) -> set[float | None]:
    """Return the values of a palette whose colour is clear."""
    return {value for value, colour in dataset.colormap(band).items() if colour[3:] == (0,)}


def _check_place(dataset: DatasetReader, name: str) -> None:
    check_pixel_grid(dataset, name, "the tile ")
    if dataset.crs is None or dataset.transform.is_identity:
        what = "coordinate reference system" if dataset.crs is None else "affine georeference"
        msg = f"the tile {name} has no {what}."
        advice = f"Assign it with `gdal_edit.py` (`-a_srs EPSG:32633 {name}`), or leave it out."
        raise RasterError(msg, advice=advice)
    matrix = dataset.transform
    if matrix.b or matrix.d or matrix.a <= 0 or matrix.e >= 0:
        msg = f"the tile {name} is rotated or mirrored, so it cannot be mosaicked."
        raise RasterError(msg, advice=f"Warp it first: `gdalwarp {name} north_up.tif`.")


def check_tiles(tiles: Sequence[Tile], name: str) -> None:
    """Refuse tiles that differ in CRS, pixel size, bands or type; the message names them.

    Args:
        tiles: two or more.
        name: what was given, for the message.

    Raises:
        RasterError: if they do not fit together.
    """
    first = tiles[0]
    for tile in tiles[1:]:
        for what, of_tile, of_first, advice in _differences(tile, first):
            msg = (
                f"the tiles of {name} do not fit together: {tile.name} has {what} {of_tile}, "
                f"{first.name} has {of_first}."
            )
            raise RasterError(msg, advice=advice)
    _check_bands(tiles, name)


def _differences(tile: Tile, first: Tile) -> list[tuple[str, str, str, str]]:
    """Return what differs, the value of each tile, and what to do about it."""
    found = []
    if tile.crs != first.crs:
        advice = f"Warp it first: `gdalwarp -t_srs {_crs_name(first.crs)} {tile.name} warped.tif`."
        found.append(("the CRS", _crs_name(tile.crs), _crs_name(first.crs), advice))
    elif not _is_same_size(tile, first):
        size, wanted = (f"{t.transform.a:g} × {-t.transform.e:g}" for t in (tile, first))
        advice = f"Resample it first: `gdalwarp -tr {wanted.replace(' ×', '')} {tile.name} …`."
        found.append(("pixels of", size, wanted, advice))
    if tile.dtype != first.dtype:
        advice = "Convert it with `gdal_translate -ot … -scale`, or leave it out."
        found.append(("values of type", tile.dtype, first.dtype, advice))
    if tile.scaling != first.scaling and len(tile.bands) == len(first.bands):
        advice = "Apply them to each tile first: `gdal_translate -unscale -ot Float32`."
        values, others = (", ".join(f"{s:g} / {o:g}" for s, o in t.scaling) for t in (tile, first))
        found.append(("values of scale / offset", values, others, advice))
    counts = [3 if t.is_palette else len(t.bands) for t in (tile, first)]
    if counts[0] != counts[1]:
        advice = "Select the same bands of each with `gdal_translate -b`, or leave it out."
        found.append(("image bands:", str(counts[0]), str(counts[1]), advice))
    elif tile.names != first.names and not (tile.is_palette or first.is_palette):
        names, others = (", ".join(n or "unnamed" for n in t.names) for t in (tile, first))
        advice = "Put the bands in the same order with `gdal_translate -b`."
        found.append(("the bands", names, others, advice))
    return found


def _check_bands(tiles: Sequence[Tile], name: str) -> None:
    """Refuse files that each hold one band of the same place, such as B02.tif and B03.tif."""
    if any(len(tile.bands) > 1 or tile.is_palette for tile in tiles):
        return
    places = {(tuple(tile.transform), tile.shape) for tile in tiles}
    if len(places) == 1:
        msg = (
            f"{name} holds {len(tiles)} rasters of one band and the same extent "
            f"({tiles[0].name}, {tiles[1].name}): these are bands or dates, not tiles."
        )
        advice = (
            "Put red, green and blue into one raster: `gdalbuildvrt -separate rgb.vrt RED GREEN "
            "BLUE`."
        )
        raise RasterError(msg, advice=advice)


def place_tiles(
    tiles: Sequence[Tile], name: str
) -> tuple[Affine, Shape, npt.NDArray[np.int64], float]:
    """Return the grid of a mosaic and the place of each tile.

    Args:
        tiles: tiles that fit together.
        name: what was given, for the message.

    Returns:
        Transform and shape of the mosaic; (row, col) of the first pixel of each tile (N, 2); the
        largest shift in pixels that puts a tile on whole pixels.

    Raises:
        RasterError: if the mosaic would have too many pixels.
    """
    first = tiles[0].transform
    lefts = [tile.transform.c for tile in tiles]
    tops = [tile.transform.f for tile in tiles]
    # The origin is on the first tile's pixel grid.
    col = math.floor(round((min(lefts) - first.c) / first.a, 3))
    row = math.floor(round((max(tops) - first.f) / first.e, 3))
    transform = first @ Affine.translation(col, row)
    exact = np.array(
        [((top - transform.f) / first.e, (left - transform.c) / first.a)
         for left, top in zip(lefts, tops, strict=True)]
    )  # fmt: skip
    origins = np.rint(exact).astype(np.int64)
    ends = origins + np.array([tile.shape for tile in tiles])
    rows, cols = ends.max(0).tolist()
    if max(rows, cols) > _MOST_PX:
        extents = np.abs(exact - np.median(exact, 0)).max(1)
        msg = (
            f"the mosaic of {name} would have {cols:,} × {rows:,} pixels: "
            f"{tiles[int(extents.argmax())].name} is far away from the others."
        )
        raise RasterError(msg, advice="Check its georeference, or leave it out.")
    return transform, (rows, cols), origins, float(np.abs(exact - origins).max())


def _is_same_size(tile: Tile, first: Tile) -> bool:
    a, b = tile.transform, first.transform
    rows, cols = tile.shape
    return bool(abs(a.a / b.a - 1) * cols < _SAME_PX and abs(a.e / b.e - 1) * rows < _SAME_PX)


def _crs_name(crs: Any) -> str:  # noqa: ANN401 - a rasterio CRS
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_wkt()[:60])
