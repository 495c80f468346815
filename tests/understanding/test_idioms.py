"""Words of trades and of speech: what ground is after a change, and nouns read as verbs."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding.phrases.idioms import tells_one_place, write_idioms
from mtrs_geo.understanding.phrases.rewriting import rewrite
from tests.understanding.readings import one


def read(text: str) -> str:
    """Return the meaning of the only question: "road>vegetation" or ">road"."""
    found = one(text)
    assert found.is_answered, found.doubt
    return f"{found.direction} {'+'.join(found.before)}>{'+'.join(found.after)}"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("exposed lakebed", "changed water>bare"),
        ("dry lake bed exposed", "changed water>bare"),
        ("dried out lake bed where the water was", "changed water>bare"),
        ("river bed laid bare in the north", "changed water>bare"),
        ("lagoon sand-filled for development", "changed water>bare"),
        ("sand-filled lagoon", "changed water>bare"),
        ("water-filled quarry", "changed bare>water"),
        ("sand-filled pond dug out again", "appeared >water"),
        ("water-filled pit that was drained in 2020", "disappeared water>"),
        ("pond backfilled with rubble", "changed water>bare"),
        ("dock basin infilled with flats", "changed water>building"),
        ("ponds that were filled in", "disappeared water>"),
        ("old roads grown in", "changed road>vegetation"),
        ("tracks that have grown in with brambles", "changed road>vegetation"),
        ("forest that has grown in", "appeared >vegetation"),
        ("demolished building sites where greenery has taken over", "changed building>vegetation"),
        ("parcels that were turned to building land with houses on them", "changed >building"),
        ("which bits of ground ended up as woodland", "changed >vegetation"),
        ("what's been dug up", "appeared >bare"),
        ("vegetation stripped", "disappeared vegetation>"),
        ("scrub stripped back to mineral soil", "changed vegetation>bare"),
        ("lawns stripped", "changed vegetation>bare"),
        ("the topsoil has been stripped", "appeared >bare"),
        ("development plots just cleared", "appeared >bare"),
        ("cleared lots", "appeared >bare"),
        ("cleared scrub", "disappeared vegetation>"),
        ("runway torn up leaving nothing except gravel", "changed road>bare"),
        ("lake choked up with reeds", "changed water>vegetation"),
        (
            "a wasteland changes into a residential area with many houses and roads",
            "changed bare>building+road",
        ),
        ("the house was torn down and only bare soil is left", "changed building>bare"),
        ("houses were demolished, only the church is left", "disappeared building>"),
    ],
)
def test_what_ground_is_after_a_change(text: str, meaning: str) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    "text", ["which empty plots are empty until now?", "vacant plots lying vacant only"]
)
def test_ground_that_is_so_until_now_did_not_change(text: str) -> None:
    assert read(text) == "unchanged bare>bare"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("forest road cutting", "appeared >road"),
        ("tree cutting", "disappeared vegetation>"),
        ("right-of-way clearing", "disappeared vegetation>"),
        ("roadside clearing", "disappeared vegetation>"),
        ("new verge clearances", "disappeared vegetation>"),
        ("new road that reaches our farm", "appeared >road"),
        ("road serving the houses was removed", "disappeared road>"),
        ("landslip scars above cutting", "appeared >bare"),
        ("streets stubbed out to the south", "appeared >road"),
        ("hedges stubbed out", "disappeared vegetation>"),
        ("uncut blocks next to the park", "unchanged vegetation>vegetation"),
        ("felled blocks", "disappeared vegetation>"),
        ("demolished blocks", "disappeared building>"),
        ("pull up irrigation ponds that farmers have dug down", "appeared >water"),
        ("whichever huts came or went", "any building>building"),
        ("bypass now in place", "appeared >road"),
        ("the old road still in place", "unchanged road>road"),
        ("car parks, date after May 2022", "appeared >road"),
        ("what have they built on our old street?", "appeared >building"),
        ("what have they built on the old meadow?", "changed vegetation>building"),
        ("no road reached this village in the first image, now one does", "appeared >road"),
        ("borrow pit enlargement", "appeared >bare"),
        ("helipad addition hospital", "appeared >road"),
        ("road widening", "any road>road"),
        ("river widening", "appeared >water"),
        ("wetland rewetting", "appeared >water"),
        ("extintion of the village tank", "disappeared water>"),
        ("extension of the house", "any building>building"),
        ("grassed waterways torn up", "disappeared vegetation>"),
        ("less grass than last time", "disappeared vegetation>"),
        ("more trees than at the last visit", "appeared >vegetation"),
        ("less grass than in the last image", "appeared >vegetation"),
        ("barns pulled down while the barn conversion rules were changed", "disappeared building>"),
        ("barn conversions", "any building>building"),
        (
            "which people lost a shed in the storm that came through",
            "disappeared building>",
        ),
    ],
)
def test_nouns_and_verbs_of_trades(text: str, meaning: str) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("trees cut and soil exposed for the new airport", "changed vegetation>bare"),
        ("cleared prefabs, since planted up as a park", "changed building>vegetation"),
        ("plots no longer bare, hall finished on them", "changed bare>building"),
        ("trees are cut down and houses are built in their place", "changed vegetation>building"),
        ("trees felled in the north and houses built there", "changed vegetation>building"),
        ("the old hall was cleared and then planted as a park", "changed building>vegetation"),
    ],
)
def test_a_loss_and_what_came_in_its_place_are_one_question(text: str, meaning: str) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    "text",
    ["felled trees and new houses", "new roads, demolished houses", "trees cut, road built"],
)
def test_a_loss_and_a_gain_are_of_one_place_only_where_words_say_so(text: str) -> None:
    assert not tells_one_place(text)


@pytest.mark.parametrize(
    "text",
    ["roads", "new houses on the exposed lake bed", "village grown in size", "cutting down trees",
     "the same as last time", "hedges left in place now", "exposed lake bed colonised by willows",
     "pipeline clearing through the forest", "demolished water-filled pool",
     "road cuttings near the river", "sand-filled bags", "new sheds on the cleared plots"],
)  # fmt: skip
def test_other_words_stay(text: str) -> None:
    assert write_idioms(text) == text


def test_idioms_are_rewritten_before_other_clauses() -> None:
    assert rewrite("old roads grown in") == "old roads overgrown"
