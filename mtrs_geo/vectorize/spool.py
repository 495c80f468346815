"""Store changes on disk until the result table is read, so that memory is bounded."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mtrs_geo.errors import OutputError
from mtrs_geo.vectorize.change import Change

__all__ = ["ChangeSpool"]

_IN_MEMORY_BYTES = 1 << 20
"""Spools of this size or less stay in memory."""
_ENTRY = np.dtype(
    [
        ("row", np.int64),
        ("col", np.int64),
        ("offset", np.int64),
        ("length", np.int64),
        ("score_mean", np.float64),
        ("score_max", np.float64),
        ("area_m2", np.float64),
        ("perimeter_m", np.float64),
        ("touches_edge", np.bool_),
    ]
)
"""Record in memory per change: anchor, position of its outline in the file, measurements."""


class ChangeSpool:
    """The changes of one layer, returned in reading order.

    Outlines are written to an unnamed temporary file that is removed with the spool.

    Args:
        folder: folder of the temporary file; None is the system's temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        path = None if folder is None else str(folder)
        # Not a context manager: the polygons of a result may be read long after the run.
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, dir=path)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._folder = folder or Path(tempfile.gettempdir())
        self._entries = [np.zeros(0, _ENTRY)]
        self._bytes = 0

    def __len__(self) -> int:
        """Return the number of changes."""
        return sum(map(len, self._entries))

    def __getstate__(self) -> dict[str, Any]:
        """Return the changes themselves, as the file exists in this process only."""
        self._file.seek(0)
        return {"outlines": self._file.read(self._bytes), "entries": self._sorted()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ChangeSpool.__init__(self)
        self._file.write(state["outlines"])
        self._entries, self._bytes = [state["entries"]], len(state["outlines"])

    def append(self, changes: Sequence[Change]) -> None:
        """Add changes in any order.

        Raises:
            OutputError: if the disk is full.
        """
        import shapely

        if not changes:
            return
        outlines: list[bytes] = shapely.to_wkb([c.geometry for c in changes]).tolist()
        lengths = np.array([len(outline) for outline in outlines])
        offsets = self._bytes + np.cumsum(lengths) - lengths
        self._write(b"".join(outlines))
        rows = [
            (*c.anchor, offset, length, c.score_mean, c.score_max, c.area_m2, c.perimeter_m,
             c.touches_edge)
            for c, offset, length in zip(changes, offsets, lengths, strict=True)
        ]  # fmt: skip
        self._entries.append(np.array(rows, _ENTRY))

    def take(self, positions: npt.NDArray[np.int64] | None = None) -> list[Change]:
        """Return the changes at ``positions`` of the reading order; None returns all."""
        import shapely

        entries = self._sorted() if positions is None else self._sorted()[positions]
        outlines = []
        for entry in entries:
            self._file.seek(entry["offset"])
            outlines.append(self._file.read(entry["length"]))
        rows = zip(*(entries[name].tolist() for name in _ENTRY.names or ()), strict=True)
        return [
            Change(shape, mean, peak, area, perimeter, edge, (row, col))
            for shape, (row, col, _, _, mean, peak, area, perimeter, edge) in zip(
                shapely.from_wkb(outlines), rows, strict=True
            )
        ]

    @property
    def size_bytes(self) -> int:
        """Size of the outlines."""
        return self._bytes

    def chunk(self, start_byte: int) -> dict[str, npt.NDArray[Any]]:
        """Return the changes that were added since `size_bytes` was ``start_byte``, as arrays."""
        entries = np.concatenate(self._entries)
        entries = entries[entries["offset"] >= start_byte]
        entries["offset"] -= start_byte
        self._file.seek(start_byte)
        outlines = np.frombuffer(self._file.read(self._bytes - start_byte), np.uint8)
        return {"entries": entries, "outlines": outlines}

    def append_chunk(self, chunk: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add the changes of a `chunk` of another spool.

        Raises:
            OutputError: if the disk is full.
        """
        entries = chunk["entries"].copy()
        entries["offset"] += self._bytes
        self._write(chunk["outlines"].tobytes())
        self._entries.append(entries)

    def areas_m2(self) -> npt.NDArray[np.float64]:
        """Return the area of every change, in reading order."""
        areas: npt.NDArray[np.float64] = self._sorted()["area_m2"]
        return areas

    def _write(self, outlines: bytes) -> None:
        try:
            self._file.seek(self._bytes)
            self._file.write(outlines)
            self._file.flush()
        except OSError as error:
            msg = f"the changes cannot be stored in {self._folder}: {error}."
            raise OutputError(msg, advice="Free some space there.") from error
        self._bytes += len(outlines)

    def _sorted(self) -> npt.NDArray[np.void]:
        if len(self._entries) > 1:
            entries = np.concatenate(self._entries)
            self._entries = [entries[np.lexsort((entries["col"], entries["row"]))]]
        return self._entries[0]
