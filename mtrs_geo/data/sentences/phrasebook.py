"""Ways of saying it, collected: templates and words as people type them, a file a kind.

Six writers wrote them down without having seen this project's other vocabularies
(docs/training.md, "Where sentences come from").
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["collected", "collected_parts", "collected_rows"]


@cache
def collected(kind: str) -> tuple[str, ...]:
    """Return the lines of one kind, for example ``appear`` or ``appear_road``.

    The slots of a template are those of `mtrs_geo.data.sentences.wording`.
    """
    text = files("mtrs_geo.data.sentences").joinpath("phrases", f"{kind}.txt").read_text("utf-8")
    return tuple(text.splitlines())


def collected_rows(kind: str) -> list[list[str]]:
    """Return the columns of every line of ``nouns`` or ``places``."""
    return [line.split("\t") for line in collected(kind)]


def collected_parts() -> dict[str, tuple[str, ...]]:
    """Return words for the parts of an image, by part (a `Place` or a `Cell`)."""
    return {part: tuple(words.split(", ")) for part, words in collected_rows("places")}
