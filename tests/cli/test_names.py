"""Options of the command line have the names of the Python functions that they call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import mtrs_geo
from mtrs_geo.batch import plan_jobs
from mtrs_geo.batch.runner import BatchOptions
from mtrs_geo.benchmark import run_benchmark
from mtrs_geo.benchmark.predictions.check import check_predictions
from mtrs_geo.benchmark.predictions.write import write_predictions
from mtrs_geo.benchmark.stress.run import run_stress
from mtrs_geo.cli import app
from mtrs_geo.cli.console import filled_path
from mtrs_geo.craft.export.label_studio.importing import import_annotations
from mtrs_geo.craft.export.run import ExportOptions, export_project
from mtrs_geo.craft.from_layer import project_from_layer
from mtrs_geo.craft.pipeline import run_project
from mtrs_geo.craft.stages.context import RunOptions
from mtrs_geo.data.sampling.composed_split import write_composed_split
from mtrs_geo.demo import run_demo
from mtrs_geo.detect.options import DetectOptions
from mtrs_geo.detect.sample_tiles import sample_tiles
from mtrs_geo.evaluation.calibrated_copy import calibrate
from mtrs_geo.io.inputs.stac_search import StacSearch
from mtrs_geo.io.stack import StackOptions
from mtrs_geo.models.checkpoints.release import convert_release
from mtrs_geo.models.runtime.onnx_export import export_onnx
from mtrs_geo.models.runtime.quantize import quantize_model
from mtrs_geo.pairs.export import PairsOptions, export_pairs
from mtrs_geo.training.ablations import run_ablations
from mtrs_geo.training.bundle.pack import pack_bundle
from mtrs_geo.training.compress.factorize import factorize_model
from mtrs_geo.training.export import export_checkpoint
from mtrs_geo.training.finetune.finetune import finetune
from mtrs_geo.training.finetune.own_data import LabelledLayer

COMMANDS: dict[str, tuple[Callable[..., Any] | type, ...]] = {
    "detect": (mtrs_geo.detect_changes, DetectOptions),
    "stack": (mtrs_geo.detect_changes_stack, DetectOptions, StacSearch),
    "batch": (mtrs_geo.run_batch, BatchOptions, plan_jobs),
    "evaluate": (mtrs_geo.evaluate,),
    "demo": (run_demo,),
    "craft export": (export_project, ExportOptions),
    "craft import-label-studio": (import_annotations,),
    "pairs export": (export_pairs, PairsOptions, StackOptions),
    "pairs compose": (write_composed_split,),
    "models convert": (convert_release,),
    "models export": (export_onnx,),
    "models quantize": (quantize_model, sample_tiles),
    "train calibrate": (calibrate,),
    "train low-rank": (factorize_model,),
    "train pack": (pack_bundle,),
    "train export": (export_checkpoint,),
    "train ablations": (run_ablations,),
    "craft run": (run_project, RunOptions),
    "craft from-layer": (project_from_layer,),
    "benchmark run": (run_benchmark,),
    "benchmark check": (check_predictions,),
    "benchmark write": (write_predictions,),
    "benchmark stress": (run_stress,),
    "train finetune": (finetune, LabelledLayer, PairsOptions, StackOptions),
}
"""Command to the functions and options that it calls."""

SHELL_ONLY = {"as_json", "help", "context"}
PYTHON_ONLY = {
    "progress", "options", "stack",  # objects
    "config", "variants",  # tables of the paper's models and of the ablations
}  # fmt: skip
OTHER: dict[str, tuple[set[str], set[str]]] = {
    # Two rasters have two names on the command line and are a sequence in Python.
    "batch": ({"dry_run", "set"}, set()),
    # Two rasters are one pair.
    "detect": (set(), {"pairs", "timeline"}),
    "stack": ({"stac"}, {"catalog"}),
    "pairs export": ({"before", "after"}, {"rasters", "bands", "grid", "dates"}),
    "train finetune": (set(), {"path", "bands", "grid", "dates", "negatives"}),
    "models convert": ({"preset"}, set()),  # a preset's name for its ModelConfig
    # A file may be replaced only if the user says so; Python's caller checks that before.
    "models export": ({"overwrite"}, set()),
    "models quantize": ({"rasters"}, {"pairs", "sample", "tile_px", "inputs"}),
    "train ablations": (set(), {"arguments"}),
    "craft from-layer": ({"before", "after", "resolution"}, {"rasters", "aoi"}),
    # A model's entry is an object; its fields are options.
    "benchmark run": ({"config"}, set()),
    "benchmark write": ({"model", "device", "precision", "mirrored"}, {"entry"}),
    "benchmark stress": ({"model", "device", "precision", "mirrored"}, {"entry"}),
    "train pack": ({"config"}, set()),  # the name is in PYTHON_ONLY for other commands
}
"""Command to names that only the command line has, and that only Python has."""

SECOND_NAMES = {
    "detect": {"--mirror": "mirrored", "--min-area": "min_area_m2", "--simplify": "simplify_px",
               "--fill-holes": "fill_holes_m2", "--reference": "references"},
    "stack": {"--mirror": "mirrored", "--min-area": "min_area_m2"},
    "evaluate": {"--mirror": "mirrored"},
    "train finetune": {"--area": "aoi"},
}  # fmt: skip
"""Command to older flags, which stay, and their options."""


def options_of(command: str) -> dict[str, Any]:
    """Return the options and arguments of a command by name."""
    found: Any = get_command(app)
    for part in command.split():
        found = found.commands[part]
    return {option.name: option for option in found.params}


def names_of(function: Callable[..., Any] | type) -> set[str]:
    if isinstance(function, type):
        return {field.name for field in fields(function)}
    return set(inspect.signature(function).parameters)


@pytest.mark.parametrize("command", COMMANDS)
def test_names_are_those_of_python(command: str) -> None:
    shell, python = OTHER.get(command, (set(), set()))
    given = set(options_of(command)) - SHELL_ONLY - shell
    taken = set().union(*map(names_of, COMMANDS[command])) - PYTHON_ONLY - python
    assert given == taken


@pytest.mark.parametrize("command", COMMANDS)
def test_the_first_flag_is_the_name(command: str) -> None:
    for name, option in options_of(command).items():
        if option.param_type_name == "option" and name not in SHELL_ONLY:
            assert option.opts[0] == "--" + name.replace("_", "-")


@pytest.mark.parametrize("command", SECOND_NAMES)
def test_older_flags_stay(command: str) -> None:
    options = options_of(command)
    for flag, name in SECOND_NAMES[command].items():
        assert flag in options[name].opts


def test_every_command_is_compared() -> None:
    leaves: set[str] = set()

    def walk(command: Any, path: str) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk(child, f"{path} {name}".strip())
        if not hasattr(command, "commands"):
            leaves.add(path)

    walk(get_command(app), "")
    # These take no options of their own, or pass all of them to Lightning.
    rest = {
        "doctor", "explain", "worker", "models list", "train stage1", "train stage2",
        "train intent", "train stage2-pairs", "craft init", "craft add", "craft status",
        "craft audit", "craft settings", "craft gold",
    }  # fmt: skip
    assert leaves == set(COMMANDS) | rest


def leaves(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield all commands of groups with their names."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for part, entry in command.commands.items():
        yield from leaves(entry, f"{name} {part}".strip())


def test_no_output_is_an_empty_path() -> None:
    """It would be the current folder, as where a variable of the shell is not set."""
    checked = []
    for name, command in leaves(get_command(app)):
        if any("--output" in option.opts for option in command.params):
            checked.append(name)
            done = CliRunner().invoke(app, [*name.split(), "--output", ""])
            assert done.exit_code == 2, name
            assert "the path is empty" in done.output, name
    assert {"detect", "batch", "evaluate", "demo", "pairs export", "craft export"} <= {*checked}


def test_the_home_folder_of_an_output_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Shells keep the ~ of ``--output=~/x``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert filled_path("~/x") == tmp_path / "x"
