"""Batches from a pool of crops that workers refill, as a loader and as a data module."""

from __future__ import annotations

import math
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from mtrs_geo.data.sampling.crops import Batch, Crops, Sources
from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.pooled_crops import (
    PooledCrop,
    PooledCrops,
    pooled_augmentation,
    pooled_px,
)
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.errors import RequestError
from mtrs_geo.training.bundle.pool import CropPool, bytes_per_crop

__all__ = ["PooledDataModule", "PooledLoader"]

_SHARE = 0.4
"""Share of a GPU's free memory that a pool of automatic size takes."""
_MB_ELSEWHERE = 500.0
"""Megabytes of a pool of automatic size without a GPU."""
_DRAWS = 16
"""Draws per new crop without workers, where nothing else sets the pace."""
_WAITING = 32
"""Most crops that wait to enter the pool."""
_POLL_S = 0.2


class PooledLoader:
    """Endless batches that are drawn from a pool, which new crops enter all the time.

    The first batch waits until the pool has as many crops as a batch.

    Args:
        source: makes the crops, in processes or, without workers, between two batches.
        pool_mb: megabytes (10⁶ bytes) of the pool; infinity is 40 % of a GPU's free memory,
            and 500 elsewhere.
        batch_size: crops per batch.
        augmentation: of the training crops.
        seed: seed of all draws.
        device: where the pool lies.
    """

    def __init__(
        self,
        source: DataLoader[PooledCrop],
        pool_mb: float,
        batch_size: int,
        augmentation: Augmentation,
        seed: int,
        device: torch.device,
    ) -> None:
        self.source, self.pool_mb, self.batch_size = source, pool_mb, batch_size
        self.augmentation, self.seed, self.device = augmentation, seed, device
        self.pool: CropPool | None = None

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches, with a new pool.

        Raises:
            RequestError: if the pool has no room for a crop, or is larger than the free memory.
        """
        feed = _Feed(self.source)
        try:
            first = feed.wait()
            size = self._capacity(bytes_per_crop(first))
            self.pool = CropPool(size, first, self.augmentation, self.seed, self.device)
            self.pool.add(first)
            sys.stderr.write(f"pool: {size} crops of {bytes_per_crop(first) / 1e6:.2f} MB\n")
            while len(self.pool) < min(size, self.batch_size):
                self.pool.add(feed.wait())
            while True:
                for crop in feed.arrived(-(-self.batch_size // _DRAWS)):
                    self.pool.add(crop)
                yield self.pool.draw(self.batch_size)
        finally:
            feed.close()

    def figures(self) -> dict[str, float]:
        """Return the size of the pool, new crops, and how often and how long they are used."""
        if self.pool is None:
            return {}
        return {
            "pool_crops": len(self.pool),
            "pool_new_crops": self.pool.added,
            "pool_draws_per_crop": round(self.pool.drawn / self.pool.added, 1),
            "pool_age_s": round(self.pool.age_s, 1),
        }

    def _capacity(self, crop_bytes: int) -> int:
        free = math.inf
        if self.device.type == "cuda":
            free = torch.cuda.mem_get_info(self.device)[0]
        size = 1e6 * self.pool_mb
        if math.isinf(size):
            size = 1e6 * _MB_ELSEWHERE if math.isinf(free) else _SHARE * free
        if crop_bytes <= size <= free:
            return int(size // crop_bytes)
        msg = f"a pool of {size / 1e6:g} MB "
        if size > free:
            msg += f"does not fit into the {free / 1e6:.0f} MB that are free on {self.device}."
        else:
            msg += f"has no room for a crop of {crop_bytes / 1e6:.2f} MB."
        raise RequestError(msg, advice="Give another --pool-mb, or auto.")


class _Feed:
    """The crops of a loader; those of worker processes are fetched by a thread."""

    def __init__(self, source: DataLoader[PooledCrop]) -> None:
        self._source = source
        self._own = None if source.num_workers else iter(source)
        self._queue: queue.Queue[PooledCrop | BaseException] = queue.Queue(_WAITING)
        self._is_closed = threading.Event()
        if self._own is None:
            threading.Thread(target=self._fetch, daemon=True).start()

    def wait(self) -> PooledCrop:
        """Return the next crop."""
        return next(self._own) if self._own is not None else self._checked(self._queue.get())

    def arrived(self, count: int) -> Iterator[PooledCrop]:
        """Yield the crops that are ready; without workers, make ``count`` crops."""
        if self._own is not None:
            for _ in range(count):
                yield next(self._own)
            return
        for _ in range(self._queue.qsize()):
            yield self._checked(self._queue.get())

    def close(self) -> None:
        """End the thread, and with it the worker processes."""
        self._is_closed.set()

    @staticmethod
    def _checked(item: PooledCrop | BaseException) -> PooledCrop:
        if isinstance(item, BaseException):
            raise item
        return item

    def _fetch(self) -> None:
        try:
            for crop in self._source:
                self._put(crop)
                if self._is_closed.is_set():
                    return
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits for crops
            self._put(error)

    def _put(self, item: PooledCrop | BaseException) -> None:
        while not self._is_closed.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return


class PooledDataModule(ChangeDataModule):
    """`ChangeDataModule` whose training batches come from a pool on the trainer's device.

    Args:
        root: the data root.
        pool_mb: as in `PooledLoader`.
        options: arguments of `ChangeDataModule`.
    """

    def __init__(
        self,
        root: str,
        pool_mb: float,
        **options: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(root, **options)
        self.pool_mb = pool_mb
        self.loader: PooledLoader | None = None

    @property
    def composed_px(self) -> int:
        """Side of the composed pairs of training, in pixels."""
        return pooled_px(self.augmentation.crop_px)

    def train_dataloader(self) -> PooledLoader:  # type: ignore[override]
        """Return a loader that draws from a pool; a resumed run starts with a new pool."""
        self.setup("fit")
        device = torch.device("cpu") if self.trainer is None else self.trainer.strategy.root_device
        crops = Crops(
            self.sources or Sources(),
            pooled_augmentation(self.augmentation),
            self.sentences,
            self.text_only,
            self.seed,
            self.composed,
            self.source_weights,
        )
        pooled = PooledCrops(crops, self.augmentation.crop_px, self.augmentation.swap)
        source = DataLoader(pooled, None, num_workers=self.num_workers, collate_fn=_unchanged)
        self.loader = PooledLoader(
            source, self.pool_mb, self.batch_size, self.augmentation, self.seed, device
        )
        return self.loader


def _unchanged(crop: Any) -> Any:  # noqa: ANN401 - without it, tensors are looked for in the crop
    return crop
