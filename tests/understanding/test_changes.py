"""Changes whose words would be read the wrong way round: losses, soil, growth, works, seasons."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Vocabulary, understand
from mtrs_geo.understanding.phrases.changes import write_changes
from tests.understanding.readings import one


def meaning(text: str) -> tuple[str, str, str]:
    """Return direction and classes of the only question of a sentence, which is answered."""
    found = one(text)
    assert found.is_answered, found.doubt
    return found.direction, " ".join(found.before), " ".join(found.after)


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("stretches of beach which the storm surge has eaten away", "disappeared", "bare", ""),
        ("beach that the sea has eaten away", "disappeared", "bare", ""),
        ("dune washed away by the storm", "disappeared", "bare", ""),
        ("gravel bars that the flood washed away", "disappeared", "bare", ""),
        ("bank that the current washed away", "changed", "", "water"),
        ("shore which the waves ate away", "changed", "", "water"),
        ("fields which the river has eaten away", "disappeared", "vegetation", ""),
        ("houses which the sea has swallowed", "changed", "building", "water"),
        ("the sandbank that the tide took", "changed", "bare", "water"),
        ("the sea took the beach", "changed", "bare", "water"),
        ("places without a beach that used to have one", "disappeared", "bare", ""),
        ("plots without a house that used to have one", "disappeared", "building", ""),
        ("sites with no pond that once had one", "disappeared", "water", ""),
        ("plots with a house that used to have none", "appeared", "", "building"),
        ("places that used to have a pond", "disappeared", "water", ""),
        ("barracks which were raised to the ground", "disappeared", "building", ""),
        ("buildings raised after 2016", "appeared", "", "building"),
        ("neighbourhoods reduced to rubble", "changed", "building", "bare"),
        ("buildings bombed to rubble", "changed", "building", "bare"),
        ("reduced to rubble", "changed", "building", "bare"),
        ("the village reduced to ashes", "disappeared", "building", ""),
        ("houses left in ruins", "disappeared", "building", ""),
        ("places not wet now though they were in 2016", "disappeared", "water", ""),
        ("places wet now though they were not in 2016", "appeared", "", "water"),
        ("areas not forested now but were before", "disappeared", "vegetation", ""),
        ("which empty plots are empty until now?", "unchanged", "bare", "bare"),
        ("houses standing until now", "unchanged", "building", "building"),
        ("houses built until now", "appeared", "", "building"),
    ],
)
def test_losses_are_no_gains(text: str, direction: str, before: str, after: str) -> None:
    assert meaning(text) == (direction, before, after)


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("spots where the topsoil washed off and stones are showing", "appeared", "", "bare"),
        ("ground newly stripped of topsoil", "appeared", "", "bare"),
        ("topsoil removed", "appeared", "", "bare"),
        ("the topsoil was washed away by the flood", "appeared", "", "bare"),
        ("land where the soil was washed away", "appeared", "", "bare"),
        ("topsoil stripped off for a building site", "appeared", "", "bare"),
        ("subsoil showing", "appeared", "", "bare"),
        ("charred soil", "appeared", "", "bare"),
        ("fields that lost their topsoil", "changed", "vegetation", "bare"),
        ("topsoil stripped off pasture to the left", "changed", "vegetation", "bare"),
        ("burned fields that show up as bare charred soil", "changed", "vegetation", "bare"),
        ("bare soil that was removed", "disappeared", "bare", ""),
        ("soil heaps that disappeared", "disappeared", "bare", ""),
        ("sand removed", "disappeared", "bare", ""),
        ("soil sealed", "changed", "bare", "road"),
        ("turf stripped", "changed", "vegetation", "bare"),
    ],
)
def test_soil_that_goes_leaves_bare_ground(
    text: str, direction: str, before: str, after: str
) -> None:
    assert meaning(text) == (direction, before, after)


@pytest.mark.parametrize(
    ("text", "direction", "kind"),
    [
        ("how much larger has the lake become", "appeared", "water"),
        ("how much smaller has the lake become", "disappeared", "water"),
        ("by how much has the river narrowed", "disappeared", "water"),
        ("the sea became more big, I want see at which places it happened", "appeared", "water"),
        ("the lake has become more small", "disappeared", "water"),
        ("the wood became much smaller", "disappeared", "vegetation"),
        ("is the quarry bigger now", "appeared", "bare"),
        ("by how many hectares did the sand quarry grow", "appeared", "bare"),
        ("where has the beach become wider", "appeared", "bare"),
        ("our village has become bigger", "appeared", "building"),
        ("did the airport get a longer runway?", "appeared", "road"),
        ("the airport was given another runway", "appeared", "road"),
        ("did the harbour get a bigger car park", "appeared", "road"),
        ("has the farm got any more sheds", "appeared", "building"),
        ("the farm hasn't any more sheds", "disappeared", "building"),
        ("the road got wider", "any", "road"),
        ("did the school building become bigger", "any", "building"),
        ("did the school get a new roof", "appeared", "building"),
        ("bare banks that have grown over", "changed", "vegetation"),
    ],
)
def test_growth_is_a_gain(text: str, direction: str, kind: str) -> None:
    found = one(text)
    assert found.is_answered, found.doubt
    assert (found.direction, found.after or found.before) == (direction, (kind,))


def test_a_width_is_not_answered_by_an_area() -> None:
    found = one("how much wider has the river become")
    assert (found.direction, found.after, found.status) == ("appeared", ("water",), "uncertain")
    assert (found.query.question, found.query.unanswered) == (None, "wider")


@pytest.mark.parametrize(
    "text",
    [
        "how much larger was the lake before",
        "how much larger were the ponds than now",
        "how much smaller was the forest in 2015 than today",
    ],
)
def test_what_was_larger_is_no_gain_for_sure(text: str) -> None:
    assert one(text).status != "understood"


@pytest.mark.parametrize("text", ["the pond got deeper", "the pit got deeper"])
def test_depth_is_not_seen(text: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("outside the vocabulary", "unknown_thing")


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("fresh logging tracks", "appeared", "", "road"),
        ("logging tracks", "any", "road", "road"),
        ("logging tracks that disappeared", "disappeared", "road", ""),
        ("new construction roads", "appeared", "", "road"),
        ("logging trails bulldozed through the forest", "appeared", "", "road"),
        ("new logging camps", "appeared", "", "building"),
        ("demolition waste that was removed", "disappeared", "bare", ""),
        ("logging of the forest", "disappeared", "vegetation", ""),
        ("demolition drive, structures removed", "disappeared", "building", ""),
        ("built fabric", "any", "building", "building"),
        ("new built fabric", "appeared", "", "building"),
        ("ponding that shows up on the landfill cap", "appeared", "", "water"),
        ("ponding on the fields", "changed", "vegetation", "water"),
        ("roundabouts that came with the dualling of the trunk road", "appeared", "", "road"),
        ("trees that went with the bypass", "changed", "vegetation", "road"),
        ("converted into parking space", "appeared", "", "road"),
        ("replaced by houses", "appeared", "", "building"),
        ("houses demolished and turned into parking lots", "changed", "building", "road"),
        ("dusty lorry park that was paved", "changed", "bare", "road"),
        ("car park paved beside the gravel pit", "appeared", "", "road"),
        ("wetland reclaimed for an IT park", "changed", "water", "building"),
        ("pre-loss and post-loss condition of buildings", "any", "building", "building"),
        ("before-fire and after-fire state of roads", "any", "road", "road"),
    ],
)
def test_works_and_results(text: str, direction: str, before: str, after: str) -> None:
    assert meaning(text) == (direction, before, after)


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("hedges grubbed out between autumn 2015 and spring 2018", "disappeared", "vegetation", ""),
        ("hedges removed between fall 2015 and spring 2018", "disappeared", "vegetation", ""),
        ("houses built since spring 2018", "appeared", "", "building"),
        ("houses demolished since the fall of 2019", "disappeared", "building", ""),
        ("trees felled last fall", "disappeared", "vegetation", ""),
        ("green in the spring of 2018, paved in fall 2020", "changed", "vegetation", "road"),
        ("new springs in the meadow", "appeared", "", "water"),
        ("the spring dried up", "disappeared", "water", ""),
        ("a spring that appeared in 2018", "appeared", "", "water"),
    ],
)
def test_a_season_is_no_water(text: str, direction: str, before: str, after: str) -> None:
    assert meaning(text) == (direction, before, after)


def test_an_exception_keeps_the_ground_that_a_verb_names() -> None:
    text = "reforested slopes, leaving out the southern ones"
    assert meaning(text) == ("appeared", "", "vegetation")
    (alone,) = understand(text, Vocabulary())
    assert (alone.direction, alone.after) == ("appeared", ("vegetation",))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("former orchards and gardens that people have lost", 1),
        ("former orchards and sheds that burned down", 1),
        ("new roads and houses that people have built", 1),
        ("former orchards and houses that were built", 2),
        ("former orchards and demolished houses", 2),
        ("demolished houses and felled trees", 2),
    ],
)
def test_a_clause_belongs_to_both_things_of_a_list(text: str, count: int) -> None:
    assert len(understand(text)) == count


def test_a_list_of_two_classes_names_both() -> None:
    assert meaning("former orchards and sheds that burned down") == (
        "disappeared", "building vegetation", "",
    )  # fmt: skip


def test_the_ground_of_a_loss_is_a_place() -> None:
    found = one("gardens without trees that used to have them")
    assert found.query.explain() == "trees that disappeared, inside the gardens"


@pytest.mark.parametrize(
    "part", ["topsoil stripped off ", "how much larger is the ", "places without a ", "the river ",
             "not wet now though ", "any more ", "logging "],
)  # fmt: skip
def test_long_texts_take_linear_time(part: str) -> None:
    assert isinstance(write_changes(part * 2_000), str)
