"""Questions for a cause, for whom to turn to, for a depth and for a measure at one date."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    "text",
    [
        "what killed the oaks?",
        "what killed the trees up on the ridge, was it the beetles or the drought two years ago",
        "so what has destroyed our orchard, hail or frost?",
        "what made the lake dry up?",
        "tell me what made all those trees die",
        "which disease killed the elms?",
        "how far down has the open pit gone in metres",
        "how deep did they dig the pit?",
        "how many metres deeper is the pit now?",
        "tell me who I should complain to about the trees they cut down on our square",
        "let me know who to contact about the felled trees",
        "where do I complain about the felled trees?",
        "whom should I thank for the new playground?",
    ],
)
def test_what_no_image_shows_is_refused(text: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("not a change question", "no_question")
    assert found.doubt.startswith("images show what has changed")


@pytest.mark.parametrize(
    "text",
    [
        "perimeter of the largest pond at the first date",
        "length of the longest road in the first image",
        "what was the width of the river at the first date?",
        "area of the lake at the earlier date",
        "volume of the gravel pit at the second date",
    ],
)
def test_a_measure_at_one_date_is_refused(text: str) -> None:
    found = one(text)
    assert found.status == "not a change question"
    assert found.doubt.startswith("this asks for what stands at one date")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("what was felled along the forest road, show the trees", "vegetation · disappeared"),
        ("what did the storm destroy?", "buildings · disappeared"),
        ("what made way for the new road?", "roads · changed"),
        ("what started to grow?", "vegetation · appeared"),
        ("what took over the fields?", "vegetation · changed"),
        ("how much lower is the forest area?", "vegetation · disappeared"),
        ("where can I see the felled trees?", "vegetation · disappeared"),
        ("show the felled trees so that I know whom to ask", "vegetation · disappeared"),
        ("who's felled my neighbour's poplars", "vegetation · disappeared"),
        ("how far down the valley was forest cleared?", "vegetation · disappeared"),
        ("how far has the lake shrunk?", "water · disappeared"),
        ("area of the forest that was lost by the second date", "vegetation · disappeared"),
        ("area of new houses in the second image", "buildings · appeared"),
        ("area of the lake that is in the second image but not in the first", "water · appeared"),
    ],
)
def test_questions_for_a_change_are_answered(text: str, meaning: str) -> None:
    found = one(text)
    assert found.is_answered
    assert found.meaning.startswith(meaning)
