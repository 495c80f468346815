from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from mtrs_geo.class_codes import INTENT_CLASSES, MAP_CLASSES
from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.config import FusionConfig, ModelConfig
from mtrs_geo.models.network.intent import (
    CHANGE_KINDS,
    PLACES,
    PooledReader,
    Reading,
    first_answer,
    shown_after,
)
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

TEXTS = ["new buildings", "the houses in the top left that were demolished"]


@pytest.fixture(scope="module")
def model() -> MTRefSegR1:
    torch.manual_seed(0)
    return new_model(ModelConfig()).eval()


@pytest.fixture(scope="module")
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    before, after = torch.randint(0, 256, (2, 3, 3, 96, 64), generator=generator).float()
    return before, after


def test_shapes(model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    with torch.no_grad():
        encoded = model.encode(*pair)
        index = torch.tensor([0, 2])
        decoded = model.decode(encoded.take(index), model.embed(TEXTS))
    assert encoded.change.shape == (3, 3, 24, 16)
    assert [tuple(m.shape[-2:]) for m in encoded.pixels.memory] == [(3, 2), (6, 4), (12, 8)]
    assert decoded.masks[-1].shape == (2, 24, 16)
    assert len(decoded.masks) == model.config.mask_decoder.layers + 1
    assert decoded.presence.shape == (2,)
    assert decoded.reading.kind.shape == (2, len(CHANGE_KINDS))
    assert decoded.reading.place.shape == (2, len(PLACES))
    assert decoded.reading.before.shape == decoded.reading.after.shape == (2, len(INTENT_CLASSES))
    assert encoded.land.shape == (3, 2, len(MAP_CLASSES), 24, 16)


def test_nothing_is_answered_far_from_the_first_answer(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    config = model.config
    bound = new_model(replace(config, mask_decoder=replace(config.mask_decoder, reach=5))).eval()
    bound.load_state_dict(model.state_dict())
    with torch.no_grad():
        encoded = model.encode(*pair).take(torch.tensor([0, 2]))
        said = model.embed(TEXTS)
        first = first_answer(encoded.change, encoded.land, said.reading)
        free, held = (m.decode(encoded, said).masks[-1] for m in (model, bound))
    around = torch.stack([
        first[:, max(0, r - 2) : r + 3, max(0, c - 2) : c + 3].amax((1, 2))
        for r in range(first.shape[1]) for c in range(first.shape[2])
    ], 1).view_as(first)  # fmt: skip
    assert (free > around).any(), "nothing to bound"
    building = INTENT_CLASSES.index("building")
    named = torch.maximum(said.reading.before, said.reading.after)[:, building].sigmoid()
    torch.testing.assert_close(held, torch.minimum(free, around + 40 * named[:, None, None]))


@pytest.mark.parametrize(("named", "is_bound"), [("road", True), ("building", False)])
def test_only_buildings_may_be_found_where_nothing_hints_at_them(
    model: MTRefSegR1, named: str, is_bound: bool
) -> None:
    decoder = new_model(
        replace(model.config, mask_decoder=replace(model.config.mask_decoder, reach=5))
    ).mask_decoder
    reading = Reading(
        torch.tensor([_sure("appear", CHANGE_KINDS)]),
        torch.tensor([_sure("everywhere", PLACES)]),
        torch.tensor([_sure("any", INTENT_CLASSES)]),
        torch.tensor([_sure(named, INTENT_CLASSES)]),
    )
    sure, nothing = torch.full((1, 8, 8), 5.0), torch.full((1, 8, 8), -9.0)
    most = decoder._most(nothing, reading)
    assert most is not None
    found = torch.minimum(sure, most) > 0
    assert bool(found.any()) is not is_bound


def _sure(name: str, names: tuple[str, ...]) -> list[float]:
    return [20.0 if name == other else -20.0 for other in names]


@pytest.mark.parametrize(
    ("kind", "before", "after", "place", "truth"),
    [
        ("appear", "any", "building", "everywhere", [[1, 0], [1, 0]]),
        ("disappear", "building", "any", "everywhere", [[0, 1], [0, 1]]),
        ("state", "building", "building", "everywhere", [[1, 1], [1, 1]]),
        ("any", "any", "any", "everywhere", [[1, 1], [1, 1]]),
        ("appear", "vegetation", "building", "everywhere", [[1, 0], [1, 0]]),
        ("appear", "water", "building", "everywhere", [[0, 0], [0, 0]]),
        ("appear", "any", "nothing", "everywhere", [[0, 0], [0, 0]]),
        ("appear", "any", "building", "top", [[1, 0], [0, 0]]),
        ("any", "any", "any", "bottom right", [[0, 0], [0, 1]]),
        ("disappear", "building", "any", "left", [[0, 0], [0, 0]]),
    ],
)
def test_first_answer(
    kind: str, before: str, after: str, place: str, truth: list[list[int]]
) -> None:
    """On the left buildings stand where grass was; on the right the other way round."""
    change = torch.full((1, 3, 8, 8), -20.0)
    change[:, 1:] = 20
    land = torch.full((1, 2, len(MAP_CLASSES), 8, 8), -20.0)
    building, grass = MAP_CLASSES.index("building"), MAP_CLASSES.index("vegetation")
    land[:, 0, grass, :, :4] = land[:, 1, building, :, :4] = 20
    land[:, 0, building, :, 4:] = land[:, 1, grass, :, 4:] = 20
    reading = Reading(
        torch.tensor([_sure(kind, CHANGE_KINDS)]),
        torch.tensor([_sure(place, PLACES)]),
        torch.tensor([_sure(before, INTENT_CLASSES)]),
        torch.tensor([_sure(after, INTENT_CLASSES)]),
    )
    answer = first_answer(change, land, reading)[0] > 0
    assert (
        answer == torch.tensor(truth).bool().repeat_interleave(4, 0).repeat_interleave(4, 1)
    ).all()


def test_nothing_that_did_not_change_is_an_answer() -> None:
    change = torch.tensor([20.0, -20, -20]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    land = torch.zeros(1, 2, len(MAP_CLASSES), 8, 8)
    land[:, :, 0] = 20
    every = Reading(
        torch.tensor([_sure("any", CHANGE_KINDS)]),
        torch.tensor([_sure("everywhere", PLACES)]),
        torch.tensor([_sure("any", INTENT_CLASSES)]),
        torch.tensor([_sure("any", INTENT_CLASSES)]),
    )
    assert (first_answer(change, land, every) < 0).all()


def test_what_stands_is_read_from_the_later_date() -> None:
    land = torch.full((2, 2, len(MAP_CLASSES), 4, 8), -20.0)
    road, grass = MAP_CLASSES.index("road"), MAP_CLASSES.index("vegetation")
    land[:, 0, road] = land[:, 1, road, :, :4] = land[:, 1, grass, :, 4:] = 20
    named = torch.tensor([_sure("road", INTENT_CLASSES), _sure("nothing", INTENT_CLASSES)])
    reading = Reading(torch.zeros(2, 4), torch.zeros(2, 14), torch.zeros(2, 8), named)
    stands = shown_after(land, reading) > 0
    assert stands[0, :, :4].all()
    assert not stands[0, :, 4:].any()
    assert not stands[1].any()


def test_places_cover_ninths_and_halves() -> None:
    """A ninth between two corners is what `mtrs_geo.data.sentences.select.in_part` says."""
    from mtrs_geo.data.sentences.select import in_part
    from mtrs_geo.models.network.intent import _places

    rows, cols = 24, 36
    points = [[(r + 0.5) / rows, (c + 0.5) / cols] for r in range(rows) for c in range(cols)]
    parts = _places(rows, cols, torch.device("cpu"))
    for place, cells in zip(PLACES[1:], parts[1:], strict=True):
        truth = in_part(np.array(points, np.float32), place).reshape(rows, cols)
        assert (cells.numpy() == truth).all(), place


def test_one_encode_serves_all_sentences(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    with torch.no_grad():
        together = model.encode(*pair)
        shared = model.decode(together.take(torch.tensor([1, 1])), model.embed(TEXTS)).masks[-1]
        for i, text in enumerate(TEXTS):
            alone = model.encode(pair[0][1:2], pair[1][1:2])
            single = model.decode(alone, model.embed([text])).masks[-1]
            torch.testing.assert_close(shared[i : i + 1], single, atol=1e-3, rtol=1e-3)


def test_padding_of_other_sentences_changes_nothing(model: MTRefSegR1) -> None:
    with torch.no_grad():
        long = model.embed([TEXTS[0], " ".join(TEXTS * 3)])
        short = model.embed([TEXTS[0]])
    one, other = long.text, short.text
    torch.testing.assert_close(one.pooled[:1], other.pooled, atol=1e-4, rtol=1e-4)
    words = other.words.shape[1]
    torch.testing.assert_close(one.words[:1, :words], other.words, atol=1e-4, rtol=1e-4)
    assert not one.words[0, words:].any()
    for read, alone in zip(long.reading, short.reading, strict=True):
        torch.testing.assert_close(read[:1], alone, atol=1e-4, rtol=1e-4)


def test_the_decoder_is_told_the_reading(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """Beside the first answer, where both readings find nothing, it changes what is decoded."""
    with torch.no_grad():
        encoded = model.encode(*pair).take(torch.tensor([0, 0]))
        said = model.embed([TEXTS[0], TEXTS[0]])
        kinds = torch.tensor([_sure("appear", CHANGE_KINDS), _sure("disappear", CHANGE_KINDS)])
        nothing = torch.tensor([_sure("nothing", INTENT_CLASSES)] * 2)
        said = said._replace(
            reading=said.reading._replace(kind=kinds, before=nothing, after=nothing)
        )
        told = copy.deepcopy(model.told)
        untaught = model.decode(encoded, said).masks[-1]
        torch.testing.assert_close(untaught[0], untaught[1])
        try:
            torch.nn.init.normal_(model.told.word.weight)
            taught = model.decode(encoded, said).masks[-1]
        finally:
            model.told = told
    assert (taught[0] - taught[1]).abs().max() > 1e-3


def test_files_of_before_read_from_pooled_words() -> None:
    values = ModelConfig().to_dict()
    del values["reader"]
    del values["language"]["layers_below"]
    model = new_model(ModelConfig.from_dict(values)).eval()
    assert isinstance(model.reader, PooledReader)
    with torch.no_grad():
        said = model.embed(TEXTS)
        images = torch.zeros(2, 3, 32, 32)
        assert model.decode(model.encode(images, images), said).masks[-1].shape == (2, 8, 8)
    assert said.reading.kind.shape == (2, len(CHANGE_KINDS))


def test_gradients_reach_every_trained_parameter(
    pair: tuple[torch.Tensor, torch.Tensor],
) -> None:
    model = new_model(ModelConfig()).train()
    encoded = model.encode(*pair)
    decoded = model.decode(encoded.take(torch.tensor([0, 1])), model.embed(TEXTS))
    loss = encoded.change.square().mean() + decoded.presence.sum()
    loss = loss + sum(head.sum() for head in decoded.reading) + encoded.land.square().mean()
    (loss + torch.stack([m.square().mean() for m in decoded.masks]).sum()).backward()
    without = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []
    assert all(not p.requires_grad for p in model.language.frozen.parameters())


@pytest.mark.parametrize("kind", ["change_aware", "concat_conv", "abs_diff", "avg"])
@pytest.mark.parametrize("norm", ["batch", "group"])
def test_fusion_variants(kind: str, norm: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    fusion = replace(FusionConfig(), kind=kind, norm=norm, gate_window=None, widths=None)
    model = new_model(replace(ModelConfig(), fusion=fusion)).eval()
    with torch.no_grad():
        one, other = model.encode(*pair), model.encode(pair[1], pair[0])
    assert one.change.shape == (3, 3, 24, 16)
    symmetric = torch.allclose(one.change, other.change, atol=1e-4)
    # Without a sign, appearing and disappearing cannot be told apart.
    assert symmetric == (kind in {"abs_diff", "avg"})


def test_dense_change_head_is_local(model: MTRefSegR1) -> None:
    """What lies far away must not change an answer, else a tile's cut would show."""
    generator = torch.Generator().manual_seed(2)
    before, after = torch.randint(0, 256, (2, 1, 3, 64, 1024), generator=generator).float()
    other = after.clone()
    other[..., 960:] = 0
    with torch.no_grad():
        one, two = model.encode(before, after).change, model.encode(before, other).change
    assert torch.equal(one[..., :16], two[..., :16])
    assert not torch.equal(one[..., -16:], two[..., -16:])
