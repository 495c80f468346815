"""The collected phrases: their slots are complete, and validation shares none of them."""

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
from mtrs_geo.data.sentences.phrasebook import read_phrase_rows, read_phrases, read_place_words
from mtrs_geo.types import Cell, Place

SLOTS = {
    "became": {"a", "b"}, "replaced": {"a", "b"}, "everything": set(), "absent": set(),
    "counted_new": {"k", "n"}, "counted_gone": {"k", "n"}, "except_place": {"x", "p"},
    "place": {"x", "p"}, "largest": {"x"}, "smallest": {"x"}, "near": {"x", "r"}, "far": {"x", "r"},
}  # fmt: skip
FOLDER = Path(mtrs_geo.data.sentences.__file__).parent / "phrases"
TEMPLATES = sorted({path.stem for path in FOLDER.glob("*.txt")} - {"nouns", "places"})
WORDINGS = Path(__file__).parents[3] / "benchmarks/wordings.json"
RUN_WORDS = 5


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", re.sub(r"\{\w+\}", " ", text.lower()))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN_WORDS]) for i in range(len(found) - RUN_WORDS + 1)}


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif hasattr(value, "__dataclass_fields__"):
        yield from texts_in(vars(value))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts_in(item)


@pytest.fixture(scope="module")
def held_out() -> list[str]:
    """All texts of the held-out vocabularies and of `benchmarks/wordings.json`."""
    trees = HELD_OUT, HELD_OUT_CLASSES, json.loads(WORDINGS.read_text())
    return [text for tree in trees for text in texts_in(tree)]


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_have_their_slots(kind: str) -> None:
    lines = read_phrases(kind)
    assert len(lines) == len({line.lower() for line in lines}) >= 60
    expected = SLOTS.get(kind, {"n"})
    wrong = [line for line in lines if set(re.findall(r"\{(\w*)\}", line)) != expected]
    assert wrong == []
    assert not [line for line in lines if line != line.strip() or "  " in line]


def test_nouns_are_unambiguous_and_every_place_has_words() -> None:
    nouns = read_phrase_rows("nouns")
    assert {name for name, *_ in nouns} == set(CODES)
    assert all(len(row) in (2, 3) and all(row) for row in nouns)
    singulars = [singular for _, singular, *_ in nouns]
    assert len(singulars) == len(set(singulars)), "a noun of two classes is ambiguous"
    places = read_place_words()
    assert set(places) == {*get_args(Place), *get_args(Cell)} - {"everywhere"}


def test_no_phrase_is_in_a_held_out_template(held_out: list[str]) -> None:
    """No template, and no five words in a row."""
    templates = [text for text in held_out if "{" in text]
    whole_texts = {" ".join(words(text)) for text in templates}
    held_out_runs = set().union(*(runs(text) for text in templates))
    assert len(held_out_runs) > 50
    shared = [
        line
        for kind in TEMPLATES
        if kind != "absent"
        for line in read_phrases(kind)
        if " ".join(words(line)) in whole_texts or runs(line) & held_out_runs
    ]
    assert shared == []


def test_no_phrase_has_a_held_out_word(held_out: list[str]) -> None:
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, HELD_OUT_WORDS))})\b", re.IGNORECASE)
    lines = [line for kind in (*TEMPLATES, "nouns") for line in read_phrases(kind)]
    assert [line for line in lines if pattern.search(line)] == []
    assert not set(read_phrases("absent")) & set(held_out)
