"""What stood before, is being built, stands now or was eroded, in other languages."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

BEFORE = {
    "de": "Häuser, die es früher gab", "fr": "maisons qui existaient avant",
    "es": "casas que existían antes", "pt": "casas que existiam antes",
    "it": "case che esistevano prima", "nl": "huizen die vroeger bestonden",
    "pl": "domy, które istniały wcześniej", "ru": "дома, которые существовали раньше",
    "zh": "以前存在的房屋", "ja": "以前あった家", "ar": "منازل كانت موجودة من قبل",
    "hi": "मकान जो पहले थे", "id": "rumah yang dulu ada", "sw": "nyumba zilizokuwepo awali",
}  # fmt: skip
"""Houses that existed before."""
UNDER_CONSTRUCTION = {
    "de": "Straßen im Bau", "fr": "routes en construction", "es": "carreteras en construcción",
    "pt": "estradas em construção", "it": "strade in costruzione", "nl": "wegen in aanbouw",
    "pl": "drogi w budowie", "ru": "дороги в стадии строительства", "zh": "在建道路",
    "ja": "建設中の道路", "ar": "طرق قيد الإنشاء", "hi": "निर्माणाधीन सड़कें",
    "id": "jalan yang sedang dibangun", "sw": "barabara zinazojengwa",
}  # fmt: skip
COUNTS = {
    "de": "wie viele Häuser gibt es im zweiten Bild?",
    "fr": "combien de maisons y a-t-il sur la deuxième image ?",
    "es": "¿cuántas casas hay en la segunda imagen?",
    "pt": "quantas casas há na segunda imagem?",
    "it": "quante case ci sono nella seconda immagine?",
    "nl": "hoeveel huizen zijn er op de tweede foto?",
    "pl": "ile domów jest na drugim zdjęciu?",
    "ru": "сколько домов на втором снимке?",
    "zh": "有多少房屋",
    "ja": "家は何軒ありますか",
    "ar": "كم عدد المنازل في الصورة الثانية؟",
    "hi": "दूसरी तस्वीर में कितने मकान हैं?",
    "id": "berapa banyak rumah di gambar kedua?",
    "sw": "nyumba ngapi katika picha ya pili?",
}
"""How many houses are there in the second image?"""
BEACHES = {
    "de": "Erosion des Strandes", "fr": "érosion de la plage", "es": "erosión de la playa",
    "pt": "erosão da praia", "it": "erosione della spiaggia", "nl": "erosie van het strand",
    "pl": "erozja plaży", "ru": "эрозия пляжа", "zh": "海滩侵蚀", "ja": "砂浜の侵食",
    "ar": "تآكل الشاطئ", "hi": "समुद्र तट का कटाव", "id": "abrasi pantai",
    "sw": "mmomonyoko wa ufuo",
}  # fmt: skip
SOILS = {
    "de": "Bodenerosion", "fr": "érosion du sol", "es": "erosión del suelo",
    "pt": "erosão do solo", "it": "erosione del suolo", "nl": "bodemerosie",
    "pl": "erozja gleby", "ru": "эрозия почвы", "zh": "土壤侵蚀", "ja": "土壌侵食",
    "ar": "تآكل التربة", "hi": "मिट्टी का कटाव", "id": "erosi tanah",
    "sw": "mmomonyoko wa udongo",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_existed_before_has_disappeared(language: str) -> None:
    assert english_of(BEFORE[language]) == "demolished houses"


@pytest.mark.parametrize("language", LANGUAGES)
def test_under_construction_is_new_and_named(language: str) -> None:
    (found,) = understand(UNDER_CONSTRUCTION[language])
    assert (found.direction, found.after) == ("appeared", ("road",))
    assert found.status == "uncertain"
    assert found.unused[0] in UNDER_CONSTRUCTION[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_count_of_what_stands_is_refused(language: str) -> None:
    (found,) = understand(COUNTS[language])
    assert not found.is_answered


@pytest.mark.parametrize("language", LANGUAGES)
def test_eroded_beaches_are_lost_and_eroded_soil_is_bare(language: str) -> None:
    assert english_of(BEACHES[language]) == "vanished beaches"
    assert english_of(SOILS[language]) in ("new bare ground", "new bare soil")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Häuser und Schuppen, die es früher gab", "demolished houses and sheds"),
        ("casas que no había antes", "new houses"),
        ("Häuser, die vorher gebaut wurden", "new houses"),
        ("Häuser, wo früher Wald war", "forest turned into houses"),
        ("wie viele Häuser sind neu?", "how many new houses"),
        ("wie viel Wald steht noch?", "how much unchanged forest"),
        ("wie viele Häuser seit 2015?", "how many houses since 2015"),
        ("erodierter Acker", "farmland turned into bare ground"),
        ("Strand, der erodiert ist", "vanished beaches"),
        ("land dat onder water is komen te staan", "new water"),
        ("daerah yang sekarang tergenang air", "new water"),
        ("was wurde asphaltiert?", "new paved surfaces"),
        ("huizen die erbij zijn gekomen", "new houses"),
        ("津波でなくなった家", "demolished houses by the flood"),
        ("除了树以外消失的一切", "anything that disappeared except trees"),
    ],
)
def test_other_states(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "War hier früher ein See?", "Wie war der See früher?", "Häuser, die früher klein waren",
        "Wald, der früher Feld war", "casas que existen ahora", "nyumba zilizokuwepo",
        "zähle die Häuser", "erosi sungai", "नदी का कटाव", "érosion des berges", "海岸侵食",
    ],
)  # fmt: skip
def test_what_stands_at_one_date_is_refused(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.is_answered
