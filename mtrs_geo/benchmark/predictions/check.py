"""Every defect of a folder of predictions, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mtrs_geo.benchmark.config import SplitEntry
from mtrs_geo.benchmark.predictions.folder import METADATA, MaskDefect, read_facts, read_mask
from mtrs_geo.benchmark.split_samples import Sample, list_pairs
from mtrs_geo.data.split.reader import PairFiles
from mtrs_geo.errors import RasterError
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import Shape

__all__ = ["CheckReport", "Defect", "check_predictions"]


@dataclass(frozen=True)
class Defect:
    """One defect."""

    kind: str
    """metadata, missing, misnamed, extra, unreadable, wrong size or not binary."""
    item: str
    """Name of the file."""
    message: str
    meant: str = ""
    """Right name of a misnamed file."""


@dataclass(frozen=True)
class CheckReport:
    """What was found in a folder of predictions."""

    samples: int
    """Samples of the split."""
    good: int
    """Samples with a mask that can be scored."""
    failed: dict[str, str]
    """Samples that the program itself says have failed, and why."""
    defects: tuple[Defect, ...]

    @property
    def is_complete(self) -> bool:
        """Whether there is no defect."""
        return not self.defects

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self) | {"complete": self.is_complete}

    def summary(self) -> Iterator[str]:
        """Yield a line per defect, then the counts."""
        for defect in self.defects:
            yield f"{defect.kind}: {defect.message}"
        yield (
            f"{self.good} of {self.samples} samples have a mask that can be scored, "
            f"{len(self.failed)} are listed as failed"
        )
        counts = Counter(defect.kind for defect in self.defects)
        found = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        yield f"{len(self.defects)} defects: {found}" if found else "no defects"


def check_predictions(
    folder: Path | str, data: Path | str, *, progress: Progress | None = None
) -> CheckReport:
    """Compare a folder of predictions with a split.

    Args:
        folder: with ``predictions.json`` and ``masks``.
        data: folder of the split.
        progress: advances once per sample.

    Raises:
        RasterError: if the split cannot be read.
    """
    folder, progress = Path(folder), progress or Silent()
    defects: list[Defect] = []
    failed: dict[str, str] = {}
    try:
        failed = read_facts(folder).failed
    except RasterError as error:
        defects.append(Defect("metadata", METADATA, error.message))
    expected = {
        sample.mask_name: (sample, files)
        for pair in list_pairs(SplitEntry("split", Path(data)))
        for sample in pair.samples
        for files in pair.files
        if files.record.name == sample.record
    }
    present = _names(folder / "masks")
    defects += _strangers(present, expected, failed)
    progress.start(len(expected), "masks")
    misnamed = {defect.meant for defect in defects if defect.kind == "misnamed"}
    good = 0
    for name, (sample, files) in expected.items():
        progress.advance()
        if sample.id in failed or (name in misnamed and name not in present):
            continue
        mask = read_mask(folder, sample, _shape(files.after))
        if isinstance(mask, MaskDefect):
            defects.append(Defect(mask.kind, name, mask.message))
        else:
            good += 1
    known = {sample.id for sample, _ in expected.values()}
    defects += [
        Defect("metadata", name, f"{METADATA} lists {name!r} as failed, which is no sample")
        for name in failed
        if name not in known
    ]
    return CheckReport(len(expected), good, failed, tuple(defects))


def _names(masks: Path) -> set[str]:
    """Return what a folder of masks contains, folders and hidden files included."""
    if not masks.is_dir():
        return set()
    return {str(p.relative_to(masks)) for p in masks.rglob("*") if not p.is_dir()}


def _strangers(
    present: Iterable[str],
    expected: Mapping[str, tuple[Sample, PairFiles]],
    failed: Mapping[str, str],
) -> list[Defect]:
    """Return files that are the mask of no sample, and those of samples listed as failed."""
    by_plain_name = {_plain(name): name for name in expected}
    defects = []
    for name in sorted(present):
        if name in expected:
            sample = expected[name][0]
            if sample.id in failed:
                text = f"{name} exists, but {METADATA} lists {sample.id!r} as failed"
                defects.append(Defect("metadata", name, text))
            continue
        meant = by_plain_name.get(_plain(name))
        if meant is not None:
            defects.append(Defect("misnamed", name, f"{name} should be named {meant}", meant))
        else:
            defects.append(Defect("extra", name, f"{name} is the mask of no sample"))
    return defects


def _plain(name: str) -> str:
    """Return a name without folder, suffix, case, zeros before the index and signs."""
    stem = Path(name).name.rpartition(".")[0] or Path(name).name
    pair, _, index = stem.replace("#", "_").replace("-", "_").replace(" ", "_").rpartition("_")
    return f"{pair}_{index.lstrip('0') or '0'}".lower()


def _shape(path: Path) -> Shape:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.height, image.width
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        msg = f"{path} cannot be read as an image: {error}."
        raise RasterError(msg, advice="Copy the file again.") from error
