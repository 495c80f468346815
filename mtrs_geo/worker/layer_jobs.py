"""Jobs that turn a layer of polygons into training pairs or a project for the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from mtrs_geo.progress import Progress
from mtrs_geo.worker.jobs import Answer, area_of, check_types, paths_of, text_of

__all__ = ["audit_project", "export_pairs"]


def export_pairs(params: Mapping[str, Any], progress: Progress) -> Answer:
    """Cut reviewed ``polygons`` over ``before`` and ``after`` into training pairs.

    Raises:
        MTRSGeoError: as `mtrs_geo.pairs.export.export_pairs`; RequestError if a parameter is of
            the wrong type.
    """
    from mtrs_geo.io.stack import StackOptions
    from mtrs_geo.pairs.export import PairsOptions, export_pairs

    check_types(params)
    given = {name: value for name, value in params.items() if value is not None}
    kept = {n: given[n] for n in ("tile_px", "text_column", "raw", "overwrite") if n in given}
    resolution = given.get("resolution")
    report = export_pairs(
        paths_of(params),
        text_of(params, "polygons"),
        text_of(params, "output"),
        layer=given.get("polygons_layer"),
        options=PairsOptions(**kept, aoi=area_of(given), stack=StackOptions(resolution=resolution)),
        progress=progress,
    )
    # The plugin counts sentences without a review in its own language.
    left_out = replace(report, unreviewed=0).notes(text_of(params, "polygons"))
    return asdict(report) | {"output": str(report.output), "warnings": list(left_out)}


def audit_project(params: Mapping[str, Any], progress: Progress) -> Answer:
    """Make a project for the audit of ``polygons`` over ``before`` and ``after``.

    Raises:
        MTRSGeoError: as `mtrs_geo.craft.from_layer.project_from_layer`; RequestError if a
            parameter is of the wrong type.
    """
    from mtrs_geo.craft.from_layer import project_from_layer
    from mtrs_geo.io.stack import StackOptions

    check_types(params)
    given = {name: value for name, value in params.items() if value is not None}
    report = project_from_layer(
        paths_of(params),
        text_of(params, "polygons"),
        text_of(params, "output"),
        layer=given.get("polygons_layer"),
        tile_px=given.get("tile_px", 512),
        aoi=area_of(given),
        options=StackOptions(resolution=given.get("resolution")),
        progress=progress,
    )
    return asdict(report) | {"output": str(report.output)}
