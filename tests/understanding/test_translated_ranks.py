"""Superlatives in other languages: what the grammar has is said, the rest is refused."""

from __future__ import annotations

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import understand
from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES

RANKS = {
    "de": ("das nördlichste neue Gebäude", "das zweitgrößte neue Gebäude",
           "die drei südlichsten neuen Gebäude"),
    "fr": ("le bâtiment neuf le plus au nord", "le deuxième plus grand nouveau bâtiment",
           "les trois bâtiments neufs les plus au sud"),
    "es": ("el edificio nuevo más al norte", "el segundo edificio nuevo más grande",
           "los tres edificios nuevos más al sur"),
    "it": ("il nuovo edificio più a nord", "il secondo nuovo edificio più grande",
           "i tre nuovi edifici più a sud"),
    "pt": ("o novo edifício mais ao norte", "o segundo maior edifício novo",
           "os três edifícios novos mais ao sul"),
    "nl": ("het noordelijkste nieuwe gebouw", "het op één na grootste nieuwe gebouw",
           "de drie zuidelijkste nieuwe gebouwen"),
    "pl": ("najbardziej na północ wysunięty nowy budynek", "drugi największy nowy budynek",
           "trzy nowe budynki położone najbardziej na południe"),
    "ru": ("самое северное новое здание", "второе по величине новое здание",
           "три самых южных новых здания"),
    "zh": ("最北的新建筑", "第二大的新建筑", "最南边的三个新建筑"),
    "ja": ("最も北にある新しい建物", "二番目に大きい新しい建物", "一番南の新しい建物三つ"),
    "ar": ("المباني الجديدة الأكثر شمالا", "ثاني أكبر مبنى جديد",
           "المباني الجديدة الثلاثة الأكثر جنوبا"),
    "hi": ("सबसे उत्तरी नई इमारत", "दूसरी सबसे बड़ी नई इमारत", "सबसे दक्षिण की तीन नई इमारतें"),
    "id": ("bangunan baru paling utara", "bangunan baru terbesar kedua",
           "tiga bangunan baru paling selatan"),
    "sw": ("jengo jipya la kaskazini zaidi", "jengo jipya la pili kwa ukubwa",
           "majengo mapya matatu ya kusini zaidi"),
}  # fmt: skip
EXPECTED = ("the northernmost", "the 2nd largest", "the 3 southernmost")
UNRANKED = [
    "das nordöstlichste neue Gebäude", "das höchste neue Gebäude",
    "das der Straße nächste neue Gebäude", "neue Gebäude im nördlichsten Teil",
    "das größte und das kleinste neue Gebäude", "die drei zweitgrößten neuen Gebäude",
    "le nouveau bâtiment le plus au nord-est", "le plus haut nouveau bâtiment",
    "le nouveau bâtiment le plus proche de la route", "nouveaux bâtiments plus au nord",
    "el edificio nuevo más alto", "el edificio nuevo más al noreste", "edificios nuevos más al sur",
    "il nuovo edificio più alto", "nuovi edifici più a nord della strada",
    "o edifício novo mais alto", "o edifício novo mais próximo da estrada",
    "het hoogste nieuwe gebouw", "het noordoostelijkste nieuwe gebouw",
    "nowy budynek najbliżej drogi", "ближайшее к дороге новое здание",
    "самое северо-восточное новое здание", "最东北的新建筑", "最高的新建筑",
    "一番北東の新しい建物", "道路に最も近い新しい建物", "أقرب مبنى جديد إلى الطريق",
    "أكثر مبنى جديد شمالا",
    "सबसे ऊँची नई इमारत", "bangunan baru terdekat ke jalan",
    "das sechstgrößte neue Gebäude", "die zehntlängste neue Straße",
    "das zweithöchste neue Gebäude", "шестое по величине новое здание",
    "szósty co do wielkości nowy budynek", "новое второе здание", "neue Gebäude, das zweite",
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_ranks_are_translated(language: str) -> None:
    for sentence, rank in zip(RANKS[language], EXPECTED, strict=True):
        (found,) = understand(sentence)
        assert found.language == language, sentence
        assert [r.explain() for r in found.query.rules] == [rank], sentence


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("новые здания больше 500 м² по площади", ["larger than 500 m²"]),
        ("новые дороги длиннее 200 м по длине", ["longer than 200 m"]),
        ("новые здания по площади", []),
        ("три самых больших по площади новых здания", ["the 3 largest"]),
        ("nowe budynki większe niż 500 m² co do wielkości", ["larger than 500 m²"]),
        ("nowe drogi dłuższe niż 200 m co do długości", ["longer than 200 m"]),
        ("первое по площади новое здание", ["the largest"]),
        ("вторая по длине новая дорога", ["the 2nd longest"]),
        ("drugi co do wielkości nowy budynek", ["the 2nd largest"]),
    ],
)
def test_by_size_is_a_rank_only_beside_an_ordinal(sentence: str, rules: list[str]) -> None:
    (found,) = understand(sentence)
    assert found.status == "understood"
    assert [r.explain() for r in found.query.rules] == rules


@pytest.mark.parametrize(
    ("sentence", "rank"),
    [
        ("покажи пятую по величине новую дорогу", "the fifth largest"),
        ("покажи четвёртую самую длинную новую дорогу", "the fourth longest"),
        ("найди новое здание, третьей по величине", "the third largest"),
        ("pokaż piątą co do wielkości nową drogę", "the fifth largest"),
        ("pokaż czwartą najdłuższą nową drogę", "the fourth longest"),
        ("los segundos edificios nuevos más grandes", "the second largest"),
        ("i terzi nuovi edifici più grandi", "the third largest"),
        ("पाँचवें सबसे बड़े नए मकान", "the fifth largest"),
        ("die drittschmalste neue Straße", "the third narrowest"),
        ("das viertnördlichste neue Gebäude", "the fourth northernmost"),
    ],
)
def test_ordinals_in_every_case_are_read(sentence: str, rank: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "understood"
    assert found.translated is not None
    assert found.translated.startswith(f"{rank} new ")
    assert len(found.query.rules) == 1


@pytest.mark.parametrize(
    "sentence", ["первые пять по величине новых зданий", "пять по величине новых зданий"]
)
def test_a_number_is_no_ordinal(sentence: str) -> None:
    (found,) = understand(sentence)
    assert not found.query.rules


@pytest.mark.parametrize(
    "sentence",
    [
        "neue Gebäude im zweiten Bild", "neue Gebäude auf dem zweiten Foto",
        "nouveaux bâtiments sur la deuxième image", "nouveaux bâtiments à la seconde date",
        "edificios nuevos en la segunda imagen", "nuovi edifici nella seconda immagine",
        "nuovi edifici secondo la mappa", "novos edifícios na segunda imagem",
        "novos edifícios segundo a imagem", "nieuwe gebouwen op de tweede foto",
        "nowe budynki na drugim zdjęciu", "новые здания на втором снимке",
        "दूसरी तस्वीर में नई इमारतें", "المباني الجديدة في الصورة الثانية",
        "bangunan baru di gambar kedua", "majengo mapya katika picha ya pili",
    ],
)  # fmt: skip
def test_the_second_image_is_no_rank(sentence: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "understood"
    assert found.translated == "new buildings"


def test_an_ordinal_of_an_image_is_not_that_of_a_rank() -> None:
    found = translate("die größten im zweiten Bild neuen Gebäude")
    assert found is not None
    assert found.english == "the largest new buildings"
    found = translate("покажи на карте вторую самую длинную новую дорогу")
    assert found is not None
    assert found.english == "the second longest new roads"


@pytest.mark.parametrize(
    "sentence",
    [
        "Häuser, die im ersten Bild fehlen und im zweiten Bild da sind",
        "edificios en la segunda imagen y no en la primera",
        "المباني في الصورة الثانية وليس في الصورة الأولى",
    ],
)
def test_a_contrast_of_two_images_is_refused(sentence: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.english == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "¿hay ambos edificios nuevos?", "¿hay ambas carreteras nuevas?",
        "¿hay la mayor parte de los edificios nuevos?", "há ambos os edifícios novos?",
        "há a maior parte dos edifícios novos?", "ci sono entrambi i nuovi edifici?",
        "ci sono entrambe le nuove strade?", "zijn er beide nieuwe gebouwen?",
        "czy oba budynki są nowe?", "czy obie drogi są nowe?", "есть ли оба новых здания?",
        "есть ли обе новые дороги?",
    ],
)  # fmt: skip
def test_both_and_most_are_not_answered_with_yes(sentence: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "uncertain"
    assert found.translated is not None
    assert found.translated.startswith("are all ")
    assert found.query.rules == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "¿hay edificios nuevos entre ambas fechas?", "há novos edifícios entre ambas as datas?",
        "ci sono nuovi edifici tra entrambe le date?", "zijn er nieuwe gebouwen tussen beide data?",
    ],
)  # fmt: skip
def test_both_dates_are_not_both_things(sentence: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "understood"
    assert found.translated == "are there new buildings"


@pytest.mark.parametrize("rank", ["fourth largest", "fifth longest", "second widest", "narrowest"])
def test_english_knows_the_ranks_of_the_translations(rank: str) -> None:
    (found,) = understand(f"the {rank} new road")
    assert found.status == "understood"
    assert len(found.query.rules) == 1


@pytest.mark.parametrize("share", ["a quarter", "a fourth", "a fifth", "a tenth"])
def test_a_share_is_no_ordinal(share: str) -> None:
    (found,) = understand(f"{share} of the houses were demolished")
    assert found.status == "uncertain"
    assert share in found.doubt


@pytest.mark.parametrize("sentence", UNRANKED)
def test_what_the_grammar_does_not_rank_is_refused(sentence: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.english == ""
    assert found.unknown


@pytest.mark.parametrize(
    ("sentence", "rank"),
    [
        ("alle neuen Gebäude außer dem nördlichsten", "the northernmost"),
        ("tous les nouveaux bâtiments sauf le plus au sud", "the southernmost"),
        ("todos los edificios nuevos menos el más al norte", "the northernmost"),
    ],
)
def test_a_rank_may_be_left_out(sentence: str, rank: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.english == f"new buildings except {rank}"
    (understood,) = understand(sentence)
    (rule,) = understood.query.rules
    assert rank in rule.explain()


@pytest.mark.parametrize(
    "sentence",
    [
        "new buildings 50 m from the roads", "neue Gebäude 50 m von der Straße",
        "neue Gebäude in 50 m Entfernung von der Straße", "bâtiments neufs à 50 m de la route",
        "edificios nuevos a 50 m de la carretera", "nuovi edifici a 50 m dalla strada",
        "novos edifícios a 50 m da estrada", "nieuwe gebouwen op 50 m van de weg",
        "nowe budynki 50 m od drogi", "новые здания в 50 м от дороги", "距离道路50米的新建筑",
        "道路から50メートルの新しい建物", "सड़क से 50 मीटर दूर नई इमारतें",
        "bangunan baru 50 m dari jalan", "majengo mapya mita 50 kutoka barabara",
    ],
)  # fmt: skip
def test_a_distance_without_comparison_is_uncertain_as_in_english(sentence: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "uncertain"
    assert found.query.rules == ()
    assert "50" in found.doubt


@pytest.mark.parametrize(
    ("sentence", "area_m2"),
    [
        ("neue Gebäude größer als 1.500,5 Quadratmeter", 1500.5),
        ("neue Gebäude größer als 0,5 Hektar", 5000),
        ("nouveaux bâtiments de plus de 1 500,5 mètres carrés", 1500.5),
        ("nouveaux bâtiments de plus de 1 500 mètres carrés", 1500),
        ("nouveaux bâtiments de plus de 2,5 hectares", 25_000),
        ("edificios nuevos de más de 2,5 hectáreas", 25_000),
        ("nuovi edifici di oltre 1.500,5 metri quadrati", 1500.5),
        ("novos edifícios com mais de 2,5 hectares", 25_000),
        ("nieuwe gebouwen groter dan 1.500,5 vierkante meter", 1500.5),
        ("nowe budynki większe niż 1 500,5 metrów kwadratowych", 1500.5),
        ("новые здания больше 1 500,5 кв. м", 1500.5),
        ("neue Gebäude größer als ein Hektar", 10_000),
        ("nouveaux bâtiments de plus d'un hectare", 10_000),
        ("nouveaux bâtiments d'un hectare ou plus", 10_000),
        ("edificios nuevos de más de una hectárea", 10_000),
        ("nuovi edifici di più di un ettaro", 10_000),
        ("novos edifícios com mais de um hectare", 10_000),
        ("nieuwe gebouwen van meer dan een hectare", 10_000),
        ("nowe budynki większe niż hektar", 10_000),
        ("大于1,500.5平方米的新建筑", 1500.5),
    ],
)
def test_numbers_and_units_give_the_size(sentence: str, area_m2: float) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.unknown == ()
    assert ChangeQuery.parse(found.english).rules == (
        ChangeQuery.parse(f"new buildings larger than {area_m2} m²").rules
    )


@pytest.mark.parametrize("size", ["1/2 ha", "½ ha", "2 1/2 ha"])
def test_a_fraction_is_no_range(size: str) -> None:
    (found,) = understand(f"neue Gebäude kleiner als {size}")
    assert found.status == "uncertain"
    assert found.query.rules == ()


def test_both_may_count_a_rank() -> None:
    found = translate("les deux plus petits nouveaux bâtiments")
    assert found is not None
    assert found.english == "the 2 smallest new buildings"


@pytest.mark.parametrize(
    ("sentence", "adjective"),
    [
        ("Gebäude, die 2016 da waren, aber 2012 nicht", "new"),
        ("Gebäude, die 2012 nicht da waren, aber 2016", "new"),
        ("Gebäude, die 2012 da waren, aber nicht 2016", "demolished"),
        ("bâtiments qui existaient en 2016 mais pas en 2012", "new"),
        ("edificios que existían en 2012 pero no en 2016", "demolished"),
        ("edifici che esistevano nel 2016 ma non nel 2012", "new"),
        ("edifícios que existiam em 2016 mas não em 2012", "new"),
        ("gebouwen die er in 2012 waren maar niet in 2016", "demolished"),
        ("здания, которые были в 2016 году, но не в 2012 году", "new"),
        ("2016年有但2012年没有的建筑", "new"),
    ],
)
def test_a_contrast_of_two_years_has_the_right_direction(sentence: str, adjective: str) -> None:
    (found,) = understand(sentence)
    assert found.status == "understood"
    assert found.translated == f"{adjective} buildings between 2012 and 2016"


@pytest.mark.parametrize(
    "sentence", ["edificios en 2016 no en 2012", "2012年にはなく2016年にある建物"]
)
def test_a_contrast_of_two_years_that_may_be_either_way_is_refused(sentence: str) -> None:
    assert not understand(sentence)[0].is_answered
