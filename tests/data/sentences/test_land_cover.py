"""Sentences about class maps: their masks against a reading pixel by pixel."""

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
from mtrs_geo.data.datasets.classes import ClassPair, is_class
from mtrs_geo.data.sentences import (
    CLASS_TASKS,
    ClassTask,
    ClassWording,
    Noun,
    draw_expressions,
    write_class_expression,
)
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES, HELD_OUT_WORDS
from mtrs_geo.data.sentences.question import ANY, Question, answer
from mtrs_geo.data.sentences.select import FAR_PX, NEAR_PX
from mtrs_geo.data.sentences.templates import Named, fill, with_article
from mtrs_geo.types import LandCoverClass

KNOWN = (BUILDING, ROAD, TRACK, VEGETATION, WATER, BARE, CAR)


def make_pair(before: np.ndarray, after: np.ndarray, **more: object) -> ClassPair:
    image = np.full((*before.shape, 3), 100, np.uint8)
    changed = more.pop("changed", before != after)
    return ClassPair("p", "test", image, image.copy(), before, after, changed, 0.5, **more)  # type: ignore[arg-type]


def read_pixel(before: int, after: int, question: Question) -> bool:
    """Read the rule of question.py for one changed pixel of known classes."""
    names = class_of_code(before), class_of_code(after)
    was = question.before == ANY or names[0] in question.before
    is_now = question.after == ANY or names[1] in question.after
    return (was or is_now) if question.kind == "state" else (was and is_now)


def read_map(pair: ClassPair, question: Question) -> tuple[np.ndarray, bool]:
    """Return mask, and whether every class that unknown pixels may show gives the same."""
    mask, is_clear = np.zeros(pair.changed.shape, bool), True
    for at in zip(*np.nonzero(pair.changed), strict=True):
        before, after = int(pair.before_class[at]), int(pair.after_class[at])
        befores = [before] if before != UNKNOWN else possible(pair, after)
        afters = [after] if after != UNKNOWN else possible(pair, before)
        answers = {read_pixel(b, a, question) for b in befores for a in afters}
        if CAR in (before, after) and question.named and "car" not in question.named:
            answers = {False}
        is_clear &= len(answers) == 1
        mask[at] = answers == {True}
    return mask, is_clear


def possible(pair: ClassPair, other: int) -> list[int]:
    return [code for code in sorted(pair.unseen) if class_of_code(code) != class_of_code(other)]


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
    before, after = rng.choice(KNOWN, (2, 5, 6)).astype(np.uint8)
    same = np.vectorize(class_of_code)(before) == np.vectorize(class_of_code)(after)
    after[same] = before[same]
    changed = ~same
    unseen = frozenset(rng.choice(KNOWN, rng.integers(3, 7), replace=False).tolist())
    for own, other in ((before, after), (after, before)):
        hide = (rng.random(own.shape) < 0.04 * (seed % 3)) & changed & (other != UNKNOWN)
        own[hide] = UNKNOWN
    hide = ~changed & (rng.random(changed.shape) < 0.5)
    before[hide] = after[hide] = UNKNOWN
    return make_pair(before, after, changed=changed, unseen=unseen)


def test_answers_are_those_of_a_reading_pixel_by_pixel() -> None:
    refused = 0
    for seed in range(30):
        pair = random_pair(seed)
        for question in questions():
            mask, is_clear = read_map(pair, question)
            found = answer(pair, question)
            refused += found is None
            assert (found is not None) == is_clear, (seed, question)
            if found is not None:
                np.testing.assert_array_equal(found, mask)
    assert refused > 20


@pytest.fixture(scope="module")
def pairs(library: Library) -> list[ClassPair]:
    composer = Composer(library, Recipe(crop_px=128), seed=5)
    return [composer.sample(i) for i in range(30)]


@pytest.fixture(scope="module", params=["train", "held out"])
def said(
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


WHOLE: set[ClassTask] = {
    "appear", "disappear", "state", "become", "any", "count", "absent", "wrong_direction",
    "wrong_class",
}  # fmt: skip


def base(pair: ClassPair, expression: Expression) -> np.ndarray:
    question = Question(expression.kind, expression.from_classes, expression.to_classes)
    mask, is_clear = read_map(pair, question)
    assert is_clear, expression.text
    return mask


def of_task(
    said: list[tuple[ClassPair, Expression]], task: str
) -> list[tuple[ClassPair, Expression]]:
    found = [(pair, e) for pair, e in said if e.task == task]
    assert found
    return found


def test_masks_are_what_the_reading_says(said: list[tuple[ClassPair, Expression]]) -> None:
    for pair, expression in said:
        if expression.task in WHOLE:
            np.testing.assert_array_equal(expression.mask, base(pair, expression))
        elif expression.task != "except":
            assert not (expression.mask & ~base(pair, expression)).any()


def test_what_is_not_there_is_empty(said: list[tuple[ClassPair, Expression]]) -> None:
    for task in ("absent", "wrong_class", "wrong_direction"):
        assert not any(e.mask.any() for _, e in of_task(said, task))
    for task in ("appear", "disappear", "become", "state", "count", "extreme"):
        assert all(e.mask.any() for _, e in of_task(said, task)), task
    assert all("nothing" in e.from_classes | e.to_classes for _, e in of_task(said, "absent"))


def components(mask: np.ndarray) -> list[np.ndarray]:
    groups, count = ndimage.label(mask)
    return [groups == i for i in range(1, count + 1)]


def split(pair: ClassPair, expression: Expression) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the whole instances that a sentence takes, and those that it leaves."""
    taken, left = [], []
    for part in components(base(pair, expression)):
        share = expression.mask[part].mean()
        assert share in (0, 1), expression.text
        (taken if share else left).append(part)
    return taken, left


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


def lies_in(part: np.ndarray, place: str) -> bool:
    row, col = (
        (at.mean() + 0.5) / side for at, side in zip(np.nonzero(part), part.shape, strict=True)
    )
    words = [place] if place in INSIDE else place.split()
    return all(INSIDE[word](row, col) for word in words)


def test_places_take_whole_things(said: list[tuple[ClassPair, Expression]]) -> None:
    filled = 0
    for task in ("position", "cell"):
        for pair, expression in of_task(said, task):
            taken, left = split(pair, expression)
            place = expression.cell or expression.place
            assert all(lies_in(part, place) for part in taken), expression.text
            assert not any(lies_in(part, place) for part in left), expression.text
            filled += bool(taken)
            if expression.cell:
                assert all(lies_in(part, expression.place) for part in taken)
    assert filled > 5


def test_extremes_are_the_extreme(said: list[tuple[ClassPair, Expression]]) -> None:
    words = {
        r"largest|biggest": lambda part: -part.sum(),
        r"smallest|tiniest": lambda part: part.sum(),
        r"north|topmost": lambda part: np.nonzero(part)[0].mean(),
        r"south|only the lowest": lambda part: -np.nonzero(part)[0].mean(),
        r"west|leftmost": lambda part: np.nonzero(part)[1].mean(),
        r"east|rightmost": lambda part: -np.nonzero(part)[1].mean(),
    }  # fmt: skip
    for pair, expression in of_task(said, "extreme"):
        taken, left = split(pair, expression)
        ((best,)) = taken
        order = [key for word, key in words.items() if re.search(word, expression.text)]
        assert order, expression.text
        assert left
        assert all(order[0](best) < order[0](other) for other in left), expression.text


def test_relations_hold(said: list[tuple[ClassPair, Expression]]) -> None:
    for pair, expression in of_task(said, "relation"):
        wording = TRAIN_CLASSES if reference_of(expression, TRAIN_CLASSES) else HELD_OUT_CLASSES
        land, is_near = reference_of(expression, wording) or pytest.fail(expression.text)
        stays = np.argwhere(is_class(pair.after_class, land) & ~pair.changed)
        tree = cKDTree(stays)
        taken, left = split(pair, expression)
        for parts, near in ((taken, is_near), (left, not is_near)):
            for part in parts:
                distance = tree.query(np.argwhere(part))[0].min()
                assert distance <= NEAR_PX if near else distance >= FAR_PX, expression.text


def reference_of(
    expression: Expression, wording: ClassWording
) -> tuple[LandCoverClass, bool] | None:
    words = wording.references
    for near, templates in ((False, words.far), (True, words.near)):
        for template in templates:
            for land, nouns in words.nouns.items():
                for noun in nouns:
                    pattern = re.escape(template.replace("{r}", noun)).replace(r"\{x\}", ".+")
                    if re.fullmatch(pattern, expression.text):
                        return land, near
    return None


def test_counts_count(said: list[tuple[ClassPair, Expression]]) -> None:
    numbers = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
    for pair, expression in of_task(said, "count"):
        (number,) = [n for word, n in numbers.items() if word in expression.text.split()]
        assert len(components(base(pair, expression))) == number


def test_exceptions_leave_out(said: list[tuple[ClassPair, Expression]]) -> None:
    for pair, expression in of_task(said, "except"):
        whole = base(pair, expression)
        if expression.kind == "any":
            (land,) = set(CODES) - expression.from_classes
            named = is_class(pair.before_class, land) | is_class(pair.after_class, land)
            np.testing.assert_array_equal(expression.mask, whole)
            assert not (expression.mask & named).any()
        else:
            split(pair, expression)
            assert expression.place == "everywhere"


def test_every_text_reads_as_a_sentence(said: list[tuple[ClassPair, Expression]]) -> None:
    for _, expression in said:
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
    held = re.compile(rf"\b({'|'.join(map(re.escape, HELD_OUT_WORDS))})\b")
    assert not [text for text in texts if held.search(text)]
    nouns = [word for n in HELD_OUT_CLASSES.nouns for word in (n.singular, n.plural)]
    assert sum(bool(held.search(word)) for word in nouns) >= 24


def test_held_out_templates_are_held_out() -> None:
    shared = set(all_texts(TRAIN_CLASSES)) & set(all_texts(HELD_OUT_CLASSES))
    assert not {text for text in shared if "{" in text}


def test_wrong_questions_are_refused_where_nobody_knows() -> None:
    before, after = (np.full((30, 30), UNKNOWN, np.uint8) for _ in range(2))
    after[5:12, 5:12] = BUILDING
    pair = make_pair(before, after, unseen=frozenset(KNOWN) - {BUILDING})
    assert answer(pair, Question("appear", ANY, frozenset({"building"}))) is not None
    assert answer(pair, Question("disappear", frozenset({"building"}), ANY)) is not None
    assert answer(pair, Question("disappear", frozenset({"vegetation"}), ANY)) is None


def test_a_car_does_not_replace_its_ground() -> None:
    before = np.full((30, 30), ROAD, np.uint8)
    after = before.copy()
    after[5:12, 5:9] = CAR
    pair = make_pair(before, after)
    gone = answer(pair, Question("disappear", frozenset({"road"}), ANY))
    came = answer(pair, Question("appear", ANY, frozenset({"car"})))
    anything = answer(pair, Question("any"))
    assert gone is not None
    assert not gone.any()
    assert came is not None
    assert anything is not None
    assert came.sum() == anything.sum() == 28


def test_grammar() -> None:
    lot, grass = Noun("road", "parking lot", "parking lots"), Noun("vegetation", "grass")
    one, many, mass = Named(lot, True), Named(lot, False), Named(grass, False)
    assert with_article(one) == "a parking lot"
    assert with_article(many) == "parking lots"
    assert with_article(mass) == "grass"
    assert with_article(Named(lot, True, "elongated")) == "an elongated parking lot"
    became = "{a} that were turned into {b}"
    assert fill(became, mass, b="a parking lot") == "grass that was turned into a parking lot"
    assert fill(became, many, b="grass") == "parking lots that were turned into grass"
    assert fill("which {n} have appeared?", mass) == "which grass has appeared?"


def test_readings_name_known_classes(said: list[tuple[ClassPair, Expression]]) -> None:
    for _, expression in said:
        for names in (expression.from_classes, expression.to_classes):
            assert names
            assert names <= set(INTENT_CLASSES)
        if expression.kind == "appear":
            assert "any" not in expression.to_classes
        if expression.kind == "disappear":
            assert "any" not in expression.from_classes
