"""Base gives the outputs of the paper's own code, for weights and inputs from formulas."""

from __future__ import annotations

import csv
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from mtrs_geo.models.checkpoints.checkpoint import new_model
from mtrs_geo.models.checkpoints.release import fill_from_release
from mtrs_geo.models.checkpoints.release_names import EXTRA_HEADS, rename, rename_tensors
from mtrs_geo.models.checkpoints.strict import mismatches
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.network.mtrefseg_r1 import MTRefSegR1
from mtrs_geo.models.presets import PRESETS

PARITY = Path(__file__).parents[4] / "shared" / "parity"
pytestmark = pytest.mark.skipif(
    not PARITY.is_dir(), reason="the release's outputs (../shared/parity) are not available"
)


def formulas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("parity_inputs", PARITY / "inputs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mini_config(prompt: list[int], expression: list[int]) -> ModelConfig:
    """Base at the release's mini size, its prompt as ids."""
    base = PRESETS["base"]
    first, second = (i for i, token in enumerate(prompt) if token == -200)
    parts = (prompt[:first], prompt[first + 1 : second], prompt[second + 1 : prompt.index(-204)])
    return replace(
        base,
        vision=replace(base.vision, depths=(1, 1, 2, 1)),
        pixel_decoder=replace(base.pixel_decoder, layers=2),
        language=replace(
            base.language, vocab=320, hidden=64, layers=2, heads=4, feed_forward=128,
            prompt=tuple(" ".join(map(str, part)) for part in parts), seg_token=expression[-1],
        ),
        mask_decoder=replace(base.mask_decoder, layers=3),
    )  # fmt: skip


class Run:
    """One run of base at mini size, with every array under its name in the release."""

    @torch.no_grad()
    def __init__(self, tokenizer: Tokenizer) -> None:
        inputs = formulas()
        prompt, expression = inputs.tokens()
        model = new_model(mini_config(prompt, expression), tokenizer).eval()
        state = inputs.weights(PARITY / "names_mini.csv")
        fill_from_release(model, {name: torch.from_numpy(x) for name, x in state.items()})
        before, after = (torch.from_numpy(x) for x in inputs.images())
        pyramids = [model.vision.features(image) for image in (before, after)]
        fused = model.fusion(*pyramids)
        encoded = model.encode_pyramids(*pyramids)
        embeddings = model.embed([" ".join(map(str, expression[:-1]))])
        text = embeddings.text
        self.arrays: dict[str, Tensor] = {}
        for level in range(4):
            self.arrays[f"vision_t1_res{level + 2}"] = pyramids[0][level][0, :8, ::16, ::16]
            self.arrays[f"fused_res{level + 2}"] = fused[level][0, :8, ::16, ::16]
        self.arrays |= self.language(model, encoded.context, prompt, text)
        grounded = model.language.ground(text, encoded.context)
        self.arrays["seg_embedding"] = model.projector(grounded, encoded.scene)
        self.words = grounded.words[0]
        for i, memory in enumerate(encoded.pixels.memory):
            self.arrays[f"memory_{i}"] = memory[0, :8, ::4, ::4]
        self.arrays["mask_features"] = encoded.pixels.mask_features[0, :16, ::16, ::16]
        mask = model.decode(encoded, embeddings).masks[-1]
        self.arrays["mask_logits"] = mask[:, ::4, ::4]
        self.arrays["mask_positive_share"] = (mask > 0).float().mean()[None]
        proposed = model.mask_decoder.propose(encoded.pixels)[-1].masks
        self.arrays["mask_logits_stage1"] = proposed[0, :8, ::8, ::8]

    @staticmethod
    def language(model: MTRefSegR1, context: Tensor, prompt: list[int], text) -> dict[str, Tensor]:
        """Run the whole prompt; base leaves out its end, which does not change earlier states."""
        phi = model.language.model
        tail = phi.embed_tokens(torch.tensor([prompt[prompt.index(-204) + 1 :]]))
        head = model.language.prompt_embeddings(text, context)
        embeds = torch.cat([head, tail], dim=1)
        positions = torch.zeros(embeds.shape[1], dtype=torch.long)
        positions[head.shape[1] - text.words.shape[1] : head.shape[1]] = 1
        return {
            "image_tokens_t1": context[0, 0],
            "image_tokens_t2": context[0, 1],
            "lm_inputs_embeds": embeds[0],
            "lm_hidden": phi(inputs_embeds=embeds).last_hidden_state[0],
            "refer_positions": positions,
        }


@pytest.fixture(scope="module")
def run(numbers: Tokenizer) -> Run:
    return Run(numbers)


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    with np.load(PARITY / "outputs_mini.npz") as file:
        return dict(file)


def test_every_array_equals_that_of_the_release(run: Run, stored: dict[str, np.ndarray]) -> None:
    assert run.arrays.keys() == stored.keys()
    deep_arrays = {"memory_0", "memory_1", "memory_2", "mask_features", "mask_logits",
                    "mask_logits_stage1", "mask_positive_share"}  # fmt: skip
    for name, expected in stored.items():
        array = run.arrays[name].numpy()
        assert array.shape == expected.shape, name
        # Relative to the array's maximum, because single logits are near zero.
        atol = 1e-3 * np.abs(expected).max() if name in deep_arrays else 1e-4
        np.testing.assert_allclose(array, expected, rtol=0, atol=atol, err_msg=name)


def test_the_end_of_the_prompt_has_no_effect(run: Run, stored: dict[str, np.ndarray]) -> None:
    words = stored["lm_hidden"][stored["refer_positions"] == 1]
    np.testing.assert_allclose(run.words.numpy(), words, rtol=0, atol=1e-4)


def test_every_name_and_shape_matches_at_full_size(numbers: Tokenizer) -> None:
    with torch.device("meta"):
        model = MTRefSegR1(PRESETS["base"], numbers)
    with (PARITY / "names_base.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    release = {
        row["name"]: torch.empty([int(n) for n in row["shape"].split("x")], device="meta")
        for row in rows
    }
    renamed, unknown = rename_tensors(release)
    expected = {n: t for n, t in model.state_dict().items() if not n.startswith(EXTRA_HEADS)}
    assert unknown == []
    assert mismatches(expected, renamed) == ""
    assert len(release) == 1123
    unused = {name for name in release if rename(name) == ()}
    assert {".".join(n.split(".")[:2]) for n in unused if not n.startswith("model.")} == {
        "seg_query", "lm_head.weight", "predictor.SEG_query_embed", "predictor.SEG_proj",
        "predictor.CLASS_proj", "predictor.new_query_embed",
    }  # fmt: skip
    assert all(n.endswith("relative_position_index") for n in unused if n.startswith("model."))
