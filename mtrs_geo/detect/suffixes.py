"""The formats of a run's rasters and pictures, by the suffix of the file."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.errors import OutputError

__all__ = ["PICTURES", "check_suffix"]

PICTURES = {
    ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff",
    ".tiff": "tiff", ".pdf": "pdf",
}  # fmt: skip
"""Suffix of a preview to matplotlib's name of the format."""
_RASTERS = (".tif", ".tiff")


def check_suffix(name: str, path: Path) -> None:
    """Refuse a probability raster or a preview whose suffix names another format.

    Args:
        name: ``probability``, ``preview`` or ``timeline``; other outputs are not checked.
        path: the output.

    Raises:
        OutputError: if the suffix is not that of a format that is written.
    """
    suffix = path.suffix.lower()
    what = f'the suffix "{suffix}"' if suffix else "no suffix"
    if name == "probability" and suffix not in _RASTERS:
        msg = f"probability {path} has {what}, but probabilities are written as GeoTIFF."
        advice = f"Name it {path.with_suffix('.tif').name}."
        if suffix in PICTURES:
            advice += " A picture with the polygons is --preview (preview=)."
        raise OutputError(msg, advice=advice)
    if name in ("preview", "timeline") and suffix not in PICTURES:
        msg = f"{name} {path} has {what}, which is not a supported image format."
        raise OutputError(msg, advice=f"Use one of {', '.join(PICTURES)}.")
