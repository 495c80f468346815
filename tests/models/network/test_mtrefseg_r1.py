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
    Intent,
    PooledIntentHead,
    land_cover_logits,
    prior_logits,
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
    assert decoded.intent.kind.shape == (2, len(CHANGE_KINDS))
    assert decoded.intent.place.shape == (2, len(PLACES))
    assert decoded.intent.before.shape == decoded.intent.after.shape == (2, len(INTENT_CLASSES))
    assert encoded.land_cover.shape == (3, 2, len(MAP_CLASSES), 24, 16)


def test_the_prior_bounds_the_mask_in_a_window(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    config = model.config
    bound = new_model(replace(config, mask_decoder=replace(config.mask_decoder, prior_window=5)))
    bound.load_state_dict(model.state_dict())
    free = copy.deepcopy(model)
    free.mask_decoder._upper_bound = lambda prior, intent: torch.full_like(prior, torch.inf)
    with torch.no_grad():
        encoded = model.encode(*pair).take(torch.tensor([0, 2]))
        sentences = model.embed(TEXTS)
        prior = prior_logits(encoded.change, encoded.land_cover, sentences.intent)
        unbounded, bounded = (m.decode(encoded, sentences).masks[-1] for m in (free, bound.eval()))
    maximum = torch.stack([
        prior[:, max(0, r - 2) : r + 3, max(0, c - 2) : c + 3].amax((1, 2))
        for r in range(prior.shape[1]) for c in range(prior.shape[2])
    ], 1).view_as(prior)  # fmt: skip
    assert (unbounded > maximum).any(), "the bound has no effect"
    building = INTENT_CLASSES.index("building")
    intent = sentences.intent
    p_building = torch.maximum(intent.before, intent.after)[:, building].sigmoid()
    limit = maximum + 40 * p_building[:, None, None]
    torch.testing.assert_close(bounded, torch.minimum(unbounded, limit))


@pytest.mark.parametrize(("named", "is_bound"), [("road", True), ("building", False)])
def test_the_prior_does_not_bound_masks_of_buildings(
    model: MTRefSegR1, named: str, is_bound: bool
) -> None:
    decoder = new_model(
        replace(model.config, mask_decoder=replace(model.config.mask_decoder, prior_window=5))
    ).mask_decoder
    intent = Intent(
        torch.tensor([_one_hot_logits("appear", CHANGE_KINDS)]),
        torch.tensor([_one_hot_logits("everywhere", PLACES)]),
        torch.tensor([_one_hot_logits("any", INTENT_CLASSES)]),
        torch.tensor([_one_hot_logits(named, INTENT_CLASSES)]),
    )
    mask, prior = torch.full((1, 8, 8), 5.0), torch.full((1, 8, 8), -9.0)
    bounded = torch.minimum(mask, decoder._upper_bound(prior, intent)) > 0
    assert bool(bounded.any()) is not is_bound


def _one_hot_logits(name: str, names: tuple[str, ...]) -> list[float]:
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
def test_the_prior_combines_change_classes_and_position(
    kind: str, before: str, after: str, place: str, truth: list[list[int]]
) -> None:
    """In the left half vegetation became buildings, in the right half buildings vegetation."""
    change = torch.full((1, 3, 8, 8), -20.0)
    change[:, 1:] = 20
    land_cover = torch.full((1, 2, len(MAP_CLASSES), 8, 8), -20.0)
    building, grass = MAP_CLASSES.index("building"), MAP_CLASSES.index("vegetation")
    land_cover[:, 0, grass, :, :4] = land_cover[:, 1, building, :, :4] = 20
    land_cover[:, 0, building, :, 4:] = land_cover[:, 1, grass, :, 4:] = 20
    intent = Intent(
        torch.tensor([_one_hot_logits(kind, CHANGE_KINDS)]),
        torch.tensor([_one_hot_logits(place, PLACES)]),
        torch.tensor([_one_hot_logits(before, INTENT_CLASSES)]),
        torch.tensor([_one_hot_logits(after, INTENT_CLASSES)]),
    )
    mask = prior_logits(change, land_cover, intent)[0] > 0
    assert (
        mask == torch.tensor(truth).bool().repeat_interleave(4, 0).repeat_interleave(4, 1)
    ).all()


def test_the_prior_excludes_unchanged_pixels() -> None:
    change = torch.tensor([20.0, -20, -20]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    land_cover = torch.zeros(1, 2, len(MAP_CLASSES), 8, 8)
    land_cover[:, :, 0] = 20
    any_intent = Intent(
        torch.tensor([_one_hot_logits("any", CHANGE_KINDS)]),
        torch.tensor([_one_hot_logits("everywhere", PLACES)]),
        torch.tensor([_one_hot_logits("any", INTENT_CLASSES)]),
        torch.tensor([_one_hot_logits("any", INTENT_CLASSES)]),
    )
    assert (prior_logits(change, land_cover, any_intent) < 0).all()


def test_land_cover_logits_use_the_later_date() -> None:
    land_cover = torch.full((2, 2, len(MAP_CLASSES), 4, 8), -20.0)
    road, grass = MAP_CLASSES.index("road"), MAP_CLASSES.index("vegetation")
    land_cover[:, 0, road] = land_cover[:, 1, road, :, :4] = land_cover[:, 1, grass, :, 4:] = 20
    after = torch.tensor(
        [_one_hot_logits("road", INTENT_CLASSES), _one_hot_logits("nothing", INTENT_CLASSES)]
    )
    intent = Intent(torch.zeros(2, 4), torch.zeros(2, 14), torch.zeros(2, 8), after)
    mask = land_cover_logits(land_cover, intent) > 0
    assert mask[0, :, :4].all()
    assert not mask[0, :, 4:].any()
    assert not mask[1].any()


def test_place_masks_cover_ninths_and_halves() -> None:
    """The masks agree with `mtrs_geo.data.sentences.select.points_in_place`."""
    from mtrs_geo.data.sentences.select import points_in_place
    from mtrs_geo.models.network.intent import _place_masks

    rows, cols = 24, 36
    points = [[(r + 0.5) / rows, (c + 0.5) / cols] for r in range(rows) for c in range(cols)]
    masks = _place_masks(rows, cols, torch.device("cpu"))
    for place, mask in zip(PLACES[1:], masks[1:], strict=True):
        truth = points_in_place(np.array(points, np.float32), place).reshape(rows, cols)
        assert (mask.numpy() == truth).all(), place


def test_one_encoding_serves_several_sentences(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    with torch.no_grad():
        together = model.encode(*pair)
        shared = model.decode(together.take(torch.tensor([1, 1])), model.embed(TEXTS)).masks[-1]
        for i, text in enumerate(TEXTS):
            alone = model.encode(pair[0][1:2], pair[1][1:2])
            single = model.decode(alone, model.embed([text])).masks[-1]
            torch.testing.assert_close(shared[i : i + 1], single, atol=1e-3, rtol=1e-3)


def test_a_sentence_does_not_depend_on_the_padding(model: MTRefSegR1) -> None:
    with torch.no_grad():
        long = model.embed([TEXTS[0], " ".join(TEXTS * 3)])
        short = model.embed([TEXTS[0]])
    padded, plain = long.text, short.text
    torch.testing.assert_close(padded.pooled[:1], plain.pooled, atol=1e-4, rtol=1e-4)
    tokens = plain.words.shape[1]
    torch.testing.assert_close(padded.words[:1, :tokens], plain.words, atol=1e-4, rtol=1e-4)
    assert not padded.words[0, tokens:].any()
    for logits, expected in zip(long.intent, short.intent, strict=True):
        torch.testing.assert_close(logits[:1], expected, atol=1e-4, rtol=1e-4)


def test_the_decoder_uses_the_intent_token(
    model: MTRefSegR1, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """Both intents have the same prior, so only the token can make a difference."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        encoded = model.encode(*pair).take(torch.tensor([0, 0]))
        sentences = model.embed([TEXTS[0], TEXTS[0]])
        kinds = torch.tensor([
            _one_hot_logits("appear", CHANGE_KINDS), _one_hot_logits("disappear", CHANGE_KINDS),
        ])  # fmt: skip
        nothing = torch.tensor([_one_hot_logits("nothing", INTENT_CLASSES)] * 2)
        intent = sentences.intent._replace(kind=kinds, before=nothing, after=nothing)
        sentences = sentences._replace(intent=intent)
        untrained = model.decode(encoded, sentences).masks[-1]
        torch.testing.assert_close(untrained[0], untrained[1])
        torch.nn.init.normal_(model.intent_token.projection.weight)
        # The upper bound would hide the difference.
        model.mask_decoder._upper_bound = lambda prior, intent: torch.full_like(prior, torch.inf)
        trained = model.decode(encoded, sentences).masks[-1]
    assert (trained[0] - trained[1]).abs().max() > 1e-3


def test_without_an_intent_config_the_intent_is_predicted_from_pooled_words() -> None:
    model = new_model(replace(ModelConfig(), intent=None)).eval()
    assert isinstance(model.intent_head, PooledIntentHead)
    with torch.no_grad():
        sentences = model.embed(TEXTS)
        images = torch.zeros(2, 3, 32, 32)
        assert model.decode(model.encode(images, images), sentences).masks[-1].shape == (2, 8, 8)
    assert sentences.intent.kind.shape == (2, len(CHANGE_KINDS))


def test_gradients_reach_every_trained_parameter(
    pair: tuple[torch.Tensor, torch.Tensor],
) -> None:
    model = new_model(ModelConfig()).train()
    encoded = model.encode(*pair)
    decoded = model.decode(encoded.take(torch.tensor([0, 1])), model.embed(TEXTS))
    loss = encoded.change.square().mean() + decoded.presence.sum()
    loss = loss + sum(head.sum() for head in decoded.intent) + encoded.land_cover.square().mean()
    (loss + torch.stack([m.square().mean() for m in decoded.masks]).sum()).backward()
    missing = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert missing == []
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
    # Without the sign of the difference, appear and disappear give the same features.
    assert symmetric == (kind in {"abs_diff", "avg"})


def test_dense_change_head_is_local(model: MTRefSegR1) -> None:
    """Distant pixels must not change a result; otherwise tile borders would be visible."""
    generator = torch.Generator().manual_seed(2)
    before, after = torch.randint(0, 256, (2, 1, 3, 64, 1024), generator=generator).float()
    other = after.clone()
    other[..., 960:] = 0
    with torch.no_grad():
        one, two = model.encode(before, after).change, model.encode(before, other).change
    assert torch.equal(one[..., :16], two[..., :16])
    assert not torch.equal(one[..., -16:], two[..., -16:])
