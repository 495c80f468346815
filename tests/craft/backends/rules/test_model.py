"""The bundled model's heads as describer and segmenter; labels are not read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import BackendError, PairImages
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.data.rendering.synthetic import render_pair


@pytest.fixture(scope="module")
def rendered():
    return render_pair(256, 256, seed=2)


@pytest.fixture
def options(project):
    return BackendOptions(project, device="cpu")


def test_the_heads_find_new_buildings(options, rendered):
    describer, segmenter = open_describer("model", options), open_segmenter("model", options)
    assert not getattr(describer, "reads_labels", False)
    assert (describer.origin.kind, segmenter.origin.kind) == ("model", "model")
    pair = PairImages("rendered", rendered.before, rendered.after, 0.5)
    answers = describer.describe(pair, plan_cells((256, 256)))
    new = [p for a in answers for p in a.proposals
           if (p.change_type, p.object_class) == ("appear", "building") and p.cell]  # fmt: skip
    assert len(new) >= 3
    found = np.zeros((256, 256), bool)
    for proposal in new:
        found |= segmenter.segment(pair, proposal)
    truth = rendered.appeared
    assert (found & truth).sum() / (found | truth).sum() > 0.5
    by_sentence = open_segmenter("sentence", options).segment(pair, new[0])
    assert (by_sentence & truth).sum() > 0.5 * by_sentence.sum() > 0
    mask = segmenter.segment(pair, new[0])
    judgements = describer.verify(pair, new[0], mask)
    assert [j.question for j in judgements] == ["mask", "sentence", "complete"]
    assert all(0.5 <= j.confidence <= 0.97 for j in judgements)


def test_a_pair_that_is_too_large_is_refused(options):
    pixels = np.zeros((8, 2100, 3), np.uint8)
    pair = PairImages("wide", pixels, pixels)
    with pytest.raises(BackendError, match="add it with --tile-px"):
        open_describer("model", options).describe(pair, plan_cells((8, 2100)))


def test_a_model_without_heads_is_refused(options):
    with pytest.raises(BackendError, match="no dense heads"):
        open_segmenter("model:brightness", replace(options, argument=""))
