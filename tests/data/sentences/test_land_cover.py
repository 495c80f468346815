"""Sentences about class maps: their masks against a reference computed pixel by pixel."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from mtrs_geo.class_codes import (
    BARE,
    BUILDING,
    CAR,
    CODES,
    INTENT_CLASSES,
    ROAD,
    TRACK,
    UNKNOWN,
    VEGETATION,
    WATER,
    class_of_code,
)
from mtrs_geo.data.compose import Composer, Library, Recipe
from mtrs_geo.data.datasets.classes import ClassPair, class_mask
from mtrs_geo.data.sentences import (
    CLASS_TASKS,
    ClassTask,
    ClassWording,
    Noun,
    draw_expressions,
    write_class_expression,
)
from mtrs_geo.data.sentences.expression import ANY, Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES, HELD_OUT_WORDS
from mtrs_geo.data.sentences.question import Question, answer_mask
from mtrs_geo.data.sentences.select import FAR_PX, NEAR_PX
from mtrs_geo.data.sentences.templates import NounPhrase, fill, with_article
from mtrs_geo.types import LandCoverClass

ALL_CODES = (BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR)


def make_pair(before: np.ndarray, after: np.ndarray, **more: object) -> ClassPair:
    image = np.full((*before.shape, 3), 100, np.uint8)
    changed = more.pop("changed", before != after)
    return ClassPair("p", "test", image, image.copy(), before, after, changed, 0.5, **more)  # type: ignore[arg-type]


def matches_pixel(before: int, after: int, question: Question) -> bool:
    """Apply the definition in question.py to one changed pixel of known classes."""
    names = class_of_code(before), class_of_code(after)
    was = question.before == ANY or names[0] in question.before
    is_now = question.after == ANY or names[1] in question.after
    return (was or is_now) if question.kind == "state" else (was and is_now)


def reference_mask(pair: ClassPair, question: Question) -> tuple[np.ndarray, bool]:
    """Return the mask, and whether all possible classes of unknown pixels give the same one."""
    mask, is_clear = np.zeros(pair.changed.shape, bool), True
    for index in zip(*np.nonzero(pair.changed), strict=True):
        before, after = int(pair.before_class[index]), int(pair.after_class[index])
        befores = [before] if before != UNKNOWN else possible_codes(pair, after)
        afters = [after] if after != UNKNOWN else possible_codes(pair, before)
        answers = {matches_pixel(b, a, question) for b in befores for a in afters}
        if (
            CAR in (before, after)
            and question.named_classes
            and "car" not in question.named_classes
        ):
            answers = {False}
        is_clear &= len(answers) == 1
        mask[index] = answers == {True}
    return mask, is_clear


def possible_codes(pair: ClassPair, other: int) -> list[int]:
    return [code for code in sorted(pair.unlabelled) if class_of_code(code) != class_of_code(other)]


def questions() -> Iterator[Question]:
    names: list[LandCoverClass] = [*CODES, "nothing"]
    yield Question("any")
    for name in names:
        one = frozenset[LandCoverClass]({name})
        others = frozenset(CODES) - one
        yield Question("appear", ANY, one)
        yield Question("disappear", one, ANY)
        yield Question("state", one, one)
        yield Question("any", others, others)
        for second in names:
            if second != name:
                yield Question("disappear", one, frozenset({second}))


def random_pair(seed: int) -> ClassPair:
    rng = np.random.default_rng(seed)
    before, after = rng.choice(ALL_CODES, (2, 5, 6)).astype(np.uint8)
    same = np.vectorize(class_of_code)(before) == np.vectorize(class_of_code)(after)
    after[same] = before[same]
    changed = ~same
    unlabelled = frozenset(rng.choice(ALL_CODES, rng.integers(3, 7), replace=False).tolist())
    for classes, other in ((before, after), (after, before)):
        hide = (rng.random(classes.shape) < 0.04 * (seed % 3)) & changed & (other != UNKNOWN)
        classes[hide] = UNKNOWN
    hide = ~changed & (rng.random(changed.shape) < 0.5)
    before[hide] = after[hide] = UNKNOWN
    return make_pair(before, after, changed=changed, unlabelled=unlabelled)


def test_answers_equal_the_reference_pixel_by_pixel() -> None:
    unanswered = 0
    for seed in range(30):
        pair = random_pair(seed)
        for question in questions():
            mask, is_clear = reference_mask(pair, question)
            found = answer_mask(pair, question)
            unanswered += found is None
            assert (found is not None) == is_clear, (seed, question)
            if found is not None:
                np.testing.assert_array_equal(found, mask)
    assert unanswered > 20


@pytest.fixture(scope="module")
def pairs(library: Library) -> list[ClassPair]:
    composer = Composer(library, Recipe(crop_px=128), seed=5)
    return [composer.sample(i) for i in range(30)]


@pytest.fixture(scope="module", params=["train", "held out"])
def expressions(
    request: pytest.FixtureRequest, pairs: list[ClassPair]
) -> list[tuple[ClassPair, Expression]]:
    wording = TRAIN_CLASSES if request.param == "train" else HELD_OUT_CLASSES
    rng = np.random.default_rng(0)
    found = [
        (pair, expression)
        for pair in pairs
        for task in CLASS_TASKS
        for _ in range(2)
        if (expression := write_class_expression(pair, task, wording, rng)) is not None
    ]
    assert {e.task for _, e in found} == set(CLASS_TASKS)
    return found


UNSELECTED_TASKS: set[ClassTask] = {
    "appear", "disappear", "state", "become", "any", "count", "absent", "wrong_direction",
    "wrong_class",
}  # fmt: skip


def question_mask(pair: ClassPair, expression: Expression) -> np.ndarray:
    question = Question(expression.kind, expression.from_classes, expression.to_classes)
    mask, is_clear = reference_mask(pair, question)
    assert is_clear, expression.text
    return mask


def of_task(
    expressions: list[tuple[ClassPair, Expression]], task: str
) -> list[tuple[ClassPair, Expression]]:
    found = [(pair, e) for pair, e in expressions if e.task == task]
    assert found
    return found


def test_masks_equal_the_reference_or_are_a_part_of_it(
    expressions: list[tuple[ClassPair, Expression]],
) -> None:
    for pair, expression in expressions:
        if expression.task in UNSELECTED_TASKS:
            np.testing.assert_array_equal(expression.mask, question_mask(pair, expression))
        elif expression.task != "except":
            assert not (expression.mask & ~question_mask(pair, expression)).any()


def test_sentences_about_changes_that_did_not_happen_have_empty_masks(
    expressions: list[tuple[ClassPair, Expression]],
) -> None:
    for task in ("absent", "wrong_class", "wrong_direction"):
        assert not any(e.mask.any() for _, e in of_task(expressions, task))
    for task in ("appear", "disappear", "become", "state", "count", "extreme"):
        assert all(e.mask.any() for _, e in of_task(expressions, task)), task
    assert all(
        "nothing" in e.from_classes | e.to_classes for _, e in of_task(expressions, "absent")
    )


def components(mask: np.ndarray) -> list[np.ndarray]:
    labels, count = ndimage.label(mask)
    return [labels == i for i in range(1, count + 1)]


def split(pair: ClassPair, expression: Expression) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the components inside the mask of a sentence, and the others; none is cut."""
    selected, others = [], []
    for component in components(question_mask(pair, expression)):
        share = expression.mask[component].mean()
        assert share in (0, 1), expression.text
        (selected if share else others).append(component)
    return selected, others


INSIDE = {
    "top": lambda r, c: r < 0.5,
    "bottom": lambda r, c: r >= 0.5,
    "left": lambda r, c: c < 0.5,
    "right": lambda r, c: c >= 0.5,
    "centre": lambda r, c: abs(r - 0.5) < 1 / 6 and abs(c - 0.5) < 1 / 6,
    "upper middle": lambda r, c: r < 1 / 3 and abs(c - 0.5) < 1 / 6,
    "lower middle": lambda r, c: r >= 2 / 3 and abs(c - 0.5) < 1 / 6,
    "middle left": lambda r, c: c < 1 / 3 and abs(r - 0.5) < 1 / 6,
    "middle right": lambda r, c: c >= 2 / 3 and abs(r - 0.5) < 1 / 6,
}


def is_in_place(component: np.ndarray, place: str) -> bool:
    row, col = (
        (along.mean() + 0.5) / side
        for along, side in zip(np.nonzero(component), component.shape, strict=True)
    )
    words = [place] if place in INSIDE else place.split()
    return all(INSIDE[word](row, col) for word in words)


def test_places_select_whole_instances(expressions: list[tuple[ClassPair, Expression]]) -> None:
    filled = 0
    for task in ("position", "cell"):
        for pair, expression in of_task(expressions, task):
            selected, others = split(pair, expression)
            place = expression.cell or expression.place
            assert all(is_in_place(c, place) for c in selected), expression.text
            assert not any(is_in_place(c, place) for c in others), expression.text
            filled += bool(selected)
            if expression.cell:
                assert all(is_in_place(c, expression.place) for c in selected)
    assert filled > 5


def test_extremes_select_the_most_extreme_instance(
    expressions: list[tuple[ClassPair, Expression]],
) -> None:
    words = {
        r"largest|biggest": lambda mask: -mask.sum(),
        r"smallest|tiniest": lambda mask: mask.sum(),
        r"north|topmost": lambda mask: np.nonzero(mask)[0].mean(),
        r"south|only the lowest": lambda mask: -np.nonzero(mask)[0].mean(),
        r"west|leftmost": lambda mask: np.nonzero(mask)[1].mean(),
        r"east|rightmost": lambda mask: -np.nonzero(mask)[1].mean(),
    }  # fmt: skip
    for pair, expression in of_task(expressions, "extreme"):
        selected, others = split(pair, expression)
        ((best,)) = selected
        order = [key for word, key in words.items() if re.search(word, expression.text)]
        assert order, expression.text
        assert others
        assert all(order[0](best) < order[0](other) for other in others), expression.text


def test_relations_follow_the_distance(expressions: list[tuple[ClassPair, Expression]]) -> None:
    for pair, expression in of_task(expressions, "relation"):
        wording = TRAIN_CLASSES if reference_of(expression, TRAIN_CLASSES) else HELD_OUT_CLASSES
        reference, is_near = reference_of(expression, wording) or pytest.fail(expression.text)
        unchanged = np.argwhere(class_mask(pair.after_class, reference) & ~pair.changed)
        tree = cKDTree(unchanged)
        selected, others = split(pair, expression)
        for masks, near in ((selected, is_near), (others, not is_near)):
            for mask in masks:
                distance = tree.query(np.argwhere(mask))[0].min()
                assert distance <= NEAR_PX if near else distance >= FAR_PX, expression.text


def reference_of(
    expression: Expression, wording: ClassWording
) -> tuple[LandCoverClass, bool] | None:
    words = wording.references
    for near, templates in ((False, words.far), (True, words.near)):
        for template in templates:
            for class_name, nouns in words.nouns.items():
                for noun in nouns:
                    pattern = re.escape(template.replace("{r}", noun)).replace(r"\{x\}", ".+")
                    if re.fullmatch(pattern, expression.text):
                        return class_name, near
    return None


def test_counts_equal_the_number_of_components(
    expressions: list[tuple[ClassPair, Expression]],
) -> None:
    numbers = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
    for pair, expression in of_task(expressions, "count"):
        (number,) = [n for word, n in numbers.items() if word in expression.text.split()]
        assert len(components(question_mask(pair, expression))) == number


def test_exclusions_leave_out_the_class_or_the_place(
    expressions: list[tuple[ClassPair, Expression]],
) -> None:
    for pair, expression in of_task(expressions, "except"):
        whole = question_mask(pair, expression)
        if expression.kind == "any":
            (class_name,) = set(CODES) - expression.from_classes
            named = class_mask(pair.before_class, class_name) | class_mask(
                pair.after_class, class_name
            )
            np.testing.assert_array_equal(expression.mask, whole)
            assert not (expression.mask & named).any()
        else:
            split(pair, expression)
            assert expression.place == "everywhere"


def test_every_text_reads_as_a_sentence(expressions: list[tuple[ClassPair, Expression]]) -> None:
    for _, expression in expressions:
        text = expression.text
        assert "{" not in text
        assert "  " not in text
        assert not re.search(r"\ba (grass|asphalt|water that|bare soil|vegetation)\b", text), text
        assert not re.search(r"\b(grass|greenery|asphalt|bare soil) (were|have|are)\b", text), text


def all_texts(wording: ClassWording) -> list[str]:
    groups = [
        *wording.appear.values(), *wording.disappear.values(), wording.state, wording.became,
        wording.replaced, wording.everything, wording.except_class, wording.except_place,
        wording.counted_new, wording.counted_gone, *wording.extremes.values(),
        wording.references.near, wording.references.far, *wording.references.nouns.values(),
        *wording.cells.values(), wording.place, wording.absent,
    ]  # fmt: skip
    return [text for group in groups for text in group]


def test_held_out_words_are_in_no_training_text(pairs: list[ClassPair]) -> None:
    rng = np.random.default_rng(1)
    texts = all_texts(TRAIN_CLASSES)
    texts += [word for noun in TRAIN_CLASSES.nouns for word in (noun.singular, noun.plural)]
    texts += [e.text for pair in pairs for e in draw_expressions(pair, 8, TRAIN_CLASSES, rng)]
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, HELD_OUT_WORDS))})\b")
    assert not [text for text in texts if pattern.search(text)]
    nouns = [word for n in HELD_OUT_CLASSES.nouns for word in (n.singular, n.plural)]
    assert sum(bool(pattern.search(word)) for word in nouns) >= 24


def test_held_out_templates_are_held_out() -> None:
    shared = set(all_texts(TRAIN_CLASSES)) & set(all_texts(HELD_OUT_CLASSES))
    assert not {text for text in shared if "{" in text}


def test_questions_about_unknown_classes_have_no_answer() -> None:
    before, after = (np.full((30, 30), UNKNOWN, np.uint8) for _ in range(2))
    after[5:12, 5:12] = BUILDING
    pair = make_pair(before, after, unlabelled=frozenset(ALL_CODES) - {BUILDING})
    assert answer_mask(pair, Question("appear", ANY, frozenset({"building"}))) is not None
    assert answer_mask(pair, Question("disappear", frozenset({"building"}), ANY)) is not None
    assert answer_mask(pair, Question("disappear", frozenset({"vegetation"}), ANY)) is None


def test_a_car_does_not_replace_the_ground_below_it() -> None:
    before = np.full((30, 30), ROAD, np.uint8)
    after = before.copy()
    after[5:12, 5:9] = CAR
    pair = make_pair(before, after)
    gone = answer_mask(pair, Question("disappear", frozenset({"road"}), ANY))
    came = answer_mask(pair, Question("appear", ANY, frozenset({"car"})))
    anything = answer_mask(pair, Question("any"))
    assert gone is not None
    assert not gone.any()
    assert came is not None
    assert anything is not None
    assert came.sum() == anything.sum() == 28


def test_number_article_and_verb_agree() -> None:
    lot, grass = Noun("road", "parking lot", "parking lots"), Noun("vegetation", "grass")
    one, many = NounPhrase(lot, True), NounPhrase(lot, False)
    mass = NounPhrase(grass, False)
    assert with_article(one) == "a parking lot"
    assert with_article(many) == "parking lots"
    assert with_article(mass) == "grass"
    assert with_article(NounPhrase(lot, True, "elongated")) == "an elongated parking lot"
    became = "{a} that were turned into {b}"
    assert fill(became, mass, b="a parking lot") == "grass that was turned into a parking lot"
    assert fill(became, many, b="grass") == "parking lots that were turned into grass"
    assert fill("which {n} have appeared?", mass) == "which grass has appeared?"


def test_intents_name_known_classes(expressions: list[tuple[ClassPair, Expression]]) -> None:
    for _, expression in expressions:
        for names in (expression.from_classes, expression.to_classes):
            assert names
            assert names <= set(INTENT_CLASSES)
        if expression.kind == "appear":
            assert "any" not in expression.to_classes
        if expression.kind == "disappear":
            assert "any" not in expression.from_classes
