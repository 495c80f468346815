"""Validation vocabulary about buildings; it shares no template with training."""

from __future__ import annotations

from mtrs_geo.data.sentences.wording import BuildingWording

__all__ = ["HELD_OUT"]

HELD_OUT = BuildingWording(
    nouns=(
        ("building", "buildings"),
        ("house", "houses"),
        ("residential building", "residential buildings"),
    ),
    appear=(
        "{n} that have gone up since the earlier picture",
        "all {n} which got built in the meantime",
        "which {n} are newly there?",
        "freshly put up {n}",
        "{n} you can see now but could not see before",
        "highlight every {n} that was newly created",
        "please outline the {n} erected recently",
        "the {n} that popped up",
    ),
    disappear=(
        "{n} that have been pulled down since the earlier picture",
        "which {n} are no longer there?",
        "all {n} which got demolished in the meantime",
        "bulldozed {n}",
        "{n} you could see before but cannot see now",
        "highlight every {n} that was taken away",
        "please outline the {n} demolished recently",
        "the {n} that went missing",
    ),
    state=("which {n} look different now?", "{n} affected by change", "modified {n}"),
    place=(
        "{x}, restricted to the {p} quadrant",
        "inside the {p} area, {x}",
        "{x} found around the {p}",
    ),
    places={
        "top left": ("top left", "upper-left", "north-western"),
        "top right": ("top right", "upper-right", "north-eastern"),
        "bottom left": ("bottom left", "lower-left", "south-western"),
        "bottom right": ("bottom right", "lower-right", "south-eastern"),
    },
    largest=("only the single largest among {x}",),
    smallest=("only the single smallest among {x}",),
    absent=("aircraft", "boat", "harbour", "power plant", "tennis court", "observatory", "castle"),
)
