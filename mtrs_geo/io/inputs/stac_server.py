"""Requests to a STAC server, and what its failures mean (extra ``stac``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mtrs_geo.errors import RasterError
from mtrs_geo.io.paths import redacted_path
from mtrs_geo.io.remote.http_options import request_limit_s

if TYPE_CHECKING:
    from pystac_client.stac_api_io import StacApiIO

__all__ = ["catalog_error", "catalog_requests", "item_error"]

_BUSY = (429, 502, 503, 504)
_LONGEST_TEXT = 200
_PAGE = re.compile(r"\s*<(?:!doctype|html|\?xml|head|body)", re.IGNORECASE)


def catalog_requests() -> StacApiIO:
    """Return how pystac-client asks a server.

    A request is repeated if the server is busy or cannot be connected to, and not if it sent
    nothing for `request_limit_s` seconds.
    """
    from pystac_client.stac_api_io import StacApiIO
    from urllib3 import Retry

    retry = Retry(
        total=3, connect=1, read=False, backoff_factor=1, status_forcelist=_BUSY,
        allowed_methods=None, raise_on_status=False,
    )  # fmt: skip
    return StacApiIO(timeout=request_limit_s(), max_retries=retry)


def catalog_error(catalog: str, error: Exception) -> RasterError:
    """Return the error of a catalog that cannot be read.

    Args:
        catalog: its path or URL.
        error: of pystac, pystac-client, requests or json.
    """
    advice = "Check the address: it is that of the root of a catalog."
    msg = f"{redacted_path(catalog)} cannot be read as a STAC catalog: {_reason(error)}."
    return _late(catalog, error) or RasterError(msg, advice=advice)


def item_error(item: str, error: Exception) -> RasterError:
    """Return the error of an item that cannot be read, as `catalog_error`."""
    advice = "An item needs a datetime, or a start and an end: mend it, or remove its link."
    msg = f"the STAC item {redacted_path(item)} cannot be read: {_reason(error)}."
    return _late(item, error) or RasterError(msg, advice=advice)


def _late(place: str, error: Exception) -> RasterError | None:
    import requests

    if not isinstance(error.__context__, requests.Timeout):
        return None
    msg = f"{redacted_path(place)} did not answer within {request_limit_s():g} seconds."
    advice = "Search again later, or set GDAL_HTTP_TIMEOUT to more seconds."
    return RasterError(msg, advice=advice)


def _reason(error: Exception) -> str:
    """Return the HTTP status and the first words of an error; not a page of HTML."""
    status = getattr(error, "status_code", None)
    text = " ".join(str(error).split()).rstrip(".")
    if _PAGE.match(text):
        text = ""
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}…"
    parts = [f"HTTP status {status}"] if status is not None else []
    return ": ".join([*parts, *filter(None, [text])]) or type(error).__name__
