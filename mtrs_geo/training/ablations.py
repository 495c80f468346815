"""Runs the variants of a configuration file one after another, and tabulates them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from mtrs_geo.errors import RequestError
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.command import run_stage
from mtrs_geo.training.recipe import CONFIGS, moved, read_recipe

__all__ = ["AblationResult", "run_ablations"]


@dataclass(frozen=True)
class AblationResult:
    """A finished variant."""

    variant: str
    steps: int
    """Of all its stages."""
    figures: dict[str, float]
    """What validation found at its end, by name without ``val_``."""


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

    A variant that is finished is not run again, and one that was cut off goes on.

    Args:
        output: a folder; each variant gets one of its own below it.
        arguments: for Lightning's command line, the same for every run: ``--data.root DATA``.
        steps: of every stage, in place of the configuration's.
        only: names of the variants to run; all by default.
        variants: the file that says what they are.
        progress: told of every variant.

    Raises:
        RequestError: if there is no such variant, or one was finished with other settings.
    """
    chosen = _chosen(yaml.safe_load(variants.read_text()), only, variants)
    progress = progress or Silent()
    progress.start(len(chosen), "variants")
    results = []
    for name, listed in chosen.items():
        stages = [_stage(one, steps) for one in listed]
        results.append(_run_variant(output / name, stages, arguments))
        _tabulate(output, results)
        progress.advance()
    return results


def _chosen(known: dict[str, Any], only: Sequence[str], path: Path) -> dict[str, Any]:
    unknown = sorted(set(only) - known.keys())
    if unknown:
        msg = f"no variant {', '.join(unknown)} in {path.name}. There are: {', '.join(known)}."
        raise RequestError(msg)
    return {name: known[name] for name in only or known}


def _stage(listed: Mapping[str, Any], steps: int | None) -> _Stage:
    configs = listed.get("steps", [listed["config"]])
    own = sum(steps or read_recipe(name)["trainer"]["max_steps"] for name in configs)
    return _Stage(listed["config"], listed.get("model", {}), own)


def _run_variant(
    folder: Path, stages: Sequence[_Stage], arguments: Sequence[str]
) -> AblationResult:
    settings = {"stages": [asdict(stage) for stage in stages], "arguments": list(arguments)}
    done = folder / "result.json"
    if done.exists():
        return _finished(done, settings)
    weights: Path | None = None
    for stage in stages:
        weights, figures = _run_stage(folder / stage.name, stage, weights, arguments)
    found = {
        name.removeprefix("val_"): value
        for name, value in figures.items()
        if name.startswith("val_")
    }
    result = AblationResult(folder.name, sum(stage.steps for stage in stages), found)
    _write(done, json.dumps({"settings": settings, "result": asdict(result)}, indent=2) + "\n")
    return result


def _finished(done: Path, settings: Mapping[str, Any]) -> AblationResult:
    kept = json.loads(done.read_text())
    if kept["settings"] != settings:
        msg = (
            f"{done.parent} was finished with other settings than these. "
            "Give another output folder, or delete that one."
        )
        raise RequestError(msg)
    return AblationResult(**kept["result"])


def _run_stage(
    folder: Path, stage: _Stage, weights: Path | None, arguments: Sequence[str]
) -> tuple[Path, dict[str, float]]:
    """Train one stage, or what is left of it; return its checkpoint and figures."""
    last, recipe = folder / "last.ckpt", folder / "recipe.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    _write(recipe, yaml.safe_dump(moved(read_recipe(stage.config), folder, stage.steps)))
    given = ["--config", str(recipe), *arguments]
    given += [part for name, value in stage.model.items() for part in (f"--model.{name}", value)]
    given += ["--model.weights", str(weights)] if weights else ["--model.weights", "null"]
    run_stage(stage.name, ["fit", *given, *(["--ckpt_path", str(last)] if last.exists() else [])])
    # A logger would begin its file anew; verbose prints where the answer goes.
    quiet = ["--trainer.logger", "false", "--verbose", "false"]
    return last, run_stage(stage.name, ["validate", *given, "--ckpt_path", str(last), *quiet])


def _tabulate(output: Path, results: Sequence[AblationResult]) -> None:
    names = sorted({name for result in results for name in result.figures})
    names.sort(key=lambda name: name not in ("miou", "iou"))
    head = ["variant", "steps", *names]
    rows = [
        [r.variant, str(r.steps), *(f"{r.figures[n]:.3f}" if n in r.figures else "" for n in names)]
        for r in results
    ]
    lines = [",".join(row) for row in (head, *rows)]
    _write(output / "ablations.csv", "\n".join(lines) + "\n")
    rule = ["---"] * len(head)
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    _write(output / "ablations.md", "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text)
    os.replace(part, path)
