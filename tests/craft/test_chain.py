"""From rendered pairs to a trained model: benchmarks/craft_chain.py at a small size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from chromium import COMMAND

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(COMMAND is None, reason="Chromium is not installed")
def test_pairs_become_audited_triplets_that_stage_2_trains_on(tmp_path):
    done = subprocess.run(
        [
            sys.executable, str(ROOT / "benchmarks/craft_chain.py"), "--pairs", "2", "--accepted",
            "3", "--needed", "3", "--output", str(tmp_path / "chain"), "--train",
            "--trainer.limit_train_batches", "1", "--trainer.limit_val_batches", "1",
            "--data.batch_size", "2", "--data.crop_px", "64", "--trainer.accelerator", "cpu",
        ],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 differences" in done.stdout
    assert "train_loss" in done.stdout
    assert (tmp_path / "chain/model/config.json").is_file()
