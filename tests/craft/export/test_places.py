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


def _with_image(entry, other):
    """Return an entry that has the earlier image of another one."""
    return replace(entry, pair=replace(entry.pair, before_sha256=other.pair.before_sha256))


def _named(entry, place):
    return replace(entry, pair=replace(entry.pair, place=place))


@pytest.mark.parametrize("subset", ["train", "val"])
def test_a_place_keeps_its_subset_if_one_of_an_earlier_name_joins_it(made, pairs, subset):
    first = plan_split(made.project, pairs, 0.5)
    remember_split(made.project, first)
    i = next(i for i, entry in enumerate(pairs) if first.subsets[entry.pair.id] == subset)
    joined = _with_image(_named(pairs[i], "0 before all others"), pairs[i])
    joined = replace(joined, pair=replace(joined.pair, id=999))
    for share in (0, 0.1, 0.9):
        second = plan_split(made.project, [*pairs, joined], share)
        assert dict(second.subsets) == {**first.subsets, 999: subset}


def test_an_image_keeps_its_subset_without_the_place_it_had(made, pairs):
    first = plan_split(made.project, pairs, 0.5)
    remember_split(made.project, first)
    for entry in pairs:
        second = plan_split(made.project, [_named(entry, "new")], 0.5)
        assert second.subsets[entry.pair.id] == first.subsets[entry.pair.id]


def test_what_joins_validation_and_training_is_validation(made, pairs):
    first = plan_split(made.project, pairs, 0.5)
    remember_split(made.project, first)
    val, train = (
        next(entry for entry in pairs if first.subsets[entry.pair.id] == subset)
        for subset in ("val", "train")
    )
    for place, other in ((val, train), (train, val)):
        bridge = _with_image(replace(place, pair=replace(place.pair, id=999)), other)
        second = plan_split(made.project, [*pairs, bridge], 0)
        joined = {e.pair.id for e in pairs if e.pair.place in (val.pair.place, train.pair.place)}
        assert {second.subsets[i] for i in (*joined, 999)} == {"val"}
        rest = first.subsets.keys() - joined
        assert {i: second.subsets[i] for i in rest} == {i: first.subsets[i] for i in rest}
