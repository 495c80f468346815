"""What the manifest says about a finished job, and the table of the jobs that failed."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mtrs_geo.batch.footprint import footprint
from mtrs_geo.detect.result import ChangeResult
from mtrs_geo.grid import Grid
from mtrs_geo.outputs import csv_cell, staged_file

__all__ = ["FAILURES", "figures", "write_failures"]

FAILURES = "failures.csv"
"""Name of the table of failures."""
_OUTLINE_DEGREES = 1e-6
"""Tolerance of the outline of a run, about a decimetre."""


def figures(result: ChangeResult, folder: Path) -> dict[str, Any]:
    """Return what the manifest says about a finished job."""
    report = result.report
    named = {"output": result.output, "probability": result.probability, "preview": result.preview}
    paths = {name: path for name, path in named.items() if path is not None}
    return {
        **{name: str(path.relative_to(folder.absolute())) for name, path in paths.items()},
        "polygons": report.polygons, "areas_m2": report.areas_m2,
        "understood": report.understood, "questions": report.questions,
        "dates": report.dates, "tiles": report.tiles,
        "tiles_failed": report.tiles_failed, "warnings": report.warnings,
        "model_version": report.model, "device": report.device, "gsd_m": report.gsd_m,
        "footprint": _outline(result.grid),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _outline(grid: Grid) -> dict[str, Any] | None:
    """Return the outline of a run as GeoJSON in WGS 84; None in a CRS without a place on Earth."""
    import shapely

    if grid.crs.geodetic_crs is None:
        return None
    outline = shapely.simplify(footprint(grid.shape, grid.transform, grid.crs), _OUTLINE_DEGREES)
    plain: dict[str, Any] = json.loads(shapely.to_geojson(outline))
    return plain


def write_failures(folder: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the table of failures, or remove an old one if no job failed."""
    failed = [entry for entry in entries if entry["status"] == "failed"]
    if not failed:
        (folder / FAILURES).unlink(missing_ok=True)
        return
    names = ("id", "error", "message", "advice")
    with (
        staged_file(folder / FAILURES, overwrite=True) as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([csv_cell(str(entry.get(name, ""))) for name in names] for entry in failed)
