"""Several threads may share one loaded model."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo import control_groups
from mtrs_geo.control_groups import usable_cpus
from mtrs_geo.models import load_model
from mtrs_geo.types import FloatArray, UInt8Array

QUERIES = (["new buildings"], ["demolished houses", ""], ["new roads"])


@pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "openvino",
            marks=pytest.mark.skipif(
                importlib.util.find_spec("openvino") is None, reason="no openvino"
            ),
        ),
    ],
)
def test_three_threads_get_the_results_of_one(device: str) -> None:
    model = load_model("tiny", device)
    side = 64 if device == "cpu" else model.info.tile_px
    generator = np.random.default_rng(1)
    images: list[UInt8Array] = [
        generator.integers(0, 255, (1, 2, 3, side, side), dtype=np.uint8) for _ in QUERIES
    ]
    expected = [model.predict_tiles(i, q) for i, q in zip(images, QUERIES, strict=True)]

    def repeat(index: int) -> list[FloatArray]:
        return [model.predict_tiles(images[index], QUERIES[index]) for _ in range(4)]

    with ThreadPoolExecutor(3) as threads:
        for results, alone in zip(threads.map(repeat, range(3)), expected, strict=True):
            for result in results:
                np.testing.assert_allclose(result, alone, atol=1e-5)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with ``proc`` and ``cgroup`` of a machine with 8 CPUs."""
    monkeypatch.setattr(control_groups, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(control_groups, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    threads = torch.get_num_threads()
    yield tmp_path
    torch.set_num_threads(threads)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [
        ("250000 100000", 3), ("50000 100000", 1), ("900000 100000", 8), ("max 100000", 8),
        ("", 8), ("100000 0", 8), ("many 100000", 8),
    ],
)  # fmt: skip
def test_a_quota_of_the_second_version_of_cgroups(machine: Path, quota: str, cpus: int) -> None:
    assert usable_cpus() == 8  # without control groups
    write(machine / "proc/self/cgroup", "0::/pod/box\n")
    write(machine / "cgroup/pod/box/cpu.max", "max 100000\n")
    write(machine / "cgroup/pod/cpu.max", f"{quota}\n")
    assert usable_cpus() == cpus


@pytest.mark.parametrize(("quota", "cpus"), [(200000, 2), (-1, 8)])
def test_a_quota_of_the_first_version_of_cgroups(machine: Path, quota: int, cpus: int) -> None:
    """A container often sees its own group as the root, whatever its name outside."""
    write(machine / "proc/self/cgroup", "4:cpu,cpuacct:/docker/1\n3:cpuset:/x\n0::/\n")
    write(machine / "cgroup/cpu/cpu.cfs_quota_us", f"{quota}\n")
    write(machine / "cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert usable_cpus() == cpus


def test_a_model_has_no_more_threads_than_cpus(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(machine / "proc/self/cgroup", "0::/\n")
    write(machine / "cgroup/cpu.max", "200000 100000\n")
    torch.set_num_threads(4)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    load_model("tiny", "cpu")
    assert torch.get_num_threads() == 4
    monkeypatch.delenv("OMP_NUM_THREADS")
    load_model("tiny", "cpu")
    assert torch.get_num_threads() == 2
