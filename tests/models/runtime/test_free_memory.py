"""What a device has left, within the limits of a container."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from mtrs_geo.models.runtime import free_memory
from mtrs_geo.models.runtime.free_memory import free_bytes

MIB = 1 << 20
AVAILABLE = 8000 * MIB


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``proc`` and ``cgroup`` of a machine with 8,000 MiB left, and no groups."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(free_memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(free_memory, "_CGROUPS", tmp_path / "cgroup")
    write(tmp_path / "proc/meminfo", f"MemFree: 5 kB\nMemAvailable:  {AVAILABLE >> 10} kB\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_available_memory_of_the_machine(machine: Path) -> None:
    assert free_bytes("cpu") == free_bytes("openvino") == AVAILABLE


def test_unknown_where_the_system_does_not_say(machine: Path) -> None:
    (machine / "proc/meminfo").unlink()
    assert free_bytes("cpu") is None
    write(machine / "proc/meminfo", "MemAvailable: much\n")
    assert free_bytes("cpu") is None


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux only")
def test_this_machine_has_memory() -> None:
    free = free_bytes("cpu")
    assert free is not None
    assert MIB < free < 1 << 50


@pytest.mark.parametrize("name", ["/", "/job", "/../job"])
def test_a_limit_of_the_second_version_of_cgroups(machine: Path, name: str) -> None:
    """Its own group, or the root that a container sees; cached files do not count as used."""
    group = machine / "cgroup" / ("job" if name == "/job" else "")
    write(machine / "proc/self/cgroup", f"0::{name}\n")
    write(group / "memory.max", f"{1000 * MIB}\n")
    write(group / "memory.current", f"{700 * MIB}\n")
    write(group / "memory.stat", f"anon {500 * MIB}\ninactive_file {200 * MIB}\n")
    assert free_bytes("cpu") == 500 * MIB


def test_the_limit_of_an_outer_group_counts(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/pod/box\n")
    for group, most in (("pod", str(900 * MIB)), ("pod/box", "max")):
        write(machine / "cgroup" / group / "memory.max", most)
        write(machine / "cgroup" / group / "memory.current", str(100 * MIB))
    assert free_bytes("cpu") == 800 * MIB


def test_a_limit_of_the_first_version_of_cgroups(machine: Path) -> None:
    """A container often sees its own group as the root, whatever its name outside."""
    write(machine / "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/1\n0::/\n")
    write(machine / "cgroup/memory/memory.limit_in_bytes", str(600 * MIB))
    write(machine / "cgroup/memory/memory.usage_in_bytes", str(500 * MIB))
    write(machine / "cgroup/memory/memory.stat", f"cache 1\ntotal_inactive_file {50 * MIB}\n")
    assert free_bytes("cpu") == 150 * MIB


def test_no_limit_and_more_than_the_machine_has(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "4:memory:/\n")
    write(machine / "cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
    write(machine / "cgroup/memory/memory.usage_in_bytes", "1")
    assert free_bytes("cpu") == AVAILABLE


def test_free_memory_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What PyTorch holds without using it can be used by the next pass."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (3000, 9000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 500)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 400)
    assert free_bytes("cuda:0") == 3100


def test_unknown_for_a_gpu_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(device: str) -> tuple[int, int]:
        msg = "Found no NVIDIA driver"
        raise RuntimeError(msg)

    monkeypatch.setattr(torch.cuda, "mem_get_info", fail)
    assert free_bytes("cuda") is None
