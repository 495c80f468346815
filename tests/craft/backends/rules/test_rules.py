"""Sentences and masks of the rules: exact on pairs whose change is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import BackendError, Proposal
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.backends.rules.evidence import labelled_evidence
from mtrs_geo.craft.backends.rules.meaning import meant_instances
from mtrs_geo.craft.backends.rules.relations import locate_in_words, without_cell
from mtrs_geo.craft.backends.rules.themes import theme_of, themes_of
from mtrs_geo.craft.backends.rules.wording import (
    absent_sentence,
    absent_things,
    seeded,
    theme_sentence,
)
from mtrs_geo.craft.stages.kept_meaning import names_grid
from mtrs_geo.data.sentences.building_words_held_out import HELD_OUT
from mtrs_geo.errors import RequestError
from mtrs_geo.understanding import understand


@pytest.fixture
def evidence(images):
    return labelled_evidence(images)


@pytest.fixture
def standing(images):
    """The evidence without a building that disappears."""
    maps = {kind: pixels for kind, pixels in images.labels.items() if kind != "disappear"}
    return labelled_evidence(replace(images, labels=maps))


@pytest.fixture
def describer(project):
    return open_describer("rules", BackendOptions(project))


@pytest.fixture
def segmenter(project):
    return open_segmenter("labels", BackendOptions(project))


def by_kind(evidence):
    return {(t.change_type, t.object_class): t for t in themes_of(evidence)}


def test_themes_are_what_the_maps_show(evidence):
    themes = by_kind(evidence)
    assert {kind: len(theme.instances) for kind, theme in themes.items()} == {
        ("appear", "building"): 3, ("disappear", "building"): 1,
    }  # fmt: skip


def test_ground_is_a_theme_where_nothing_is_open(standing):
    # Below a building that is gone there may be water too, so "new water" would be open.
    themes = by_kind(standing)
    assert len(themes["appear", "water"].instances) == 1


def test_a_pair_without_labels_is_an_error_of_the_backend(images):
    with pytest.raises(BackendError, match="no label map that rules read"):
        labelled_evidence(replace(images, labels={"height": images.labels["appear"]}))


def test_every_cell_is_answered_also_with_nothing(describer, images):
    answers = describer.describe(images, plan_cells(images.after.shape[:2]))
    assert len(answers) == 9
    filled = {answer.cell for answer in answers if answer.proposals}
    assert filled == {"top-left", "top-right", "bottom-right", "bottom-left"}
    for answer in answers:
        for proposal in answer.proposals:
            assert proposal.cell in (answer.cell, "")
            assert proposal.cell in proposal.sentence


@pytest.mark.parametrize("seed", range(12))
def test_sentences_say_type_and_class_and_nothing_more(evidence, seed):
    for theme in themes_of(evidence):
        text = theme_sentence(theme, theme.instances, evidence, np.random.default_rng(seed))
        (found,) = understand(text)
        assert found.status == "understood", text
        assert not found.query.rules, text
        assert theme.object_class in (*found.before, *found.after), text


def test_words_of_validation_are_not_used(evidence):
    held_out = {*HELD_OUT.appear, *HELD_OUT.disappear}
    theme = by_kind(evidence)["appear", "building"]
    rng = np.random.default_rng(0)
    texts = {theme_sentence(theme, theme.instances, evidence, rng) for _ in range(60)}
    written = {template.format(n=noun) for template in held_out for _, noun in HELD_OUT.nouns}
    assert len(texts) > 20
    assert not texts & written


@pytest.mark.parametrize("selected", [(0,), (1,), (2,), (0, 1), (0, 1, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_words_for_a_place_mean_the_mask_and_nothing_else(evidence, selected, seed):
    theme = by_kind(evidence)["appear", "building"]
    wanted = [theme.instances[i] for i in selected]
    found = locate_in_words(theme, wanted, evidence, np.random.default_rng(seed))
    assert found is not None
    assert not names_grid(found.sentence)
    assert meant_instances(found.sentence, evidence) == wanted


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("new buildings", 3), ("the largest of the new buildings", 1), ("demolished houses", 1),
        ("new buildings in the top left", 1), ("new houses beside the demolished house", 0),
        ("houses that vanished in the north-east", 0), ("new roads", 0), ("new airplanes", None),
        ("new buildings along the river bank", None), ("removed ponds", 0),
    ],
)  # fmt: skip
def test_sentences_are_read_back(evidence, sentence, count):
    found = meant_instances(sentence, evidence)
    assert found is None if count is None else len(found) == count


def test_sides_of_a_thing_are_read_back(standing):
    found = meant_instances("new buildings north of the new water", standing)
    assert found is not None
    assert len(found) == 2


def test_the_mask_is_that_of_the_cell(segmenter, images):
    def area(cell, box=None, kind="appear", thing="warehouse", hint=""):
        proposal = Proposal(f"new {thing}", kind, thing, cell, box)
        return int(segmenter.segment(images, proposal, hint).sum())

    assert area("top-left") == 14 * 18
    assert area("", (84, 86, 112, 114)) == 28 * 28
    assert area("row 1, column 2", (0, 60, 60, 120)) == 18 * 14
    assert area("top-left", hint="bottom right") == 28 * 28
    assert area("", thing="unicorn") == 0
    assert area("", kind="disappear") == 14 * 16


def test_a_mask_that_lacks_some_of_the_place_is_corrected(describer, images):
    proposal = Proposal("new buildings in the top-left", "appear", "building", "top-left")
    nothing = np.zeros(images.after.shape[:2], bool)
    assert describer.review(images, proposal, nothing).decision == "no_change"
    wrong = images.labels["appear"] > 0
    wrong[:60, :60] = False
    review = describer.review(images, proposal, wrong)
    assert (review.decision, review.hint) == ("change_mask", "top left")
    right = np.zeros_like(nothing)
    right[6:20, 8:26] = True
    assert describer.review(images, proposal, right).decision == "accept"


def test_judgements_follow_mask_and_sentence(describer, images):
    appear = images.labels["appear"] > 0
    small = appear.copy()
    small[60:] = False
    proposal = Proposal("new buildings", "appear", "building", "")
    right = {j.question: j.yes for j in describer.verify(images, proposal, appear)}
    assert right == {"mask": True, "sentence": True, "complete": True}
    lacking = {j.question: j.yes for j in describer.verify(images, proposal, small)}
    assert lacking == {"mask": True, "sentence": True, "complete": False}
    gone = replace(proposal, sentence="demolished buildings", change_type="disappear")
    assert not any(j.yes for j in describer.verify(images, gone, appear))
    empty = describer.verify(images, gone, np.zeros_like(appear))
    assert not any(j.yes for j in empty)  # a building is gone


def test_the_type_of_a_proposal_finds_its_theme(evidence):
    found = theme_of(evidence, Proposal("a new house", "appear", "holiday home", "center"))
    assert found is not None
    assert found.object_class == "building"
    assert theme_of(evidence, Proposal("a new car", "appear", "car", "")) is None


def test_absent_things_have_no_class():
    for thing in absent_things():
        text = absent_sentence("disappear", thing, seeded(thing))
        assert not any((*part.before, *part.after) for part in understand(text)), text
    assert "cemeteries" in absent_sentence("appear", "cemetery", seeded(1))


def test_cells_are_taken_out():
    assert without_cell("new houses in the mid-left") == "new houses"
    assert without_cell("new houses in row 2, column 3") == "new houses"


def test_unknown_backends_are_named(project):
    for name in ("nobody", "model:", "chat"):
        with pytest.raises(RequestError, match="there is no describer"):
            open_describer(name, BackendOptions(project))
