"""Exceptions, "or" and distances of other languages are translated or refused, never dropped."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

EXCEPTIONS = {
    "de": ("neue Gebäude außer im Norden", "neue Gebäude außer den größten",
           "neue Gebäude außer in der Nähe des Flusses"),
    "fr": ("nouveaux bâtiments sauf au nord", "nouveaux bâtiments sauf le plus grand",
           "nouveaux bâtiments sauf près de la rivière"),
    "es": ("nuevos edificios excepto en el norte", "nuevos edificios excepto los más grandes",
           "nuevos edificios salvo cerca del río"),
    "pt": ("novos edifícios exceto no norte", "novos edifícios exceto os maiores",
           "novos edifícios exceto perto do rio"),
    "it": ("nuovi edifici tranne a nord", "nuovi edifici tranne i più grandi",
           "nuovi edifici tranne vicino al fiume"),
    "nl": ("nieuwe gebouwen behalve in het noorden", "nieuwe gebouwen behalve de grootste",
           "nieuwe gebouwen behalve in de buurt van de rivier"),
    "pl": ("nowe budynki oprócz północy", "nowe budynki oprócz największych",
           "nowe budynki oprócz tych blisko rzeki"),
    "ru": ("новые здания кроме севера", "новые здания кроме самых больших",
           "новые здания кроме тех, что у реки"),
    "zh": ("除北部以外的新建筑", "除了最大的以外的新建筑", "除河流附近以外的新建筑"),
    "ja": ("北部以外の新しい建物", "最大のものを除く新しい建物", "川の近くを除く新しい建物"),
    "ar": ("المباني الجديدة باستثناء الشمال", "المباني الجديدة ما عدا الأكبر",
           "المباني الجديدة إلا بالقرب من النهر"),
    "hi": ("उत्तर को छोड़कर नई इमारतें", "सबसे बड़ी को छोड़कर नई इमारतें",
           "नदी के पास को छोड़कर नई इमारतें"),
    "id": ("bangunan baru kecuali di utara", "bangunan baru kecuali yang terbesar",
           "bangunan baru kecuali di dekat sungai"),
    "sw": ("majengo mapya isipokuwa kaskazini", "majengo mapya isipokuwa kubwa zaidi",
           "majengo mapya isipokuwa karibu na mto"),
}  # fmt: skip
"""New buildings except in the north, except the largest, and except near the rivers."""
ALTERNATIVES = {
    "de": ("neue Gebäude kleiner als 100 m² oder im Süden",
           "neue Gebäude größer als 500 m² oder kleiner als 50 m²"),
    "fr": ("nouveaux bâtiments plus petits que 100 m² ou au sud",
           "nouveaux bâtiments plus grands que 500 m² ou plus petits que 50 m²"),
    "es": ("nuevos edificios menores de 100 m² o en el sur",
           "nuevos edificios mayores de 500 m² o menores de 50 m²"),
    "pt": ("novos edifícios menores que 100 m² ou no sul",
           "novos edifícios maiores que 500 m² ou menores que 50 m²"),
    "it": ("edifici nuovi più piccoli di 100 m² o nel sud",
           "nuovi edifici più grandi di 500 m² o più piccoli di 50 m²"),
    "nl": ("nieuwe gebouwen kleiner dan 100 m² of in het zuiden",
           "nieuwe gebouwen groter dan 500 m² of kleiner dan 50 m²"),
    "pl": ("nowe budynki mniejsze niż 100 m² lub na południu",
           "nowe budynki większe niż 500 m² lub mniejsze niż 50 m²"),
    "ru": ("новые здания меньше 100 м² или на юге",
           "новые здания больше 500 м² или меньше 50 м²"),
    "zh": ("小于100平方米或在南部的新建筑", "大于500平方米或小于50平方米的新建筑"),
    "ja": ("100平方メートル未満または南部の新しい建物",
           "500平方メートル以上または50平方メートル以下の新しい建物"),
    "ar": ("المباني الجديدة أصغر من 100 متر مربع أو في الجنوب",
           "المباني الجديدة أكبر من 500 متر مربع أو أصغر من 50 متر مربع"),
    "hi": ("100 वर्ग मीटर से छोटी या दक्षिण में नई इमारतें",
           "500 वर्ग मीटर से बड़ी या 50 वर्ग मीटर से छोटी नई इमारतें"),
    "id": ("bangunan baru lebih kecil dari 100 m² atau di selatan",
           "bangunan baru lebih besar dari 500 m² atau lebih kecil dari 50 m²"),
    "sw": ("majengo mapya madogo kuliko mita mraba 100 au kusini",
           "majengo mapya makubwa kuliko mita mraba 500 au madogo kuliko mita mraba 50"),
}  # fmt: skip
"""Smaller than 100 m² or in the south; larger than 500 m² or smaller than 50 m²."""
FARTHER = {
    "de": ("neue Gebäude weiter als 50 m von der Straße entfernt",
           "neue Gebäude nicht näher als 50 m an der Straße"),
    "fr": ("nouveaux bâtiments plus loin que 50 m de la route",
           "nouveaux bâtiments à plus de 50 m de la route"),
    "es": ("nuevos edificios más lejos de 50 m de la carretera",),
    "pt": ("novos edifícios mais longe que 50 m da estrada",),
    "it": ("nuovi edifici più lontani di 50 m dalla strada",),
    "nl": ("nieuwe gebouwen verder dan 50 m van de weg",),
    "pl": ("nowe budynki dalej niż 50 m od drogi",),
    "ru": ("новые здания дальше 50 м от дороги", "новые здания не ближе 50 м от дороги"),
    "zh": ("距离道路50米以外的新建筑", "距道路超过50米的新建筑"),
    "ja": ("道路から50m以上離れた新しい建物",),
    "ar": ("المباني الجديدة أبعد من 50 متر من الطريق",),
    "hi": ("सड़क से 50 मीटर से दूर नई इमारतें", "सड़क से 50 मीटर से ज़्यादा दूर नई इमारतें"),
    "id": ("bangunan baru lebih jauh dari 50 m dari jalan",),
    "sw": ("majengo mapya mbali zaidi ya mita 50 kutoka barabara",),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_exceptions_stay_exceptions(language: str) -> None:
    expected = [
        f"new buildings except {what}"
        for what in ("in the north", "the largest", "near the rivers")
    ]
    assert [english_of(sentence) for sentence in EXCEPTIONS[language]] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_or_between_conditions_is_refused(language: str) -> None:
    for sentence in ALTERNATIVES[language]:
        (found,) = understand(sentence)
        assert not found.is_answered, sentence
        assert found.unused, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_farther_stays_farther(language: str) -> None:
    for sentence in FARTHER[language]:
        assert english_of(sentence) == "new buildings farther than 50 m from the roads", sentence


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Gebäude und neue Straßen, außer im Norden",
         "new buildings and roads, except in the north"),
        ("neue Gebäude außer im Norden und abgerissene Häuser",
         "new buildings except in the north and demolished houses"),
        ("neue Gebäude, außer im Norden, seit 2015",
         "new buildings since 2015, except in the north"),
        ("neue Gebäude außer im Norden, Osten und Süden",
         "new buildings except in the north or the east or the south"),
        ("neue Gebäude außer im Norden, größer als 500 m²",
         "new buildings larger than 500 m², except in the north"),
        ("neue Gebäude außer denen, die im Norden liegen", "new buildings except in the north"),
        ("neue Gebäude, Norden ausgenommen", "new buildings, except in the north"),
        ("neue Gebäude außer im Norden, außer den größten",
         "new buildings except in the north, except the largest"),
        ("alle Änderungen außer neuen Gebäuden", "any change except new buildings"),
        ("alle Änderungen außer Straßen, Gebäuden und Wasser",
         "any change except roads and buildings and water"),
        ("alle Änderungen außer Gebäuden", "any change except buildings"),
        ("alle Änderungen außer Häusern, die abgerissen wurden",
         "any change except demolished houses"),
        ("Welche Gebäude wurden, außer im Norden, abgerissen?",
         "demolished buildings, except in the north"),
        ("neue Gebäude außer weiter als 50 m von der Straße",
         "new buildings except farther than 50 m from the roads"),
        ("sauf au nord, les nouveaux bâtiments", "new buildings except in the north"),
        ("nouveaux bâtiments hors du parc", "new buildings outside the parks"),
        ("nieuwe gebouwen buiten het bos", "new buildings outside the forest"),
        ("nieuwe gebouwen buiten het noorden", "new buildings except in the north"),
        ("nieuwe gebouwen op het noorden na", "new buildings except in the north"),
        ("新建筑，北部除外", "new buildings, except in the north"),
        ("公园外的新建筑", "new buildings outside the parks"),
        ("道路と建物以外の変化", "any change except roads and buildings"),
        ("最大の建物を除く新しい建物", "new buildings except the largest buildings"),
        ("كل التغييرات إلا الطرق والمباني", "any change except roads and buildings"),
        ("नई इमारतें उत्तर के अलावा", "new buildings except in the north"),
    ],
)  # fmt: skip
def test_an_exception_ends_where_it_is_meant_to(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected
    if "except" in expected:
        assert "except" in "; ".join(r.explain() for r in ChangeQuery.parse(expected).rules)


@pytest.mark.parametrize(
    "sentence",
    [
        "neue Gebäude außer am Dingsda", "neue Gebäude außer seit 2015",
        "neue Gebäude außer im Norden und nahe am Fluss", "außer im Norden alle neuen Gebäude",
        "neue Gebäude außer", "neue Gebäude außer nicht im Norden",
        "alle Änderungen außer Wald, der zu Häusern wurde",
    ],
)  # fmt: skip
def test_an_exception_that_is_not_translated_is_refused(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.is_answered
    assert any("außer" in words for words in found.unused)


@pytest.mark.parametrize(
    "sentence",
    [
        "neue Gebäude im Norden oder nahe am Fluss", "die größten oder kleinsten neuen Gebäude",
        "neue Gebäude größer als 500 m² oder neue Straßen",
        "neue Gebäude frobbeliger als 50 m von der Straße",
    ],
)  # fmt: skip
def test_conditions_that_english_would_reverse_are_refused(sentence: str) -> None:
    assert not understand(sentence)[0].is_answered


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Gebäude im Norden oder Süden seit 2015",
         "new buildings in the north or the south, since 2015"),
        ("neue Gebäude am Fluss oder am See", "new buildings next to the rivers or the lakes"),
        ("neue Gebäude oder Straßen", "new buildings and roads"),
        ("neue Gebäude 50 m² oder kleiner im Norden",
         "new buildings in the north, smaller than 50 m²"),
        ("abgerissene Gebäude im Norden oder neue Straßen im Süden",
         "demolished buildings in the north and new roads in the south"),
        ("les endroits au nord où des maisons ont été construites", "new houses in the north"),
        ("neue Gebäude nicht weiter als 50 m von der Straße",
         "new buildings within 50 m of the roads"),
    ],
)  # fmt: skip
def test_or_that_english_has_too_is_translated(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected
