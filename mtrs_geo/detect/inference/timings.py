"""Where the time of a run goes: seconds per stage, and how long each part worked and waited."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

__all__ = ["Part", "Speed", "Timings"]

Part: TypeAlias = Literal["reading", "model", "writing"]

_FINISHING = "finish"
"""Stage of what is written after the last tile."""


@dataclass(frozen=True)
class Speed:
    """How long the parts of a run worked and waited, while tiles were read, answered and written.

    Reading has several threads; its seconds are the mean of a thread.  Writing is all that comes
    after the model: blending, polygons, files and the state for ``--resume``.
    """

    worked_s: Mapping[Part, float]
    """Wall-clock seconds in which a part worked."""
    waited_s: Mapping[Part, float]
    """Wall-clock seconds in which it waited for the others."""
    bottleneck: Part
    """The part that worked longest: the run gets faster only if this part does."""
    tiles_per_s: float
    """Tiles that this run answered, per second of its whole time."""
    km2_per_s: float
    """Area of these tiles, per second of the whole time."""
    gsd_m: float
    """Pixel size on the ground, in metres, at which this was measured."""

    def line(self) -> str:
        """Return the speed as one line of text."""
        if not self.tiles_per_s:
            return "no tile was answered"
        # Of one time for all, so that the bottleneck has the largest share.
        whole_s = max(1e-9, *(self.worked_s[part] + self.waited_s[part] for part in get_args(Part)))
        shares = ", ".join(f"{part} {self.worked_s[part] / whole_s:.0%}" for part in get_args(Part))
        return (
            f"{self.km2_per_s:.3g} km²/s at {self.gsd_m:g} m per pixel, "
            f"{self.tiles_per_s:.3g} tiles/s; bottleneck: {self.bottleneck} (busy: {shares})"
        )


@dataclass
class Timings:
    """Wall-clock seconds per stage of a run; several threads may measure."""

    seconds: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time spent in the block to ``stage``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            with self._lock:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + elapsed

    def speed(
        self, *, readers: int, tiles: int, tile_km2: float, gsd_m: float, total_s: float
    ) -> Speed:
        """Return how long the parts worked and waited.

        Args:
            readers: number of threads that read.
            tiles: number of tiles that were answered.
            tile_km2: area of a tile without its overlaps.
            gsd_m: pixel size in metres.
            total_s: seconds of the whole run.
        """
        spent = self.seconds
        flow_s, finish_s = spent.get("tiles", 0.0), spent.get(_FINISHING, 0.0)
        writing_s = flow_s - spent.get("wait for the model", 0.0)
        worked: dict[Part, float] = {
            "reading": spent.get("read", 0.0) / readers,
            "model": spent.get("model", 0.0),
            "writing": writing_s + finish_s,
        }
        waited: dict[Part, float] = {
            part: max(0.0, flow_s + finish_s * (part == "writing") - worked_s)
            for part, worked_s in worked.items()
        }
        return Speed(
            {part: round(worked_s, 3) for part, worked_s in worked.items()},
            {part: round(waited_s, 3) for part, waited_s in waited.items()},
            max(worked, key=worked.__getitem__),
            tiles / total_s,
            tiles * tile_km2 / total_s,
            gsd_m,
        )
