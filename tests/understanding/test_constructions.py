"""Constructions, forms of verbs and rewritten idioms give the direction and the classes."""

from __future__ import annotations

import pytest

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Vocabulary, understand
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases.rewriting import rewrite
from mtrs_geo.understanding.verb_forms import verb_forms

TINY = read_vocabulary(WEIGHTS / "tiny")


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("former runway, today houses", "changed", "road", "building"),
        ("paved courtyard turned garden", "changed", "road", "vegetation"),
        ("soil exposed by logging", "changed", "vegetation", "bare"),
        ("new sheds on the meadow", "changed", "vegetation", "building"),
        ("demolished sheds on the meadow", "disappeared", "building", ""),
        ("asphalt that was torn up and made into a park", "changed", "road", "vegetation"),
        ("houses which has been replaced of trees", "changed", "building", "vegetation"),
        ("road replaced of grass", "changed", "road", "vegetation"),
        ("trees replaced through houses", "changed", "vegetation", "building"),
        ("trees that fell victim to the bypass", "changed", "vegetation", "road"),
        ("the sea took the beach", "changed", "bare", "water"),
        ("logistics centres eating up farmland", "changed", "vegetation", "building"),
        ("the allotments were lost when the flats went up", "changed", "vegetation", "building"),
        ("vegetation became something else", "changed", "vegetation", ""),
        ("what stood here before the car park was made?", "changed", "", "road"),
        ("trees gone at the edge of the pond", "disappeared", "vegetation", ""),
        ("houses the flood carried off", "disappeared", "building", ""),
        ("in the south, which houses went?", "disappeared", "building", ""),
        ("is the farmhouse still there or was it pulled down", "disappeared", "building", ""),
        ("buildings in the first image but not in the second", "disappeared", "building", ""),
        ("where is there water that was not there in 2008?", "appeared", "", "water"),
        ("roads in 2018 that were absent in 2008", "appeared", "", "road"),
        ("all areas with vegetation gain", "appeared", "", "vegetation"),
        ("beach eroded", "disappeared", "bare", ""),
        ("erosion of the dunes", "disappeared", "bare", ""),
        ("river banks eroded", "changed", "", "water"),
        ("the river eroded the bank", "changed", "", "water"),
        ("coastal erosion", "changed", "", "water"),
        ("fields eroded by the river", "changed", "vegetation", "water"),
        ("eroded fields", "changed", "vegetation", "bare"),
        ("soil erosion", "appeared", "", "bare"),
        ("encroachment into the forest", "disappeared", "vegetation", ""),
        ("encroachment upon the lake", "disappeared", "water", ""),
        ("encroachment to the road", "disappeared", "road", ""),
        ("encroachment of houses into the forest", "changed", "vegetation", "building"),
        ("urban encroachment into the forest", "changed", "vegetation", "building"),
        ("encroachment on the river bank", "appeared", "", ""),
        ("did they pull the barn down?", "disappeared", "building", ""),
        ("i am a student and need all new sheds", "appeared", "", "building"),
        ("draw polygons around new gravel surfaces", "appeared", "", "bare"),
        ("gains and losses of trees", "any", "vegetation", "vegetation"),
    ],
)
def test_constructions(text: str, direction: str, before: str, after: str) -> None:
    (found,) = understand(text, TINY)
    assert found.is_answered, found.doubt
    expected = (direction, tuple(filter(None, [before])), tuple(filter(None, [after])))
    assert (found.direction, found.before, found.after) == expected


@pytest.mark.parametrize("subject", ["houses that", "which trees", "roads"])
@pytest.mark.parametrize(
    "predicate",
    [
        "were never demolished", "haven’t been removed", "failed to disappear", "survived",
        "were spared", "avoided demolition", "were saved from demolition", "are not gone",
        "were prevented from being demolished", "non-demolished", "rather than demolished",
        "instead of demolished", "were almost removed", "will be demolished", "outlived the storm",
        "have yet to be demolished", "are about to be removed", "were anything but demolished",
        "neither demolished nor removed", "were not turned into parks",
    ],
)  # fmt: skip
def test_what_did_not_happen_is_never_found_as_a_change(subject: str, predicate: str) -> None:
    for found in understand(f"{subject} {predicate}", TINY):
        assert not found.is_answered or found.direction == "unchanged"


@pytest.mark.parametrize(
    "text",
    ["who built this house?", "why was the forest cut down?", "how do I build a house",
     "my house is red", "water the plants", "where is the nearest hospital?",
     "beech trees replaced with spruce", "soil that became more acid", "new houses " * 200],
)  # fmt: skip
def test_other_questions_and_orders_are_refused(text: str) -> None:
    assert not any(found.is_answered for found in understand(text, TINY))


def test_what_rules_refer_to_is_no_unknown_subject() -> None:
    text = "new homes beside the tram depot sidings"
    (refused,) = understand(text, TINY)
    assert not refused.is_answered
    (found,) = understand(text, TINY, layers=refused.query.references)
    assert found.status == "understood"


def test_verbs_have_all_their_forms() -> None:
    assert verb_forms("strip", {}) == ("strip", "strips", "stripped", "stripping")
    forms = verb_forms("tear down", {"tear": ["tore", "torn"]})
    assert set(forms) >= {"tears down", "tore down", "torn down", "tearing down"}
    for word in ("pave", "paves", "razing", "bulldozes"):
        assert word in english()


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("they tore the old barn down", "they tore down the old barn"),
        ("sheds not far from the road", "sheds near the road"),
        ("houses with no road within 50 m", "houses farther than 50 m from the road"),
        ("trees which aren't there any longer", "trees which no longer there"),
    ],
)
def test_idioms_are_rewritten(text: str, rewritten: str) -> None:
    assert rewrite(text) == rewritten


@pytest.mark.parametrize(
    ("text", "direction", "kind"),
    [
        ("land that emerged from the water", "disappeared", "water"),
        ("land that was under water", "disappeared", "water"),
        ("areas that were under water in the second image", "appeared", "water"),
        ("reservoirs no longer empty", "appeared", "water"),
        ("ponds that are no longer dry", "appeared", "water"),
        ("empty reservoirs that were filled", "appeared", "water"),
        ("ponds that were filled", "disappeared", "water"),
        ("dried-up reservoirs that are full again", "appeared", "water"),
        ("felled forest that grew back", "appeared", "vegetation"),
        ("destroyed houses that stand again", "appeared", "building"),
        ("trees no longer missing", "appeared", "vegetation"),
        ("canopy closure", "appeared", "vegetation"),
        ("reforestation of clear-cuts", "appeared", "vegetation"),
        ("freshly harvested fields", "disappeared", "vegetation"),
        ("sandbars that surfaced", "appeared", "bare"),
        ("roads that were surfaced", "appeared", "road"),
        ("new houses under trees", "appeared", "building"),
        ("new parking garages", "appeared", "building"),
        ("new multi-storey car parks", "appeared", "building"),
        ("new gravel plants", "appeared", "building"),
        ("waterside development", "appeared", "building"),
    ],
)
def test_words_that_turn_a_loss_or_a_gain_round(text: str, direction: str, kind: str) -> None:
    (found,) = understand(text, TINY)
    classes = found.before if direction == "disappeared" else found.after
    assert (found.status, found.direction, classes) == ("understood", direction, (kind,))


def test_what_is_done_to_ground_makes_it_no_new_ground() -> None:
    (found,) = understand("freshly mown meadows", Vocabulary(standing=True))
    assert found.direction == "any"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("conversion of farmland from housing", ("building",), ("vegetation",)),
        ("conversion of farmland to housing", ("vegetation",), ("building",)),
        ("conversion from farmland to housing", ("vegetation",), ("building",)),
    ],
)
def test_conversion_of_and_from(text: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    (found,) = understand(text, TINY)
    assert (found.before, found.after) == (before, after)
