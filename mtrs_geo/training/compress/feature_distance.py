"""How far what one model sees is from what another sees: a measure, and what it feels of errors."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.network.mtrefseg_r1 import Encoded

__all__ = ["curvature_sample", "unlikeness"]

_HEADS = 4.0
"""Weight of a head's divergence beside features' errors, which are shares of their variance."""


def unlikeness(seen: Encoded, wanted: Encoded) -> dict[str, Tensor]:
    """Return the terms of a distance: what a model sees of B pairs, and what it should see.

    ``features`` is the squared error over the variance, of the mask features and, all together as
    much, of the decoder's memory; ``change`` and ``land`` are the heads' Kullback-Leibler
    divergences, the mean over the pixels, weighed to count.
    """
    errors = [
        weight * (own - theirs).square().mean() / theirs.var().clamp_min(1e-6)
        for (own, weight), (theirs, _) in zip(_features(seen), _features(wanted), strict=True)
    ]
    heads = zip(("change", "land"), _heads(seen), _heads(wanted), strict=True)
    divergences = {name: _HEADS * _divergence(own, theirs) for name, own, theirs in heads}
    return {"features": torch.stack(errors).sum(), **divergences}


def curvature_sample(seen: Encoded) -> Tensor:
    """Return a random scalar whose gradients say how much `unlikeness` feels of an error.

    Its derivative along a small change of the model, squared, is in the mean over samples the
    `unlikeness` that the change makes; the outer product of its gradient by a layer's outputs is
    therefore half a Gauss-Newton matrix of it.
    """
    parts = [
        (values * torch.randn_like(values)).sum()
        * (weight / values.numel() / values.detach().var()).sqrt()
        for values, weight in _features(seen)
    ]
    for logits in _heads(seen):
        drawn = torch.multinomial(logits.detach().softmax(1), 1)[:, 0]
        surprise = F.cross_entropy(logits, drawn, reduction="sum")
        parts.append(surprise * (_HEADS / 2 / len(drawn)) ** 0.5)
    return torch.stack(parts).sum()


def _features(seen: Encoded) -> Iterator[tuple[Tensor, float]]:
    """Yield features and their weights."""
    memory = seen.pixels.memory
    yield seen.pixels.mask_features, 1.0
    yield from ((level, 1 / len(memory)) for level in memory)


def _heads(seen: Encoded) -> tuple[Tensor, Tensor]:
    """Return logits (pixels, classes): change, and land at either date."""
    change, land = seen.change, seen.land  # (B, 3, h, w), (B, 2, classes, h, w)
    return tuple(logits.movedim(-3, -1).flatten(0, -2) for logits in (change, land))  # type: ignore[return-value]


def _divergence(own: Tensor, theirs: Tensor) -> Tensor:
    return F.kl_div(
        own.log_softmax(1), theirs.log_softmax(1), log_target=True, reduction="batchmean"
    )
