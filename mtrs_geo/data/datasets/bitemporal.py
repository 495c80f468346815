"""torchgeo's own bi-temporal sets as stage-1 sources.

What differs between the sets, and between releases of torchgeo, is met here and
nowhere else: band order, radiometry, the shape of a sample, and what a label means.
Left out: BRIGHT, whose later date is radar, and QuakeSet, which has no masks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, IGNORE, NONE
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.errors import MissingExtraError, RasterError
from mtrs_geo.types import UInt8Array

__all__ = ["BITEMPORAL_SETS", "BitemporalPairs", "BitemporalSet", "open_bitemporal"]

_SENTINEL2_RGB = ("B04", "B03", "B02")
_STRETCH = (2.0, 98.0)


def _stem(files: Mapping[str, Any], key: str = "image1") -> str:
    return Path(files[key]).stem


def _listed(name: Callable[[Mapping[str, Any]], str]) -> Callable[[Any], list[str]]:
    return lambda dataset: [name(files) for files in dataset.files]


@dataclass(frozen=True)
class BitemporalSet:
    """What this package must know of one of torchgeo's sets."""

    dataset: str
    """Name of the class in ``torchgeo.datasets``."""
    gsd_m: float
    labels: Mapping[int, int]
    """The set's mask values to codes of `mtrs_geo.data.datasets.changes`; 0 is NONE."""
    names: Callable[[Any], list[str]]
    """Takes the dataset; returns the name of each of its pairs."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What its constructor is given beside root and split."""
    is_reflectance: bool = False
    """Not 8-bit: each date and band is stretched between two percentiles."""


_LEVIR_NAMES = _listed(_stem)
_UUIDS: Callable[[Any], list[str]] = lambda dataset: list(dataset.uuids)  # noqa: E731
_BANDS = {"bands": _SENTINEL2_RGB}

BITEMPORAL_SETS: Mapping[str, BitemporalSet] = {
    # Nearly all of LEVIR's changes are buildings that appear.
    "levircd": BitemporalSet("LEVIRCD", 0.5, {1: APPEAR}, _LEVIR_NAMES),
    "levircdplus": BitemporalSet("LEVIRCDPlus", 0.5, {1: APPEAR}, _LEVIR_NAMES),
    "oscd": BitemporalSet(
        "OSCD", 10.0, {1: CHANGED}, _listed(lambda files: str(files["region"])), _BANDS, True
    ),
    # torchgeo subtracts the mask before the event, where every building is 1, from the
    # one after it: 1 minor damage, 2 major, 3 and 4 destroyed. Minor is rarely visible.
    "xview2": BitemporalSet(
        "XView2",
        0.5,
        {1: IGNORE, 2: CHANGED, 3: DISAPPEAR, 4: DISAPPEAR},
        _listed(lambda files: _stem(files).removesuffix("_pre_disaster")),
    ),
    "cabuar": BitemporalSet("CaBuAr", 20.0, {1: CHANGED}, _UUIDS, _BANDS, True),
    "chabud": BitemporalSet("ChaBuD", 10.0, {1: CHANGED}, _UUIDS, _BANDS, True),
}
"""The sets by name."""


class BitemporalPairs(Sequence[Pair]):
    """The pairs of a set in the order of their names, read when they are asked for."""

    def __init__(self, source: str, dataset: Any) -> None:  # noqa: ANN401 - one of torchgeo's
        self._set = BITEMPORAL_SETS[source]
        self._source = source
        self._dataset = dataset
        # Some of torchgeo's sets list their files in the order of the file system.
        self._items = sorted((name, i) for i, name in enumerate(self._set.names(dataset)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pairs."""
        return tuple(name for name, _ in self._items)

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        """Read one pair, or several.

        Raises:
            RasterError: if a file is damaged or dates and mask differ in size.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        name, position = self._items[index]
        try:
            images, mask = _unpack(self._dataset[position])
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            msg = f"pair {name} of {self._source} cannot be read: {error}"
            raise RasterError(msg) from error
        before, after = (self._as_rgb(image) for image in images)
        label = _translate(mask, self._set.labels)
        if not before.shape[:2] == after.shape[:2] == label.shape:
            msg = (
                f"pair {name} of {self._source} has dates of {before.shape[:2]} and "
                f"{after.shape[:2]} pixels and a mask of {label.shape}: they must be alike."
            )
            raise RasterError(msg)
        return Pair(name, self._source, before, after, label, self._set.gsd_m)

    def _as_rgb(self, image: np.ndarray) -> UInt8Array:
        pixels = image.transpose(1, 2, 0)
        if not self._set.is_reflectance:
            return np.ascontiguousarray(pixels.astype(np.uint8))
        low, high = np.percentile(pixels, _STRETCH, axis=(0, 1))
        scaled = (pixels - low) / np.maximum(high - low, 1e-6)
        rgb: UInt8Array = np.round(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
        return rgb


def open_bitemporal(source: str, root: Path | str, split: str = "train") -> BitemporalPairs:
    """Open one of torchgeo's bi-temporal sets that lies on disk; nothing is downloaded.

    Args:
        source: a key of `BITEMPORAL_SETS`.
        root: folder that torchgeo's class takes as its root.
        split: as that class names them.

    Raises:
        RasterError: if the set or split is unknown or not on disk.
        MissingExtraError: if torchgeo, or what it needs for this set, is not installed.
    """
    if source not in BITEMPORAL_SETS:
        msg = f"there is no bi-temporal set {source!r}. Known: {', '.join(BITEMPORAL_SETS)}."
        raise RasterError(msg)
    chosen = BITEMPORAL_SETS[source]
    try:
        from torchgeo import datasets
        from torchgeo.datasets import DatasetNotFoundError, DependencyNotFoundError
    except ImportError as error:
        msg = "torchgeo is needed: pip install 'mtrs-geo[train]'"
        raise MissingExtraError(msg) from error
    if not hasattr(datasets, chosen.dataset):
        msg = f"this torchgeo has no {chosen.dataset}: pip install -U 'torchgeo>=0.8'"
        raise MissingExtraError(msg)
    try:
        dataset = getattr(datasets, chosen.dataset)(str(root), split, **chosen.options)
    except DependencyNotFoundError as error:
        msg = f"{chosen.dataset} needs more: {error} (for example: pip install h5py)"
        raise MissingExtraError(msg) from error
    except (DatasetNotFoundError, AssertionError, OSError) as error:
        msg = f"{chosen.dataset} has no split {split!r} in {root}: {error}"
        raise RasterError(msg) from error
    pairs = BitemporalPairs(source, dataset)
    if not pairs:
        msg = f"{root} holds no pair of {chosen.dataset}'s split {split!r}. Check the path."
        raise RasterError(msg)
    return pairs


def _unpack(sample: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return (2, C, H, W) and (H, W): the one place that knows torchgeo's samples.

    Since 0.8 both dates lie in ``image`` and the mask may carry an axis for time.
    """
    image, mask = sample["image"], sample["mask"]
    if image.ndim != 4 or image.shape[0] != 2:
        msg = f"a sample of two dates must be (2, C, H, W), not {tuple(image.shape)}"
        raise ValueError(msg)
    if mask.ndim == 3 and mask.shape[0] == 1:
        mask = mask[0]
    if mask.ndim != 2:
        msg = f"a change mask must be (H, W) or (1, H, W), not {tuple(mask.shape)}"
        raise ValueError(msg)
    return image.numpy(), mask.numpy()


def _translate(mask: np.ndarray, labels: Mapping[int, int]) -> UInt8Array:
    unknown = set(np.unique(mask).tolist()) - {0, *labels}
    if unknown:
        msg = f"a change mask holds values that the set does not know: {sorted(unknown)}"
        raise RasterError(msg)
    table = np.full(256, NONE, np.uint8)
    for value, code in labels.items():
        table[value] = code
    translated: UInt8Array = table[mask]
    return translated
