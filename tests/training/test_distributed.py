"""Training one model with two processes, through the real command line."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import torch
import yaml

from mtrs_geo.data.sampling.source_weights import BatchSchedule
from mtrs_geo.training.main import train
from mtrs_geo.training.run_config import config_for_run, read_config


@pytest.fixture(scope="module")
def command(root: Path) -> Callable[..., list[str]]:
    def command(folder: Path, *more: str) -> list[str]:
        folder.mkdir(exist_ok=True)
        run_config = folder / "run_config.yaml"
        run_config.write_text(yaml.safe_dump(config_for_run(read_config("tiny_stage2"), folder, 2)))
        return [
            *more[:1], "--config", str(run_config), "--model.weights", "null",
            "--model.imagenet", "false",
            "--data.root", str(root), "--data.crop_px", "64", "--data.batch_size", "1",
            "--data.num_workers", "0", "--trainer.accelerator", "cpu",
            "--trainer.enable_progress_bar", "false", *more[1:],
        ]  # fmt: skip

    return command


def metrics(folder: Path) -> dict[str, float]:
    with (folder / "log" / "metrics.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row.get("val_miou")]
    return {n: float(v) for n, v in rows[-1].items() if n.startswith("val_") and v}


def test_two_processes_train_and_validate_together(
    command: Callable[..., list[str]], tmp_path: Path
) -> None:
    both = tmp_path / "both"
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    arguments = command(both, "fit", "--trainer.strategy", "ddp", "--trainer.devices", "2",
                        "--trainer.sync_batchnorm", "false")  # fmt: skip
    start = [sys.executable, "-m", "mtrs_geo.cli", "train", "stage2"]
    subprocess.run([*start, *arguments], check=True, env=env)
    state = torch.load(both / "last.ckpt", weights_only=True)
    assert state["global_step"] == 2
    assert (both / "samples.png").exists()
    together = metrics(both)
    assert {"val_iou", "val_miou", "val_presence"} <= together.keys()
    # One process gets the same metric for the same weights.
    one = tmp_path / "one"
    checkpoint = ("--ckpt_path", str(both / "last.ckpt"))
    train("stage2", command(one, "validate", *checkpoint))
    assert metrics(one)["val_iou"] == pytest.approx(together["val_iou"], abs=1e-4)


def test_every_sample_belongs_to_one_process() -> None:
    """Two processes with two workers each take batches in turn and skip none."""
    samples = [
        list(islice(BatchSchedule(3, 4, process, 2).samples(worker, 2), 12))
        for process in range(2)
        for worker in range(2)
    ]
    assert sorted(n for worker in samples for n in worker) == list(range(12, 60))
    assert samples[0][:6] == [12, 13, 14, 24, 25, 26]


def test_resumed_workers_continue_the_schedule() -> None:
    straight = [list(islice(BatchSchedule(2).samples(w, 2), 8)) for w in range(2)]
    resumed = [list(islice(BatchSchedule(2, batches_done=3).samples(w, 2), 4)) for w in range(2)]
    by_batch = [straight[b % 2][2 * (b // 2) : 2 * (b // 2) + 2] for b in range(8)]
    assert by_batch[3:5] == [resumed[0][:2], resumed[1][:2]]
