"""`mtrs-geo doctor`: is this installation healthy?"""

from __future__ import annotations

import importlib.util
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from mtrs_geo.errors import MTRSGeoError

__all__ = ["Finding", "examine"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Look at versions, GDAL and PROJ, devices, weights, and run a small self-test."""
    checks: dict[str, Callable[[], str]] = {
        "python": lambda: f"{sys.version.split()[0]} on {platform.platform()}",
        "packages": _packages,
        "GDAL": _gdal,
        "PROJ": _proj,
        "device": _device,
        "weights": _weights,
        "self-test": _self_test,
    }
    return [_look(what, check) for what, check in checks.items()]


def _look(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, ok=True, detail=check())
    except (MTRSGeoError, ImportError, OSError, RuntimeError, ValueError) as error:
        return Finding(what, ok=False, detail=f"{type(error).__name__}: {error}")


def _packages() -> str:
    names = ("mtrs-geo", "torch", "timm", "transformers", "rasterio", "geopandas", "shapely")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _gdal() -> str:
    import rasterio
    from rasterio.drivers import raster_driver_extensions

    writable = raster_driver_extensions()
    if "tif" not in writable:
        msg = "GDAL has no GeoTIFF driver: another GDAL shadows rasterio's (GDAL_DRIVER_PATH?)"
        raise RuntimeError(msg)
    return f"{rasterio.__gdal_version__}, {len(writable)} writable suffixes"


def _proj() -> str:
    """Ask both PROJ copies (rasterio's and pyproj's) for one known point."""
    import pyproj
    from rasterio.warp import transform

    xs, ys = transform("EPSG:4326", "EPSG:32633", [15.0], [0.0])
    east, north = pyproj.Transformer.from_crs(4326, 32633, always_xy=True).transform(15.0, 0.0)
    if not np.allclose([xs[0], ys[0], east, north], [500000, 0, 500000, 0], atol=1e-3):
        msg = f"PROJ is broken: 15°E 0°N came out as {xs[0]}, {ys[0]} (PROJ_LIB or PROJ_DATA set?)"
        raise RuntimeError(msg)
    return f"{pyproj.proj_version_str}"


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return f"cuda: {torch.cuda.get_device_name()}"
    found = f"cpu, {torch.get_num_threads()} threads"
    if importlib.util.find_spec("openvino"):
        return f"{found}, OpenVINO {version('openvino')}"
    return f"{found}; pip install 'mtrs-geo[openvino]' makes it faster"


def _weights() -> str:
    from mtrs_geo.models.catalog import bundled_facts, verify_weights

    verify_weights()
    return ", ".join(f"{fact['name']} {fact['version']}" for fact in bundled_facts())


def _self_test() -> str:
    from mtrs_geo.models import load_model

    model = load_model("tiny", "cpu")
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (256, 256, 3), dtype=np.uint8)
    began = time.perf_counter()
    same = model.predict(image, image, ["", "new buildings"])
    spent = time.perf_counter() - began
    if not np.isfinite(same).all() or same.max() >= 0.5:
        msg = f"an image against itself gave change (up to {same.max():.2f}): damaged weights?"
        raise RuntimeError(msg)
    return f"no change between equal images, {spent:.2f} s a tile"
