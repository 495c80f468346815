"""Held-out places: compact, about a fifth of the pairs, none for fewer than five pairs."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
from hypothesis import given

from mtrs_geo.data.sampling.spatial_split import held_out_folds

ORIGINS = st.lists(st.none() | st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=60)


@given(st.lists(ORIGINS, min_size=1, max_size=3))
def test_folds_hold_out_about_a_fifth_without_overlap(
    sources: list[list[tuple[int, int] | None]],
) -> None:
    total = sum(map(len, sources))
    folds = list(held_out_folds(sources))
    assert bool(folds) == (total >= 5)
    for fold in folds:
        count = sum(map(len, fold))
        assert 1 <= count <= max(2, total // 2)
        for source, indices in zip(sources, fold, strict=True):
            assert indices <= set(range(len(source)))
    used = [set() for _ in sources]
    for fold in folds:
        for number, indices in enumerate(fold):
            assert not used[number] & indices  # every fold holds out other pairs
            used[number] |= indices


def test_neighbours_are_in_the_same_fold() -> None:
    """Of 8 × 8 tiles, blocks of two by two tiles are held out, not scattered tiles."""
    tiles = [(row * 100, col * 100) for row, col in product(range(8), range(8))]
    for (fold,) in held_out_folds([tiles]):
        for i in fold:
            row, col = tiles[i]
            neighbours = {(row + 100, col), (row - 100, col), (row, col + 100), (row, col - 100)}
            assert neighbours & {tiles[j] for j in fold}


def test_the_number_of_pairs_is_limited() -> None:
    tiles = [(row * 100, col * 100) for row, col in product(range(30), range(30))]
    for (fold,) in held_out_folds([tiles], max_pairs=100):
        assert 100 <= len(fold) < 150
