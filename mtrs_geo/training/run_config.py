"""Bundled training configurations, copies of them, and the folder of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

__all__ = ["CONFIGS", "config_for_run", "follow_run_folder", "read_config"]

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


def follow_run_folder(config: Any) -> None:  # noqa: ANN401 - a namespace of jsonargparse
    """Let callbacks and loggers write to ``trainer.default_root_dir`` of a resolved configuration.

    They do so where a configuration file gives them the folder that it gives to the trainer, and
    the command line another one.

    Args:
        config: of one subcommand of Lightning's command line; changed in place.
    """
    new = config.trainer.default_root_dir
    files = [file for file in config.get("config") or () if file is not None]
    old = {_folder_of(file.get_content()) for file in files} - {None, new}
    for options in _options(config.trainer.callbacks, config.trainer.logger):
        for name, value in vars(options).items():
            if new is not None and isinstance(value, str) and value in old:
                setattr(options, name, new)


def _folder_of(text: str) -> str | None:
    """Return the folder of the run in a configuration file; None if it has none."""
    content = yaml.safe_load(text)
    trainer = content.get("trainer") if isinstance(content, dict) else None
    found = trainer.get("default_root_dir") if isinstance(trainer, dict) else None
    return found if isinstance(found, str) else None


def _options(*entries: Any) -> Iterator[Any]:  # noqa: ANN401 - one of jsonargparse, or several
    """Yield the arguments of callbacks or loggers: of one, of a list, or of none."""
    for entry in entries:
        if isinstance(entry, list):
            yield from _options(*entry)
        elif (options := getattr(entry, "init_args", None)) is not None:
            yield options


def _replace(value: Any, old: str, new: str) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(value, dict):
        return {name: _replace(item, old, new) for name, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, old, new) for item in value]
    return new if value == old else value
