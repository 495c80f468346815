"""Two wishes of which one leaves out its noun, and exceptions that say what became what."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

TWO_WISHES = {
    "de": "neue Häuser im Norden und abgerissene im Süden",
    "fr": "nouvelles maisons au nord et démolies au sud",
    "es": "casas nuevas en el norte y derribadas en el sur",
    "pt": "casas novas no norte e demolidas no sul",
    "it": "case nuove a nord e demolite a sud",
    "nl": "nieuwe huizen in het noorden en gesloopte in het zuiden",
    "pl": "nowe domy na północy i zburzone na południu",
    "ru": "новые дома на севере и снесённые на юге",
    "zh": "北部新建和南部拆除的房屋",
    "ja": "北部で建てられ、南部で取り壊された家",
    "ar": "منازل جديدة في الشمال ومهدمة في الجنوب",
    "hi": "उत्तर में नए मकान और दक्षिण में गिराए गए",
    "id": "rumah baru di utara dan yang dibongkar di selatan",
    "sw": "nyumba mpya kaskazini na zilizobomolewa kusini",
}
"""New houses in the north and demolished (ones) in the south."""
BUILT_ON_FOREST = {
    "de": "neue Häuser außer denen, die auf Wald gebaut wurden",
    "fr": "nouvelles maisons sauf celles construites sur la forêt",
    "es": "casas nuevas excepto las construidas sobre bosque",
    "it": "case nuove tranne quelle costruite sul bosco",
    "nl": "nieuwe huizen behalve die op bos gebouwd zijn",
    "pl": "nowe domy oprócz zbudowanych na miejscu lasu",
    "ru": "новые дома, кроме построенных на месте леса",
    "ar": "منازل جديدة باستثناء المبنية على الغابة",
    "hi": "जंगल पर बने मकानों को छोड़कर नए मकान",
    "id": "rumah baru kecuali yang dibangun di atas hutan",
}
"""New houses except those built on forest."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_takes_the_noun_of_the_other_one(language: str) -> None:
    expected = "new houses in the north and demolished houses in the south"
    assert english_of(TWO_WISHES[language]) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Häuser im Norden, abgerissene im Süden",
         "new houses in the north and demolished houses in the south"),
        ("im Norden gebaute und im Süden abgerissene Häuser",
         "new houses in the north and demolished houses in the south"),
        ("neue Häuser größer als 500 m² und abgerissene kleiner als 100 m²",
         "new houses larger than 500 m² and demolished houses smaller than 100 m²"),
        ("neue Häuser und Straßen im Norden und abgerissene im Süden",
         "new houses and roads in the north and removed houses and roads in the south"),
        ("neue Straßen im Norden und Süden und abgerissene im Westen",
         "new roads in the north or the south and removed roads in the west"),
        ("neue Häuser im Norden und abgerissene im Süden und neue Straßen im Osten",
         "new houses in the north and demolished houses in the south and new roads in the east"),
        ("neue Häuser im Norden und veränderte im Süden",
         "new houses in the north and changed houses in the south"),
        ("طرق جديدة ومبان مهدمة", "new roads and demolished buildings"),
        ("منازل جديدة وطرق جديدة", "new houses and roads"),
        ("neue und abgerissene Häuser im Norden", "new or demolished houses in the north"),
        ("maisons construites et démolies au nord", "new or demolished houses in the north"),
        ("im Norden neue und abgerissene Häuser", "new or demolished houses in the north"),
        ("neue Häuser im Norden und im Süden", "new houses in the north or the south"),
        ("neue Häuser und Straßen im Norden", "new houses and roads in the north"),
    ],
)  # fmt: skip
def test_only_a_part_with_a_change_and_a_condition_is_a_wish(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize("language", BUILT_ON_FOREST)
def test_an_exception_says_what_became_what(language: str) -> None:
    english = english_of(BUILT_ON_FOREST[language]).replace(",", "")
    assert english in (
        "new houses except forest turned into houses",
        "new houses except forest turned into buildings",
    )


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Häuser außer denen, die Wald ersetzt haben",
         "new houses except forest turned into houses"),
        ("neue Häuser, außer wo Wald war", "new houses, except forest turned into houses"),
        ("casas nuevas excepto donde había bosque",
         "new houses except forest turned into houses"),
        ("abgeholzter Wald außer dem, der zu Parkplätzen wurde",
         "removed forest except forest turned into car parks"),
        ("forêt perdue sauf celle remplacée par des maisons",
         "removed forest except forest turned into houses"),
        ("neue Häuser außer auf dem Feld", "new houses except inside the fields"),
        ("neue Häuser außer im Wald", "new houses except inside the forest"),
        ("neue Häuser außer neuen Garagen", "new houses except new garages"),
        ("كل التغييرات ما عدا المنازل والطرق", "any change except houses and roads"),
    ],
)  # fmt: skip
def test_an_exception_is_a_rule_or_a_change(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "neue Häuser außer denen mit Garten",
        "neue Häuser außer nördlich des Flusses",
        "neue Häuser außer wo heute Straßen sind",
        "alle Änderungen außer Wald zu Straße",
        "Bäume gefällt, aber nicht durch Häuser ersetzt",
    ],
)
def test_an_exception_without_a_rule_is_refused(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.is_answered
    assert found.unused
