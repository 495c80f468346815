"""A bundled configuration, moved to another folder and made shorter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

__all__ = ["CONFIGS", "moved", "read_recipe"]

CONFIGS = Path(__file__).parent / "configs"
"""The bundled configurations, ``tiny_stage1.yaml`` and so on."""

_SAVES = 4
"""A moved run that is cut off loses a quarter of its steps at most."""


def read_recipe(name: str) -> dict[str, Any]:
    """Return a bundled configuration by its name, ``tiny_stage1``."""
    config: dict[str, Any] = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())
    return config


def moved(config: dict[str, Any], folder: Path, steps: int) -> dict[str, Any]:
    """Return a configuration that writes into ``folder``, trains ``steps`` and then validates.

    Args:
        config: as `read_recipe` gives it; unchanged.
        folder: of the run; its checkpoint is ``last.ckpt``.
        steps: optimisation steps.
    """
    old = config["trainer"]["default_root_dir"]
    copy: dict[str, Any] = _replaced(config, old, str(folder))
    trainer = copy["trainer"]
    batches = steps * trainer.get("accumulate_grad_batches", 1)
    trainer |= {"max_steps": steps, "val_check_interval": batches}
    every = next(n for n in range(max(1, steps // _SAVES), 0, -1) if steps % n == 0)
    for callback in trainer["callbacks"]:
        options = callback.get("init_args", {})
        if "every_n_train_steps" in options:
            options["every_n_train_steps"] = every
        if "update_starting_at_step" in options:
            # Averages that never began would be the weights that the run started from.
            options["update_starting_at_step"] = min(options["update_starting_at_step"], steps // 2)
    return copy


def _replaced(value: Any, old: str, new: str) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(value, dict):
        return {name: _replaced(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, old, new) for part in value]
    return new if value == old else value
