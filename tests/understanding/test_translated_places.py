"""Corners, and places that "nowhere", "neither … nor", "absent" and "ignore" leave out."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

CORNERS = {
    "de": "neue Häuser in der linken oberen Ecke",
    "fr": "nouvelles maisons dans le coin supérieur gauche",
    "es": "casas nuevas en la esquina superior izquierda",
    "pt": "casas novas no canto superior esquerdo",
    "it": "case nuove nell'angolo superiore sinistro",
    "nl": "nieuwe huizen in de linkerbovenhoek",
    "pl": "nowe domy w lewym górnym rogu",
    "ru": "новые дома в левом верхнем углу",
    "zh": "左上角的新房",
    "ja": "左上の新しい家",
    "ar": "منازل جديدة في الزاوية العلوية اليسرى",
    "hi": "ऊपरी बाएँ कोने में नए मकान",
    "id": "rumah baru di pojok kiri atas",
    "sw": "nyumba mpya kona ya juu kushoto",
}
"""New houses in the upper left corner."""
NOWHERE = {
    "de": "neue Häuser, nirgends im Norden",
    "fr": "nouvelles maisons, nulle part au nord",
    "es": "casas nuevas, en ninguna parte del norte",
    "pt": "casas novas, em parte alguma do norte",
    "it": "case nuove, da nessuna parte a nord",
    "nl": "nieuwe huizen, nergens in het noorden",
    "pl": "nowe domy, nigdzie na północy",
    "ru": "новые дома, нигде на севере",
    "ar": "منازل جديدة، وليس في أي مكان في الشمال",
    "id": "rumah baru, tidak di mana pun di utara",
    "sw": "nyumba mpya, hakuna kaskazini",
}
"""New houses, nowhere in the north."""
NEITHER = {
    "de": "neue Häuser, weder im Norden noch im Süden",
    "fr": "nouvelles maisons ni au nord ni au sud",
    "es": "casas nuevas ni en el norte ni en el sur",
    "pt": "casas novas nem no norte nem no sul",
    "it": "case nuove né a nord né a sud",
    "nl": "nieuwe huizen noch in het noorden noch in het zuiden",
    "pl": "nowe domy ani na północy ani na południu",
    "ru": "новые дома ни на севере, ни на юге",
    "id": "rumah baru tidak di utara maupun di selatan",
    "sw": "nyumba mpya lakini si kaskazini wala kusini",
}
"""New houses neither in the north nor in the south."""
IGNORED = {
    "de": "neue Häuser, ignoriere die im Norden",
    "fr": "nouvelles maisons, ignorer celles au nord",
    "es": "casas nuevas, descarta las del norte",
    "pt": "novas casas, descarte o norte",
    "it": "case nuove, ignora quelle a nord",
    "nl": "nieuwe huizen, negeer die in het noorden",
    "pl": "nowe domy, pomiń północ",
    "ru": "новые дома, игнорируй те, что на севере",
    "zh": "新房，忽略北部",
    "ja": "新しい家、北部は無視",
    "ar": "منازل جديدة، تجاهل الشمال",
    "hi": "नए मकान, उत्तर को हटा दें",
    "id": "rumah baru, abaikan yang di utara",
    "sw": "nyumba mpya, puuza kaskazini",
}
"""New houses, ignore those in the north."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_verbs_of_leaving_out_are_exceptions(language: str) -> None:
    words = english_of(IGNORED[language]).replace(",", "")
    assert words == "new houses except in the north"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_corner_is_one_place(language: str) -> None:
    assert english_of(CORNERS[language]) == "new houses in the north-west"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Häuser im Norden, im Westen", "new houses in the north or the west"),
        ("neue Häuser im Norden und im Westen", "new houses in the north or the west"),
        ("новые дома на севере и западе", "new houses in the north or the west"),
        ("neue Häuser oben im Westen", "new houses in the north-west"),
        ("neue Häuser im Norden links und rechts", "new houses in the north-west or the east"),
        ("neue Häuser außer in der linken oberen Ecke", "new houses except in the north-west"),
        ("новые дома кроме левого верхнего угла", "new houses except in the north-west"),
    ],
)
def test_only_neighbours_name_a_corner(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize("language", NOWHERE)
def test_nowhere_is_an_exception(language: str) -> None:
    words = english_of(NOWHERE[language]).replace(",", "")
    assert words == "new houses except in the north"


@pytest.mark.parametrize("language", NEITHER)
def test_neither_nor_is_two_exceptions(language: str) -> None:
    words = english_of(NEITHER[language]).replace(",", "")
    assert words == "new houses except in the north except in the south"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Häuser, die weder am Fluss noch an der Straße liegen",
         "new houses except next to the rivers, except next to the roads"),
        ("neue Häuser, keins davon am Fluss", "new houses, except next to the rivers"),
        ("neue Häuser, nicht im Wald", "new houses, except inside the forest"),
        ("neue Häuser fernab vom Fluss", "new houses far from the rivers"),
        ("nyumba mpya zisizo karibu na mto", "new houses except near the rivers"),
        ("majengo mapya ambayo hayako karibu na barabara", "new buildings except near the roads"),
        ("nyumba mpya ambazo hazipo kaskazini", "new houses except in the north"),
        ("nyumba ambazo hazipo", "demolished houses"),
        ("nouvelles maisons absentes au nord", "new houses except in the north"),
        ("नए मकान जो नदी के पास नहीं हैं", "new houses except near the rivers"),
        ("गिराए गए मकान जो सड़क के पास नहीं थे", "demolished houses except near the roads"),
        ("不在河边的新房", "new houses except next to the rivers"),
        ("nieuwe huizen die er in het noorden niet zijn", "new houses except in the north"),
        ("rumah baru baik di utara maupun di selatan", "new houses in the north or the south"),
    ],
)  # fmt: skip
def test_a_negation_of_a_place_leaves_it_out(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "weder im Norden noch im Süden neue Häuser", "neue Häuser nirgends",
        "nirgends wurden Häuser gebaut", "Häuser, die weder abgerissen noch verändert wurden",
        "casas ni nuevas ni demolidas", "新しい家、北部にはどこにもない",
        "北部に存在しない新しい家", "नए मकान उत्तर में नहीं हैं",
        "abgerissene Häuser gibt es im Norden nicht", "neue Häuser jenseits des Flusses",
        "nouvelles maisons au-delà de la rivière", "neue Häuser, kaum im Norden",
        "fast keine neuen Häuser", "neue Häuser, weglassen im Norden", "hilangkan bangunan",
    ],
)  # fmt: skip
def test_a_negation_or_relation_that_is_not_read_is_refused(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.is_answered
