"""Versions of the packages that the answers of a run depend on."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator

from mtrs_geo import __version__

__all__ = ["package_versions"]

_PACKAGES = ("numpy", "openvino", "rasterio", "shapely", "torch")


def package_versions() -> dict[str, str]:
    """Return the version of mtrs-geo, and of each package that is installed, by name."""
    return {"mtrs-geo": __version__, **dict(_installed())}


def _installed() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
