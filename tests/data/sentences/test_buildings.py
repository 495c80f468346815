from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, NONE
from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.data.sentences.buildings import write_building_expression, write_building_text


@pytest.fixture
def label() -> np.ndarray:
    label = np.full((64, 64), NONE, np.uint8)
    label[4:12, 4:12] = APPEAR  # top left
    label[4:20, 44:60] = APPEAR  # top right, larger
    label[50:58, 6:14] = DISAPPEAR  # bottom left
    return label


@pytest.mark.parametrize(("task", "code"), [("appear", APPEAR), ("disappear", DISAPPEAR)])
def test_masks_follow_the_direction(label: np.ndarray, task: str, code: int) -> None:
    for seed in range(20):
        found = write_building_expression(label, task, TRAIN, np.random.default_rng(seed))
        assert found is not None
        assert found.kind == task
        np.testing.assert_array_equal(found.mask, label == code)


def test_undirected_labels_give_no_sentence_with_a_direction(label: np.ndarray) -> None:
    label[label == APPEAR] = CHANGED
    rng = np.random.default_rng(0)
    assert write_building_expression(label, "appear", TRAIN, rng) is None
    state = write_building_expression(label, "state", TRAIN, rng)
    assert state is not None
    np.testing.assert_array_equal(state.mask, label != NONE)


def test_positions_select_whole_components(label: np.ndarray) -> None:
    found_places = set()
    for seed in range(200):
        found = write_building_expression(label, "position", TRAIN, np.random.default_rng(seed))
        assert found is not None
        if re.search(r"(top|upper)[ -]left|north-?west", found.text) and found.kind == "appear":
            found_places.add("top left")
            assert found.mask.sum() == 64
            assert found.mask[4:12, 4:12].all()
            assert found.place == "top left"
        if re.search(r"(bottom|lower)[ -]right|south-?east", found.text):
            found_places.add("bottom right")
            assert not found.mask.any()
    assert found_places == {"top left", "bottom right"}


def test_largest_is_the_largest(label: np.ndarray) -> None:
    wording = replace(TRAIN, largest=("MOST {x}",), smallest=("LEAST {x}",))
    found_words = set()
    for seed in range(30):
        found = write_building_expression(label, "size", wording, np.random.default_rng(seed))
        if found is not None:
            word = found.text.split(" ")[0]
            found_words.add(word)
            assert found.mask.sum() == {"MOST": 256, "LEAST": 64}[word]
    assert found_words == {"MOST", "LEAST"}


def test_absent_is_empty(label: np.ndarray) -> None:
    found = write_building_expression(label, "absent", TRAIN, np.random.default_rng(0))
    assert found is not None
    assert not found.mask.any()


@pytest.mark.parametrize("field", ["appear", "disappear", "state", "place", "absent", "largest"])
def test_held_out_wordings_are_held_out(field: str) -> None:
    assert not set(getattr(TRAIN, field)) & set(getattr(HELD_OUT, field))


def test_every_template_reads_as_a_sentence(label: np.ndarray) -> None:
    for wording in (TRAIN, HELD_OUT):
        for task in ("appear", "disappear", "state", "position", "size", "absent"):
            for seed in range(60):
                found = write_building_expression(label, task, wording, np.random.default_rng(seed))
                if found is not None:
                    assert "{" not in found.text
                    assert "  " not in found.text


def test_text_only_sentences_name_their_place_and_kind() -> None:
    gone = re.compile(r"demolish|destroy|torn|raze|vanish|no longer exist")
    places = set()
    for seed in range(400):
        expression = write_building_text(TRAIN, np.random.default_rng(seed))
        places.add(expression.place)
        assert "{" not in expression.text
        if re.search(r"top[ -]left|north-?west", expression.text):
            assert expression.place == "top left"
        if gone.search(expression.text) and expression.kind != "state":
            assert expression.kind == "disappear", expression.text
    assert len(places) == 10
