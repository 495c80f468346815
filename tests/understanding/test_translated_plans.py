"""Questions of other languages for plans, advice, reasons and times are no search."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding.translation import translate
from mtrs_geo.understanding.translation.phrase_table import LANGUAGES
from mtrs_geo.understanding.understand import understand

PLANS = {
    "de": ("Wo sollen Bäume gepflanzt werden?", "Welche Häuser sollen abgerissen werden?",
           "Wo könnte man neue Häuser bauen?", "Wo kann eine neue Straße gebaut werden?",
           "Zeige Häuser, die abgerissen werden sollen", "Wird der See austrocknen?",
           "geplante Neubauten", "Wie wurden die Häuser gebaut?", "Warum wurden Häuser abgerissen?",
           "Wer hat die neuen Häuser gebaut?", "Wann wurden die Häuser gebaut?"),
    "fr": ("Où faut-il planter des arbres ?", "Où va-t-on construire de nouvelles maisons ?",
           "Quelles maisons seront démolies ?", "Pourquoi la forêt a-t-elle disparu ?",
           "Où pourrait-on construire une nouvelle route ?", "montre les maisons à venir"),
    "es": ("¿Dónde se construirán nuevas casas?", "Muéstrame las casas que serán demolidas",
           "¿Dónde se podrían construir casas nuevas?", "¿Por qué fueron demolidas las casas?"),
    "pt": ("Onde devem ser plantadas árvores?", "casas que serão demolidas",
           "onde se pode construir uma casa nova?", "por que as casas foram demolidas?"),
    "it": ("Dove si dovrebbero piantare alberi?", "case che saranno demolite",
           "dove si possono costruire case nuove?"),
    "nl": ("Waar moeten bomen worden geplant?", "huizen die gesloopt zullen worden",
           "waar kunnen nieuwe huizen worden gebouwd?", "waarom zijn de huizen gesloopt?"),
    "pl": ("Gdzie należy posadzić drzewa?", "domy, które zostaną zburzone",
           "dlaczego zburzono domy?"),
    "ru": ("Где следует посадить деревья?", "дома, которые будут снесены",
           "где можно построить новые дома?", "где нужно построить дома", "почему снесли дома?"),
    "zh": ("应该在哪里种树？", "将要拆除的房子", "哪里可以建新房子", "房屋为什么被拆除"),
    "ja": ("どこに木を植えるべきですか", "取り壊される予定の家", "なぜ家が取り壊されたのですか"),
    "ar": ("أين يجب زراعة الأشجار؟", "المنازل التي سيتم هدمها", "لماذا هدمت المنازل؟"),
    "hi": ("कौन से घर गिराए जाएंगे", "पेड़ कहाँ लगाए जाने चाहिए", "घर क्यों गिराए गए"),
    "id": ("rumah yang akan dibongkar", "di mana pohon harus ditanam?",
           "mengapa rumah dibongkar?"),
    "sw": ("nyumba zitakazobomolewa", "kwa nini nyumba zilibomolewa?"),
}  # fmt: skip
REQUESTS = {
    "de": ("Können Sie mir zeigen, wo Häuser gebaut wurden?", "new houses"),
    "fr": ("Pouvez-vous montrer les maisons construites ?", "new houses"),
    "es": ("¿Puede mostrarme las casas nuevas?", "new houses"),
    "pt": ("Será que há casas novas?", "are there new houses"),
    "it": ("Puoi mostrarmi le nuove case?", "new houses"),
    "nl": ("Kunt u de nieuwe huizen laten zien?", "new houses"),
    "pl": ("Czy możesz pokazać nowe domy?", "are there new houses"),
    "ru": ("мне нужно найти снесённые дома", "demolished houses"),
    "zh": ("可以显示新建的房屋吗", "are there new houses"),
    "ja": ("新しい家を見ることができますか", "new houses"),
    "ar": ("هل يمكن عرض المنازل الجديدة", "are there new houses"),
    "hi": ("क्या आप नए घर दिखा सकते हैं", "are there new houses"),
    "id": ("Bisakah Anda menunjukkan rumah baru yang dibangun", "new houses"),
    "sw": ("Unaweza kuonyesha nyumba mpya", "new houses"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plans_and_reasons_are_no_question_about_a_change(language: str) -> None:
    for sentence in PLANS[language]:
        (found,) = understand(sentence)
        assert (found.code, found.language) == ("no_question", language), sentence
        assert not found.is_answered, sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_polite_requests_stay(language: str) -> None:
    sentence, expected = REQUESTS[language]
    found = translate(sentence)
    assert found is not None
    assert (found.language, found.english, found.unknown) == (language, expected, ())


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Wo wird die neue Straße gebaut?", "new roads"),
        ("Es sollen nur neue Häuser angezeigt werden", "new houses"),
        ("Bäume, die Häusern weichen mussten", "trees turned into houses"),
        ("Häuser, die abgerissen werden, und Straßen, die gebaut werden",
         "demolished houses and new roads"),
        ("Peut-être de nouvelles maisons au nord", "new houses in the north"),
        ("मुझे नए घर चाहिए", "new houses"), ("мне нужно новые дома", "new houses"),
        ("il me faut les nouvelles maisons", "new houses"), ("いつも新しい家", "new houses"),
        ("新しい家を表示できますか", "new houses"),
        ("Wie wurde der Wald verändert?", "changed forest"),
        ("hoe werden de huizen veranderd", "changed houses"),
        ("comment a évolué la forêt", "changed forest"), ("كيف تم تغيير المنازل", "changed houses"),
    ],
)  # fmt: skip
def test_the_present_and_the_past_stay(sentence: str, expected: str) -> None:
    found = translate(sentence)
    assert found is not None
    assert found.english == expected
