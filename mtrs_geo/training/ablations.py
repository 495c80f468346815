"""Train the variants of an ablation study one after another and tabulate their metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from mtrs_geo.errors import RequestError
from mtrs_geo.outputs import staged_file
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.command import run_stage
from mtrs_geo.training.run_config import CONFIGS, config_for_run, read_config

__all__ = ["AblationResult", "run_ablations"]


@dataclass(frozen=True)
class AblationResult:
    """A finished variant."""

    variant: str
    steps: int
    """Optimisation steps of all stages together."""
    metrics: dict[str, float]
    """Validation metrics at the end, by name without ``val_``."""


@dataclass(frozen=True)
class _Stage:
    config: str
    model: Mapping[str, Any]
    steps: int

    @property
    def name(self) -> str:
        return self.config.rpartition("_")[2]


def run_ablations(
    output: Path,
    arguments: Sequence[str],
    *,
    steps: int | None = None,
    only: Sequence[str] = (),
    variants: Path = CONFIGS / "ablations.yaml",
    progress: Progress | None = None,
) -> list[AblationResult]:
    """Train every variant and write ``ablations.csv`` and ``ablations.md``.

    A finished variant is not run again; an interrupted one is resumed.

    Args:
        output: output folder, with one subfolder per variant.
        arguments: arguments of Lightning's command line for every run, ``--data.root DATA``.
        steps: number of steps of every stage; None takes those of the configurations.
        only: names of the variants to run; empty runs all.
        variants: YAML file that defines the variants.
        progress: advances once per variant.

    Raises:
        RequestError: if a variant does not exist, or is finished with other settings, or if
            ``steps`` is less than 1.
    """
    if steps is not None and steps < 1:
        msg = f"steps is {steps}; a stage has 1 or more."
        raise RequestError(msg, advice="Leave --steps out for the steps of the configurations.")
    selected = _select(yaml.safe_load(variants.read_text()), only, variants)
    progress = progress or Silent()
    progress.start(len(selected), "variants")
    results = []
    for name, entries in selected.items():
        stages = [_stage(entry, steps) for entry in entries]
        results.append(_run_variant(output / name, stages, arguments))
        _tabulate(output, results)
        progress.advance()
    return results


def _select(variants: dict[str, Any], only: Sequence[str], path: Path) -> dict[str, Any]:
    unknown = sorted(set(only) - variants.keys())
    if unknown:
        msg = f"{path.name} has no variant {', '.join(unknown)}."
        raise RequestError(msg, advice=f"Give names of {', '.join(variants)}.")
    return {name: variants[name] for name in only or variants}


def _stage(entry: Mapping[str, Any], steps: int | None) -> _Stage:
    configs = entry.get("steps", [entry["config"]])
    total = sum(steps or read_config(name)["trainer"]["max_steps"] for name in configs)
    return _Stage(entry["config"], entry.get("model", {}), total)


def _run_variant(
    folder: Path, stages: Sequence[_Stage], arguments: Sequence[str]
) -> AblationResult:
    settings = {"stages": [asdict(stage) for stage in stages], "arguments": list(arguments)}
    result_path = folder / "result.json"
    if result_path.exists():
        return _read_result(result_path, settings)
    weights: Path | None = None
    for stage in stages:
        weights, metrics = _run_stage(folder / stage.name, stage, weights, arguments)
    validation = {
        name.removeprefix("val_"): value
        for name, value in metrics.items()
        if name.startswith("val_")
    }
    result = AblationResult(folder.name, sum(stage.steps for stage in stages), validation)
    stored = {"settings": settings, "result": asdict(result)}
    _write(result_path, json.dumps(stored, indent=2) + "\n")
    return result


def _read_result(path: Path, settings: Mapping[str, Any]) -> AblationResult:
    stored = json.loads(path.read_text())
    if stored["settings"] != settings:
        msg = f"{path.parent} is finished with other settings."
        raise RequestError(msg, advice="Give another output folder, or delete that one.")
    return AblationResult(**stored["result"])


def _run_stage(
    folder: Path, stage: _Stage, weights: Path | None, arguments: Sequence[str]
) -> tuple[Path, dict[str, float]]:
    """Train one stage, or resume it; return its checkpoint and metrics."""
    last, config = folder / "last.ckpt", folder / "run_config.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    _write(config, yaml.safe_dump(config_for_run(read_config(stage.config), folder, stage.steps)))
    options = ["--config", str(config), *arguments, "--trainer.default_root_dir", str(folder)]
    options += [word for name, value in stage.model.items() for word in (f"--model.{name}", value)]
    options += ["--model.weights", str(weights)] if weights else ["--model.weights", "null"]
    run_stage(stage.name, ["fit", *options, *(["--ckpt_path", str(last)] if last.exists() else [])])
    # A logger would overwrite its file, and verbose output would mix with the JSON result.
    quiet = ["--trainer.logger", "false", "--verbose", "false"]
    return last, run_stage(stage.name, ["validate", *options, "--ckpt_path", str(last), *quiet])


def _tabulate(output: Path, results: Sequence[AblationResult]) -> None:
    names = sorted({name for result in results for name in result.metrics})
    names.sort(key=lambda name: name not in ("miou", "iou"))
    head = ["variant", "steps", *names]
    rows = [
        [r.variant, str(r.steps), *(f"{r.metrics[n]:.3f}" if n in r.metrics else "" for n in names)]
        for r in results
    ]
    lines = [",".join(row) for row in (head, *rows)]
    _write(output / "ablations.csv", "\n".join(lines) + "\n")
    rule = ["---"] * len(head)
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    _write(output / "ablations.md", "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    with staged_file(path, overwrite=True) as partial:
        partial.write_text(text)
