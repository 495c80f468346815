"""Constructions and words of different askers: telegram style, speech, trades, leftovers."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("what is left of the tarn is a patch of mud", "water", "bare"),
        ("only bare ground remains of the barracks", "building", "bare"),
        ("it isn't woodland any more but a road", "vegetation", "road"),
        ("no more sand, all houses", "bare", "building"),
        ("there was a lawn, they put down asphalt", "vegetation", "road"),
        ("cottages before the quake, mud after", "building", "bare"),
        ("where green turned grey", "vegetation", "road"),
        ("grey to green", "road", "vegetation"),
        ("sheds converted from garden land", "vegetation", "building"),
        ("meadows the river took", "vegetation", "water"),
        ("a suburb of villas rises from the desert", "bare", "building"),
        ("the flooding of the meadows", "vegetation", "water"),
        ("the paving-over of front gardens", "vegetation", "road"),
        ("sand overlaid with chalets", "bare", "building"),
        ("a motorway slewed across the heath", "vegetation", "road"),
        ("villas on ex-farmland", "vegetation", "building"),
        ("fewer trees and more tarmac", "vegetation", "road"),
        ("empty plots now with houses", "bare", "building"),
        ("meadow with a barn on it now", "vegetation", "building"),
        ("the quarry has eaten another field", "vegetation", "bare"),
        ("Canopy down, roofs up", "vegetation", "building"),
        ("bulldozed favela, empty ground now", "building", "bare"),
    ],
)
def test_one_kind_became_another(text: str, before: str, after: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))


@pytest.mark.parametrize(
    ("text", "direction", "kind"),
    [
        ("um the byre that used to stand there it's gone", "disappeared", "building"),
        ("tents, no wait, huts put up since the quake", "appeared", "building"),
        ("for my thesis i need new tarns", "appeared", "water"),
        ("the old town was razed", "disappeared", "building"),
        ("river widening on the eastern edge", "appeared", "water"),
        ("the topsoil has been stripped", "appeared", "bare"),
        ("hillside that lost its trees", "disappeared", "vegetation"),
        ("roads that werent there before", "appeared", "road"),
        ("new horse paddocks", "appeared", "vegetation"),
        ("neww houses", "appeared", "building"),
        ("fileds that appeared", "appeared", "vegetation"),
        ("land that isn't built on any more", "disappeared", "building"),
        ("trees felled and never replanted", "disappeared", "vegetation"),
        ("the lake hasn't any water left", "disappeared", "water"),
        ("barns lost to arson", "disappeared", "building"),
        ("a tower that wasn't there last time", "appeared", "building"),
        ("new roads down to the river", "appeared", "road"),
    ],
)
def test_one_kind_came_or_went(text: str, direction: str, kind: str) -> None:
    found = one(text)
    assert (found.direction, found.before or found.after) == (direction, (kind,))
    assert found.is_answered


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new sheds, ignore greenhouses", "except greenhouses"),
        ("new water, wetlands excluded", "except wetlands"),
        ("new trees, but skip the ones near houses", "except those within 50 m of the houses"),
        ("new sheds, none below 80 m2", "larger than 80 m²"),
    ],
)
def test_what_is_left_out(text: str, rule: str) -> None:
    found = one(text)
    assert found.is_answered
    assert rule in found.meaning


@pytest.mark.parametrize("text", ["hardstanding laid near the barns", "houses near the osier beds"])
def test_reference_that_is_found_as_its_class_is_a_doubt(text: str) -> None:
    assert one(text).code == "general_reference"


@pytest.mark.parametrize(
    "text",
    [
        "new houses near the school",
        "new sheds near the runway",
        "cars near the barns",
        "balcony flowers that appeared",
    ],
)
def test_reference_of_one_purpose_needs_a_layer(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize("text", ["in the old town", "the town changed", "traffic in the town"])
def test_settlement_that_is_a_place_is_no_building(text: str) -> None:
    assert "building" not in (*one(text).before, *one(text).after)
