"""Where a thing is: after "from", named zones, adjectives, joined and compared places."""

from __future__ import annotations

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.positions import is_zone
from mtrs_geo.query.ranks import UNCLEAR_RANK


def parsed(text: str) -> tuple[str, list[str]]:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    return query.prompt, [rule.explain() for rule in query.rules]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("houses that vanished from the northern half", "in the north"),
        ("trees cleared from the south", "in the south"),
        ("buildings removed from the top left", "in the north-west"),
        ("what disappeared from the centre", "in the centre"),
        ("sheds gone from the upper third of the image", "in the north"),
        ("hedges taken from the western edge", "in the west"),
        ("loss of forest from the eastern part since 2015", "in the east"),
        ("did houses vanish from the north?", "in the north"),
        ("houses from the northern half that were demolished", "in the north"),
        ("from the northern half, which trees were felled?", "in the north"),
        ("houses removed from the village", "inside the village"),
        ("trees cleared from the green belt", "inside the green belt"),
    ],
)
def test_a_loss_from_a_place_was_there(text: str, rule: str) -> None:
    prompt, rules = parsed(text)
    assert rules == [rule]
    assert "from" not in prompt.split()


@pytest.mark.parametrize(
    "text",
    [
        "roads from north to south", "new roads leading from the north",
        "houses built from the north", "the road from the north was removed",
        "new trees seen from the north", "trees removed from the north of the city",
        "trees removed from the north tower", "water lost from the reservoir",
    ],
)  # fmt: skip
def test_these_are_lost_from_no_place(text: str) -> None:
    assert parsed(text)[1] == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses in the green belt", "inside the green belt"),
        ("anything built on the floodplain", "inside the floodplain"),
        ("new houses in the city centre", "inside the city centre"),
        ("new houses in the northern suburbs", "inside the northern suburbs"),
        ("trees felled in the national park", "inside the national park"),
        ("new roads in the lake district", "inside the lake district"),
        ("changes in the industrial zone", "inside the industrial zone"),
        ("new houses on the outskirts of the town", "within 20 m of the town"),
        ("new houses in the outskirts of the town", "within 20 m of the town"),
        ("new houses on an island in the lake", "inside the island in the lake"),
        ("new houses in zone A", "inside the zone a"),
        ("in the flood zone, felled trees", "inside the flood zone"),
        ("in the old town new houses", "inside the old town"),
        ("new houses in the north zone", "in the north"),
        ("new roads in the northern fringe", "in the north"),
        ("trees felled in the western portion of the site", "in the west"),
    ],
)
def test_named_kinds_of_place_are_rules(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "new houses in the area", "new houses in the whole region", "new houses in the study area",
        "new houses in the same district", "changes in the last zone", "trees in the shelter belt",
        "new houses in the city", "new houses on the site",
    ],
)  # fmt: skip
def test_the_scene_itself_is_no_zone(text: str) -> None:
    assert parsed(text)[1] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("green belt", True), ("historic city centre", True), ("zone 3", True),
        ("nature reserve", True), ("suburbs of the town", True), ("park", False),
        ("village", False), ("residential area", False), ("national park road", False),
        ("lake", False),
    ],
)  # fmt: skip
def test_zones_have_bounds_that_no_pixels_show(name: str, expected: bool) -> None:
    assert is_zone(name) is expected


@pytest.mark.parametrize(
    ("text", "prompt", "rule"),
    [
        ("new waterfront homes", "new homes", "within 20 m of the water"),
        ("waterfront homes lost", "homes lost", "within 20 m of the water"),
        ("riverside houses that were built", "houses that were built", "within 20 m of the river"),
        ("new lake-side cabins", "new cabins", "within 20 m of the lake"),
        ("felled roadside trees", "felled trees", "within 20 m of the road"),
        ("new beachfront villas", "new villas", "within 20 m of the beach"),
        ("demolished seafront hotels", "demolished hotels", "within 20 m of the sea"),
        ("waterfront development", "development", "within 20 m of the water"),
        ("trees felled on the roadside", "trees felled", "within 20 m of the road"),
        ("new flats except riverside flats", "new flats", "except flats within 20 m of the river"),
    ],
)  # fmt: skip
def test_a_place_as_an_adjective_is_a_rule(text: str, prompt: str, rule: str) -> None:
    assert parsed(text) == (prompt, [rule])


@pytest.mark.parametrize(
    "text",
    ["new trees along the riverside path", "houses on the river side of the road",
     "new river side arms in the north", "houses on riverside drive, larger than 1 ha"],
)  # fmt: skip
def test_a_side_within_another_name_is_no_adjective(text: str) -> None:
    assert len(parsed(text)[1]) == 1


@pytest.mark.parametrize(
    ("text", "prompt", "reference"),
    [
        ("has the pond in the park dried out?", "pond dried out", "park"),
        ("have ponds near the road dried up?", "ponds dried up", "road"),
        ("has the house near the river burned down?", "house burned down", "river"),
        ("did the shed beside the lake burn down", "shed burn down", "lake"),
        ("roads near the lake washed away", "roads washed away", "lake"),
        ("trees near the road died", "trees died", "road"),
        ("has the barn next to the road collapsed", "barn collapsed", "road"),
        ("do the houses near the river still exist", "houses still exist", "river"),
        ("have the hedges along the road survived?", "hedges survived", "road"),
        ("ponds near the forest filled in", "ponds filled in", "forest"),
        ("the forest near the lake expanded", "forest expanded", "lake"),
        ("is the pond in the meadow still there", "pond still there", "meadow"),
    ],
)
def test_a_reference_ends_before_the_verb_of_the_sentence(
    text: str, prompt: str, reference: str
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.references) == (prompt, (reference,))
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("houses demolished near the lake that dried up", "lake that dried up"),
        ("new trees near the burned house", "burned house"),
        ("houses demolished near the dried pond", "dried pond"),
    ],
)
def test_a_participle_may_belong_to_the_reference(text: str, reference: str) -> None:
    assert ChangeQuery.parse(text).references == (reference,)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses in the north as well as in the south", "in the north or in the south"),
        ("new houses in the north as well as the south", "in the north or in the south"),
        ("new houses in the north but also in the south", "in the north or in the south"),
        ("new houses in the north and also in the south", "in the north or in the south"),
        ("new houses in the north, and in the south too", "in the north or in the south"),
        ("new houses in the north plus the south", "in the north or in the south"),
        ("trees felled in the ne + sw", "in the north-east or in the south-west"),
        ("new houses in the north too", "in the north"),
        ("less forest in the west than before", "in the west"),
        ("new houses in the top half of image", "in the north"),
    ],
)
def test_joined_places_are_alternatives(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("more new houses in the north than in the south", "in the north than in the south"),
        ("trees felled more in the west than in the east", "in the west than in the east"),
        ("less water in the eastern half than in the western half",
         "in the eastern half than in the western half"),
        ("five hectares or more of new water", "five hectares or more"),
        ("at least five hectares of lost forest", "at least five hectares"),
        ("levelled houses, at least ten of them", "at least ten of them"),
        ("new houses, ten at most", "ten at most"),
        ("new roads, only one", "only one"),
        ("the most north-eastern new house", "most north-eastern"),
        ("the north-easternmost new house", "north-easternmost"),
        ("the most central new house", "most central"),
        ("average-sized new houses", "average-sized"),
    ],
)  # fmt: skip
def test_comparisons_and_amounts_stay_in_the_prompt(text: str, lost: str) -> None:
    prompt, rules = parsed(text)
    found = UNCLEAR_RANK.search(prompt)
    assert rules == []
    assert found is not None
    assert found[0] == lost


@pytest.mark.parametrize(
    "text",
    [
        "new houses, only the largest", "new houses larger than five hectares", "two new houses",
        "smaller lakes in the south", "the three largest, all of them new houses",
        "new houses in the most north-eastern part", "the easternmost new house",
    ],
)  # fmt: skip
def test_these_are_no_lost_amounts(text: str) -> None:
    assert UNCLEAR_RANK.search(parsed(text)[0]) is None


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("new houses in the left down corner", ["in the south-west"]),
        ("new houses left bottom corner", ["in the south-west"]),
        ("new houses in the corner left down", ["in the south-west"]),
        ("new houses right up corner", ["in the north-east"]),
        ("new houses above right corner", ["in the north-east"]),
        ("new houses up left", ["in the north-west"]),
        ("new houses in the down part of picture", ["in the south"]),
        ("new houses in the top left corner", ["in the north-west"]),
        ("trees cut down right corner", []),
        ("trees cut down left", []),
        ("new houses at the corner of the road", []),
    ],
)
def test_corners_in_any_order(text: str, rules: list[str]) -> None:
    assert parsed(text)[1] == rules


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses bigger than 100 meter square", "larger than 100 m²"),
        ("houses demolished over 50 meters square", "larger than 50 m²"),
        ("new houses larger than 100 metre squared", "larger than 100 m²"),
        ("new houses larger than 100 m squared", "larger than 100 m²"),
        ("new forest larger than 2 km squared", "larger than 2000000 m²"),
        ("new houses between 100 and 200 meter square", "between 100 and 200 m²"),
        ("new houses within 100 m of the square", "within 100 m of the square"),
        ("new roads longer than 100 meters", "longer than 100 m"),
    ],
)
def test_metre_square_is_an_area(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("vegetation loss that isn't next to a road", "except those within 20 m of the road"),
        ("new houses that aren't within 50 m of a road", "except those within 50 m of the road"),
        ("new houses that weren't in the north", "except those in the north"),
        ("forest loss that doesn't touch a road", "except those within 5 m of the road"),
        ("forest loss that does not touch a road", "except those within 5 m of the road"),
        ("new houses on the western slope", "inside the western slope"),
        ("new houses on the west-facing hillside", "inside the west-facing hillside"),
        ("new houses in the delta", "inside the delta"),
        ("new houses in the swamp", "inside the swamp"),
        ("new houses at the village", "within 20 m of the village"),
        ("new houses at the lakeside", "within 20 m of the lake"),
        ("houses at the forest edge demolished", "within 20 m of the forest edge"),
        ("new houses on the shore", "within 20 m of the shore"),
    ],
)
def test_short_negations_and_kinds_of_place(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017 -> 2021 new houses", "2017-01", "2021-12"),
        ("new houses between the 2017 and the 2021 image", "2017-01", "2021-12"),
        ("new roads in may and june 2020", "2020-05", "2020-06"),
        ("new houses on 3 may 2021", "2021-05", "2021-05"),
        ("between june and august new houses", None, None),
        ("new houses in march", None, None),
    ],
)
def test_more_wordings_of_times(text: str, first: str | None, last: str | None) -> None:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    assert [(time.first, time.last) for time in query.times] == [(first, last)]
    assert not {"2017", "2020", "2021", "march", "june"} & {*query.prompt.split()}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses in the corner south east", "in the south-east"),
        ("new houses in corner of north east", "in the north-east"),
        ("new houses in the part north", "in the north"),
        ("new houses in the region south-east", "in the south-east"),
        ("new houses on the side left", "in the west"),
        ("new houses in the part north and south", "in the north or in the south"),
        ("new houses, not in the corner south east", "except those in the south-east"),
        ("in the part north new houses", "in the north"),
        ("new houses in the middle of scene", "in the centre"),
        ("new houses in the centre of area", "in the centre"),
        ("new houses at the edge of scene", "at the edge of the image"),
        ("new houses in the north of scene", "in the north"),
        ("new houses in the most northern part", "in the north"),
        ("the most northern part: new houses", "in the north"),
        ("new houses in the most south", "in the south"),
        ("new houses only north", "in the north"),
        ("new houses at down", "in the south"),
        ("new houses up in the image", "in the north"),
        ("new houses in right-bottom", "in the south-east"),
        ("new houses in the right top", "in the north-east"),
        ("the most northern new houses", "the northernmost"),
    ],
)
def test_places_as_learners_write_them(text: str, rule: str) -> None:
    prompt, rules = parsed(text)
    assert (prompt, rules) == ("new houses", [rule])


@pytest.mark.parametrize(
    "text",
    [
        "new houses in the area north of the river", "new houses in the north of area 51",
        "houses torn down in the picture", "houses shown up in the image", "only east houses",
    ],
)  # fmt: skip
def test_these_are_no_places_in_the_scene(text: str) -> None:
    assert parsed(text)[1] == []
