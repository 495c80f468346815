"""MTRefSeg-21K as a torchgeo dataset: a sample is a pair with all of its expressions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torchgeo.datasets import NonGeoDataset

from mtrs_geo.data.split.layout import Domain, Subset, split_folder
from mtrs_geo.data.split.reader import open_split

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MTRefSeg21K"]

Sample: TypeAlias = dict[str, Any]


class MTRefSeg21K(NonGeoDataset):
    """Pairs of MTRefSeg-21K (arXiv 2606.00987) or of any folder in its layout.

    A sample has these keys, as in torchgeo's bi-temporal datasets since 0.8:

    * ``image``: (2, 3, H, W) float32 in 0…255, earlier date first;
    * ``mask``: (N, H, W) int64 of 0 and 1, one per expression;
    * ``texts``: the N expressions, and ``name``: the name of the pair.

    Args:
        root: folder that contains the splits, or one split if ``domain`` is None.
        domain: ``TV`` (both), ``NS`` or ``RS``.
        subset: ``train`` or ``val``.
        transforms: function that takes and returns a sample.

    Raises:
        RasterError: if the split is missing or incomplete.
    """

    def __init__(
        self,
        root: Path | str = "data",
        domain: Domain | None = "TV",
        subset: Subset = "train",
        transforms: Callable[[Sample], Sample] | None = None,
    ) -> None:
        self.root = Path(root)
        folder = self.root if domain is None else split_folder(self.root, domain, subset)
        self.pairs = open_split(folder)
        self.transforms = transforms

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        """Return one pair and its expressions."""
        pair = self.pairs[index]
        images = [torch.from_numpy(i.transpose(2, 0, 1).copy()) for i in (pair.before, pair.after)]
        sample: Sample = {
            "image": torch.stack(images).float(),  # (2, 3, H, W)
            "mask": torch.from_numpy(pair.masks.astype("int64")),  # (N, H, W)
            "texts": list(pair.expressions),
            "name": pair.name,
        }
        return sample if self.transforms is None else self.transforms(sample)

    def plot(self, sample: Sample, suptitle: str | None = None) -> Figure:
        """Draw both dates and every mask with its expression as the title."""
        from matplotlib.figure import Figure

        dates = [image.byte().permute(1, 2, 0) for image in sample["image"]]
        titles = ["before", "after", *sample["texts"]]
        panels = list(zip(titles, [*dates, *sample["mask"]], strict=True))
        figure = Figure((3 * len(panels), 3.4), layout="constrained")
        axes = figure.subplots(1, len(panels))
        for panel, (title, pixels) in zip(axes, panels, strict=True):
            panel.imshow(pixels.numpy())
            panel.set_title(title, fontsize=9, wrap=True, parse_math=False)
            panel.set_axis_off()
        if suptitle is not None:
            figure.suptitle(suptitle)
        return figure
