"""A STAC collection of a batch, with an item per finished job (https://stacspec.org)."""

from __future__ import annotations

import calendar
import importlib.util
import json
import os
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mtrs_geo.errors import MissingExtraError
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.outputs import staged_folder

if TYPE_CHECKING:
    import pystac

__all__ = ["check_stac", "write_stac"]

_FOLDER = "stac"
_FILES = ("collection.json", "*/*.json")
_LICENSE = "other"
"""Of the results; STAC asks for one, and only their owner knows it."""
_ROOT = "https://localhost/stac"
"""Of the links while they are made; none of them keeps it."""
_PLAIN = frozenset(string.ascii_letters + string.digits + "/._-~!$&'()*+,;=:@")
"""Characters that the path of an address has as they are (RFC 3986)."""
_WORLD = [-180.0, -90.0, 180.0, 90.0]
_GEOTIFF = "image/tiff; application=geotiff"
_MEDIA_TYPES = {
    ".gpkg": "application/geopackage+sqlite3", ".parquet": "application/vnd.apache.parquet",
    ".fgb": "application/vnd.flatgeobuf", ".geojson": "application/geo+json",
    ".csv": "text/csv", ".shp": "application/octet-stream", ".png": "image/png",
    ".tif": f"{_GEOTIFF}; profile=cloud-optimized", ".pmtiles": "application/vnd.pmtiles",
}  # fmt: skip
_ASSETS = {
    "output": ("polygons", "Polygons of the change", "data"),
    "probability": ("probability", "Probability of change, a band per sentence", "data"),
    "preview": ("preview", "Both dates with the polygons", "overview"),
}
"""Name, title and role of an asset by its key in an entry."""


def check_stac() -> None:
    """Check that pystac is installed.

    Raises:
        MissingExtraError: if it is not.
    """
    if importlib.util.find_spec("pystac") is None:
        msg = "STAC items need the package pystac, which is not installed."
        raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[stac]'")


def write_stac(
    folder: Path, entries: Sequence[Mapping[str, Any]], joined: Mapping[str, Path]
) -> Path:
    """Write ``stac/collection.json`` with an item per finished job.

    An item has the outline of the run, the range of the dates of its rasters, the outputs as
    assets and the rasters as links ``derived_from``.  Paths are relative to the file.

    Args:
        folder: folder of the batch.
        entries: of the finished jobs.
        joined: files with the polygons of all jobs, by name.

    Raises:
        OutputError: if it cannot be written.
    """
    import pystac

    target = folder.absolute() / _FOLDER
    items = [_item(entry, target) for entry in entries]
    collection = pystac.Collection(
        folder.absolute().name,
        "Changes that sentences describe between pairs of rasters, found by mtrs-geo.",
        _extent(items),
        title=f"Changes of {folder.absolute().name}",
        license=_LICENSE,
    )
    collection.add_items(items)
    collection.catalog_type = pystac.CatalogType.SELF_CONTAINED
    # pystac takes every path for a URL, so it never sees the folder, which may have "#" or "?".
    collection.normalize_hrefs(_ROOT)
    for name, path in joined.items():
        collection.add_asset(name, _asset(f"../{path.name}", name, "data"))
    with staged_folder(target, overwrite=True, contents=_FILES) as staged:
        for item in items:
            _write(staged / item.id / f"{item.id}.json", item)
        _write(staged / "collection.json", collection)
    return target / "collection.json"


def _write(path: Path, found: pystac.Item | pystac.Collection) -> None:
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(found.to_dict(include_self_link=False), indent=2, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def _item(entry: Mapping[str, Any], target: Path) -> pystac.Item:
    import pystac
    import shapely

    made = datetime.fromisoformat(entry["finished"])
    first, last = _period(entry["dates"])
    # Without dates of the rasters, an item has the time of the run: STAC asks for one.
    when = made if first is None else None
    outline = entry["footprint"]
    item = pystac.Item(
        entry["id"],
        outline,
        None if outline is None else _bbox(shapely.geometry.shape(outline)),
        when,
        {
            "created": entry["finished"], "gsd": entry["gsd_m"],
            "mtrs_geo:query": list(entry["queries"]),
            "mtrs_geo:polygons": sum(entry["polygons"].values()),
            "mtrs_geo:area_m2": round(sum(entry["areas_m2"].values()), 2),
            "mtrs_geo:model": entry["model_version"], "mtrs_geo:version": entry["version"],
        },
        start_datetime=first,
        end_datetime=last,
    )  # fmt: skip
    for key, (name, title, role) in _ASSETS.items():
        if key in entry:
            item.add_asset(name, _asset(f"../../{entry[key]}", title, role))
    for path in _rasters(entry):
        item.add_link(
            pystac.Link("derived_from", _relative(path, target / entry["id"]), _GEOTIFF
                        if path.lower().endswith((".tif", ".tiff")) else None)
        )  # fmt: skip
    return item


def _asset(path: str, title: str, role: str) -> pystac.Asset:
    import pystac

    kind = _MEDIA_TYPES.get(Path(path).suffix, "application/vnd.apache.parquet")
    return pystac.Asset(_url_of(path), title=title, media_type=kind, roles=[role])


def _url_of(path: str) -> str:
    """Return a local path with "/" as an address; letters of all scripts stay as they are."""
    return "".join(
        c
        if c in _PLAIN or (c.isprintable() and not c.isascii())
        else quote(c, errors="surrogateescape")
        for c in path
    )


def _rasters(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the rasters of a job; those in memory have none."""
    for name in ("before", "after"):
        found = entry[name] if isinstance(entry[name], list) else [entry[name]]
        named = (path for path in found if isinstance(path, str))
        yield from (path for path in named if "/" in path or Path(path).exists())


def _relative(path: str, start: Path) -> str:
    """Return the address of a local path as seen from a folder, and any other name as it is."""
    if is_remote_path(path) or not Path(path).exists():
        return path
    try:
        return _url_of(Path(os.path.relpath(path, start)).as_posix())
    except ValueError:  # on another drive
        return Path(path).absolute().as_uri()


def _period(dates: Sequence[str | None]) -> tuple[datetime | None, datetime | None]:
    """Return the first and last second of ISO dates, months or years; None without dates."""
    known = sorted(date for date in dates if date)
    if not known:
        return None, None
    year, month, day = (*_numbers(known[0]), 1, 1)[:3]
    first = datetime(year, month, day, tzinfo=UTC)
    year, month, *days = (*_numbers(known[-1]), 12)[: max(2, len(_numbers(known[-1])))]
    day = days[0] if days else calendar.monthrange(year, month)[1]
    return first, datetime(year, month, day, 23, 59, 59, tzinfo=UTC)


def _numbers(date: str) -> tuple[int, ...]:
    """Return year, month and day of an ISO date, as far as it has them."""
    return tuple(int(part) for part in date[:10].split("-"))


def _bbox(outline: Any) -> list[float]:  # noqa: ANN401 - a geometry
    """Return the bounds; west is more than east if the outline is cut at the 180° meridian."""
    import shapely

    west, south, east, north = outline.bounds
    parts = [part.bounds for part in shapely.get_parts(outline)]
    if len(parts) > 1:
        west = min((part[0] for part in parts if part[0] > west), default=west)
        east = max((part[2] for part in parts if part[2] < east), default=east)
    return [west, south, east, north]


def _extent(items: Sequence[pystac.Item]) -> pystac.Extent:
    import pystac

    boxes = [item.bbox for item in items if item.bbox]
    plain = [box for box in boxes if box[0] <= box[2]]
    whole = _WORLD
    if plain and len(plain) == len(boxes):
        west, south, east, north = zip(*plain, strict=True)
        whole = [min(west), min(south), max(east), max(north)]
    starts = [item.common_metadata.start_datetime for item in items]
    ends = [item.common_metadata.end_datetime for item in items]
    known = [(a, b) for a, b in zip(starts, ends, strict=True) if a and b]
    interval: list[datetime | None] = [None, None]
    if known:
        interval = [min(a for a, _ in known), max(b for _, b in known)]
    return pystac.Extent(pystac.SpatialExtent([whole]), pystac.TemporalExtent([interval]))
