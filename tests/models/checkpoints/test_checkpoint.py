from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.checkpoints.checkpoint import (
    imagenet_names,
    load_folder,
    new_model,
    save_folder,
)
from mtrs_geo.models.config import ModelConfig

METADATA = {"name": "mine", "version": "1", "description": "a test"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_folder(new_model(ModelConfig()), tmp_path / "mine", METADATA)
    return tmp_path / "mine"


def test_a_saved_model_is_loaded_unchanged(folder: Path) -> None:
    model, metadata = load_folder(folder)
    assert metadata["name"] == "mine"
    assert model.config == ModelConfig()
    stored = load_file(folder / "model.safetensors")
    assert not [name for name in stored if name.startswith("language.frozen.")]
    weight = model.change_head.weight
    torch.testing.assert_close(weight.half(), stored["change_head.weight"])
    modes = {(folder / name).stat().st_mode for name in ("config.json", "model.safetensors")}
    assert len(modes) == 1, "both files have the same access rights"


def test_config_survives_json() -> None:
    config = ModelConfig()
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_a_folder_may_have_no_name_and_a_checksum_in_capitals(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    checksum = config["sha256"]
    del config["name"], config["version"]
    (folder / "config.json").write_text(json.dumps({**config, "sha256": checksum.upper()}))
    info = load_model(folder, "cpu").info
    assert (info.name, info.version, info.weights_sha256) == ("mine", "unknown", checksum)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(folder: Path, value: float) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    tensors["change_head.weight"].view(-1)[0] = value
    save_file(tensors, path)
    config = json.loads((folder / "config.json").read_text())
    del config["sha256"]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"safetensors hold NaN or infinity, such as change_head"):
        load_folder(folder)


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


def test_truncated_weights_are_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read as safetensors"):
        load_folder(folder)


@pytest.mark.parametrize("text", ["", "{}", '{"model": {"colour": 1}}'])
def test_a_damaged_config_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"config\.json cannot be used"):
        load_folder(folder)


def test_every_section_needs_its_kind() -> None:
    values = ModelConfig().to_dict()
    del values["mask_decoder"]["kind"]
    with pytest.raises(KeyError, match="kind"):
        ModelConfig.from_dict(values)


def test_an_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(ModelError, match=r"there is no model 'huge'\. Bundled: tiny"):
        load_model("huge")


def test_an_unknown_device_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="device 'tpu9' cannot be used"):
        load_model(folder, device="tpu9")


def test_imagenet_tensors_are_matched_by_order() -> None:
    source = {"_a.weight": torch.ones(1), "_bn.num_batches_tracked": torch.tensor(3),
              "_b.weight": torch.zeros(1), "_head.weight": torch.zeros(2)}  # fmt: skip
    renamed = imagenet_names(source, ["a.weight", "bn.num_batches_tracked", "b.weight"])
    assert list(renamed) == ["a.weight", "b.weight", "bn.num_batches_tracked"]
    assert renamed["a.weight"] == 1
    assert renamed["b.weight"] == 0


def test_weights_that_the_config_does_not_state_are_refused(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({n: t + 1 for n, t in tensors.items()}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="is not the file that config") as raised:
        load_model(folder, "cpu")
    assert "remove the line" in raised.value.advice
    edit_config(folder, lambda config: config.pop("sha256"))
    load_model(folder, "cpu")


@pytest.mark.parametrize(
    "name",
    ["hf-hub:timm/resnet18.a1_in1k", "hf_hub:x/y", "local-dir:/tmp", "timm/resnet18", "../resnet18",
     "resnet18.a:b", "//server/share", "no_such_net", ""],
)  # fmt: skip
def test_a_folder_cannot_name_an_image_encoder_elsewhere(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        pytest.fail("a model folder reached the network")

    monkeypatch.setattr(socket.socket, "connect", connect)
    edit_config(folder, lambda config: config["model"]["vision"].update(name=name))
    with pytest.raises(ModelError, match="names the image encoder") as raised:
        load_model(folder, "cpu")
    assert "vision.name must be" in raised.value.advice


@pytest.mark.parametrize("stem", ["../tiny/model", "//server/share/minilm", "org/minilm", ""])
def test_a_folder_cannot_name_a_text_encoder_elsewhere(folder: Path, stem: str) -> None:
    edit_config(folder, lambda config: config["model"]["language"].update(weights=stem))
    with pytest.raises(ModelError, match="names the text encoder") as raised:
        load_model(folder, "cpu")
    assert "minilm" in raised.value.advice


def edit_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))
