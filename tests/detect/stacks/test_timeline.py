from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from mtrs_geo import detect_changes_stack
from mtrs_geo.errors import OutputError


def test_a_timeline(ponds: list[Path], tmp_path: Path) -> None:
    result = detect_changes_stack(
        ponds, ["new ponds", "新 demolished houses"], pairs="all", timeline=tmp_path / "t.png",
        model="brightness", threshold=0.3,
    )  # fmt: skip
    assert result.timeline == tmp_path / "t.png"
    picture = imread(result.timeline)
    assert picture.shape[1] == 1600
    assert np.ptp(picture[..., :3].reshape(-1, 3), axis=0).min() > 0.9


def test_other_formats_and_unknown_dates(ponds: list[Path], tmp_path: Path) -> None:
    copies = [tmp_path / f"{name}.tif" for name in "abc"]
    for copy, path in zip(copies, ponds, strict=False):
        copy.write_bytes(path.read_bytes())
    detect_changes_stack(copies, timeline=tmp_path / "t.pdf", model="brightness")
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(OutputError, match=r"timeline .* is not a supported image format"):
        detect_changes_stack(copies, timeline=tmp_path / "t.doc", model="brightness")
