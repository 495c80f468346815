"""A flood after "after" or "by" is a time or a cause in other languages, not the class after."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

AFTER_THE_FLOOD = {
    "de": "nach dem Hochwasser gebaute Häuser", "fr": "maisons construites après l'inondation",
    "es": "casas nuevas después de la inundación", "pt": "casas construídas depois da enchente",
    "it": "case costruite dopo l'alluvione", "nl": "huizen gebouwd na de overstroming",
    "pl": "nowe domy po powodzi", "ru": "новые дома после наводнения",
    "zh": "洪水后新建的房屋", "ja": "洪水の後に建てられた家", "ar": "منازل جديدة بعد الفيضان",
    "hi": "बाढ़ के बाद बने घर", "id": "rumah baru setelah banjir",
    "sw": "nyumba mpya baada ya mafuriko",
}  # fmt: skip
BY_THE_FLOOD = {
    "de": "durch das Hochwasser zerstörte Häuser", "fr": "maisons détruites par l'inondation",
    "es": "la inundación destruyó casas", "pt": "casas destruídas pela enchente",
    "it": "case distrutte dall'alluvione", "nl": "huizen verwoest door de overstroming",
    "pl": "domy zniszczone przez powódź", "ru": "дома, разрушенные наводнением",
    "zh": "洪水摧毁的房屋", "ja": "洪水で壊れた家", "ar": "المنازل التي دمرها الفيضان",
    "hi": "बाढ़ से नष्ट हुए घर", "id": "rumah yang hancur akibat banjir",
    "sw": "nyumba zilizoharibiwa na mafuriko",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_disaster_is_a_time_or_a_cause(language: str) -> None:
    assert english_of(AFTER_THE_FLOOD[language]) == "new houses after the flood"
    assert english_of(BY_THE_FLOOD[language]) == "demolished houses by the flood"


def test_the_english_sentence_names_no_water() -> None:
    for sentences, direction in ((AFTER_THE_FLOOD, "appeared"), (BY_THE_FLOOD, "disappeared")):
        for sentence in sentences.values():
            (found,) = understand(sentence)
            assert (found.direction, {*found.before, *found.after}) == (direction, {"building"})


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("überflutete Wiesen", "meadows turned into water"),
        ("durch das Hochwasser überflutete Wiesen", "meadows turned into water by the flood"),
        ("Überschwemmungen im Norden", "new water in the north"),
        ("Überschwemmungen, die verschwunden sind", "vanished water"),
        ("inondations et nouvelles maisons", "new water and new houses"),
        ("casas destruidas por la inundación en el norte",
         "demolished houses in the north, by the flood"),
        ("Wälder nach dem Brand verschwunden", "removed forest after the fire"),
        ("地震中倒塌的房屋", "demolished houses by the earthquake"),
        ("neue Häuser nach 2015", "new houses after 2015"),
        ("Häuser, die das Hochwasser überstanden haben", "unchanged houses by the flood"),
    ],
)  # fmt: skip
def test_a_flood_elsewhere_is_water(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected
