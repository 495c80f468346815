"""Train our decoder and specialists with the same data, steps and vision encoder.

Run: python benchmarks/equal_budget.py --root ../shared/data -o equal [--presets tiny lavt-like]
                                       [--steps 300]

Each preset starts from the vision encoder of tiny, which is frozen; all other weights are random
and see the same crops and sentences.  The configuration is that of the LAVT-like specialist with
a budget for two slow cores: crops of 128 px, no composed pairs.  tiny has its ground head and its
upsampling.  Writes OUTPUT/PRESET/model, a model folder; real_tables.py scores it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import yaml

from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.training.main import export, train
from mtrs_geo.training.run_config import config_for_run, read_config

_MODEL = {"freeze": ["vision"], "ground_head": True}
_DATA = {"crop_px": 128, "composed": 0.0, "text_only": 2}
_UPSAMPLING_WIDTH = {"tiny": 48}


def main() -> int:
    """Train each preset and export it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--presets", nargs="+", default=["tiny", "lavt-like"])
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    try:
        for preset in arguments.presets:
            started = time.monotonic(), time.process_time()
            _train(preset, arguments.output / preset, arguments.root, arguments.steps)
            minutes, cpu = time.monotonic() - started[0], time.process_time() - started[1]
            sys.stdout.write(
                f"{preset}: {arguments.steps} steps, {minutes / 60:.1f} min, {cpu / 60:.1f} min "
                f"of CPU -> {arguments.output / preset / 'model'}\n"
            )
    except MTRSGeoError as error:
        sys.exit(str(error))
    return 0


def _train(preset: str, folder: Path, root: Path, steps: int) -> None:
    config = config_for_run(read_config("lavt-like_stage2"), folder, steps)
    width = _UPSAMPLING_WIDTH.get(preset, 0)
    config["model"] |= {"preset": preset, "upsampling_width": width, **_MODEL}
    config["data"] |= {"root": str(root), **_DATA}
    config["data"]["source_weights"]["buildings"] = 0
    config["trainer"] |= {"accelerator": "cpu", "limit_val_batches": 0}
    config["trainer"]["enable_progress_bar"] = False
    config["trainer"]["callbacks"] = [
        callback
        for callback in config["trainer"]["callbacks"]
        if "mtrs_geo" not in callback["class_path"]  # pictures of validation
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run_config.yaml"
    path.write_text(yaml.safe_dump(config))
    train("stage2", ["fit", "--config", str(path)])
    description = f"{preset} from tiny's vision encoder, {steps} steps."
    export(
        folder / "last.ckpt", folder / "model", name=preset, version="equal-budget",
        description=description, overwrite=True,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
