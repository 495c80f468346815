"""Read the collected phrases: templates and words as people type them, one file per kind.

Six writers wrote them without access to this project's other vocabularies
(docs/training.md, "Where sentences come from").
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["read_phrase_rows", "read_phrases", "read_place_words"]


@cache
def read_phrases(kind: str) -> tuple[str, ...]:
    """Return the lines of one kind, for example ``appear`` or ``appear_road``.

    `mtrs_geo.data.sentences.wording` lists the slots of a template.
    """
    text = files("mtrs_geo.data.sentences").joinpath("phrases", f"{kind}.txt").read_text("utf-8")
    return tuple(text.splitlines())


def read_phrase_rows(kind: str) -> list[list[str]]:
    """Return the columns of every line of ``nouns`` or ``places``."""
    return [line.split("\t") for line in read_phrases(kind)]


def read_place_words() -> dict[str, tuple[str, ...]]:
    """Return the words for each region of an image, by `Place` or `Cell`."""
    return {place: tuple(words.split(", ")) for place, words in read_phrase_rows("places")}
