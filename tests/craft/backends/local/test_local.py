from __future__ import annotations

import json

import numpy as np
import pytest

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import BackendError, PairImages, Proposal
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.backends.local.segmenters import PhraseSegmenter, near_proposal
from mtrs_geo.craft.project import Origin
from mtrs_geo.errors import ModelError

SHAPE = (72, 96)
TREE = Proposal("a felled tree", "disappear", "tree", "center")


def segmenter(project, *folders):
    name = "transformers:" + "+".join(map(str, folders))
    return open_segmenter(name, BackendOptions(project, device="cpu"))


def test_a_local_model_describes_every_cell(folders, project, pair):
    options = BackendOptions(project, device="cpu")
    describer = open_describer(f"transformers:{folders['qwen']}", options)
    describer.answerer.max_output_tokens = 1
    describer.side_px = 64
    described = describer.describe(pair, plan_cells(SHAPE))
    assert len(described) == 9
    assert described[4].proposals == (TREE,)
    assert describer.origin.name == "qwen"
    with pytest.raises(BackendError, match="the answer cannot be used: decision"):
        describer.review(pair, TREE, np.ones(SHAPE, bool))
    rows = project.connection.execute("SELECT outcome, output_tokens FROM costs").fetchall()
    assert [tuple(row) for row in rows] == [("ok", 1), ("failed", 1)]


@pytest.mark.parametrize("names", [("clipseg",), ("sam3",), ("dino", "sam2")])
def test_segmenters_answer_in_the_size_of_the_pair(folders, project, pair, names, monkeypatch):
    for name in ("_LEAST_SCORE", "_LEAST_BOX_SCORE"):  # random models are certain of nothing
        monkeypatch.setattr(f"mtrs_geo.craft.backends.local.segmenters.{name}", 0.0)
    found = segmenter(project, *(folders[name] for name in names))
    assert found.origin.name == " + ".join(names)
    whole = found.finder(pair.after, "tree")
    assert (whole.shape, whole.dtype) == (SHAPE, bool)
    mask = found.segment(pair, TREE)
    assert (mask.shape, mask.dtype) == (SHAPE, bool)
    assert not (mask & ~found.finder(pair.before, "tree")).any()


def test_the_type_says_which_date_is_looked_at():
    images = [np.full((*SHAPE, 3), value, np.uint8) for value in (1, 2)]
    asked = []

    def find(image, phrase):
        asked.append((int(image[0, 0, 0]), phrase))
        mask = np.zeros(SHAPE, bool)
        mask[30:40, 40 : 44 + 4 * image[0, 0, 0]] = True
        return mask

    phrases = PhraseSegmenter(find, Origin("model", "x"))
    pair = PairImages("p", *images)
    for change_type in ("appear", "disappear", "state"):
        proposal = Proposal("x", change_type, "shed", "center")
        assert phrases.segment(pair, proposal, "a roof").any()
    assert asked == [(2, "a roof"), (1, "a roof"), (1, "a roof"), (2, "a roof")]
    phrases.segment(pair, TREE)
    assert asked[-1] == (1, "tree")


def test_what_is_elsewhere_is_left_out():
    mask = np.zeros(SHAPE, bool)
    mask[2:10, 2:10] = mask[30:40, 40:50] = mask[60:70, 40:50] = True
    assert near_proposal(mask, TREE).sum() == 100
    boxed = Proposal("x", "appear", "tree", "center", (58, 38, 72, 52))
    assert near_proposal(mask, boxed)[60:70, 40:50].all()
    assert near_proposal(mask, boxed).sum() == 100
    unknown = Proposal("x", "appear", "tree", "row 1, column 4")
    np.testing.assert_array_equal(near_proposal(mask, unknown), mask)


def test_what_cannot_be_loaded(folders, project, tmp_path):
    for arguments, problem in [
        ((tmp_path / "none",), "is not a folder of a model of transformers"),
        ((folders["dino"],), "hold grounding-dino, which cannot segment"),
        ((folders["sam2"], folders["dino"]), "hold sam2 and grounding-dino"),
    ]:
        with pytest.raises(ModelError, match=problem):
            segmenter(project, *arguments)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text(json.dumps({"model_type": "clipseg"}))
    (broken / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(ModelError, match="cannot be loaded as CLIPSegForImageSegmentation"):
        segmenter(project, broken)
    name, options = f"transformers:{folders['clipseg']}", BackendOptions(project, device="cpu")
    with pytest.raises(ModelError, match="cannot be loaded as AutoModelForImageTextToText"):
        open_describer(name, options)
