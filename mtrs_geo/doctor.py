"""`mtrs-geo doctor`: checks the installation."""

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
    """Result of one check."""

    name: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Check versions, GDAL and PROJ, devices and weights, and run a small self-test."""
    checks: dict[str, Callable[[], str]] = {
        "python": lambda: f"{sys.version.split()[0]} on {platform.platform()}",
        "packages": _packages,
        "GDAL": _gdal,
        "PROJ": _proj,
        "device": _device,
        "weights": _weights,
        "self-test": _self_test,
    }
    return [_run(name, check) for name, check in checks.items()]


def _run(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, ok=True, detail=check())
    except (MTRSGeoError, ImportError, OSError, RuntimeError, ValueError) as error:
        return Finding(name, ok=False, detail=f"{type(error).__name__}: {error}")


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
    """Project one known point with both copies of PROJ, rasterio's and pyproj's."""
    import pyproj
    from rasterio.warp import transform

    xs, ys = transform("EPSG:4326", "EPSG:32633", [15.0], [0.0])
    east, north = pyproj.Transformer.from_crs(4326, 32633, always_xy=True).transform(15.0, 0.0)
    if not np.allclose([xs[0], ys[0], east, north], [500000, 0, 500000, 0], atol=1e-3):
        msg = f"PROJ is broken: 15°E 0°N becomes {xs[0]}, {ys[0]} (PROJ_LIB or PROJ_DATA set?)"
        raise RuntimeError(msg)
    return f"{pyproj.proj_version_str}"


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return f"cuda: {torch.cuda.get_device_name()}"
    cpu = f"cpu, {torch.get_num_threads()} threads"
    if importlib.util.find_spec("openvino"):
        return f"{cpu}, OpenVINO {version('openvino')}"
    return f"{cpu}; pip install 'mtrs-geo[openvino]' makes it faster"


def _weights() -> str:
    from mtrs_geo.models.catalog import bundled_metadata, verify_weights

    verify_weights()
    return ", ".join(f"{fact['name']} {fact['version']}" for fact in bundled_metadata())


def _self_test() -> str:
    from mtrs_geo.models import load_model

    model = load_model("tiny", "cpu")
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (256, 256, 3), dtype=np.uint8)
    start = time.perf_counter()
    probability = model.predict(image, image, ["", "new buildings"])
    seconds = time.perf_counter() - start
    if not np.isfinite(probability).all() or probability.max() >= 0.5:
        msg = f"two equal images give change (up to {probability.max():.2f}): damaged weights?"
        raise RuntimeError(msg)
    return f"no change between equal images, {seconds:.2f} s per tile"
