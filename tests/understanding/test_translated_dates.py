"""Dates of other languages: what was there before, and how much of it is there now."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES

IS_NOW = {
    "de": "der Wald, der früher da war, ist jetzt ein See",
    "fr": "la forêt qui était là avant est maintenant un lac",
    "es": "el bosque que había antes es ahora un lago",
    "pt": "a floresta que havia antes é agora um lago",
    "it": "il bosco che c'era prima ora è un lago",
    "nl": "het bos dat er vroeger was is nu een meer",
    "pl": "las, który był tu wcześniej, jest teraz jeziorem",
    "ru": "лес, который был здесь раньше, теперь озеро",
    "zh": "以前的森林现在是湖",
    "ja": "以前の森は今は湖です",
    "ar": "الغابة التي كانت سابقا أصبحت الآن بحيرة",
    "hi": "पहले का जंगल अब झील है",
    "id": "hutan yang dulu ada sekarang menjadi danau",
    "sw": "msitu uliokuwepo zamani sasa ni ziwa",
}
"""The forest that was there before is now a lake."""
DATE_BEHIND = {
    "de": "Wald früher, Häuser jetzt",
    "fr": "forêt avant, maisons maintenant",
    "es": "bosque antes, casas ahora",
    "pt": "floresta antes, casas agora",
    "it": "bosco prima, case adesso",
    "nl": "bos vroeger, huizen nu",
    "pl": "las kiedyś, domy teraz",
    "ru": "лес раньше, дома теперь",
    "zh": "森林以前，房屋现在",
    "ja": "森は以前、家は今",
    "ar": "غابة سابقا ومنازل الآن",
    "hi": "जंगल पहले, मकान अब",
    "id": "hutan dulu, rumah sekarang",
    "sw": "msitu zamani, nyumba sasa",
}
"""Forest before, houses now."""
MORE_NOW = {
    "de": "jetzt gibt es mehr Bäume",
    "fr": "maintenant il y a plus d'arbres",
    "es": "ahora hay más árboles",
    "pt": "agora há mais árvores",
    "it": "ora ci sono più alberi",
    "nl": "nu zijn er meer bomen",
    "pl": "teraz jest więcej drzew",
    "ru": "сейчас больше деревьев",
    "zh": "现在有更多的树",
    "ja": "今は木が多い",
    "ar": "الآن توجد أشجار أكثر",
    "hi": "अब ज़्यादा पेड़ हैं",
    "id": "sekarang lebih banyak pohon",
    "sw": "sasa kuna miti mingi zaidi",
}
"""There are more trees now."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_thing_that_was_there_is_another_one_now(language: str) -> None:
    assert english_of(IS_NOW[language]) == "forest turned into lakes"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_may_stand_behind_each_thing(language: str) -> None:
    assert english_of(DATE_BEHIND[language]) == "forest turned into houses"


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_at_a_date_is_a_direction(language: str) -> None:
    assert english_of(MORE_NOW[language]) == "new trees"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("wo es früher weniger Bäume gab", "new trees"),
        ("früher gab es mehr Bäume", "removed trees"),
        ("vroeger waren er meer bomen", "removed trees"),
        ("раньше было больше деревьев", "removed trees"),
        ("где раньше было меньше деревьев", "new trees"),
        ("где деревьев стало больше, чем раньше", "new trees"),
        ("以前は今より家が少なかった", "new houses"),
        ("كانت المنازل أقل من الآن", "new houses"),
        ("wo jetzt mehr Bäume am Fluss stehen", "new trees next to the rivers"),
        ("waar nu meer bomen bij de rivier staan", "new trees near the rivers"),
        ("nu is het meer groter", "new lakes"),
    ],
)
def test_amounts_at_a_date(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("waar een huis stond is nu water", "houses turned into water"),
        ("waar huizen stonden is water", "houses turned into water"),
        ("जहाँ मकान था वहाँ अब पानी है", "houses turned into water"),
        ("donde hay casas había un bosque", "forest turned into houses"),
        ("waar huizen staan was een bos", "forest turned into houses"),
        ("Parkplätze, auf denen früher Bäume standen", "trees turned into car parks"),
        ("مواقف سيارات كانت فيها أشجار", "trees turned into car parks"),
        ("jalan baru di tempat pohon ditebang", "trees turned into roads"),
        ("hutan tempat jalan dibangun", "forest turned into roads"),
        ("Onde foram construídas casas?", "new houses"),
    ],
)
def test_where_a_thing_stood(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "la carretera del bosque que existía antes ha desaparecido",
        "дорога в лесу, которая была раньше, исчезла",
        "जंगल की सड़क जो पहले थी गायब हो गई",
    ],
)
def test_a_thing_that_was_there_and_is_gone_has_a_place(sentence: str) -> None:
    assert english_of(sentence) == "removed roads inside the forest"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("maisons absentes en 2015 mais présentes en 2020", "new houses between 2015 and 2020"),
        ("मकान जो 2015 में नहीं थे लेकिन 2020 में हैं", "new houses between 2015 and 2020"),
        ("अब और पेड़ नहीं हैं", "removed trees"),
        ("已经不存在的房屋", "demolished houses"),
        ("tylko nowe domy, nie zburzone", "new houses"),
        ("منازل جديدة ومهدومة", "new or demolished houses"),
        ("estradas novas fora das florestas", "new roads outside the forest"),
        ("北部的新房屋，不要南部的树", "new houses in the north, except trees in the south"),
        ("prawie wszystkie domy zburzono", "demolished houses"),
        ("prawie nie ma już drzew", ""),
    ],
)
def test_negations_and_places(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected
