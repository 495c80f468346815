"""Search a STAC catalog or API for the dates of a stack (extra ``stac``)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from affine import Affine
from pyproj import CRS

from mtrs_geo.errors import MissingExtraError, RasterError, RequestError
from mtrs_geo.grid import Grid
from mtrs_geo.io.aoi import AreaLike, load_aoi
from mtrs_geo.io.inputs.stac_server import catalog_error, catalog_requests, item_error
from mtrs_geo.io.paths import is_remote_path, redacted_path
from mtrs_geo.io.trust.references import check_source
from mtrs_geo.types import Bounds

if TYPE_CHECKING:
    import pystac
    import pystac_client
    from shapely.geometry.base import BaseGeometry

__all__ = ["FoundDate", "StacSearch", "search_stac"]

_MOST_ITEMS = 10_000
_PREFERRED_ASSETS = ("visual", "image", "data")
"""Names of assets that hold a picture in natural colour, in common collections."""
_URL = re.compile(r"(https?|s3|gs|az)://")
_RASTER_TYPES = ("image/tiff", "image/jp2", "image/vnd.stac.geotiff")
_RASTER_ENDINGS = (".tif", ".tiff", ".jp2")
_LISTED = 8
_END = "9999"
"""Later than all dates."""


@dataclass(frozen=True)
class StacSearch:
    """What is searched.

    Raises:
        RequestError: if a number is out of its range.
    """

    catalog: str
    """URL or path of a static catalog, or URL of an API."""
    aoi: AreaLike
    """Area that the images show, see `mtrs_geo.io.aoi.load_aoi`; bounds without a CRS are in
    degrees."""
    collections: Sequence[str] = ()
    """Ids; none searches all."""
    datetime: str | None = None
    """A date, or a period as 2016-05/2020-09 or 2016/..; None searches all times."""
    max_cloud: float = 100.0
    """Largest cloud cover in percent; an item that does not say its cover is taken."""
    asset: str | None = None
    """Name of the asset with red, green and blue; None takes visual, image, data, or the only
    raster."""
    min_cover: float = 0.9
    """Smallest share of the area's bounds that the images of a date must cover."""

    def __post_init__(self) -> None:
        if not 0 <= self.max_cloud <= 100:
            msg = f"max_cloud {self.max_cloud} is not allowed."
            raise RequestError(msg, advice="It must be a percentage from 0 to 100.")
        if not 0 <= self.min_cover <= 1:
            msg = f"min_cover {self.min_cover} is not allowed."
            raise RequestError(msg, advice="It must be a share from 0 to 1.")


@dataclass(frozen=True)
class FoundDate:
    """The images of one day."""

    date: str
    """ISO date, in UTC."""
    paths: tuple[str, ...]
    """Paths or URLs, sorted by the ids of their items."""
    cover: float
    """Share of the bounds of the area that they cover."""


def search_stac(search: StacSearch) -> list[FoundDate]:
    """Return the dates that cover an area, earliest first.

    An API is asked for the area, the time and the collections; all items of a static catalog are
    read.  The images of one day are one date.

    Args:
        search: what is searched.

    Raises:
        MissingExtraError: if the extra ``stac`` is not installed.
        RasterError: if the catalog cannot be read, an item has no image, or fewer than two dates
            are found.
        SourceNotAllowedError: if its host is not allowed.
    """
    try:
        import pystac_client
    except ImportError as error:
        msg = "a STAC search needs the package pystac-client, which is not installed."
        raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[stac]'") from error
    check_source(search.catalog)
    _period(search.datetime)
    boxes = _degrees(search.aoi)
    name = redacted_path(search.catalog)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a static catalog is no API
            requests = catalog_requests()
            client = pystac_client.Client.open(
                search.catalog, stac_io=requests, timeout=requests.timeout
            )
            items = list(islice(_items(client, search, boxes), _MOST_ITEMS + 1))
    except RasterError:
        raise
    except Exception as error:
        # pystac, requests and json raise errors of many classes without a common base.
        raise catalog_error(search.catalog, error) from error
    if len(items) > _MOST_ITEMS:
        msg = f"the search in {name} finds more than {_MOST_ITEMS} items."
        raise RasterError(msg, advice="Name a collection, a shorter time or a smaller area.")
    dates = _by_date(items, search, boxes)
    covering = [date for date in dates if date.cover >= search.min_cover]
    if len(covering) < 2:
        raise _too_few(name, items, dates, search)
    return covering


def _degrees(aoi: AreaLike) -> list[Bounds]:
    """Return the bounds of an area in degrees; two, west and east, if it crosses 180°."""
    world = Grid(CRS("EPSG:4326"), Affine(1, 0, -180, 0, -1, 90), (180, 360))
    parts = load_aoi(aoi, world).parts
    # `load_aoi` repeats an area on both sides of the meridian.
    within = [(max(-180.0, b[0]), b[1], min(180.0, b[2]), b[3]) for b in (p.bounds for p in parts)]
    sides = [side for side in within if side[0] < side[2]]
    east = [side for side in sides if side[0] >= 0]
    west = [side for side in sides if side[2] <= 0]
    # Of an area that crosses the meridian every part lies beside it.
    is_cut = len(east) + len(west) == len(sides) and bool(east and west)
    if is_cut and max(s[2] for s in east) >= 180 and min(s[0] for s in west) <= -180:
        return [_around(east), _around(west)]
    return [_around(sides)]


def _around(sides: Sequence[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*sides, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _items(
    client: pystac_client.Client, search: StacSearch, boxes: Sequence[Bounds]
) -> Iterator[pystac.Item]:
    from pystac_client import ConformanceClasses

    if client.conforms_to(ConformanceClasses.ITEM_SEARCH):
        _, bottom, _, top = _around(boxes)
        found: Iterable[pystac.Item] = client.search(
            bbox=[boxes[0][0], bottom, boxes[-1][2], top],  # at 180°, west is more than east
            datetime=search.datetime,
            collections=list(search.collections) or None,
        ).items()
    else:
        found = _walked(client, search, boxes)
    for item in found:
        try:
            cover = float(item.properties.get("eo:cloud_cover") or 0)
        except (TypeError, ValueError):
            cover = 0.0  # a text that is no number says nothing
        if cover <= search.max_cloud:
            yield item


def _walked(
    client: pystac_client.Client, search: StacSearch, boxes: Sequence[Bounds]
) -> Iterator[pystac.Item]:
    """Yield the items of a static catalog that a search of an API would find."""
    start, end = _period(search.datetime)
    for item in _all_items(client):
        if search.collections and item.collection_id not in search.collections:
            continue
        first, last = _times(item)
        if last < start or end < first:
            continue
        if any(_meet(own, box) for own in _boxes(item) for box in boxes):
            yield item


def _all_items(catalog: pystac.Catalog) -> Iterator[pystac.Item]:
    """Yield the items of a catalog and of those below it.

    Raises:
        RasterError: if one cannot be read.
    """
    for link in catalog.get_item_links():
        try:
            found: Any = link.resolve_stac_object(root=catalog.get_root()).target
        except Exception as error:  # of pystac, requests and json
            raise item_error(link.get_absolute_href() or "", error) from error
        yield found
    for child in catalog.get_children():
        yield from _all_items(child)


def _boxes(item: pystac.Item) -> list[Bounds]:
    """Return the bounds of an item in degrees; two if it crosses 180°, none if it has none."""
    bbox = item.bbox
    if bbox is None and item.geometry:
        bbox = _shape(item).bounds
    if bbox is None or len(bbox) not in {4, 6}:
        return []
    half = len(bbox) // 2
    left, bottom, right, top = bbox[0], bbox[1], bbox[half], bbox[half + 1]
    if left <= right:
        return [(left, bottom, right, top)]
    return [(left, bottom, 180.0, top), (-180.0, bottom, right, top)]


def _meet(one: Bounds, other: Bounds) -> bool:
    is_beside = one[0] > other[2] or one[2] < other[0]
    return not is_beside and one[1] <= other[3] and one[3] >= other[1]


def _times(item: pystac.Item) -> tuple[str, str]:
    """Return the first and the last moment of an item, in UTC, as text that can be compared.

    Raises:
        RasterError: if they cannot be read.
    """
    if item.datetime is not None:
        return _utc(item.datetime), _utc(item.datetime)
    facts = item.common_metadata
    try:
        return _utc(facts.start_datetime), _utc(facts.end_datetime) or _END
    except (AttributeError, TypeError, ValueError) as error:
        raise item_error(item.id, error) from error


def _utc(time: datetime | None) -> str:
    """Return a moment in UTC as text; one without a time zone is in UTC."""
    if time is None:
        return ""
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _period(text: str | None) -> tuple[str, str]:
    """Return the first and the last moment of a period, read as for an API.

    Raises:
        RequestError: if it is no period.
    """
    from pystac_client.item_search import ItemSearch

    if text is None:
        return "", _END
    try:
        if not text.strip():
            raise ValueError("it is empty")
        moments = ItemSearch("", datetime=text).get_parameters()["datetime"]
    except Exception as error:  # of this very class
        msg = f"the period {text!r} cannot be read: {error}."
        advice = "Write it as 2016, 2016-05/2020-09 or 2016/.. (from 2016)."
        raise RequestError(msg, advice=advice) from error
    start, _, end = str(moments).partition("/")
    return start if start != ".." else "", end if end != ".." else _END


def _by_date(
    items: Sequence[pystac.Item], search: StacSearch, boxes: Sequence[Bounds]
) -> list[FoundDate]:
    import shapely

    days: dict[str, list[pystac.Item]] = {}
    for item in sorted(items, key=lambda item: item.id):
        days.setdefault(_times(item)[0][:10], []).append(item)
    area = shapely.union_all([shapely.box(*box) for box in boxes])
    found = []
    for day, own in sorted(days.items()):
        shapes = [_footprint(item) for item in own]
        shown = shapely.intersection(shapely.union_all(shapes), area)
        cover = float(shown.area / area.area) if area.area else 1.0
        # Several catalogs, or collections, can have one image.
        paths = dict.fromkeys(_path(item, search) for item in own)
        found.append(FoundDate(day, tuple(paths), cover))
    return found


def _footprint(item: pystac.Item) -> BaseGeometry:
    """Return what an item shows: its geometry, or without one its bounds."""
    import shapely

    if item.geometry:
        return _shape(item)
    return shapely.union_all([shapely.box(*box) for box in _boxes(item)])


def _shape(item: pystac.Item) -> BaseGeometry:
    """Return the geometry of an item.

    Raises:
        RasterError: if it cannot be read.
    """
    import shapely

    try:
        # Footprints that cross themselves are common.
        return shapely.make_valid(shapely.geometry.shape(item.geometry))
    except Exception as error:  # a part that is missing or no number raises errors of many classes
        msg = f"the STAC item {item.id} has a geometry that cannot be read: {error}."
        advice = "It must be GeoJSON with coordinates in degrees: mend it, or remove the item."
        raise RasterError(msg, advice=advice) from error


def _path(item: pystac.Item, search: StacSearch) -> str:
    """Return where the image of an item is."""
    rasters = [
        name for name, asset in item.assets.items()
        if (asset.media_type or "").startswith(_RASTER_TYPES)
        or (not asset.media_type and asset.href.lower().endswith(_RASTER_ENDINGS))
    ]  # fmt: skip
    wanted = (search.asset,) if search.asset else _PREFERRED_ASSETS
    named = [name for name in wanted if name in item.assets]
    if search.asset is None:
        # JSON may have the name `data` beside the image.
        pictures = [
            n for n in named if (item.assets[n].media_type or "image/").startswith("image/")
        ]
        named = pictures or (rasters if len(rasters) == 1 else named)
    name = next(iter(named), None)
    if name is None:
        listed = ", ".join(list(item.assets)[:_LISTED]) or "none"
        what = f"asset {search.asset!r}" if search.asset else "image in natural colour"
        msg = f"the STAC item {item.id} has no {what}; its assets: {listed}."
        raise RasterError(msg, advice="Name the one with red, green and blue (--asset).")
    href = item.assets[name].get_absolute_href() or ""
    if is_remote_path(search.catalog) and not _URL.match(href):
        msg = f"the STAC item {item.id} of a server refers to {href!r}, which is on no server."
        raise RasterError(msg, advice="Such a catalog is not safe to use.")
    return href


def _too_few(
    name: str, items: Sequence[Any], dates: Sequence[FoundDate], search: StacSearch
) -> RasterError:
    covers = ", ".join(f"{d.date} ({d.cover:.0%})" for d in dates[:_LISTED]) or "none"
    msg = (
        f"a stack needs two dates that show {search.min_cover:.0%} of the area. {name} has "
        f"{len(items)} images of {len(dates)} dates: {covers}."
    )
    advice = "Search a longer time, allow more clouds (--max-cloud), or take a smaller area."
    return RasterError(msg, advice=advice)
