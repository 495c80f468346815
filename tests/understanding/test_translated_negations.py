"""What "but not", "without" and "do not show" leave out in other languages did not stay."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

BUT_NOT = {
    "de": "abgerissene Häuser, aber nicht im Norden",
    "fr": "maisons démolies, mais pas celles du nord",
    "es": "casas derribadas, pero no las del norte",
    "pt": "casas demolidas, mas não as do norte",
    "it": "case demolite, ma non quelle a nord",
    "nl": "gesloopte huizen, maar niet die in het noorden",
    "pl": "zburzone domy, ale nie te na północy",
    "ru": "снесённые дома, но не на севере",
    "zh": "被拆除的房屋，但不包括北部的",
    "ja": "取り壊された家、ただし北部を除く",
    "ar": "المنازل المهدمة، ولكن ليس في الشمال",
    "hi": "गिराए गए मकान, लेकिन उत्तर में नहीं",
    "id": "rumah yang dibongkar, tetapi bukan yang di utara",
    "sw": "nyumba zilizobomolewa, lakini si zile za kaskazini",
}
"""Demolished houses, but not those in the north."""
WITHOUT_ROADS = {
    "de": "alle Änderungen ohne Straßen", "fr": "tous les changements sans les routes",
    "es": "todos los cambios sin carreteras", "pt": "todas as mudanças sem estradas",
    "it": "tutti i cambiamenti senza strade", "nl": "alle veranderingen zonder wegen",
    "pl": "wszystkie zmiany bez dróg", "ru": "все изменения без дорог",
    "ar": "كل التغييرات بدون الطرق", "id": "semua perubahan tanpa jalan",
    "sw": "mabadiliko yote bila barabara",
}  # fmt: skip
NOT_SHOWN = {
    "de": "zeige nicht die abgerissenen Häuser", "fr": "ne montre pas les maisons démolies",
    "es": "no muestres las casas demolidas", "pt": "não mostre casas demolidas",
    "it": "non mostrare le case demolite", "nl": "toon geen gesloopte huizen",
    "pl": "nie pokazuj zburzonych domów", "ru": "не показывай снесённые дома",
    "zh": "不要显示拆除的房屋", "ja": "取り壊された家を表示しないで",
    "ar": "لا تعرض المنازل المهدمة", "hi": "गिराए गए घर मत दिखाओ",
    "id": "jangan tampilkan rumah yang dibongkar", "sw": "usionyeshe nyumba zilizobomolewa",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_but_not_is_an_exception(language: str) -> None:
    words = english_of(BUT_NOT[language]).replace(",", "").split()
    assert " ".join(words) == "demolished houses except in the north"


@pytest.mark.parametrize("language", WITHOUT_ROADS)
def test_changes_without_a_thing_are_all_but_it(language: str) -> None:
    assert english_of(WITHOUT_ROADS[language]) == "any change except roads"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_not_to_show_is_refused(language: str) -> None:
    (found,) = understand(NOT_SHOWN[language])
    assert not found.is_answered
    assert len(found.unused) == 1
    assert found.unused[0] in NOT_SHOWN[language]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("les arbres abattus mais pas ceux le long de la route",
         "removed trees except along the roads"),
        ("neue Häuser, aber nicht im Süden", "new houses, except in the south"),
        ("abgerissene Häuser nicht im Norden", "demolished houses except in the north"),
        ("abgerissene Häuser, aber nicht die größten", "demolished houses, except the largest"),
        ("abgerissene Häuser, aber keine Garagen", "demolished houses, except garages"),
        ("abgerissene Häuser, aber nicht größer als 100 m²",
         "demolished houses smaller than 100 m²"),
        ("maisons démolies sans les garages", "demolished houses except garages"),
        ("neue Häuser ohne den Norden", "new houses except in the north"),
        ("casas demolidas sem as do norte", "demolished houses except in the north"),
        ("neue Häuser, ohne Garagen", "new houses, except garages"),
        ("nowe domy bez północy", "new houses except in the north"),
        ("Ne montrez que les maisons démolies", "demolished houses"),
        ("nicht nur abgerissene Häuser, sondern auch neue", "demolished or new houses"),
        ("keine Häuser wurden abgerissen", "no houses that were demolished"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Häuser, die nicht abgerissen wurden", "houses that were not demolished"),
        ("maisons qui n'ont pas été démolies au nord",
         "houses that were not demolished in the north"),
        ("没有拆除的房屋", "houses that were not demolished"),
        ("没有变化的房屋", "unchanged houses"), ("Häuser ohne Veränderung", "unchanged houses"),
        ("casas que estaban en 2012 pero no en 2018",
         "demolished houses between 2012 and 2018"),
        ("Häuser, die früher da waren, aber jetzt nicht mehr", "demolished houses"),
        ("nichts Neues im Norden", "no change in the north"),
        ("niets nieuws in het noorden", "no change in the north"),
    ],
)  # fmt: skip
def test_other_negations_stay(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Häuser, die nicht im Norden abgerissen wurden", "keine Häuser, die abgerissen wurden",
        "abgerissene Häuser ohne Garagen", "casas derribadas pero no reconstruidas",
        "Häuser, die abgerissen, aber nicht ersetzt wurden", "北部ではない取り壊された家",
        "maisons démolies mais pas reconstruites", "सड़कों के बिना सभी बदलाव",
        "gesloopte huizen en niet herbouwd", "дома, которые снесены и не отстроены",
        "casas demolidas y no reconstruidas", "新しい家、道路ではなく",
        "没有道路的所有变化", "没有房屋被拆除", "Wo wurde Wald gerodet, aber keine Häuser gebaut?",
    ],
)  # fmt: skip
def test_a_negation_that_is_not_of_the_change_is_refused(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.is_answered
    assert found.unused
