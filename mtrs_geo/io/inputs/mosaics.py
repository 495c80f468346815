"""Many tiles as one raster: a virtual raster (VRT) in memory, which opens a tile when it is read.

Where tiles overlap, the later one in the list counts where it has data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.io.dates import RasterDate, raster_date
from mtrs_geo.io.inputs.arrays import RasterInput, in_memory
from mtrs_geo.io.inputs.tile_lists import TileList
from mtrs_geo.io.inputs.tiles import Tile, check_tiles, place_tiles, read_tile
from mtrs_geo.io.inspection.alpha import Alpha, find_alpha
from mtrs_geo.types import Shape

__all__ = ["Mosaic", "mosaic_input", "restored_mosaic"]

_ALPHA_SAMPLES = 3
_SHIFT_PX = 0.05
"""Smaller shifts of tiles are not worth a message."""
_OPAQUE = 255


@dataclass(frozen=True)
class Mosaic:
    """What is known about the tiles of a date."""

    name: str
    """What was given and the first tiles, for messages."""
    tiles: TileList
    paths: tuple[str, ...]
    """Paths of the tiles that GDAL opens."""
    has_gaps_only: bool
    """Whether its only invalid pixels are those between the tiles."""
    date: RasterDate | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    xml: str
    """The text of the virtual raster."""


def mosaic_input(
    tiles: TileList,
    take: Callable[[object], RasterInput],
    open_tile: Callable[[RasterInput], DatasetReader],
) -> RasterInput:
    """Return tiles as one raster; only headers are read, one tile after another.

    Args:
        tiles: the tiles; a single one is returned as it is.
        take: returns a tile as a raster that GDAL opens by its path.
        open_tile: opens it.

    Raises:
        RasterError: if a tile cannot be opened, or the tiles do not fit together.
    """
    inputs = [take(tile) for tile in tiles.tiles]
    if len(inputs) == 1:
        return inputs[0]
    name = tiles.title
    alpha = _find_alpha(inputs, name, open_tile)
    is_mask = alpha is None or alpha.is_mask
    read = []
    for entry in inputs:
        with open_tile(entry) as dataset:
            read.append(read_tile(dataset, is_alpha_mask=is_mask))
    check_tiles(read, name)
    transform, shape, origins, shift_px = place_tiles(read, name)
    overlaps = _overlaps(read, origins)
    _refuse_clear_under_others(read, overlaps)
    xml = _Vrt(read, origins, overlaps, transform, shape).xml()
    raster = _virtual(xml)
    date, date_warnings = _date(read, tiles, name)
    alpha_messages = [] if alpha is None else [alpha.message]
    is_sure = alpha is None or alpha.is_certain
    mosaic = Mosaic(
        name=name,
        tiles=tiles,
        paths=tuple(str(entry.path) for entry in inputs),
        has_gaps_only=all(tile.mask == "none" for tile in read),
        date=date,
        warnings=(
            *([] if is_sure else alpha_messages),
            *date_warnings,
            *_place_warnings(read, shift_px, name),
        ),
        notes=(*_notes(tiles, name, overlaps), *(alpha_messages if is_sure else [])),
        xml=xml,
    )
    return RasterInput(raster.path, (raster.owner, *(entry.owner for entry in inputs)), mosaic)


def restored_mosaic(path: str, mosaic: Mosaic) -> RasterInput | None:
    """Return a mosaic at the path in memory that it had in another process; None if it is there."""
    return None if rasterio.shutil.exists(path) else _virtual(mosaic.xml, path.rpartition("/")[0])


def _virtual(xml: str, folder: str | None = None) -> RasterInput:
    """Return a virtual raster in memory."""

    def write(path: str) -> None:
        with rasterio.open(xml) as virtual:
            rasterio.shutil.copy(virtual, path, driver="VRT")

    return in_memory(".vrt", write, folder)


def _find_alpha(
    inputs: Sequence[RasterInput], name: str, open_tile: Callable[[RasterInput], DatasetReader]
) -> Alpha | None:
    """Return whether the band tagged alpha is a mask, from the first, middle and last tile."""
    found = []
    for i in np.linspace(0, len(inputs) - 1, _ALPHA_SAMPLES).astype(int):
        with open_tile(inputs[i]) as dataset:
            found.append(find_alpha(dataset, name))
    alphas = [alpha for alpha in found if alpha is not None]
    return next((alpha for alpha in alphas if not alpha.is_mask), alphas[0] if alphas else None)


def _overlaps(tiles: Sequence[Tile], origins: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which tiles (N) share a pixel with another one."""
    ends = origins + np.array([tile.shape for tile in tiles])
    found = np.zeros(len(tiles), bool)
    for i in range(len(tiles)):
        shared = ((origins < ends[i]) & (origins[i] < ends)).all(1)
        found[i] = np.count_nonzero(shared) > 1
    return found


def _refuse_clear_under_others(tiles: Sequence[Tile], overlaps: npt.NDArray[np.bool_]) -> None:
    """Refuse tiles that overlap if GDAL cannot leave out their clear pixels."""
    for tile, is_shared in zip(tiles, overlaps, strict=True):
        if not is_shared or tile.mask not in {"alpha", "colours"}:
            continue
        why, how = "its palette has clear colours", f"-expand rgba {tile.name} rgba.tif"
        if tile.mask == "alpha":
            why = "its alpha band is not a mask"
            how = f"-b 1 -b 2 -b 3 -mask {tile.alpha} {tile.name} masked.tif"
        msg = f"the tile {tile.name} overlaps others, and {why}."
        advice = f"Make a mask first: `gdal_translate {how}`, for each tile."
        raise RasterError(msg, advice=advice)


def _date(
    tiles: Sequence[Tile], given: TileList, name: str
) -> tuple[RasterDate | None, tuple[str, ...]]:
    """Return the date that the tiles share: a day, a month or a year; and warnings."""
    dates = {tile.date.iso: tile for tile in tiles if tile.date is not None}
    if not dates:
        folder = Path(str(given.tiles[0])).absolute().parent.name
        date = raster_date(folder, {}) if given.given is not None else None
        return date and RasterDate(date.iso, date.origin, "name of the folder"), ()
    first, last = min(dates), max(dates)
    weakest = max((t.date for t in dates.values() if t.date), key=lambda d: d.is_weak)
    if len(dates) == 1:
        return RasterDate(first, weakest.origin, f"{weakest.text} of its tiles"), ()
    for length in (len("2016-06"), len("2016")):
        shared = {iso[:length] for iso in dates}
        if len(shared) == 1:
            text = f"its tiles are of {first} to {last}"
            return RasterDate(shared.pop(), weakest.origin, text), ()
    warning = (
        f"{name}: the tiles are of {first} ({dates[first].name}) to {last} ({dates[last].name}), "
        "so they have no date in common. Check that all belong to one date, or give --dates."
    )
    return None, (warning,)


def _place_warnings(tiles: Sequence[Tile], shift_px: float, name: str) -> Iterable[str]:
    places: dict[object, str] = {}
    for tile in tiles:
        other = places.setdefault((tuple(tile.transform), tile.shape), tile.name)
        if other != tile.name:
            yield (
                f"{name}: {other} and {tile.name} cover the same ground. {tile.name} counts. "
                "Check that both belong to one date."
            )
            break
    if shift_px > _SHIFT_PX:
        yield (
            f"{name}: the tiles are not on one pixel grid; some are shifted by up to "
            f"{shift_px:.2f} pixels."
        )


def _notes(given: TileList, name: str, overlaps: npt.NDArray[np.bool_]) -> Iterable[str]:
    rule = " Where they overlap, the later one counts where it has data." if overlaps.any() else ""
    yield f"{name}: a mosaic of {len(given.tiles)} tiles.{rule}"
    if given.skipped:
        shown = ", ".join(given.skipped[:5])
        more = f" and {len(given.skipped) - 5} more" if len(given.skipped) > 5 else ""
        yield f"{name}: not used, as they are no tiles: {shown}{more}."


class _Vrt:
    """The text of a virtual raster."""

    def __init__(
        self,
        tiles: Sequence[Tile],
        origins: npt.NDArray[np.int64],
        overlaps: npt.NDArray[np.bool_],
        transform: Affine,
        shape: Shape,
    ) -> None:
        self._tiles, self._transform, self._shape = tiles, transform, shape
        self._origins: list[list[int]] = origins.tolist()
        self._overlaps: list[bool] = overlaps.tolist()
        first = tiles[0]
        self._nodata = _shared_nodata(tiles)
        has_gaps = not _covers(origins, tiles, shape, is_disjoint=not any(self._overlaps))
        self._has_mask = self._nodata is None and (
            has_gaps or any(tile.mask != "none" for tile in tiles)
        )
        self._count = 3 if any(tile.is_palette for tile in tiles) else len(first.bands)

    def xml(self) -> str:
        rows, cols = self._shape
        first = self._tiles[0]
        mask = f"<MaskBand>{self._mask()}</MaskBand>" if self._has_mask else ""
        return (
            f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">'
            f"<SRS>{escape(first.crs.to_wkt())}</SRS>"
            f"<GeoTransform>{', '.join(map(repr, self._transform.to_gdal()))}</GeoTransform>"
            f"{_metadata(first.tags)}"
            f"{''.join(self._band(band) for band in range(self._count))}{mask}</VRTDataset>"
        )

    def _band(self, index: int) -> str:
        first = self._tiles[0]
        if any(tile.is_palette for tile in self._tiles):
            colour, name, tags = (ColorInterp(ColorInterp.red.value + index), "", "")
        else:
            colour, name = first.colours[index], first.names[index]
            tags = _metadata(first.band_tags[index])
        nodata = "" if self._nodata is None else f"<NoDataValue>{self._nodata!r}</NoDataValue>"
        return (
            f'<VRTRasterBand dataType="{first.dtype}" band="{index + 1}">{tags}{nodata}'
            f"<Description>{escape(name)}</Description>"
            f"<ColorInterp>{colour.name.capitalize()}</ColorInterp>"
            f"{''.join(self._source(i, index) for i in range(len(self._tiles)))}</VRTRasterBand>"
        )

    def _source(self, i: int, index: int) -> str:
        """Return a tile's part of a band."""
        tile = self._tiles[i]
        extra = ""
        if tile.is_palette:
            extra += f"<ColorTableComponent>{index + 1}</ColorTableComponent>"
        if self._overlaps[i] and tile.mask == "nodata":
            extra += f"<NODATA>{tile.nodata!r}</NODATA>"
        elif self._overlaps[i] and tile.mask == "band":
            extra += "<UseMaskBand>true</UseMaskBand>"
        band = tile.bands[0] if tile.is_palette else tile.bands[index]
        return self._place(i, str(band), tile.dtype, extra)

    def _mask(self) -> str:
        """Return the mask band: valid where a tile has data in any band."""
        sources = []
        for i, tile in enumerate(self._tiles):
            bands = tile.bands if tile.mask == "nodata" else tile.bands[:1]
            extra = "" if tile.mask == "none" else "<NODATA>0</NODATA>"
            if tile.mask == "alpha":
                sources.append(self._place(i, str(tile.alpha), tile.dtype, extra))
                continue
            if tile.mask == "colours":
                # Without NODATA, which would be compared with the values before their colours.
                extra = "<ColorTableComponent>4</ColorTableComponent>"
                sources.append(self._place(i, str(tile.bands[0]), tile.dtype, extra))
                continue
            sources += [self._place(i, f"mask,{band}", "Byte", extra) for band in bands]
        return f'<VRTRasterBand dataType="Byte">{"".join(sources)}</VRTRasterBand>'

    def _place(self, i: int, band: str, dtype: str, extra: str) -> str:
        tile, (row, col) = self._tiles[i], self._origins[i]
        rows, cols = tile.shape
        kind = "ComplexSource" if extra else "SimpleSource"
        return (
            f'<{kind}><SourceFilename relativeToVRT="0">{escape(tile.path)}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand>"
            # With these properties a tile is opened when it is read, not with the mosaic.
            f'<SourceProperties RasterXSize="{cols}" RasterYSize="{rows}" DataType="{dtype}" '
            f'BlockXSize="{tile.block[1]}" BlockYSize="{tile.block[0]}"/>'
            f'<SrcRect xOff="0" yOff="0" xSize="{cols}" ySize="{rows}"/>'
            f'<DstRect xOff="{col}" yOff="{row}" xSize="{cols}" ySize="{rows}"/>{extra}</{kind}>'
        )


def _shared_nodata(tiles: Sequence[Tile]) -> float | None:
    """Return the nodata value that all tiles have; None if they differ."""
    if any(tile.mask != "nodata" or tile.is_palette for tile in tiles):
        return None
    values = [np.float64(tile.nodata) for tile in tiles]
    same = all(a == b or (np.isnan(a) and np.isnan(b)) for a, b in pairwise(values))
    return float(values[0]) if same else None


def _covers(
    origins: npt.NDArray[np.int64], tiles: Sequence[Tile], shape: Shape, *, is_disjoint: bool
) -> bool:
    """Return whether the tiles leave no gap."""
    if is_disjoint:
        return sum(tile.shape[0] * tile.shape[1] for tile in tiles) == shape[0] * shape[1]
    ends = origins + np.array([tile.shape for tile in tiles])
    # Every cell between the edges of the tiles must be inside of one.
    edges = [np.unique(np.concatenate([origins[:, axis], ends[:, axis]])) for axis in (0, 1)]
    covered = np.zeros((len(edges[0]) - 1, len(edges[1]) - 1), bool)
    firsts = [np.searchsorted(edges[axis], origins[:, axis]) for axis in (0, 1)]
    lasts = [np.searchsorted(edges[axis], ends[:, axis]) for axis in (0, 1)]
    for i in range(len(tiles)):
        covered[firsts[0][i] : lasts[0][i], firsts[1][i] : lasts[1][i]] = True
    return bool(covered.all())


def _metadata(tags: dict[str, str]) -> str:
    items = "".join(
        f"<MDI key={quoteattr(key)}>{escape(value)}</MDI>" for key, value in tags.items()
    )
    return f"<Metadata>{items}</Metadata>" if items else ""
