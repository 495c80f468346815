"""A running worker and a large pair of rasters, for the tests of the worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from json_lines_client import Client

from mtrs_geo.data.rendering.synthetic import PairPaths, write_large_pair


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One worker for most tests: no request may end it."""
    client = Client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def large_pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_large_pair(tmp_path_factory.mktemp("large"), 3000, 3000, seed=0)
