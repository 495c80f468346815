"""A small random base, and its tensors under the names of the paper's release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.checkpoints.release_names import EXTRA_HEADS, rename
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1

State = dict[str, Tensor]
NAMES = (Path(__file__).parent / "release_names.txt").read_text().split()


@pytest.fixture(scope="module")
def config(shrunk: Callable[[str], ModelConfig]) -> ModelConfig:
    return shrunk("base")


@pytest.fixture(scope="module")
def source(config: ModelConfig, numbers: Tokenizer) -> MTRefSegR1:
    torch.manual_seed(3)
    return new_model(config, numbers).eval()


@pytest.fixture
def state(source: MTRefSegR1) -> State:
    """The tensors of a small base under the release's names."""
    return as_release(
        {n: t for n, t in source.state_dict().items() if not n.startswith(EXTRA_HEADS)}
    )


def as_release(ours: State) -> State:
    """Undo `rename` for the release's names that a small base has too."""
    state = {}
    for name in NAMES:
        names = rename(name)
        assert names is not None
        if names and names[0] in ours:
            state[name] = torch.cat([ours[n] for n in names]).clone()
        elif not names:
            state[name] = torch.zeros(1)
    return state
