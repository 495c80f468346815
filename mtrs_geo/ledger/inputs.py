"""Whether a file is still the one that a run began with."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

__all__ = ["file_identity", "is_statistics"]

_CHUNK_BYTES = 1 << 16
_CHUNKS = 64
_METADATA = ".aux.xml"
"""Ending of the files of metadata that GDAL keeps beside a raster."""
_STATISTICS = re.compile(
    rb'<Histograms>.*?</Histograms>|<MDI key="STATISTICS_[^"]*">[^<]*</MDI>|\s+', re.DOTALL
)
_EMPTY_PARTS = re.compile(
    rb"<PAMRasterBand[^>]*>(?:<Metadata></Metadata>)?</PAMRasterBand>|<Metadata></Metadata>"
)
_WHOLE = re.compile(rb"(?:<\?xml[^>]*>)?<PAMDataset(?:/>|></PAMDataset>)")
"""What is left of a file that had only statistics, without blanks."""


def file_identity(path: Path) -> dict[str, int | str]:
    """Return the size, the time of the last change, and a checksum of samples of a file.

    The checksum covers the first and last 64 KiB and 62 pieces in between; a file of up to 4 MiB is
    covered whole.  Of metadata that GDAL keeps beside a raster (``.aux.xml``), it covers all but
    statistics and histograms, which programs write that only show the raster.

    Args:
        path: a file, or a folder, whose files are covered by their names, sizes and times.

    Raises:
        OSError: if the file cannot be read.
    """
    stat = path.stat()
    if path.is_dir():
        return {"checksum": _folder_checksum(path)}
    if path.name.endswith(_METADATA):
        return {"checksum": hashlib.sha256(_without_statistics(path)).hexdigest()}
    digest = hashlib.sha256()
    with path.open("rb") as file:
        last = max(0, stat.st_size - _CHUNK_BYTES)
        step = max(_CHUNK_BYTES, last / (_CHUNKS - 1))
        for i in range(_CHUNKS):
            file.seek(int(i * step))
            digest.update(file.read(_CHUNK_BYTES))
    return {
        "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns, "checksum": digest.hexdigest(),
    }  # fmt: skip


def is_statistics(path: Path) -> bool:
    """Return whether a file is metadata beside a raster (``.aux.xml``) with nothing but statistics.

    Raises:
        OSError: if the file cannot be read.
    """
    return path.name.endswith(_METADATA) and bool(_WHOLE.fullmatch(_without_statistics(path)))


def _without_statistics(path: Path) -> bytes:
    return _EMPTY_PARTS.sub(b"", _STATISTICS.sub(b"", path.read_bytes()))


def _folder_checksum(folder: Path) -> str:
    """Return a checksum of the names, sizes and times of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        stat = path.stat()
        about = f"{path.relative_to(folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
        digest.update(about.encode(errors="surrogateescape"))
    return digest.hexdigest()
