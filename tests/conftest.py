"""Rendered pairs that many tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from mtrs_geo.data.synthetic import PairPaths, RenderedPair, render_pair, write_pair

# No test asserts a time: machines differ.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def rendered() -> RenderedPair:
    return render_pair(512, 640, seed=3, new_buildings=8, demolished=4)


@pytest.fixture(scope="session")
def pair_paths(rendered: RenderedPair, tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_pair(tmp_path_factory.mktemp("pair"), rendered)
