"""Keeps what a run has done on the disk, and brings it back."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mtrs_geo.io.raster import ProbabilityWriter
from mtrs_geo.ledger import Ledger, TileAnswer
from mtrs_geo.types import UInt8Array
from mtrs_geo.vectorize.spool import ChangeSpool

__all__ = ["Part", "SavedRun"]

_SHARE = 1 / 50
"""Largest share of the time that saving may take."""
_MOST_BYTES = 1 << 26
"""Blocks of probabilities in memory, at which the state is saved in any case."""


class Part(Protocol):
    """A part of a run with a state between two bands of tiles."""

    def state(self) -> Mapping[str, npt.NDArray[Any]]:
        """Return arrays that describe what was done."""

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on after a state."""


class SavedRun:
    """The ledger of a run, or nothing if the run has none.

    Answers of tiles are stored as they come.  Between two bands the state of all parts replaces
    them, if enough time has passed since it was last saved.

    Args:
        ledger: the file; None keeps nothing.
        parts: by name.
        spools: the changes of each layer.
        writer: receives the probabilities, or None.
    """

    def __init__(
        self,
        ledger: Ledger | None,
        parts: Mapping[str, Part],
        spools: Sequence[ChangeSpool],
        writer: ProbabilityWriter | None,
    ) -> None:
        self._ledger, self._parts, self._spools, self._writer = ledger, parts, spools, writer
        self._saved_bytes = [0 for _ in spools]
        self._blocks: list[dict[str, npt.NDArray[Any]]] = []
        self._block_bytes = 0
        self._saved_s, self._cost_s = time.monotonic(), 0.0

    def restore(self) -> None:
        """Bring every part to the state that was saved last.

        Raises:
            OutputError: if the ledger is damaged.
        """
        if self._ledger is None:
            return
        state = self._ledger.state()
        if not state:
            return
        for name, part in self._parts.items():
            part.restore(state[name])
        for i, spool in enumerate(self._spools):
            for chunk in self._ledger.pieces(f"changes {i}"):
                spool.append_chunk(chunk)
            self._saved_bytes[i] = spool.size_bytes
        if self._writer is not None:
            for block in self._ledger.pieces("probability"):
                values = np.frombuffer(zlib.decompress(block["values"].tobytes()), np.uint8)
                row, col, *shape = block["place"].tolist()
                self._writer.write_encoded(row, col, values.reshape(shape))

    def answers(self) -> Iterator[TileAnswer]:
        """Yield the answers of tiles that came after the state."""
        if self._ledger is not None:
            yield from self._ledger.answers()

    def record(self, answers: Sequence[TileAnswer]) -> None:
        """Store the answers of one batch.

        Raises:
            OutputError: if the disk is full.
        """
        if self._ledger is not None:
            self._ledger.record(answers)

    def add_block(self, row: int, col: int, values: UInt8Array) -> None:
        """Keep a block of encoded probabilities, which the run writes, for the next save."""
        if self._ledger is None:
            return
        packed = np.frombuffer(zlib.compress(values.tobytes(), 1), np.uint8)
        self._blocks.append({"place": np.array([row, col, *values.shape]), "values": packed})
        self._block_bytes += packed.size

    def band_done(self, tiles: int) -> None:
        """Save the state between two bands, if it is time to.

        Args:
            tiles: number of tiles that are done.

        Raises:
            OutputError: if the disk is full.
        """
        if self._ledger is None:
            return
        start = time.monotonic()
        is_time = start - self._saved_s >= self._cost_s / _SHARE
        if not is_time and self._block_bytes < _MOST_BYTES:
            return
        self._ledger.save(
            tiles,
            {name: part.state() for name, part in self._parts.items()},
            {
                "probability": self._blocks,
                **{
                    f"changes {i}": [spool.chunk(saved)]
                    for i, (spool, saved) in enumerate(
                        zip(self._spools, self._saved_bytes, strict=True)
                    )
                    if spool.size_bytes > saved
                },
            },
        )
        self._saved_bytes = [spool.size_bytes for spool in self._spools]
        self._blocks, self._block_bytes = [], 0
        self._saved_s = time.monotonic()
        self._cost_s = self._saved_s - start
