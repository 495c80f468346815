from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import (
    grown,
    imagenet_names,
    load_folder,
    new_model,
    read_folder,
    save_folder,
)
from mtrs_geo.models.config import ModelConfig

FACTS = {"name": "mine", "version": "1", "description": "a test"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_folder(new_model(ModelConfig()), tmp_path / "mine", FACTS)
    return tmp_path / "mine"


def test_round_trip(folder: Path) -> None:
    model, facts = load_folder(folder)
    assert facts["name"] == "mine"
    assert model.config == ModelConfig()
    stored = load_file(folder / "model.safetensors")
    assert not [name for name in stored if name.startswith("language.frozen.")]
    weight = model.change_head.weight
    torch.testing.assert_close(weight.half(), stored["change_head.weight"])
    modes = {(folder / name).stat().st_mode for name in ("config.json", "model.safetensors")}
    assert len(modes) == 1, "who may read the one may read the other"


def test_config_survives_json() -> None:
    config = ModelConfig()
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize("damage", ["missing", "extra", "shape"])
def test_tensors_must_fit_exactly(folder: Path, damage: str) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    if damage == "missing":
        del tensors["change_head.weight"]
    elif damage == "extra":
        tensors["change_head.more"] = torch.zeros(1)
    else:
        tensors["change_head.weight"] = torch.zeros(2, 2)
    save_file(tensors, path)
    with pytest.raises(ModelError, match=r"change_head\.(weight|more)"):
        load_folder(folder)


def test_truncated_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read as safetensors"):
        load_folder(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"model": {"colour": 1}}'])
def test_damaged_config(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"config\.json cannot be used"):
        load_folder(folder)


def test_unknown_model_names_the_known() -> None:
    with pytest.raises(ModelError, match=r"there is no model 'huge'\. Bundled: tiny"):
        load_model("huge")


def test_unknown_device(folder: Path) -> None:
    with pytest.raises(ModelError, match="device 'tpu9' cannot be used"):
        load_model(folder, device="tpu9")


def test_imagenet_names_go_by_order() -> None:
    source = {"_a.weight": torch.ones(1), "_bn.num_batches_tracked": torch.tensor(3),
              "_b.weight": torch.zeros(1), "_head.weight": torch.zeros(2)}  # fmt: skip
    renamed = imagenet_names(source, ["a.weight", "bn.num_batches_tracked", "b.weight"])
    assert list(renamed) == ["a.weight", "b.weight", "bn.num_batches_tracked"]
    assert renamed["a.weight"] == 1
    assert renamed["b.weight"] == 0


def test_earlier_weights_grow_into_later_heads(folder: Path) -> None:
    model = new_model(ModelConfig())
    earlier = read_folder(folder)
    earlier["reader.heads.place.weight"] = earlier["reader.heads.place.weight"][:10] * 0 + 3
    del earlier["land_head.layers.3.bias"]
    state = grown(model, earlier, "0.3")
    assert (state["reader.heads.place.weight"][:10] == 3).all()
    own = model.state_dict()
    assert torch.equal(
        state["reader.heads.place.weight"][10:], own["reader.heads.place.weight"][10:]
    )
    assert torch.equal(state["land_head.layers.3.bias"], own["land_head.layers.3.bias"])
    assert torch.equal(state["change_head.weight"], earlier["change_head.weight"])


@pytest.mark.parametrize("damage", ["unknown", "narrower", "other"])
def test_what_no_earlier_version_had_is_refused(folder: Path, damage: str) -> None:
    tensors = read_folder(folder)
    if damage == "unknown":
        tensors["never"] = torch.zeros(1)
    else:
        wrong = {"narrower": (20, 192), "other": (10, 95)}[damage]
        tensors["reader.heads.place.weight"] = torch.zeros(wrong)
    with pytest.raises(ModelError, match=r"never|reader\.heads\.place\.weight"):
        grown(new_model(ModelConfig()), tensors, "these weights")
