"""The key of cached graphs follows what is loaded, not what config.json says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from tokenizers import Tokenizer

from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.runtime.fingerprint import fingerprint


def model(config: ModelConfig, numbers: Tokenizer) -> MTRefSegR1:
    torch.manual_seed(0)
    return new_model(config, numbers).eval()


def test_it_changes_with_weights_config_and_version(
    shrunk: Callable[[str], ModelConfig], numbers: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = shrunk("tiny")
    first = fingerprint(model(config, numbers))
    assert fingerprint(model(config, numbers)) == first
    other = replace(config, vision=replace(config.vision, mean=(0.0, 0.0, 0.0)))
    assert fingerprint(model(other, numbers)) != first, "a constant that is no stored tensor"
    altered = model(config, numbers)
    with torch.no_grad():
        altered.change_head.weight[0, 0] += 1e-3
    assert fingerprint(altered) != first
    monkeypatch.setattr("mtrs_geo.__version__", "9.9")
    assert fingerprint(model(config, numbers)) != first
