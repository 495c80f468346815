"""Model folders whose config.json has values of the wrong type, size or depth."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo.errors import ModelError
from mtrs_geo.models import load_model
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import load_folder
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.presets import PRESETS
from mtrs_geo.models.vocabulary import read_vocabulary

WRONG: tuple[Any, ...] = ("7", [], {}, [[1]], True, None, -1, 1.5, float("nan"), 10**400, 1e308)


def leaves(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))


def replaced(config: dict[str, Any], path: tuple[Any, ...], value: object) -> Any:
    config = copy.deepcopy(config)
    if not path:
        return value
    inner: Any = config
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return config


def test_every_wrong_value_is_refused_or_is_of_the_right_type() -> None:
    config = json.loads(json.dumps(ModelConfig().to_dict()))
    refused = 0
    for path in leaves(config):
        for wrong in WRONG:
            try:
                built = ModelConfig.from_dict(replaced(config, path, wrong))
            except (KeyError, TypeError):
                refused += 1
            else:
                assert json.loads(json.dumps(built.to_dict())) is not None
    assert refused > 8 * len(list(leaves(config)))


@pytest.mark.parametrize(
    "text",
    [
        "[]", "null", '{"model": []}', '{"model": {"tile_px": NaN}}', "[" * 100_000,
        '{"model": {"language": ["frozen"]}}', '{"model": {"vision": {"kind": {}}}}',
        '{"model": {"fusion": {"kind": "change_aware", "channels": "96"}}}',
        '{"model": {"gsd_range_m": 3}}', "\ufeff{", '{"model": {"tile_px": 1' + "0" * 5000 + "}}",
    ],
)  # fmt: skip
def test_folders_with_such_a_config_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match=r"config\.json cannot be used"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("vision", "std"), [127.5, 0, 127.5]), (("native_gsd_m",), 0), (("tile_px",), 0),
        (("gsd_range_m",), [1.5, 0.2]), (("gsd_range_m",), [0, 0]),
        (("fusion", "gate_window"), 4), (("mask_decoder", "prior_window"), 0),
        (("mask_decoder", "prior_window"), 8), (("language", "heads"), 7),
        (("language", "heads"), 0), (("language", "max_tokens"), 0),
        (("language", "extra_hidden_layers"), [3, 7]),
    ],
)  # fmt: skip
def test_numbers_without_a_meaning_are_refused(
    path: tuple[str, ...], value: object, tmp_path: Path
) -> None:
    model = replaced(json.loads(json.dumps(ModelConfig().to_dict())), path, value)
    (tmp_path / "config.json").write_text(json.dumps({"model": model}))
    for load in (load_folder, read_vocabulary):
        with pytest.raises(ModelError, match=rf"{path[-1]} is .*, which must be"):
            load(tmp_path)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("name", 5), ("name", None), ("version", 1), ("sha256", 3), ("untrained", None),
        ("untrained", 3), ("untrained", "intent_head"), ("knows", None), ("knows", []),
        ("knows", "roads"), ("classes", "building"), ("classes", [1]), ("nouns", ["solar panel"]),
        ("nouns", {"panel": 3}), ("sentences", 4), ("sentences", "new panels"), ("open", "no"),
        ("weak", ["water"]), ("weak", {"water": "x"}), ("weak", {"water": 7}),
    ],
)  # fmt: skip
def test_entries_of_a_wrong_kind_are_refused(entry: str, value: object, tmp_path: Path) -> None:
    is_known = entry in ("classes", "nouns", "sentences", "open", "weak")
    about = {"knows": {entry: value}} if is_known else {entry: value}
    config = {"model": ModelConfig().to_dict(), **about}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for load in (load_folder, read_vocabulary):
        with pytest.raises(ModelError, match=rf"{entry} is .*, which must be"):
            load(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("language", "heads"), 5), (("language", "max_tokens"), 0),
        (("language", "image_cells"), 6), (("mask_decoder", "heads"), 7),
    ],
)  # fmt: skip
def test_numbers_of_base_that_cannot_run_are_refused(
    path: tuple[str, ...], value: object, tmp_path: Path
) -> None:
    model = replaced(json.loads(json.dumps(PRESETS["base"].to_dict())), path, value)
    (tmp_path / "config.json").write_text(json.dumps({"model": model}))
    with pytest.raises(ModelError, match=rf"{path[-1]} is {value}, which must be"):
        load_folder(tmp_path)


def test_a_config_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Notepad and PowerShell write one."""
    for path in (WEIGHTS / "tiny").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name in ("config.json", "calibration.json"):
        text = (tmp_path / name).read_text("utf-8")
        (tmp_path / name).write_text(text, "utf-8-sig")
    assert load_model(tmp_path, "cpu").info.calibration is not None
    assert read_vocabulary(tmp_path) == read_vocabulary(WEIGHTS / "tiny")


def test_numbers_that_build_no_network_are_refused(tmp_path: Path) -> None:
    model = ModelConfig().to_dict()
    model["mask_decoder"] = {**model["mask_decoder"], "heads": 7}
    (tmp_path / "config.json").write_text(json.dumps({"model": model}))
    with pytest.raises(ModelError, match="no network can be built"):
        load_folder(tmp_path)
