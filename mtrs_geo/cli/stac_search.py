"""Rasters of `mtrs-geo stack` from a STAC search."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from mtrs_geo.cli.console import print_note
from mtrs_geo.io.paths import redacted_path

__all__ = ["searched_dates"]

_PLAIN_BOUNDS = re.compile(r"[-+.\deE\s]+(,[-+.\deE\s]+){3}")


def searched_dates(
    stac: str,
    options: Mapping[str, Any],
    **search: Any,  # noqa: ANN401 - options of any type
) -> tuple[Sequence[str | list[str]], dict[str, Any]]:
    """Return the rasters of the dates that a search finds, and the options of the run.

    Args:
        stac: the catalog.
        options: of the run; bounds of the area without a CRS become bounds in degrees.
        **search: other fields of `mtrs_geo.io.inputs.stac_search.StacSearch`.

    Raises:
        typer.BadParameter: if no area is given, or dates are.
    """
    from mtrs_geo.io.inputs.stac_search import StacSearch, search_stac

    aoi = options["aoi"]
    if aoi is None:
        msg = "--stac needs --aoi: the area that the images show"
        raise typer.BadParameter(msg)
    if options["dates"] is not None:
        msg = "--dates cannot be given with --stac: the dates are those of the catalog"
        raise typer.BadParameter(msg)
    if _PLAIN_BOUNDS.fullmatch(aoi):
        aoi = f"{aoi},EPSG:4326"
    print_note(f"searching {redacted_path(stac)}")
    found = search_stac(StacSearch(stac, aoi, **search))
    for date in found:
        print_note(f"{date.date}: {len(date.paths)} image(s), {date.cover:.0%} of the area")
    rasters = [list(date.paths) if len(date.paths) > 1 else date.paths[0] for date in found]
    return rasters, {**options, "aoi": aoi, "dates": tuple(date.date for date in found)}
