"""What a sentence asks for beside the polygons, in English and in other languages."""

from __future__ import annotations

import pytest

from mtrs_geo.models import load_vocabulary
from mtrs_geo.understanding import Understanding, understand


def one(text: str) -> Understanding:
    (found,) = understand(text)
    return found


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("how many hectares of forest were lost?", "how many ha: forest were lost"),
        ("how many hectares changed?", "how many ha: any change"),
        ("wie viele Hektar Wald wurden gerodet?", "how many ha: removed forest"),
        ("wie viel Wald wurde gerodet?", "how many m²: removed forest"),
        ("Wie viele Waldflächen wurden gerodet?", "how many: removed forest"),
        ("Anzahl der neuen Waldflächen", "how many: new forest"),
        ("wie viele im Wald neu gebaute Häuser", "how many: new houses, inside the forest"),
        ("cuántos bosques se perdieron?", "how many: removed forest"),
        ("cuánto bosque se perdió?", "how many m²: removed forest"),
        ("quanti boschi sono stati persi?", "how many: removed forest"),
        ("combien de forêt a été perdue ?", "how many m²: removed forest"),
        ("combien de forêts ont été perdues ?", "how many: removed forest"),
        ("nombre de nouvelles forêts", "how many: new forest"),
        ("combien de maisons dans la forêt ont été construites ?",
         "how many: new houses, inside the forest"),
        ("hoeveel bos is er verdwenen?", "how many m²: removed forest"),
        ("hoeveel bossen zijn er verdwenen?", "how many: removed forest"),
        ("ile lasu wycięto?", "how many m²: removed forest"),
        ("ile nowych lasów?", "how many: new forest"),
        ("сколько леса вырублено?", "how many m²: removed forest"),
        ("сколько лесов вырублено?", "how many: removed forest"),
        ("多少森林消失了?", "how many m²: removed vegetation"),
        ("いくつの森林が失われましたか?", "how many: removed forest"),
        ("كم مساحة الغابات المفقودة", "how many m²: removed forest"),
        ("कितना जंगल खो गया", "how many m²: removed forest"),
        ("how much water disappeared?", "how many m²: water disappeared"),
        ("wie viel Wiese wurde zu Straße?", "how many m²: meadows turned into roads"),
        ("combien d'hectares de forêt ont été perdus ?", "how many ha: removed forest"),
        ("combien de mètres carrés de nouveaux bâtiments ?", "how many m²: new buildings"),
        ("cuántas hectáreas de bosque se perdieron?", "how many ha: removed forest"),
        ("wie viele Häuser wurden abgerissen?", "how many: demolished houses"),
        ("combien de bâtiments ont été construits ?", "how many: new buildings"),
        ("wurden Häuser abgerissen?", "yes or no: demolished houses"),
        ("wurden im Norden Häuser abgerissen?", "yes or no: demolished houses, in the north"),
        ("sind neue Häuser entstanden?", "yes or no: new houses"),
        ("des maisons ont-elles été démolies ?", "yes or no: demolished houses"),
        ("ist das größte neue Gebäude im Norden?",
         "yes or no: the largest new buildings, in the north"),
        ("abgerissene Häuser, die im Norden waren", "demolished houses, in the north"),
    ],
)  # fmt: skip
def test_what_is_asked_for(text: str, asked: str) -> None:
    found = one(text)
    assert (found.status, found.query.explain()) == ("understood", asked)


@pytest.mark.parametrize(
    ("text", "question", "words"),
    [
        ("are all new buildings in the north?", None, "all"),
        ("are all changes in the north?", None, "all"),
        ("how many kilometres of road were built?", None, "kilometres"),
        ("is there exactly one new building?", "count", "exactly one"),
        ("were two houses demolished?", "count", "two"),
        ("are there 2 ha of new forest?", "area", "2 ha"),
        ("sind alle neuen Gebäude im Norden?", None, "all"),
        ("sind die neuen Gebäude im Norden?", None, "the"),
        ("est-ce que tous les nouveaux bâtiments sont au nord ?", None, "all"),
        ("est-ce que les nouveaux bâtiments sont au nord ?", None, "the"),
        ("czy wszystkie nowe budynki są na północy?", None, "all"),
        ("所有新建筑都在北部吗?", None, "all"),
        ("gibt es genau ein neues Gebäude?", "count", "exactly one"),
        ("gibt es zwei neue Gebäude?", "count", "2"),
        ("y a-t-il plus de 10 nouveaux bâtiments ?", "count", "10"),
    ],
)
def test_a_question_without_an_exact_answer_is_uncertain(
    text: str, question: str | None, words: str
) -> None:
    found = one(text)
    assert found.status == "uncertain"
    assert found.query.question == question
    doubt, *_ = found.doubts()
    assert doubt.code == "unanswered_question"
    assert doubt.values["words"] == words
    assert any(repr(words) in message for message in found.messages())


@pytest.mark.parametrize(
    ("text", "positive"),
    [
        ("were no houses demolished?", "were houses demolished?"),
        ("can you confirm that no trees were felled?", "can you confirm that trees were felled?"),
        ("have no houses been razed in the north?", "have houses been razed in the north?"),
        ("were no new houses built?", "were new houses built?"),
        ("has nothing changed?", "has anything changed?"),
        ("wurden keine Häuser abgerissen?", "are there houses that were demolished"),
    ],
)  # fmt: skip
def test_a_question_with_no_is_refused_with_the_question_without_it(
    text: str, positive: str
) -> None:
    # "Yes" would have no polygons, and polygons would show the opposite.
    (found,) = understand(text, load_vocabulary("tiny"))
    assert (found.is_answered, found.code) == (False, "negation")
    assert repr(positive) in found.advice


def test_a_negated_verb_of_a_question_is_not_taken_for_standing_ground() -> None:
    for text in ("were the houses not demolished?", "is it true that houses were not demolished?"):
        assert one(text).code == "negation"
    assert one("are there houses that were not demolished?").meaning.startswith(
        "buildings · unchanged"
    )
    assert one("weren't any houses demolished?").meaning == "buildings · disappeared · yes or no"
    german = one("gibt es Häuser, die nicht abgerissen wurden?")
    assert german.meaning == "buildings · unchanged · yes or no"


def test_another_doubt_does_not_hide_that_a_question_has_no_answer() -> None:
    found = one("are all new shiny buildings in the north?")
    assert [doubt.code for doubt in found.doubts()] == ["unknown_word", "unanswered_question"]
    assert found.query.question is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how many kilometres of new roads and removed paths?", "kilometres"),
        ("were all houses removed and new roads built?", "all"),
        ("are all new roads and demolished houses in the north?", "all"),
        ("sind alle neuen Straßen und abgerissenen Häuser im Norden?", "all"),
        ("are there exactly 3 new houses and removed roads?", "exactly 3"),
        ("are the new houses in the north and the demolished roads in the south?", "the"),
    ],
)
def test_each_of_several_wishes_of_a_question_without_an_answer_is_uncertain(
    text: str, words: str
) -> None:
    found = understand(text)
    assert len(found) == 2
    for wish in found:
        assert wish.status == "uncertain"
        doubt, *_ = wish.doubts()
        assert (doubt.code, doubt.values["words"]) == ("unanswered_question", words)


def test_a_rank_in_one_of_several_wishes_is_answered() -> None:
    house, road = understand("is the largest new house in the north and was a road demolished?")
    assert house.query.explain() == "yes or no: the largest new house, in the north"
    assert [wish.status for wish in (house, road)] == ["understood", "understood"]


def test_each_number_of_several_wishes_is_named() -> None:
    houses, roads = understand("are there exactly 3 new houses and 2 new roads?")
    assert [wish.status for wish in (houses, roads)] == ["uncertain", "uncertain"]
    assert houses.doubts()[0].values["words"] == "exactly 3"
    assert "'2'" in roads.doubts()[0].text


def test_the_unit_of_an_area_is_in_the_fields_and_the_meaning() -> None:
    found = one("how many acres of forest were lost?")
    fields = found.as_dict()
    assert (fields["question"], fields["unit"]) == ("area", "acres")
    assert found.meaning == "vegetation · disappeared · area in acres"
