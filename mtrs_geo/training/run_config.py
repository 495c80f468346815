"""Bundled training configurations, and copies with another folder and number of steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["CONFIGS", "config_for_run", "read_config"]

CONFIGS = Path(__file__).parent / "configs"
"""The bundled configurations, ``tiny_stage1.yaml`` and so on."""

_CHECKPOINTS = 4
"""Checkpoints per run, so that an interrupted run loses at most a quarter of its steps."""


def read_config(name: str) -> dict[str, Any]:
    """Return a bundled configuration by name, for example ``tiny_stage1``."""
    config: dict[str, Any] = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())
    return config


def config_for_run(config: dict[str, Any], folder: Path, steps: int) -> dict[str, Any]:
    """Return a copy that writes to ``folder``, trains for ``steps`` and validates at the end.

    Args:
        config: from `read_config`; it is not changed.
        folder: folder of the run; its checkpoint is ``last.ckpt``.
        steps: number of optimisation steps.
    """
    old_folder = config["trainer"]["default_root_dir"]
    copy: dict[str, Any] = _replace(config, old_folder, str(folder))
    trainer = copy["trainer"]
    batches = steps * trainer.get("accumulate_grad_batches", 1)
    trainer |= {"max_steps": steps, "val_check_interval": batches}
    save_every = next(n for n in range(max(1, steps // _CHECKPOINTS), 0, -1) if steps % n == 0)
    for callback in trainer["callbacks"]:
        options = callback.get("init_args", {})
        if "every_n_train_steps" in options:
            options["every_n_train_steps"] = save_every
        if "update_starting_at_step" in options:
            # Averaging that starts after the last step would return the initial weights.
            options["update_starting_at_step"] = min(options["update_starting_at_step"], steps // 2)
    return copy


def _replace(value: Any, old: str, new: str) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(value, dict):
        return {name: _replace(item, old, new) for name, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, old, new) for item in value]
    return new if value == old else value
