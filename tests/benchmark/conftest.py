"""A split of noise whose true masks are thresholds of the red band, disturbed more and more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split


@pytest.fixture(scope="session")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    root = tmp_path_factory.mktemp("data") / "RS"
    with write_split(root) as writer:
        for i in range(8):
            before, after = rng.integers(0, 255, (2, 20 + i, 30, 3), dtype=np.uint8)
            texts = ("new houses 0.2", "demolished houses 0.6", "new ponds 1.1")[: 1 + i % 3]
            masks = np.stack([after[..., 0] / 255 > float(t.split()[-1]) for t in texts])
            masks ^= rng.random(masks.shape) < 0.05 * i
            if len(texts) == 3:
                masks[1:] = False  # empty masks: one predicted wrongly, one correctly
            writer.add(ReferringPair(f"p{i}", before, after, texts, masks))
    return root


@pytest.fixture(autouse=True)
def segmenters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``python:segmenters:FUNCTION`` be found, here and in processes."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", folder)
