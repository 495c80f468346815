"""Distance between the features and dense predictions of two models, and its curvature."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.network.mtrefseg_r1 import Encoded

__all__ = ["feature_distance", "gauss_newton_sample"]

_HEAD_WEIGHT = 4.0
"""Weight of a head's divergence relative to feature errors, which are shares of variance."""


def feature_distance(encoded: Encoded, reference: Encoded) -> dict[str, Tensor]:
    """Return the terms of the distance between two encodings of the same B pairs.

    ``features`` is the squared error divided by the variance: of the mask features, plus the mean
    over the levels of the decoder memory.  ``change`` and ``land_cover`` are the Kullback-Leibler
    divergences of the heads, weighted means over the pixels.
    """
    errors = [
        weight * (own - other).square().mean() / other.var().clamp_min(1e-6)
        for (own, weight), (other, _) in zip(_features(encoded), _features(reference), strict=True)
    ]
    heads = zip(("change", "land_cover"), _heads(encoded), _heads(reference), strict=True)
    divergences = {name: _HEAD_WEIGHT * _divergence(own, other) for name, own, other in heads}
    return {"features": torch.stack(errors).sum(), **divergences}


def gauss_newton_sample(encoded: Encoded) -> Tensor:
    """Return a random scalar whose gradients sample a Gauss-Newton matrix of `feature_distance`.

    The squared derivative of the scalar along a small change of the model has the
    `feature_distance` of that change as its mean over samples.  The outer product of the
    gradients by a layer's outputs is therefore half a Gauss-Newton matrix of these outputs.
    """
    terms = [
        (values * torch.randn_like(values)).sum()
        * (weight / values.numel() / values.detach().var()).sqrt()
        for values, weight in _features(encoded)
    ]
    for logits in _heads(encoded):
        drawn = torch.multinomial(logits.detach().softmax(1), 1)[:, 0]
        entropy = F.cross_entropy(logits, drawn, reduction="sum")
        terms.append(entropy * (_HEAD_WEIGHT / 2 / len(drawn)) ** 0.5)
    return torch.stack(terms).sum()


def _features(encoded: Encoded) -> Iterator[tuple[Tensor, float]]:
    """Yield feature maps and their weights."""
    memory = encoded.pixels.memory
    yield encoded.pixels.mask_features, 1.0
    yield from ((level, 1 / len(memory)) for level in memory)


def _heads(encoded: Encoded) -> tuple[Tensor, Tensor]:
    """Return logits (pixels, classes) of change, and of land cover at both dates."""
    heads = encoded.change, encoded.land_cover  # (B, 3, h, w), (B, 2, classes, h, w)
    return tuple(logits.movedim(-3, -1).flatten(0, -2) for logits in heads)  # type: ignore[return-value]


def _divergence(own: Tensor, other: Tensor) -> Tensor:
    return F.kl_div(
        own.log_softmax(1), other.log_softmax(1), log_target=True, reduction="batchmean"
    )
