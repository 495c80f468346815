"""How sentences were understood, in English and German, from questions of the worker."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo.worker.explaining import explain

DOUBTS = {
    "hallo": ("This is not a question", "Das ist keine Frage"),
    "hello": ("This is not a question", "Das ist keine Frage"),
    "not buildings": ("has a negation", "enthält eine Verneinung"),
    "no change": ("no single kind of ground is named", "nennt keine einzelne Art"),
    "solar panels": ("does not know “solar panels”", "kennt „solar panels“ nicht"),
    "new buildings near the school": ("does not find “school”", "findet „school“ nicht"),
    "new shiny buildings": ("Without it: “new buildings”", "Ohne das Wort: „new buildings“"),
    "new swimming pools": ("Pixels of 5 m", "Pixel von 5 m sind zu grob"),
    "oaks replaced by beeches": ("“oaks” and “beeches”", "„oaks“ und „beeches“"),
    "new buildings larger than 1.000 m²": ("may be 1000 m² or 1 m²", "1000 m² oder 1 m² bedeuten"),
    "neue Windräder": ("Not translated: “Windräder”", "Nicht übersetzt: „Windräder“"),
    "neue grüne Gebäude": ("without effect: “grüne”", "ohne Wirkung: „grüne“"),
    "two new houses": ("The number “two” has no effect", "Die Zahl „two“ hat keine Wirkung"),
    "the oldest house that was built": ("“oldest” is not measured", "„oldest“ wird nicht gemessen"),
    "new houses near the barns": ("“barns” is found as any", "„barns“ wird wie jeder Boden"),
    "hey can u find houses that popped up": ("Taken as: “new buildings”",
                                             "Verstanden als: „new buildings“"),
    "are all new houses in the north?": ("The question with “all” is not answered",
                                         "Die Frage mit „all“ wird nicht beantwortet"),
    "is there exactly one new house?": ("“exactly one” is not tested: the answer is the number",
                                        "„exactly one“ wird nicht geprüft: Die Antwort ist"),
    "were no houses demolished?": ("Ask without the negation: “were houses demolished?”",
                                   "ohne die Verneinung: „were houses demolished?“"),
    "are there 2 ha of new roads?": ("“2 ha” is not tested: the answer is the area",
                                     "„2 ha“ wird nicht geprüft: Die Antwort ist die gef"),
    "houses built since 2016": ("“since 2016” is asked for. The first years",
                                "gefragt ist aber „seit 2016“. Die ersten Jahre"),
}  # fmt: skip
MEANINGS = {
    "new buildings in the north": ("buildings · appeared · in the north",
                                   "Gebäude · entstanden · im Norden"),
    "roads that were removed, smaller than 0.5 ha": (
        "roads · disappeared · smaller than 5,000 m²",
        "Straßen · verschwunden · kleiner als 5.000 m²",
    ),
    "the second largest new building": (
        "buildings · appeared · the largest, rank 2",
        "Gebäude · entstanden · nur das größte, Rang 2",
    ),
    "the largest and the smallest new building": (
        "buildings · appeared · the largest and the smallest",
        "Gebäude · entstanden · nur das größte und nur das kleinste",
    ),
    "the two new buildings closest to the road": (
        "buildings · appeared · the 2 nearest to “road”",
        "Gebäude · entstanden · die 2 „road“ nächsten",
    ),
    "the new building farthest from the road": (
        "buildings · appeared · the farthest from “road”",
        "Gebäude · entstanden · nur das von „road“ am weitesten entfernte",
    ),
    "new buildings outside the forest": (
        "buildings · appeared · outside “forest”", "Gebäude · entstanden · außerhalb von „forest“"
    ),
    "vegetation that became roads": ("vegetation → roads", "Vegetation → Straßen"),
    "how many houses were built in the north or the south?": (
        "buildings · appeared · in the north or in the south · how many?",
        "Gebäude · entstanden · im Norden oder im Süden · wie viele?",
    ),
    "how many hectares of roads were built?": (
        "roads · appeared · what area?", "Straßen · entstanden · welche Fläche?"
    ),
    "new roads within 50 m of the river except those in the west": (
        "roads · appeared · within 50 m of “river” · except in the west",
        "Straßen · entstanden · höchstens 50 m von „river“ · außer im Westen",
    ),
    "houses built between 2016 and 2018": (
        "buildings · appeared · from 2016 to 2018", "Gebäude · entstanden · von 2016 bis 2018"
    ),
    "what changed": ("any change", "jede Veränderung"),
}  # fmt: skip
OTHERS = (
    "new buidlings", "are there new schools?", "new roads and demolished houses",
    "how many acres of roads were built?", "neue Gebäude; abgerissene Häuser", "neue Gebäude",
)  # fmt: skip


@pytest.fixture(scope="module")
def questions() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for sentence in (*DOUBTS, *MEANINGS, *OTHERS):
        gsd_m = 5.0 if "pools" in sentence else None
        found[sentence] = explain({"query": sentence, "gsd_m": gsd_m})["questions"]
    (dated,) = found["houses built since 2016"]
    values = {
        "dates": ["2019", "2023"],
        "problems": [["shown", "first"]],
        **dated["named_times"][0],
    }
    dated["doubts"] = [{"code": "time_not_matched", "text": "English", "values": values}]
    return found


@pytest.fixture(scope="module")
def facts(
    qgis_python: Callable[..., dict[str, Any]], plugin_folder: Path, tmp_path_factory: Any,
    questions: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    if shutil.which("lrelease") is None:
        pytest.skip("lrelease is not installed")
    file = tmp_path_factory.mktemp("sentences") / "questions.json"
    file.write_text(json.dumps(questions), encoding="utf-8")
    return qgis_python("sentences_script.py", plugin_folder, file)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("sentence", DOUBTS)
def test_doubts(facts: dict[str, Any], language: str, sentence: str) -> None:
    (_, _, doubts), *_ = facts[language]["words"][sentence]
    expected = DOUBTS[sentence][language == "de"]
    assert expected in " ".join(doubts)
    assert len(doubts) == 1


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("sentence", MEANINGS)
def test_meanings(facts: dict[str, Any], language: str, sentence: str) -> None:
    (meaning, _, _), *_ = facts[language]["words"][sentence]
    assert meaning == MEANINGS[sentence][language == "de"]


def test_corrections_are_shown(facts: dict[str, Any]) -> None:
    assert "“buidlings” was read as “buildings”." in facts["en"]["misspelt"]
    assert "„buidlings“ wurde gelesen als „buildings“." in facts["de"]["misspelt"]
    assert "Gebäude · entstanden" in facts["de"]["misspelt"]


def test_no_note_is_about_words_that_nobody_wrote(facts: dict[str, Any]) -> None:
    found = facts["de"]["words"]
    assert [notes for _, notes, _ in found["neue Gebäude; abgerissene Häuser"]] == [[], []]
    ((_, notes, _),) = found["neue Gebäude"]
    assert notes == ["„neue Gebäude“ wurde gelesen als „new buildings“."]


def test_refused_and_doubtful_sentences_look_so(facts: dict[str, Any]) -> None:
    for language, head in (("en", "Not answered: hello"), ("de", "Nicht beantwortet: hello")):
        assert f"✗</span>&nbsp;<b>{head}</b>" in facts[language]["refused"]
        assert "■" not in facts[language]["refused"]
        assert "⚠" in facts[language]["doubtful"]
        assert "<b>buildings" in facts["en"]["doubtful"]


def test_the_card_says_what_was_not_answered_and_each_warning_once(facts: dict[str, Any]) -> None:
    for language, texts in {
        "en": ("1,500 polygons", "not answered", "This is not a question", "no</b>"),
        "de": ("1.500 Polygone", "nicht beantwortet", "Das ist keine Frage", "nein</b>"),
    }.items():
        card = facts[language]["card"]
        assert all(text in card for text in texts), card
        assert len(re.findall("far apart", card)) == 1
        assert card.count("⚠") == 3
    assert "is not known and has no effect" not in facts["de"]["card"]
    assert "1,23 km²" in facts["de"]["card"]
    assert "<b>1,234.5 acres</b>" in facts["en"]["acres"]
    assert "<b>1.234,5 acres</b>" in facts["de"]["acres"]
    assert "The sentence was not answered" in facts["en"]["all refused"]
    assert "polygons" not in facts["en"]["all refused"]
