"""Strict loading of rival models, and what a user reads when a folder is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model, load_vocabulary, model_folder, model_version
from mtrs_geo.models.rivals import loading
from mtrs_geo.models.rivals.names import RIVALS, rival_name
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained
from mtrs_geo.models.rivals.segmenter import RivalSegmenter

Folders = Callable[[str], list[Path]]
CPU = Placement(torch.device("cpu"), torch.float32)


def copy(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def change_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def test_every_rival_can_be_loaded() -> None:
    assert set(loading._MODELS) == set(RIVALS)


def test_names() -> None:
    name = rival_name("grounding-dino+sam2: /a b/dino , owner/sam2")
    assert name is not None
    assert name.sources == ("/a b/dino", "owner/sam2")
    assert rival_name("tiny") is None
    assert rival_name("C:/models/sam3") is None
    assert load_vocabulary("sam3:owner/name").open


@pytest.mark.parametrize("name", ["sam3", "sam3:", "sam3:a,b", "qwen-vl+sam2:a", "clipseg:a,"])
def test_wrong_number_of_folders(name: str) -> None:
    with pytest.raises(ModelError, match=r"needs \d folder") as error:
        load_model(name, "cpu")
    assert "FOLDER" in error.value.advice


@pytest.mark.parametrize("source", ["no/such/folder", "missing", "./missing"])
def test_no_such_folder(source: str) -> None:
    with pytest.raises(ModelError, match="there is no folder") as error:
        load_model(f"sam3:{source}", "cpu")
    assert error.value.advice


@pytest.mark.parametrize("name", ["sam3:missing", "sam3:./missing", "anychange-like:missing"])
def test_the_vocabulary_of_no_folder_is_unknown(name: str) -> None:
    with pytest.raises(ModelError, match=r"there is no (folder|model) '(\./)?missing'"):
        load_vocabulary(name)


def test_folder_of_another_kind(tmp_path: Path, rival_folders: Folders) -> None:
    (folder,) = rival_folders("clipseg")
    with pytest.raises(ModelError, match=r"type 'clipseg', not sam3 or sam3_video"):
        load_model(f"sam3:{folder}", "cpu")
    with pytest.raises(ModelError, match=r"not a folder of a model of transformers"):
        load_model(f"sam3:{tmp_path}", "cpu")


def test_missing_unknown_and_differently_shaped_tensors(
    tmp_path: Path, rival_folders: Folders
) -> None:
    (source,) = rival_folders("clipseg")
    changes: dict[str, Callable[[dict[str, torch.Tensor]], Any]] = {
        "missing: decoder.film_mul.weight": lambda t: t.pop("decoder.film_mul.weight"),
        "unknown: decoder.extra": lambda t: t.update({"decoder.extra": torch.zeros(2)}),
        "other shape: decoder.film_add.weight": lambda t: t.update(
            {"decoder.film_add.weight": torch.zeros(3, 3)}
        ),
    }
    for i, (message, change) in enumerate(changes.items()):
        folder = copy(source, tmp_path / str(i))
        change_tensors(folder, change)
        with pytest.raises(ModelError, match=message):
            load_model(f"clipseg:{folder}", "cpu")


def test_damaged_and_missing_files(tmp_path: Path, rival_folders: Folders) -> None:
    folder = copy(rival_folders("clipseg")[0], tmp_path / "clipseg")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:1000])
    with pytest.raises(ModelError, match="cannot be loaded as CLIPSeg"):
        load_model(f"clipseg:{folder}", "cpu")
    (folder / "model.safetensors").unlink()
    # Pickles are not read.
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded as CLIPSeg"):
        load_model(f"clipseg:{folder}", "cpu")
    (folder / "model.safetensors").write_bytes(weights)
    for path in folder.glob("*processor*.json"):
        path.unlink()
    with pytest.raises(ModelError, match="no usable CLIPSegProcessor"):
        load_model(f"clipseg:{folder}", "cpu")


def test_class_that_transformers_lacks(rival_folders: Folders) -> None:
    with pytest.raises(ModelError, match="has no Sam9Model") as error:
        load_pretrained(rival_folders("clipseg")[0], "Sam9Model", ("clipseg",), CPU)
    assert "pip install" in error.value.advice


@pytest.mark.parametrize("name", ["sam3:anywhere", "cva"])
def test_no_model_folder_for_training(name: str) -> None:
    with pytest.raises(ModelError, match="has no folder that mtrs-geo wrote"):
        model_folder(name)


def test_openvino_is_refused() -> None:
    with pytest.raises(ModelError, match="openvino cannot run sam3"):
        load_model("sam3:anywhere", "openvino")


def test_version_follows_the_files(tmp_path: Path, rival_folders: Folders) -> None:
    folder = copy(rival_folders("clipseg")[0], tmp_path / "clipseg")
    name = f"clipseg:{folder}"
    first, digest = model_version(name), load_model(name, "cpu").info.weights_sha256
    assert first == model_version(name)
    change_tensors(folder, lambda tensors: tensors["decoder.film_mul.bias"].add_(1))
    assert model_version(name) != first
    assert load_model(name, "cpu").info.weights_sha256 != digest
    assert model_version("sam3:owner/not-downloaded") == ()


def test_published_layout_of_sam3(tmp_path: Path, rival_folders: Folders) -> None:
    """The public checkpoint holds the video model: a prefix, and the tensors of the tracker."""
    (source,) = rival_folders("sam3")
    folder = copy(source, tmp_path / "sam3")
    tensors = {f"detector_model.{n}": t for n, t in load_file(source / "model.safetensors").items()}
    tensors |= {"tracker_model.x": torch.zeros(2), "tracker_neck.y": torch.zeros(2)}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    video = {"model_type": "sam3_video", "detector_config": config}
    (folder / "config.json").write_text(json.dumps(video))
    pair = np.zeros((1, 2, 3, 40, 40), np.uint8)
    pair[0, 1, :, 8:30, 8:30] = 200
    answers = [
        load_model(f"sam3:{f}", "cpu").predict_tiles(pair, ["new ponds"]) for f in (source, folder)
    ]
    np.testing.assert_array_equal(*answers)


def test_published_layout_of_sam2(tmp_path: Path, rival_folders: Folders) -> None:
    """The public checkpoints hold the video model: further tensors, and another configuration."""
    dino, source = rival_folders("grounding-dino+sam2")
    folder = tmp_path / "sam2"
    config = json.loads((source / "config.json").read_text())
    config = {key: config[key] for key in config if key.endswith("_config")}
    video = transformers.Sam2VideoModel(
        transformers.Sam2VideoConfig(
            **config, image_size=64, memory_attention_hidden_size=32, memory_encoder_hidden_size=32,
            memory_encoder_output_channels=16, memory_attention_rope_feat_sizes=[4, 4],
            memory_attention_num_layers=1, memory_attention_feed_forward_hidden_size=32,
            mask_downsampler_embed_dim=32, memory_fuser_embed_dim=32,
            memory_fuser_intermediate_dim=32, memory_fuser_num_layers=1,
        )
    )  # fmt: skip
    video.save_pretrained(folder)
    for path in source.glob("*processor*.json"):
        shutil.copy(path, folder)
    rival = load_model(f"grounding-dino+sam2:{dino},{folder}", "cpu")
    pair = np.zeros((1, 2, 3, 40, 40), np.uint8)
    assert rival.predict_tiles(pair, ["new ponds"]).shape == (1, 1, 40, 40)


FULL_SIZE = {
    "sam3": [("Sam3Model", "Sam3Config", 840)],
    "grounding-dino+sam2": [
        ("GroundingDinoForObjectDetection", "GroundingDinoConfig", 172),
        ("Sam2Model", "Sam2Config", 31),
    ],
    "clipseg": [("CLIPSegForImageSegmentation", "CLIPSegConfig", 152)],
    "florence2": [("Florence2ForConditionalGeneration", "Florence2Config", 498)],
    "qwen-vl+sam2": [("Qwen3VLForConditionalGeneration", "Qwen3VLConfig", 12616)],
}
"""Class, configuration and millions of parameters of transformers' own defaults."""


@pytest.mark.parametrize("name", FULL_SIZE)
def test_full_size_has_the_tensors_that_are_loaded(
    name: str, model_name: Callable[[str], str]
) -> None:
    """The full model and the small one that is loaded have the same names but for numbers."""
    rival = load_model(model_name(name), "cpu")
    assert isinstance(rival, RivalSegmenter)
    parts: list[Any] = [rival.model]
    parts += [rival.model.sam2] if hasattr(rival.model, "sam2") else []
    for (class_name, config_name, millions), part in zip(FULL_SIZE[name], parts, strict=False):
        with torch.device("meta"):
            full = getattr(transformers, class_name)(getattr(transformers, config_name)())
        assert round(sum(p.numel() for p in full.parameters()) / 1e6) == millions
        assert type(full) is type(part.model)
        names = [{_without_numbers(key) for key in m.state_dict()} for m in (full, part.model)]
        assert names[0] == names[1]


def _without_numbers(key: str) -> str:
    return ".".join("N" if part.isdecimal() else part for part in key.split("."))
