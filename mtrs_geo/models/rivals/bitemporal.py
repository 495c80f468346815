"""The rule that makes a model of one date a model of changes: `compare`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from mtrs_geo.models.rivals.phrases import Comparison, Rule

__all__ = ["Finding", "compare", "rescaled"]


@dataclass(frozen=True)
class Finding:
    """Where one image shows what a phrase names."""

    presence: Tensor
    """(h, w) in [0, 1]: the probability that the thing is at a pixel."""
    instances: Tensor | None = None
    """(K, h, w) float16 in [0, 1]: mask times score of each instance; None if the model separates
    none."""

    @classmethod
    def of_instances(cls, masks: Tensor, scores: Tensor) -> Finding:
        """Return the finding of K instances.

        Args:
            masks: (K, h, w) in [0, 1]; K may be 0.
            scores: (K,) in [0, 1].
        """
        weighted = masks.float() * scores.float()[:, None, None]
        if len(weighted):
            return cls(weighted.amax(0), weighted.half())
        return cls(weighted.new_zeros(masks.shape[1:]), weighted.half())


def compare(
    before: Mapping[str, Finding], after: Mapping[str, Finding], comparison: Comparison
) -> Tensor:
    """Return the probability of a change from what is found at both dates.

    With P1 and P2 for the presence of the phrase before and after:

    * ``appeared``: the smaller of the later instance and one minus the mean of P1 over its mask,
      so that an instance that is there at both dates counts as unchanged even if its outline moves;
      a model without instances gives the smaller of P2 and 1 - P1 per pixel;
    * ``disappeared``: the same with the dates exchanged;
    * ``changed``: ``|P2 - P1|`` per pixel;
    * ``became``: the smaller of P1 of the first thing and P2 of the second;
    * ``unchanged``: the smaller of P1 and P2;
    * ``present``: P2.

    Args:
        before: finding of each phrase of ``comparison.before`` at the earlier date.
        after: finding of each phrase of ``comparison.after`` at the later date.
        comparison: phrases and rule.

    Returns:
        (h, w) in [0, 1].
    """
    rule = _RULES[comparison.rule]
    pairs = zip(comparison.before, comparison.after, strict=True)
    answers = [rule(before[first], after[second]) for first, second in pairs]
    return torch.stack(answers).amax(0)


def _new(then: Finding, now: Finding) -> Tensor:
    """Return what is there now and was not then."""
    if now.instances is None:
        return torch.minimum(now.presence, 1 - then.presence)
    if not len(now.instances):
        return torch.zeros_like(now.presence)
    masks = now.instances.float()
    # (K, h, w) x (h, w) -> (K,)
    covered = (masks * then.presence).sum((1, 2)) / masks.sum((1, 2)).clamp_min(1e-6)
    return torch.minimum(masks, (1 - covered)[:, None, None]).amax(0)


_RULES: dict[Rule, Callable[[Finding, Finding], Tensor]] = {
    "appeared": _new,
    "disappeared": lambda before, after: _new(after, before),
    "changed": lambda before, after: (after.presence - before.presence).abs(),
    "became": lambda before, after: torch.minimum(before.presence, after.presence),
    "unchanged": lambda before, after: torch.minimum(before.presence, after.presence),
    "present": lambda before, after: after.presence,
}


def rescaled(scores: Tensor, threshold: float) -> Tensor:
    """Return scores with a model's own threshold at 0.5; 0 and 1 stay.

    Args:
        scores: in [0, 1].
        threshold: score from which the model's authors count an instance.
    """
    low = scores / (2 * threshold)
    high = 0.5 + (scores - threshold) / (2 * (1 - threshold))
    return torch.where(scores < threshold, low, high)
