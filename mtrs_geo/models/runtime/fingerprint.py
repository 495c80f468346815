"""Fingerprint of a loaded model: the key of what is derived from it and cached."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import mtrs_geo
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

__all__ = ["fingerprint"]


def fingerprint(model: MTRefSegR1) -> str:
    """Return a SHA-256, in hexadecimal, of a model as it is in memory.

    It covers every tensor, the configuration, and the versions of the code that builds the model
    from them; it does not depend on what a ``config.json`` says about the weights.

    Args:
        model: any model.
    """
    code = {name: version(name) for name in ("torch", "timm", "transformers")}
    about = {"mtrs-geo": mtrs_geo.__version__, **code, "config": model.config.to_dict()}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name, tensor in model.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(_bytes(tensor).data)
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> npt.NDArray[np.uint8]:
    """Return the values of a tensor of any data type, row by row."""
    flat = tensor.detach().cpu().contiguous().flatten()
    values: npt.NDArray[np.uint8] = flat.view(torch.uint8).numpy()
    return values
