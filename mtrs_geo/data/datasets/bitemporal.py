"""Adapters of the bi-temporal datasets of torchgeo: every sample becomes a `Pair`.

Only this module handles what differs between the datasets and between releases of torchgeo:
band order, radiometry, the shape of a sample and the meaning of labels.  Two datasets are
left out: the later date of BRIGHT is radar, and QuakeSet has no masks.
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


def _names_of_files(name: Callable[[Mapping[str, Any]], str]) -> Callable[[Any], list[str]]:
    return lambda dataset: [name(files) for files in dataset.files]


@dataclass(frozen=True)
class BitemporalSet:
    """Description of one dataset of torchgeo."""

    dataset: str
    """Name of the class in ``torchgeo.datasets``."""
    gsd_m: float
    labels: Mapping[int, int]
    """Change code of `mtrs_geo.class_codes` for each mask value; 0 is NONE."""
    names: Callable[[Any], list[str]]
    """Takes the dataset; returns the names of its pairs."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of its constructor besides root and split."""
    is_reflectance: bool = False
    """Whether pixels are not 8-bit: each date and band is stretched between two percentiles."""


_LEVIR_NAMES = _names_of_files(_stem)
_UUIDS: Callable[[Any], list[str]] = lambda dataset: list(dataset.uuids)  # noqa: E731
_BANDS = {"bands": _SENTINEL2_RGB}

BITEMPORAL_SETS: Mapping[str, BitemporalSet] = {
    # Nearly all changes of LEVIR are buildings that appear.
    "levircd": BitemporalSet("LEVIRCD", 0.5, {1: APPEAR}, _LEVIR_NAMES),
    "levircdplus": BitemporalSet("LEVIRCDPlus", 0.5, {1: APPEAR}, _LEVIR_NAMES),
    "oscd": BitemporalSet(
        "OSCD",
        10.0,
        {1: CHANGED},
        _names_of_files(lambda files: str(files["region"])),
        _BANDS,
        True,
    ),
    # torchgeo subtracts the mask before the event, in which buildings are 1, from the mask
    # after it: 1 is minor damage, 2 major, 3 and 4 destroyed. Minor damage is rarely visible.
    "xview2": BitemporalSet(
        "XView2",
        0.5,
        {1: IGNORE, 2: CHANGED, 3: DISAPPEAR, 4: DISAPPEAR},
        _names_of_files(lambda files: _stem(files).removesuffix("_pre_disaster")),
    ),
    "cabuar": BitemporalSet("CaBuAr", 20.0, {1: CHANGED}, _UUIDS, _BANDS, True),
    "chabud": BitemporalSet("ChaBuD", 10.0, {1: CHANGED}, _UUIDS, _BANDS, True),
}
"""The datasets by name."""


class BitemporalPairs(Sequence[Pair]):
    """The pairs of a dataset, sorted by name; each is read when it is indexed."""

    def __init__(self, source: str, dataset: Any) -> None:  # noqa: ANN401 - one of torchgeo's
        self._set = BITEMPORAL_SETS[source]
        self._source = source
        self._dataset = dataset
        # Some datasets of torchgeo list their files in the order of the file system.
        self._items = sorted((name, i) for i, name in enumerate(self._set.names(dataset)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pairs."""
        return tuple(name for name, _ in self._items)

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        """Read one pair, or the pairs of a slice.

        Raises:
            RasterError: if a file is damaged, or the dates and the mask differ in size.
        """
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        name, position = self._items[index]
        try:
            images, mask = _unpack(self._dataset[position])
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            msg = f"pair {name} of {self._source} cannot be read: {error}."
            raise RasterError(msg, advice="Download or extract the dataset again.") from error
        before, after = (self._as_rgb(image) for image in images)
        label = _translate(mask, self._set.labels)
        if not before.shape[:2] == after.shape[:2] == label.shape:
            msg = (
                f"pair {name} of {self._source} has dates of {before.shape[:2]} and "
                f"{after.shape[:2]} pixels and a mask of {label.shape}; their sizes must be equal."
            )
            raise RasterError(msg, advice="Download or extract the dataset again.")
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
    """Open a bi-temporal dataset of torchgeo that is on disk; nothing is downloaded.

    Args:
        source: a key of `BITEMPORAL_SETS`.
        root: root folder, as the class of torchgeo expects it.
        split: name of a split of that class.

    Raises:
        RasterError: if the dataset or split is unknown or not on disk.
        MissingExtraError: if torchgeo, or a package that this dataset needs, is not installed.
    """
    if source not in BITEMPORAL_SETS:
        msg = f"there is no bi-temporal dataset {source!r}."
        raise RasterError(msg, advice=f"Choose one of: {', '.join(BITEMPORAL_SETS)}.")
    spec = BITEMPORAL_SETS[source]
    try:
        from torchgeo import datasets
        from torchgeo.datasets import DatasetNotFoundError, DependencyNotFoundError
    except ImportError as error:
        msg = "torchgeo is not installed."
        raise MissingExtraError(msg, advice="Install it: pip install 'mtrs-geo[train]'") from error
    if not hasattr(datasets, spec.dataset):
        msg = f"the installed torchgeo has no dataset {spec.dataset}."
        raise MissingExtraError(msg, advice="Update it: pip install -U 'torchgeo>=0.8'")
    try:
        dataset = getattr(datasets, spec.dataset)(str(root), split, **spec.options)
    except DependencyNotFoundError as error:
        msg = f"{spec.dataset} needs a package that is not installed: {error}."
        advice = "Install the package, for example: pip install h5py"
        raise MissingExtraError(msg, advice=advice) from error
    except (DatasetNotFoundError, AssertionError, OSError) as error:
        msg = f"{spec.dataset} has no split {split!r} in {root}: {error}."
        advice = "Check the path and the name of the split."
        raise RasterError(msg, advice=advice) from error
    pairs = BitemporalPairs(source, dataset)
    if not pairs:
        msg = f"{root} has no pair of split {split!r} of {spec.dataset}."
        raise RasterError(msg, advice="Check the path and the name of the split.")
    return pairs


def _unpack(sample: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (2, C, H, W) and the mask (H, W) of a sample of torchgeo.

    Since torchgeo 0.8 ``image`` has both dates, and the mask may have an axis of length 1 for
    time.
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
    """Return a mask (H, W) of a dataset as change codes of `mtrs_geo.class_codes`."""
    unknown = set(np.unique(mask).tolist()) - {0, *labels}
    if unknown:
        msg = f"a change mask has values without a meaning in this dataset: {sorted(unknown)}."
        advice = f"Use masks with the values {[0, *labels]} only."
        raise RasterError(msg, advice=advice)
    table = np.full(256, NONE, np.uint8)
    for value, code in labels.items():
        table[value] = code
    label: UInt8Array = table[mask]
    return label
