"""Store changes on disk until the result table is read, so that memory is bounded."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

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

    Outlines are written to an unnamed temporary file that is removed with the spool.  Several
    threads, and processes that are forked, may read at the same time.

    Args:
        folder: folder of the temporary file; None is the system's temporary folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._folder = folder or Path(tempfile.gettempdir())
        self._entries = [np.zeros(0, _ENTRY)]
        self._bytes = 0

    def __len__(self) -> int:
        """Return the number of changes."""
        return sum(map(len, self._entries))

    def __getstate__(self) -> dict[str, Any]:
        """Return the changes themselves, as the file exists in this process only."""
        return {"outlines": self._read(0, self._bytes), "entries": self._sorted()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ChangeSpool.__init__(self)
        self._write(state["outlines"])
        self._entries = [state["entries"]]

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
        places = zip(entries["offset"].tolist(), entries["length"].tolist(), strict=True)
        outlines = [self._read(offset, length) for offset, length in places]
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
        outlines = np.frombuffer(self._read(start_byte, self._bytes - start_byte), np.uint8)
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
            if self._file is None and self._bytes + len(outlines) > _IN_MEMORY_BYTES:
                self._to_disk()
            if self._file is None:
                self._memory += outlines
            else:
                self._file.seek(self._bytes)
                self._file.write(outlines)
                self._file.flush()
        except OSError as error:
            msg = f"the changes cannot be stored in {self._folder}: {error}."
            raise OutputError(msg, advice="Free some space there.") from error
        self._bytes += len(outlines)

    def _to_disk(self) -> None:
        """Move the outlines from memory to the temporary file."""
        # Not a context manager: the polygons of a result may be read long after the run.
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        weakref.finalize(self, file.close)
        file.write(self._memory)
        file.flush()
        self._file, self._memory = file, bytearray()

    def _read(self, offset: int, length: int) -> bytes:
        if self._file is None:
            return bytes(self._memory[offset : offset + length])
        if not hasattr(os, "pread"):  # Windows, where no process is forked
            with self._lock:
                self._file.seek(offset)
                return self._file.read(length)
        # The position of a file is shared by threads and by forked processes.
        parts = []
        while length > 0 and (part := os.pread(self._file.fileno(), length, offset)):
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def _sorted(self) -> npt.NDArray[np.void]:
        if len(self._entries) > 1:
            entries = np.concatenate(self._entries)
            self._entries = [entries[np.lexsort((entries["col"], entries["row"]))]]
        return self._entries[0]
