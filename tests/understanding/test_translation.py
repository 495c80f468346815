"""Sentences in other languages are translated by tables; English and nonsense are left alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.translation import messages, translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES, phrase_table
from mtrs_geo.understanding.translation.quantities import parse_number
from mtrs_geo.understanding.understand import understand

HERE = Path(__file__).parent
SENTENCES = tomllib.loads((HERE / "translations.toml").read_text("utf-8"))
ENGLISH = [
    row["text"]
    for row in map(json.loads, (HERE / "sentences.jsonl").read_text("utf-8").splitlines())
    if row["split"] == "tune" and row.get("language", "en") == "en" and row["group"] != "nonsense"
]
QUERIES_MD = Path(__file__).parents[2] / "docs" / "queries.md"


def facts_of(sentence: str) -> str:
    """Classes and direction as translations.toml writes them."""
    reading = Sentence(sentence, english())
    before, after = "+".join(sorted(reading.before)), "+".join(sorted(reading.after))
    if reading.direction == "changed":
        return f"{before} -> {after}"
    return f"{after if reading.direction == 'appeared' else before} {reading.direction}".strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_translated(language: str) -> None:
    for sentence, expected, _, _ in SENTENCES[language]:
        found = translate(sentence)
        assert found is not None, sentence
        assert (found.language, found.english) == (language, expected), sentence
        assert len(SENTENCES[language]) >= 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_read_as_meant(language: str) -> None:
    for sentence, expected, facts, rules in SENTENCES[language]:
        assert "; ".join(r.explain() for r in ChangeQuery.parse(expected).rules) == rules, sentence
        if facts not in ("-", "two wishes"):
            assert facts_of(expected) == facts, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_negated_and_unchanged_things_are_not_understood_as_changes(language: str) -> None:
    negated = [
        english
        for _, english, _, _ in SENTENCES[language]
        if re.search(r"\b(?:no|not|unchanged)\b", english)
    ]
    assert negated
    for sentence in negated:
        assert (
            understand(sentence)[0].direction == "unchanged"
            or not understand(sentence)[0].is_answered
        ), sentence


def test_english_stays_english() -> None:
    assert len(ENGLISH) > 250
    assert [s for s in ENGLISH if translate(s) is not None] == []


def test_the_manual_of_queries_stays_english() -> None:
    sentences = [s.strip() for s in re.split(r"[.\n|:]", QUERIES_MD.read_text("utf-8"))]
    assert [s for s in sentences if translate(s) is not None] == []


@pytest.mark.parametrize(
    ("sentence", "unknown"),
    [
        ("neue Solaranlagen", ("Solaranlagen",)),
        ("neue Häuser beim Dingsda", ("Dingsda",)),
        ("neue Häuser ab 1,500 ha", ("1,500 ha",)),
        ("neue Frobulatoren am Waldrand", ("Frobulatoren",)),
        ("Wald, der zu Frobulatoren wurde", ("Frobulatoren",)),
        ("新しいフロブレータ", ("フロブレータ",)),
        ("新的风力发电机", ("风力发电机",)),
    ],
)
def test_what_is_not_translated_is_named(sentence: str, unknown: tuple[str, ...]) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.unknown == unknown


@pytest.mark.parametrize(
    "sentence",
    ["neue Frobulatoren", "Frobulatoren neben den Häusern", "Wald, der zu Frobulatoren wurde",
     "nouveaux frobulateurs près des maisons", "Parkplätze wurden entfrobt", "neue Zäune"],
)  # fmt: skip
def test_an_unknown_subject_gives_no_english_sentence(sentence: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.english == ""


def test_an_unknown_reference_stays_in_the_sentence() -> None:
    found = translate("neue Häuser nahe Schnarchenreuth")
    assert found is not None
    assert found.english == "new houses near the Schnarchenreuth"
    assert found.unknown == ("Schnarchenreuth",)


def test_read_pairs_foreign_and_english_phrases() -> None:
    found = translate("die drei größten neuen Gebäude im Norden seit 2015")
    assert found is not None
    assert set(found.read) >= {
        ("neuen", "new"), ("Gebäude", "buildings"), ("drei größten", "the 3 largest"),
        ("im Norden", "in the north"), ("seit 2015", "since 2015"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("digits", "decimal", "number"),
    [
        ("1.000", ",", 1000), ("1.000,5", ",", 1000.5), ("0,5", ",", 0.5), ("0.5", ",", 0.5),
        ("1 000", ",", 1000), ("12.345.678", ",", 12_345_678), ("1,500", ",", None),
        ("1,000", ".", 1000), ("1,000.5", ".", 1000.5), ("1.500", ".", None), ("2.5", ".", 2.5),
        ("1,00,000", ".", 100_000), ("١٬٠٠٠", ".", 1000), ("٠٫٥", ".", 0.5), ("200", ",", 200),
    ],
)  # fmt: skip
def test_numbers_follow_the_language(digits: str, decimal: str, number: float | None) -> None:
    assert parse_number(digits, decimal) == number


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_consistent(language: str) -> None:
    table = phrase_table(language)
    for words, meanings in table.meanings.items():
        nouns = {(kind[8:], noun) for kind, noun in meanings if kind.startswith("classes.")}
        assert len(nouns) + any(kind == "outside" for kind, _ in meanings) <= 1, words
        assert len([kind for kind, _ in meanings if kind == "changes"]) <= 1, words
        for land_cover, noun in nouns:
            segments = english().segments(noun)
            assert [s.land_cover for s in segments] == [land_cover], noun
    for land_cover in ("building", "road", "vegetation", "water", "bare"):
        kind = f"classes.{land_cover}"
        listed = [w for w, found in table.meanings.items() if kind in {k for k, _ in found}]
        assert len(listed) >= 30, land_cover
    assert {name for _, name in _entries(language, "places")} >= {
        "north", "south", "east", "west", "north-east", "north-west", "south-east",
        "south-west", "centre",
    }  # fmt: skip


def _entries(language: str, table: str) -> set[tuple[str, str]]:
    meanings = phrase_table(language).meanings.values()
    return {pair for found in meanings for pair in found if pair[0] == table}


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_complete(language: str) -> None:
    texts = messages(language)
    assert set(texts) == {"outside", "no_question", "not_translated", "try"}
    assert "{thing}" in texts["outside"]
    assert "{words}" in texts["not_translated"]
    example = translate(texts["try"])
    assert example is not None
    assert (example.language, example.english) == (language, "new buildings in the north")


def test_accents_and_capitals_do_not_matter() -> None:
    for sentence in ("NOUVEAUX BÂTIMENTS", "nouveaux batiments", "nouveaux bâtiments"):
        found = translate(sentence)
        assert found is not None
        assert found.english == "new buildings"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.text("neu Häuser при新建の مبنى 10m²,.", max_size=60))
def test_any_text_is_accepted(text: str) -> None:
    found = translate(text)
    assert found is None or found.language in LANGUAGES


def test_a_long_text_is_not_translated() -> None:
    for text in ("neue Gebäude " * 10_000, "新" * 100_000):
        found = translate(text)
        assert found is not None
        assert found.english == ""


def test_tables_are_loaded_when_needed() -> None:
    code = (
        "from mtrs_geo.understanding.translation import translate\n"
        "from mtrs_geo.understanding.translation.phrase_table import phrase_table\n"
        "assert translate('new buildings in the north') is None\n"
        "assert phrase_table.cache_info().currsize == 0\n"
        "assert translate('новые здания').language == 'ru'\n"
        "assert phrase_table.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
