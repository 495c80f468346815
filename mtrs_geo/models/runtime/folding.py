"""BatchNorm folded into the convolution before it: less work for the same answer."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

__all__ = ["fold_batch_norms"]

_Model = TypeVar("_Model", bound=nn.Module)


def fold_batch_norms(model: _Model) -> _Model:
    """Fold, in place, every BatchNorm registered right behind a convolution.

    What remains answers but can neither be trained nor saved under the names of
    `mtrs_geo.models.checkpoints.checkpoint`.

    Args:
        model: in eval mode, whose modules run in the order in which they are registered, as
            timm's blocks and plain sequences do.
    """
    for parent in list(model.modules()):
        for (name, conv), (norm_name, norm) in pairwise(list(parent.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, name, fuse_conv_bn_eval(conv, norm))
                # timm's norms carry the activation that follows them.
                setattr(parent, norm_name, getattr(norm, "act", nn.Identity()))
    return model
