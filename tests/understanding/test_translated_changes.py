"""What became of a thing in other languages: built land, order in time, growth, several changes."""

from __future__ import annotations

import pytest
from translated import english_of

from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES

SHRUNK_AND_GROWN = {
    "de": ("Seen, die kleiner geworden sind", "Der See ist größer geworden"),
    "fr": ("le lac est devenu plus petit", "le lac est plus grand qu'avant"),
    "es": ("el lago se ha hecho más pequeño", "el lago se hizo más grande"),
    "pt": ("o lago ficou menor", "o lago ficou maior do que antes"),
    "it": ("il lago è diventato più piccolo", "il lago è diventato più grande"),
    "nl": ("het meer is kleiner geworden", "het meer werd groter"),
    "pl": ("jezioro stało się mniejsze", "jezioro się powiększyło"),
    "ru": ("озеро стало меньше", "озеро стало больше"),
    "zh": ("湖变小了", "湖变大了"), "ja": ("湖が小さくなった", "湖が大きくなった"),
    "ar": ("أصبحت البحيرة أصغر", "أصبحت البحيرة أكبر"),
    "hi": ("झील छोटी हो गई", "झील बड़ी हो गई"),
    "id": ("danau menjadi lebih kecil", "danau menjadi lebih luas"),
    "sw": ("ziwa limepungua", "ziwa limeongezeka ukubwa"),
}  # fmt: skip
FOREST_THEN_HOUSES = {
    "de": "Erst war da Wald, dann Häuser", "fr": "d'abord une forêt, puis des maisons",
    "es": "primero bosque, luego casas", "pt": "primeiro floresta, depois casas",
    "it": "prima bosco, poi case", "nl": "eerst bos, daarna huizen",
    "pl": "najpierw las, potem domy", "ru": "сначала лес, потом дома",
    "zh": "先是森林，后来是房屋", "ja": "最初は森、次に家", "ar": "أولا غابة ثم منازل",
    "hi": "पहले जंगल, फिर मकान", "id": "mula-mula hutan, lalu rumah",
    "sw": "kwanza msitu, kisha nyumba",
}  # fmt: skip
SOMETHING_NEW = {
    "de": "etwas Neues im Norden", "fr": "quelque chose de nouveau au nord",
    "es": "¿Se ha construido algo en el norte?", "pt": "algo novo no norte",
    "it": "qualcosa di nuovo a nord", "nl": "iets nieuws in het noorden",
    "pl": "coś nowego na północy", "ru": "что-нибудь новое на севере",
    "zh": "北部有什么新东西吗", "ja": "北部に何か新しいもの", "ar": "هل هناك شيء جديد في الشمال",
    "hi": "उत्तर में कुछ नया", "id": "sesuatu yang baru di utara", "sw": "kitu kipya kaskazini",
}  # fmt: skip
NEW_BUT_LOST = {
    "de": "neue Häuser, die abgerissen wurden", "fr": "maisons récemment détruites",
    "es": "casas nuevas demolidas", "pt": "casas novas demolidas", "it": "case nuove demolite",
    "nl": "nieuwe huizen die gesloopt zijn", "pl": "niedawno zburzone domy",
    "ru": "новые дома, которые снесли", "zh": "新的被拆除的房屋",
    "ja": "最近取り壊された家", "ar": "المنازل الجديدة المهدمة", "hi": "हाल ही में गिराए गए घर",
    "id": "rumah baru dibongkar", "sw": "nyumba mpya zilizobomolewa",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_growth_is_a_direction(language: str) -> None:
    found = [english_of(sentence) for sentence in SHRUNK_AND_GROWN[language]]
    assert found == ["vanished lakes", "new lakes"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_and_then_is_a_transition(language: str) -> None:
    assert english_of(FOREST_THEN_HOUSES[language]) == "forest turned into houses"


@pytest.mark.parametrize("language", LANGUAGES)
def test_something_is_anything(language: str) -> None:
    assert english_of(SOMETHING_NEW[language]) == "anything new in the north"


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_before_a_loss_has_no_effect(language: str) -> None:
    assert english_of(NEW_BUT_LOST[language]) == "demolished houses"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Quelles parcelles agricoles ont été bâties ?", "farmland turned into buildings"),
        ("champs construits", "fields turned into buildings"),
        ("campos que foram construídos", "fields turned into buildings"),
        ("campos construidos", "fields turned into buildings"),
        ("campi costruiti", "fields turned into buildings"),
        ("Se ha construido en los campos", "fields turned into buildings"),
        ("Wo wurde auf Feldern gebaut?", "fields turned into buildings"),
        ("Felder, auf denen Häuser gebaut wurden", "fields turned into houses"),
        ("Les champs où l'on a construit des maisons", "fields turned into houses"),
        ("Des étangs comblés, puis construits", "ponds turned into buildings"),
        ("un parc a été construit", "new parks"), ("un étang construit", "new ponds"),
        ("routes construites dans les champs", "new roads inside the fields"),
        ("nuevas casas construidas cerca de los campos", "new houses near the fields"),
        ("Wald neben gebauten Häusern", "forest next to the new houses"),
    ],
)  # fmt: skip
def test_land_that_was_built_became_buildings(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("neue Häuser, gefällte Bäume", "new houses and removed trees"),
        ("новые дома, срубленные деревья", "new houses and removed trees"),
        ("neue Häuser und abgerissene", "new or demolished houses"),
        ("neue und abgerissene Häuser", "new or demolished houses"),
        ("abgerissene Häuser und Überschwemmungen", "demolished houses and new water"),
        ("neue Häuser, neue Straßen", "new houses and roads"),
        ("Wurde der See kleiner?", "are there vanished lakes"),
        ("neue kleine Häuser", "new small houses"),
        ("Sind die neuen Häuser größer?", "are there new large houses"),
        ("nouvelles maisons démolies dans la forêt", "demolished houses inside the forest"),
        ("新しい家だけでなく新しい道路も", "new houses and roads"),
        ("neue Häuser, kleiner als 100 m²", "new houses smaller than 100 m²"),
    ],
)  # fmt: skip
def test_no_change_is_lost(sentence: str, expected: str) -> None:
    assert english_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("新建的房子比拆除的多吗", ("拆除",)),
        ("foram construídas mais casas do que demolidas?", ("demolidas",)),
        ("wurden mehr Häuser gebaut als abgerissen?", ("abgerissen",)),
        ("casas construidas, luego demolidas", ("demolidas",)),
        ("zuerst abgerissene Häuser, dann neue", ("zuerst",)),
        ("Häuser, die erst 2015 gebaut wurden", ("erst",)),
        ("neue Häuser, weil Bäume gefällt wurden", ("gefällt",)),
        ("neue Häuser anstelle abgerissener Häuser", ("abgerissener",)),
        ("casas novas no lugar de casas demolidas", ("demolidas",)),
        ("новые дома вместо снесённых домов", ("снесённых",)),
        ("منازل جديدة بدلا من منازل مهدمة", ("مهدمة",)),
        ("zijn de nieuwe huizen groter?", ("groter",)),
    ],
)
def test_a_second_change_that_is_not_translated_is_named(
    sentence: str, words: tuple[str, ...]
) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.unknown == words
