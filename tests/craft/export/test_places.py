from __future__ import annotations

from dataclasses import replace

import pytest

from mtrs_geo.craft.export.accepted import read_triplets
from mtrs_geo.craft.export.places import plan_split, remember_split


@pytest.fixture
def pairs(made):
    return read_triplets(made.project)


def test_no_place_is_in_both_subsets(made, pairs):
    for share in (0.1, 0.3, 0.5, 0.8):
        plan = plan_split(made.project, pairs, share)
        by_place = {}
        for entry in pairs:
            by_place.setdefault(entry.pair.place, set()).add(plan.subsets[entry.pair.id])
        assert all(len(subsets) == 1 for subsets in by_place.values())
        assert set(plan.subsets.values()) == {"train", "val"}
    assert set(plan_split(made.project, pairs, 0).subsets.values()) == {"train"}
    assert set(plan_split(made.project, pairs[:2], 0.5).subsets.values()) == {"train"}


def test_the_share_is_met_as_closely_as_places_allow(made, pairs):
    for share, places in ((0.01, 1), (0.3, 1), (0.4, 2), (0.6, 2), (0.65, 3), (0.99, 3)):
        plan = plan_split(made.project, pairs, share)
        assert list(plan.subsets.values()).count("val") == 2 * places


def test_pairs_that_share_an_image_are_one_place(made, pairs):
    same = [
        replace(entry, pair=replace(entry.pair, before_sha256="same")) if i in (0, 7) else entry
        for i, entry in enumerate(pairs)
    ]
    for share in (0.2, 0.5, 0.7):
        plan = plan_split(made.project, same, share)
        assert len({plan.subsets[same[i].pair.id] for i in (0, 1, 6, 7)}) == 1


def test_new_places_do_not_move_old_ones(made, pairs):
    first = plan_split(made.project, pairs[:6], 0.3)
    remember_split(made.project, first)
    second = plan_split(made.project, pairs, 0.3)
    assert {i: second.subsets[i] for i in first.subsets} == dict(first.subsets)
