"""What an event took or left, and rare words of ground."""

from __future__ import annotations

import time

import pytest
from readings import one

from mtrs_geo.understanding.phrases.changes import write_changes


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("where did bark beetle take out the spruce", "vegetation · disappeared"),
        ("how many barns did the fire take", "buildings · disappeared · how many"),
        ("which houses did the flood claim?", "buildings · disappeared"),
        ("heaps of rubble left by the tornado", "bare ground · appeared"),
        ("silt that the flood left behind", "bare ground · appeared"),
        ("a stream that was led into a pipe", "water · disappeared"),
        ("has the river shifted from its old course", "water · any · yes or no"),
        ("everything newly roofed", "buildings · appeared"),
        ("gravel pads prepared after June 2021", "bare ground · appeared · after june 2021"),
        ("ground where they built a new barn", "buildings · appeared"),
        ("lanes that look just as they did back then", "roads · unchanged"),
        ("tent camps set up after the earthquake", "buildings · appeared · after the earthquake"),
        ("new classrooms", "buildings · appeared"),
    ],
)  # fmt: skip
def test_events_are_plain_changes(text: str, meaning: str) -> None:
    found = one(text)
    assert found.is_answered
    assert found.meaning == meaning


def test_a_court_is_read_with_doubt() -> None:
    found = one("ground where they made a tennis court for the members")
    assert (found.status, found.direction, found.after) == ("uncertain", "appeared", ("road",))


@pytest.mark.parametrize("text", ["new tents", "new water main", "new tennis nets"])
def test_what_is_no_ground_stays_refused(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("sand washed up by the storm", "bare ground · appeared"),
        ("sand that the storm washed up", "bare ground · appeared"),
        ("sand that the storm washed away", "bare ground · disappeared"),
        ("did the drought kill the trees?", "vegetation · disappeared · yes or no"),
        ("rewetting of the meadow", "vegetation → water"),
        ("fields that were re-wetted", "vegetation → water"),
        ("rewetting of the bog", "water · appeared"),
        ("reinstated roads", "roads · any"),
        ("farmers keep cutting trees", "vegetation · disappeared"),
        ("the council kept planting trees", "vegetation · appeared"),
        ("trees that keep standing", "vegetation · unchanged"),
        ("forest clearing for road widening", "vegetation → roads"),
        ("houses demolished for the road widening", "buildings → roads"),
        ("trees felled for the lake extension", "vegetation → water"),
        ("houses built on the lake extension", "water → buildings"),
        ("lake enlargement", "water · appeared"),
        ("show me road widening", "roads · any"),
        ("gravel pit now grown over", "bare ground → vegetation"),
        ("Topsoil stripped off pasture to the left", "vegetation → bare ground · in the west"),
    ],
)
def test_a_work_does_not_hide_what_changed_for_it(text: str, meaning: str) -> None:
    found = one(text)
    assert found.is_answered, found.doubt
    assert found.meaning == meaning


@pytest.mark.parametrize(
    "text", ["a new road led through a tunnel", "road run through a tunnel", "sheds put in a pipe"]
)
def test_only_water_is_culverted(text: str) -> None:
    assert one(text).direction != "disappeared"


def test_a_way_that_a_fire_took_is_no_lost_road() -> None:
    assert not one("which way did the fire take").is_answered


@pytest.mark.parametrize(
    "unit", ["a-", "aaaa-", "the ", "is are was ", "soil was ", "the sea has "]
)
def test_the_time_is_bounded(unit: str) -> None:
    start = time.process_time()
    write_changes(unit * (20_000 // len(unit)))
    assert time.process_time() - start < 1
