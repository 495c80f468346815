"""The corridor's parts to changes: one pass that writes, vectorizes and spools as it goes."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from mtrs_geo.detect.inference import Corridor
from mtrs_geo.io.aoi import AreaOfInterest
from mtrs_geo.io.raster import ProbabilityWriter
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.geodesic import EllipsoidMeter
from mtrs_geo.vectorize.spool import ChangeSpool
from mtrs_geo.vectorize.vectorizer import VectorizeOptions, Vectorizer

__all__ = ["find_changes"]


def find_changes(
    corridor: Corridor,
    drawing: VectorizeOptions,
    area: AreaOfInterest | None,
    writer: ProbabilityWriter | None,
    folder: Path | None,
) -> list[ChangeSpool]:
    """Run the corridor and return the changes of every layer.

    Args:
        corridor: what to run.
        drawing: how probabilities become polygons.
        area: cuts the polygons.
        writer: takes the probabilities, and is finished.
        folder: where changes wait, see `ChangeSpool`.
    """
    grid, clock = corridor.plan.grid, corridor.clock
    layers = range(corridor.layers)
    vectorizers = [Vectorizer(grid, drawing) for _ in layers]
    found = [ChangeSpool(folder) for _ in layers]
    meter = EllipsoidMeter(grid)

    def keep(layer: int, changes: list[Change]) -> None:
        if area is not None and changes:
            changes = _clipped(changes, area, meter, drawing.min_area_m2)
        found[layer].append(changes)

    for part in corridor.parts():
        with clock.time("vectorize"):
            for i in layers:
                keep(i, vectorizers[i].add_part(part.row, part.col, part.probability[i]))
        if writer is not None:
            with clock.time("write"):
                writer.write_part(part.row, part.col, part.probability)
    with clock.time("vectorize"):
        for i in layers:
            keep(i, vectorizers[i].finish())
    del vectorizers
    # The files' blocks in memory go with them; what needs a file opens it again.
    corridor.stack.close()
    _return_freed_memory()
    if writer is not None:
        with clock.time("write"):
            writer.finish()
        _return_freed_memory()
    return found


def _clipped(
    changes: list[Change], area: AreaOfInterest, meter: EllipsoidMeter, min_area_m2: float
) -> list[Change]:
    """Cut changes to the area and measure them again; one may come apart."""
    import shapely

    shapes = area.clip(np.array([change.geometry for change in changes]))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    if not parts.size:
        return []
    sizes = zip(parts, owner.tolist(), *meter.areas_and_perimeters_m(parts), strict=True)
    return [
        replace(changes[at], geometry=shape, area_m2=float(size_m2), perimeter_m=float(length_m))
        for shape, at, size_m2, length_m in sizes
        if size_m2 >= min_area_m2
    ]


def _return_freed_memory() -> None:
    """Give the stream's buffers back to the system: glibc keeps what was freed for itself."""
    if sys.platform == "linux":
        # musl has no such function and needs none.
        getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
