"""Contrasts of other languages: where and when a thing is, more than before, only this."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES

WHERE_NOW = {
    "de": "wo jetzt Häuser sind, war früher Wald",
    "fr": "là où il y a maintenant des maisons, il y avait avant de la forêt",
    "es": "donde ahora hay casas antes había bosque",
    "pt": "onde agora há casas antes havia mata",
    "it": "dove adesso ci sono case prima c'era bosco",
    "nl": "waar nu huizen staan was vroeger bos",
    "pl": "gdzie teraz są domy, wcześniej był las",
    "ru": "где сейчас дома, раньше был лес",
    "zh": "现在是房屋的地方以前是森林",
    "ja": "今家がある場所は以前森だった",
    "ar": "حيث توجد بيوت الآن كانت غابة",
    "hi": "जहाँ अब मकान हैं वहाँ पहले जंगल था",
    "id": "di mana sekarang ada rumah dulu ada hutan",
    "sw": "mahali penye nyumba sasa palikuwa msitu",
}
"""Where houses are now, there was a forest."""
NOT_NOW = {
    "de": "Häuser, die früher da waren und jetzt nicht",
    "fr": "maisons qui étaient là avant mais pas maintenant",
    "es": "casas que antes había y ahora no hay",
    "pt": "antes havia casas, agora não há",
    "it": "case che prima c'erano e ora non ci sono",
    "nl": "huizen die er vroeger waren en nu niet",
    "pl": "kiedyś były tu domy, teraz ich nie ma",
    "ru": "раньше здесь были дома, теперь их нет",
    "zh": "原来有房子现在没有",
    "ja": "以前あったが今はない家",
    "ar": "بيوت كانت موجودة سابقا وليست موجودة الآن",
    "hi": "मकान जो पहले थे लेकिन अब नहीं",
    "id": "dulu ada rumah sekarang tidak ada",
    "sw": "zamani kulikuwa na nyumba sasa hakuna",
}
"""Houses that were there before and are not there now."""
NOT_BEFORE = {
    "de": "Häuser, die jetzt da sind und früher nicht",
    "fr": "il n'y avait pas de maisons, il y en a maintenant",
    "es": "casas que no estaban y ahora están",
    "pt": "casas que não existiam e agora existem",
    "it": "case che non c'erano e adesso ci sono",
    "nl": "huizen die er nu zijn en vroeger niet",
    "pl": "domy, których nie było, a teraz są",
    "ru": "дома, которых не было, а теперь есть",
    "zh": "以前没有房屋，现在有",
    "ja": "家がなかったが今はある場所",
    "ar": "لم تكن هناك بيوت سابقا والآن توجد",
    "hi": "मकान जो अब हैं लेकिन पहले नहीं थे",
    "id": "rumah yang sekarang ada tetapi dulu tidak",
    "sw": "zamani hakukuwa na nyumba sasa zipo",
}
"""Houses that were not there before and are there now."""
MORE_AND_FEWER = {
    "de": ("mehr Häuser als vorher", "weniger Häuser als vorher"),
    "fr": ("plus de maisons qu'avant", "moins de maisons qu'avant"),
    "es": ("más casas que antes", "menos casas que antes"),
    "pt": ("mais casas do que antes", "menos casas do que antes"),
    "it": ("più case di prima", "meno case di prima"),
    "nl": ("meer huizen dan vroeger", "minder huizen dan vroeger"),
    "pl": ("więcej domów niż wcześniej", "mniej domów niż wcześniej"),
    "ru": ("больше домов, чем раньше", "меньше домов, чем раньше"),
    "zh": ("房屋比以前多", "房屋比以前少"), "ja": ("以前より家が多い", "以前より家が少ない"),
    "ar": ("بيوت أكثر من السابق", "بيوت أقل من السابق"),
    "hi": ("पहले से ज़्यादा मकान", "पहले से कम मकान"),
    "id": ("lebih banyak rumah dari sebelumnya", "lebih sedikit rumah dari sebelumnya"),
    "sw": ("nyumba nyingi kuliko awali", "nyumba chache kuliko awali"),
}  # fmt: skip
ONLY_AND_NOT = {
    "de": ("nur neue Häuser, keine Straßen", "nur abgerissene Häuser, nicht die neuen"),
    "fr": (
        "seulement les nouvelles maisons, pas les routes",
        "seulement les maisons démolies, pas les nouvelles",
    ),
    "es": ("solo casas nuevas, no carreteras", "solo casas demolidas, no las nuevas"),
    "pt": ("apenas casas novas, não estradas", "só casas demolidas, não as novas"),
    "it": ("solo case nuove, non strade", "solo case demolite, non quelle nuove"),
    "nl": ("alleen nieuwe huizen, geen wegen", "alleen gesloopte huizen, niet de nieuwe"),
    "pl": ("tylko nowe domy, nie drogi", "tylko zburzone domy, nie nowe"),
    "ru": ("только новые дома, а не дороги", "только снесённые дома, не новые"),
    "zh": ("只要新房屋,不要道路", "只要拆除的房屋，不要新建的"),
    "ja": ("新しい家だけ、道路ではなく", "取り壊された家だけ、新しいものではない"),
    "ar": ("فقط المنازل الجديدة، وليس الطرق", "فقط المنازل المهدمة، وليس الجديدة"),
    "hi": ("केवल नए मकान, सड़कें नहीं", "केवल गिराए गए मकान, नए नहीं"),
    "id": ("hanya rumah baru, bukan jalan", "hanya rumah yang dibongkar, bukan yang baru"),
    "sw": ("nyumba mpya tu, si barabara", "nyumba zilizobomolewa tu, si mpya"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_thing_is_now_another_one_was(language: str) -> None:
    assert english_of(WHERE_NOW[language]) == "forest turned into houses"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("wo früher Wald war, sind jetzt Häuser", "forest turned into houses"),
        ("wo heute Häuser stehen und früher Wald war", "forest turned into houses"),
        ("Wald, wo jetzt Häuser sind", "forest turned into houses"),
        ("donde hay casas había bosque", "forest turned into houses"),
        ("donde había bosque hay casas", "forest turned into houses"),
        ("onde hoje há um estacionamento havia uma praça", "town squares turned into car parks"),
        ("waar vroeger huizen stonden, is nu bos", "houses turned into forest"),
        ("где раньше был лес, сейчас дома", "forest turned into houses"),
        ("حيث كانت غابة توجد الآن بيوت", "forest turned into houses"),
    ],
)
def test_the_date_of_each_place_says_what_it_was(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


def test_a_third_class_of_a_transition_is_named() -> None:
    found = translate("wo jetzt Häuser und Straßen sind, war früher Wald")
    assert found is not None
    assert (found.english, found.unknown) == ("forest turned into houses", ("Straßen",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_there_now_is_a_loss(language: str) -> None:
    assert english_of(NOT_NOW[language]) == "demolished houses"


@pytest.mark.parametrize("language", LANGUAGES)
def test_not_there_before_is_new(language: str) -> None:
    assert english_of(NOT_BEFORE[language]) == "new houses"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("il y avait des maisons, il n'y en a plus", "demolished houses"),
        ("maisons qui étaient là avant et plus maintenant", "demolished houses"),
        ("maisons absentes avant, présentes maintenant", "new houses"),
        ("maisons présentes avant, absentes aujourd'hui", "demolished houses"),
        ("edificios ausentes antes y presentes ahora", "new buildings"),
        ("árvores ausentes antes", "new trees"), ("casas ausentes", "demolished houses"),
        ("casas cerca del río que antes no estaban y ahora sí", "new houses near the rivers"),
        ("¿hay casas nuevas?", "are there new houses"),
        ("casas que ya no existen", "demolished houses"),
        ("Häuser, die nicht abgerissen wurden", "houses that were not demolished"),
        ("früher gab es mehr Bäume als heute", "removed trees"),
        ("het meer is kleiner geworden", "vanished lakes"),
        ("casas que antes no estaban", "new houses"),
        ("nur neue Häuser, nicht im Norden", "new houses, except in the north"),
    ],
)  # fmt: skip
def test_contrasts_of_other_forms(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Häuser, die weder früher noch jetzt da sind", "casas que antes no ahora",
        "früher kein Wald, jetzt Häuser", "donde ahora no hay casas antes había bosque",
        "jetzt Häuser, keine Straßen", "casas demolidas que no han sido reconstruidas",
        "nur neue Häuser, keine Straße in der Nähe", "nur neue Häuser, keine großen",
        "nur abgerissene Häuser, die nicht neu gebaut wurden",
    ],
)  # fmt: skip
def test_a_denial_of_another_thing_is_refused(sentence: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert not found.english
    assert found.unknown


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_than_before_is_a_direction(language: str) -> None:
    found = [english_of(sentence) for sentence in MORE_AND_FEWER[language]]
    assert found == ["new houses", "demolished houses"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_one_thing_has_no_other(language: str) -> None:
    found = [english_of(sentence) for sentence in ONLY_AND_NOT[language]]
    assert found == ["new houses", "demolished houses"]


@pytest.mark.parametrize(
    "sentence",
    [
        "取代森林的房屋", "房屋取代了森林", "森林被房屋取代", "被房屋取代的森林",
        "家に取って代わられた森", "森に取って代わった家", "家が森に取って代わった",
        "家になってしまった森",
    ],
)  # fmt: skip
def test_replaced_is_read_in_both_orders(sentence: str) -> None:
    assert english_of(sentence) == "forest turned into houses"


@pytest.mark.parametrize(
    "sentence",
    [
        "सड़क कब बनी?", "बताओ सड़क कब बनी", "barabara ilijengwa lini?", "jalan dibangun kapan?",
        "الطريق بني متى؟",
    ],
)  # fmt: skip
def test_a_question_for_a_time_is_refused(sentence: str) -> None:
    assert english_of(sentence) == ""
