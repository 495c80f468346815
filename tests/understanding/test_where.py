"""Clauses that say where: "forest where a road was built" is forest that became a road."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import understand

TINY = read_vocabulary(WEIGHTS / "tiny")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("forest where a road was built", "vegetation", "road"),
        ("the meadow where a car park was constructed", "vegetation", "road"),
        ("farmland where ponds were dug", "vegetation", "water"),
        ("find forest in which a new road was built", "vegetation", "road"),
        ("vegetation on which buildings appeared", "vegetation", "building"),
        ("car parks where trees were planted", "road", "vegetation"),
        ("roads where trees grew", "vegetation", "road"),
        ("roads where trees were removed", "vegetation", "road"),
        ("new houses where trees were felled", "vegetation", "building"),
        ("forest where houses were demolished", "building", "vegetation"),
    ],
)
def test_where_something_was_built(text: str, before: str, after: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.before, found.after) == ((before,), (after,))
    assert found.status == "understood"


@pytest.mark.parametrize(
    "text",
    [
        "Wald, wo eine Straße gebaut wurde", "Wald, in dem eine Straße gebaut wurde",
        "forêt où une route a été construite", "bosque donde se construyó una carretera",
        "floresta onde uma estrada foi construída", "foresta dove è stata costruita una strada",
        "bos waar een weg is aangelegd", "las, w którym zbudowano drogę",
        "лес, где построена дорога", "修建了道路的森林", "道路が建設された森林",
        "الغابة التي بني فيها طريق", "जंगल जहाँ सड़क बनाई गई", "hutan di mana jalan dibangun",
        "msitu ambapo barabara ilijengwa",
    ],
)  # fmt: skip
def test_where_a_road_was_built_in_other_languages(text: str) -> None:
    assert english_of(text) == "forest turned into roads"


@pytest.mark.parametrize(
    "text",
    [
        "neue Häuser, wo Bäume gefällt wurden", "casas nuevas donde se talaron árboles",
        "nouvelles maisons là où des arbres ont été abattus", "树木被砍伐处的新房屋",
        "木が伐採された場所の新しい家",
    ],
)  # fmt: skip
def test_where_trees_were_felled_in_other_languages(text: str) -> None:
    assert english_of(text) == "trees turned into houses"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Häuser, die auf einer Wiese gebaut wurden", "new houses on the meadows"),
        ("Wo sind neue Häuser am Fluss entstanden?", "new houses next to the rivers"),
        ("dove sono state costruite case vicino al fiume", "new houses near the rivers"),
        ("bos is akker geworden", "forest turned into farmland"),
    ],
)
def test_other_places_stay(text: str, english: str) -> None:
    assert english_of(text) == english


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("roads cut through the rainforest", "through the rainforest"),
        ("new surface water by the church", "by the church"),
        ("sheds gone from the allotments", "from the allotments"),
        ("ponds dug behind villas", "behind villas"),
        ("what changed between the river and the road", "between the river"),
        ("what changed at the airport", "at the airport"),
        ("streets where trees were felled", "streets where"),
        ("villages where roads were built", "villages where"),
        ("trees lost north facing slopes", "north facing slopes"),
        ("new houses on Park Avenue North", "on Park Avenue North"),
        ("new road from N to S", "from north to south"),
    ],
)
def test_a_place_without_a_rule_is_a_doubt(text: str, lost: str) -> None:
    (found,) = understand(text, TINY)
    assert found.status == "uncertain"
    assert lost in found.doubt


@pytest.mark.parametrize(
    "text",
    [
        "houses destroyed by the flood", "new road through the forest", "trees lost on farmland",
        "houses built by the river", "trees planted in gardens", "fields replaced by houses",
    ],
)  # fmt: skip
def test_a_place_with_a_rule_or_a_meaning_is_none(text: str) -> None:
    (found,) = understand(text, TINY)
    assert found.status == "understood", found.doubt


@pytest.mark.parametrize(
    ("text", "place", "after"),
    [
        ("houses built on Elm Street", "on Elm Street", "building"),
        ("houses built on Forest Road since 2015", "on Forest Road", "building"),
        ("new houses in Orchard Close", "in Orchard Close", "building"),
        ("new buildings along Main St. and Lake View Drive", "along Main St. and Lake", "building"),
        ("Were any trees planted in Hyde Park?", "in Hyde Park", "vegetation"),
    ],
)
def test_a_named_place_is_a_doubt(text: str, place: str, after: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert place in found.doubt
    assert (found.direction, found.after) == ("appeared", (after,))
    assert not [rule for rule in found.query.rules if "lake" in rule.explain()]


def test_a_named_place_with_a_layer_is_a_reference() -> None:
    (found,) = understand("new houses near High Street", TINY, layers=["high street"])
    assert found.status == "understood"
    assert found.query.references == ("high street",)


@pytest.mark.parametrize(
    "text", ["New houses on the road", "new houses near the high street", "New roads in the North"]
)
def test_other_streets_are_no_names(text: str) -> None:
    (found,) = understand(text, TINY)
    assert found.unused == ()
