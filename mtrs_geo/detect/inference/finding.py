"""Finds changes: writes, vectorizes and spools blocks of probabilities in one pass."""

from __future__ import annotations

import ctypes
import sys
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from mtrs_geo.detect.inference.saved_run import Part, SavedRun
from mtrs_geo.detect.inference.tiled_inference import TiledInference
from mtrs_geo.io.aoi import AreaOfInterest
from mtrs_geo.io.raster import ProbabilityWriter, encode, small_block_cache
from mtrs_geo.ledger import Ledger
from mtrs_geo.tiles.mosaic import Mosaic
from mtrs_geo.vectorize.change import Change
from mtrs_geo.vectorize.geodesic import EllipsoidMeter
from mtrs_geo.vectorize.spool import ChangeSpool
from mtrs_geo.vectorize.vectorizer import VectorizeOptions, Vectorizer

__all__ = ["find_changes"]


def find_changes(
    inference: TiledInference,
    vectorizing: VectorizeOptions,
    area: AreaOfInterest | None,
    writer: ProbabilityWriter | None,
    folder: Path | None,
    ledger: Ledger | None = None,
) -> list[ChangeSpool]:
    """Run the inference and return the changes of each layer.

    Args:
        inference: the pass to run.
        vectorizing: how probabilities become polygons.
        area: clips the polygons; None keeps them whole.
        writer: receives the probabilities and is finished; None writes none.
        folder: holds the temporary files of `ChangeSpool`; None is the system's folder.
        ledger: keeps what is done, and has what an interrupted run has done; or None.
    """
    grid, timings = inference.plan.grid, inference.timings
    layers = range(inference.layers)
    vectorizers = [Vectorizer(grid, vectorizing) for _ in layers]
    spools = [ChangeSpool(folder) for _ in layers]
    meter = EllipsoidMeter(grid)
    mosaic = Mosaic(inference.plan, inference.layers)
    parts: dict[str, Part] = {
        "mosaic": mosaic, "tiles": inference, "familiar": inference.familiar_tiles,
        "compared": inference.compared,
        **{f"vectorizer {i}": vectorizer for i, vectorizer in enumerate(vectorizers)},
    }  # fmt: skip
    saved = SavedRun(ledger, parts, spools, writer)
    saved.restore()
    if ledger is not None:
        inference.failures.restore(ledger.failures)

    def append(layer: int, changes: list[Change]) -> None:
        if area is not None and changes:
            changes = _clip(changes, area, meter, vectorizing.min_area_m2)
        spools[layer].append(changes)

    cache = small_block_cache() if inference.reader.reads_blocks_once else nullcontext()
    with cache, closing(inference.blocks(mosaic, saved)) as blocks:
        layer = inference.asked_layers()[0]
        for block in blocks:
            inference.compared.add(block, layer, inference.origin, area)
            with timings.measure("vectorize"):
                for i in layers:
                    append(i, vectorizers[i].add_block(block.row, block.col, block.probability[i]))
            if writer is not None:
                with timings.measure("write"):
                    values = encode(block.probability)
                    writer.write_encoded(block.row, block.col, values)
                with timings.measure("save state"):
                    saved.add_block(block.row, block.col, values)
    with timings.measure("vectorize"):
        for i in layers:
            append(i, vectorizers[i].finish())
    del vectorizers, parts, saved
    # Closing a file frees its cached blocks; later reads open the file again.
    inference.stack.close()
    _return_freed_memory()
    if writer is not None:
        with timings.measure("finish"):
            writer.finish()
        _return_freed_memory()
    return spools


def _clip(
    changes: list[Change], area: AreaOfInterest, meter: EllipsoidMeter, min_area_m2: float
) -> list[Change]:
    """Clip changes to the area and measure them again; a clipped change may be several."""
    import shapely

    shapes = area.clip(np.array([change.geometry for change in changes]))
    polygons, owners = shapely.get_parts(shapes, return_index=True)
    is_inside = ~shapely.is_empty(polygons)
    polygons, owners = polygons[is_inside], owners[is_inside]
    if not polygons.size:
        return []
    rows = zip(polygons, owners.tolist(), *meter.areas_and_perimeters_m(polygons), strict=True)
    return [
        replace(changes[i], geometry=polygon, area_m2=float(area_m2), perimeter_m=float(length_m))
        for polygon, i, area_m2, length_m in rows
        if area_m2 >= min_area_m2
    ]


def _return_freed_memory() -> None:
    """Return freed buffers to the system, as glibc keeps them otherwise."""
    if sys.platform == "linux":
        # musl lacks this function and does not need it.
        getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)(0)
