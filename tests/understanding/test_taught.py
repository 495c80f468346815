"""Sentences of a training in other languages, beside rules of their language."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, taught_vocabulary, understand
from mtrs_geo.understanding.taught import _stand_ins
from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES

TRAINED = [
    "neue Solaranlagen.", "neue Gewächshäuser", "neue rote Dächer", "abgerissene Windräder",
    "Solarparks", "新增光伏板", "新しい太陽光パネル", "nuevos paneles solares", "nouvelles serres",
    "новые солнечные панели", "الألواح الشمسية الجديدة", "new gizmos",
]  # fmt: skip


def asked(text: str) -> Understanding:
    taught = taught_vocabulary(TRAINED)
    vocabulary = Vocabulary(nouns=taught["nouns"], sentences=frozenset(taught["sentences"]))
    (found,) = understand(text, vocabulary)
    return found


@pytest.mark.parametrize(
    ("text", "prompt", "rules"),
    [
        ("neue Solaranlagen im Norden", "neue solaranlagen.", ["in the north"]),
        ("die drei größten neuen Solaranlagen", "neue solaranlagen.", ["the 3 largest"]),
        ("die größte neue Solaranlage", "neue solaranlagen.", ["the largest"]),
        ("neue Solaranlagen größer als 500 m²", "neue solaranlagen.", ["larger than 500 m²"]),
        ("Wie viele neue Solaranlagen gibt es?", "neue solaranlagen.", []),
        ("Zeige mir bitte alle neuen Solaranlagen", "neue solaranlagen.", []),
        ("neue Gewächshäuser im Norden", "neue gewächshäuser", ["in the north"]),
        ("neue rote Dächer im Norden", "neue rote dächer", ["in the north"]),
        ("die drei größten abgerissenen Windräder", "abgerissene windräder", ["the 3 largest"]),
        ("die größten Solarparks im Norden", "solarparks", ["in the north", "the largest"]),
        ("北部新增光伏板", "新增光伏板", ["in the north"]),
        ("最大的三个新增光伏板", "新增光伏板", ["the 3 largest"]),
        ("面积大于500平方米的新增光伏板", "新增光伏板", ["larger than 500 m²"]),
        (
            "los tres nuevos paneles solares más grandes",
            "nuevos paneles solares",
            ["the 3 largest"],
        ),
        ("nouvelles serres au nord", "nouvelles serres", ["in the north"]),
        ("новые солнечные панели на севере", "новые солнечные панели", ["in the north"]),
        ("الألواح الشمسية الجديدة في الشمال", "الألواح الشمسية الجديدة", ["in the north"]),
        ("zeige new gizmos im Norden", "new gizmos", ["in the north"]),
    ],
)
def test_a_trained_sentence_stays_one_beside_rules_of_its_language(
    text: str, prompt: str, rules: list[str]
) -> None:
    found = asked(text)
    assert found.status == "understood"
    assert (found.query.prompt, [rule.explain() for rule in found.query.rules]) == (prompt, rules)
    assert found.query.text == text
    assert found.language != "en"
    assert prompt.strip(".") in found.translated


@pytest.mark.parametrize(
    "text",
    [
        "neue Solarparks im Norden",
        "keine neuen Solaranlagen im Norden",
        "alte neue Solaranlagen im Norden",
        "neue Solaranlagen statt Wald",
        "Wald, der zu neuen Solaranlagen wurde",
        "neue Solaranlagen und abgerissene Häuser",
        "geplante neue Solaranlagen im Norden",
    ],
)
def test_more_than_rules_beside_a_trained_sentence_is_no_trained_sentence(text: str) -> None:
    assert not asked(text).is_answered


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("新增光伏板附近的建筑", "new buildings"),
        ("新增光伏板附近的新建建筑", "new buildings"),
        ("新しい太陽光パネルの近くの建物", "new buildings"),
        ("المباني بالقرب من الألواح الشمسية الجديدة", "new buildings"),
        ("neue Gebäude neben neuen Solaranlagen", "new buildings"),
    ],
)
def test_what_is_near_a_trained_thing_is_not_the_trained_thing(text: str, prompt: str) -> None:
    found = asked(text)
    assert (found.query.prompt, found.code) == (prompt, "unknown_reference")


@pytest.mark.parametrize("text", ["neue Dächer im Norden", "neue Gebäude im Norden"])
def test_another_sentence_of_the_language_is_translated(text: str) -> None:
    found = asked(text)
    assert found.after == ("building",)
    assert [rule.explain() for rule in found.query.rules] == ["in the north"]


def test_the_rules_beside_a_trained_sentence_of_another_language_are_judged() -> None:
    found = asked("neue Solaranlagen neben der Schule")
    assert (found.code, found.is_answered) == ("unknown_reference", False)
    assert [time.phrase for time in asked("neue Solaranlagen seit 2019").query.times] == [
        "since 2019"
    ]


def test_sentences_in_another_language_teach_no_english_nouns() -> None:
    assert taught_vocabulary(TRAINED)["nouns"] == {"gizmo": ""}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_example_of_each_language_gives_stand_ins(code: str) -> None:
    found = [translate(text) for text in _stand_ins(code)]
    assert [one.english for one in found if one] == ["new buildings", "new roads", "buildings"]
