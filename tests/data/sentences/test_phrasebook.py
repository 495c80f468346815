"""The collected wordings: usable as they lie, and apart from all that validation asks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import mtrs_geo.data.sentences
from mtrs_geo.class_codes import CODES
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES, HELD_OUT_WORDS
from mtrs_geo.data.sentences.phrasebook import collected, collected_parts, collected_rows
from mtrs_geo.types import Cell, Place

SLOTS = {
    "became": {"a", "b"}, "replaced": {"a", "b"}, "everything": set(), "absent": set(),
    "counted_new": {"k", "n"}, "counted_gone": {"k", "n"}, "except_place": {"x", "p"},
    "place": {"x", "p"}, "largest": {"x"}, "smallest": {"x"}, "near": {"x", "r"}, "far": {"x", "r"},
}  # fmt: skip
FOLDER = Path(mtrs_geo.data.sentences.__file__).parent / "phrases"
TEMPLATES = sorted({path.stem for path in FOLDER.glob("*.txt")} - {"nouns", "places"})
SECOND = Path(__file__).parents[3] / "benchmarks/wordings.json"
RUN = 5


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", re.sub(r"\{\w+\}", " ", text.lower()))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif hasattr(value, "__dataclass_fields__"):
        yield from texts_in(vars(value))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts_in(part)


@pytest.fixture(scope="module")
def held_out() -> list[str]:
    """Everything that validation and other people ask."""
    trees = HELD_OUT, HELD_OUT_CLASSES, json.loads(SECOND.read_text())
    return [text for tree in trees for text in texts_in(tree)]


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_have_their_slots(kind: str) -> None:
    lines = collected(kind)
    assert len(lines) == len({line.lower() for line in lines}) >= 60
    wanted = SLOTS.get(kind, {"n"})
    wrong = [line for line in lines if set(re.findall(r"\{(\w*)\}", line)) != wanted]
    assert wrong == []
    assert not [line for line in lines if line != line.strip() or "  " in line]


def test_nouns_and_parts() -> None:
    nouns = collected_rows("nouns")
    assert {land for land, *_ in nouns} == set(CODES)
    assert all(len(row) in (2, 3) and all(row) for row in nouns)
    said = [singular for _, singular, *_ in nouns]
    assert len(said) == len(set(said)), "a word of two classes says nothing"
    parts = collected_parts()
    assert set(parts) == {*get_args(Place), *get_args(Cell)} - {"everywhere"}


def test_no_template_is_held_out(held_out: list[str]) -> None:
    """Neither a template nor five words in a row."""
    templates = [text for text in held_out if "{" in text]
    whole = {" ".join(words(text)) for text in templates}
    rows = set().union(*(runs(text) for text in templates))
    assert len(rows) > 50
    shared = [
        line
        for kind in TEMPLATES
        if kind != "absent"
        for line in collected(kind)
        if " ".join(words(line)) in whole or runs(line) & rows
    ]
    assert shared == []


def test_no_word_is_held_out(held_out: list[str]) -> None:
    held = re.compile(rf"\b({'|'.join(map(re.escape, HELD_OUT_WORDS))})\b", re.IGNORECASE)
    lines = [line for kind in (*TEMPLATES, "nouns") for line in collected(kind)]
    assert [line for line in lines if held.search(line)] == []
    assert not set(collected("absent")) & set(held_out)
