"""Places held back: compact, about a fifth, never below five pairs."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
from hypothesis import given

from mtrs_geo.data.sampling.spatial_split import held_back

ORIGINS = st.lists(st.none() | st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=60)


@given(st.lists(ORIGINS, min_size=1, max_size=3))
def test_about_a_fifth(sources: list[list[tuple[int, int] | None]]) -> None:
    total = sum(map(len, sources))
    ways = list(held_back(sources))
    assert bool(ways) == (total >= 5)
    for held in ways:
        count = sum(map(len, held))
        assert 1 <= count <= max(2, total // 2)
        for source, chosen in zip(sources, held, strict=True):
            assert chosen <= set(range(len(source)))
    kept = [set() for _ in sources]
    for held in ways:
        for number, chosen in enumerate(held):
            assert not kept[number] & chosen  # every way holds other pairs back
            kept[number] |= chosen


def test_neighbours_stay_together() -> None:
    """Of 8 × 8 tiles blocks of four are held back: two by two, not a sprinkle."""
    tiles = [(row * 100, col * 100) for row, col in product(range(8), range(8))]
    for (held,) in held_back([tiles]):
        for i in held:
            row, col = tiles[i]
            beside = {(row + 100, col), (row - 100, col), (row, col + 100), (row, col - 100)}
            assert beside & {tiles[j] for j in held}


def test_no_more_than_asked_for() -> None:
    tiles = [(row * 100, col * 100) for row, col in product(range(30), range(30))]
    for (held,) in held_back([tiles], most=100):
        assert 100 <= len(held) < 150
