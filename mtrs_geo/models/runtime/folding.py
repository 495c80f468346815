"""BatchNorm folding: each BatchNorm is merged into the convolution before it."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

__all__ = ["fold_batch_norms"]

_Model = TypeVar("_Model", bound=nn.Module)


def fold_batch_norms(model: _Model) -> _Model:
    """Fold, in place, every BatchNorm that is registered directly after a convolution.

    The outputs stay the same.  The folded model cannot be trained, and its tensor names are not
    those of a model folder.

    Args:
        model: in eval mode; its modules run in the order in which they are registered, as in
            timm's blocks and in `nn.Sequential`.
    """
    for parent in list(model.modules()):
        for (name, conv), (norm_name, norm) in pairwise(list(parent.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, name, fuse_conv_bn_eval(conv, norm))
                # timm's norms contain the activation after them.
                setattr(parent, norm_name, getattr(norm, "act", nn.Identity()))
    return model
