"""“Create environment” with real processes: venv, pip, and the messages when they fail."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Script = Callable[..., dict[str, Any]]
HAS_VENV = """
import importlib.util, json, sys
can = importlib.util.find_spec("ensurepip") is not None
print(json.dumps({"has_venv": can and sys.version_info >= (3, 11)}))
"""


CLI = """import importlib.metadata as m, sys
names = ("torch", "torchvision", "openvino")
found = {d.metadata["Name"]: d.version for d in m.distributions()}
print(sys.argv[1], *(f"{name}={found.get(name)}" for name in names), flush=True)
"""
OURS = (
    "Requires-Dist: torch>=2.6", "Requires-Dist: torchvision", "Provides-Extra: openvino",
    'Requires-Dist: openvino>=2026.1; extra == "openvino"',
)  # fmt: skip
CHECKOUT = """[project]
name = "mtrs-geo"
version = "9.9"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """import pathlib, shutil
def build_wheel(folder, config_settings=None, metadata_directory=None):
    wheel = next(pathlib.Path(__file__).parent.glob("*.whl"))
    shutil.copy(wheel, folder)
    return wheel.name
"""


def write_wheel(
    folder: Path, name: str, version: str, metadata: Sequence[str] = (), cli: str = ""
) -> Path:
    """Write a wheel of an empty package, or of one with a module ``cli``."""
    folder.mkdir(parents=True, exist_ok=True)
    package = name.replace("-", "_")
    info = f"{package}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]
    files = {
        f"{package}/__init__.py": "", f"{info}/METADATA": "\n".join(lines),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }  # fmt: skip
    files |= {f"{package}/cli.py": cli} if cli else {}
    path = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for entry, text in files.items():
            wheel.writestr(entry, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{n},,\n" for n in [*files, f"{info}/RECORD"]))
    return path


def write_ours(folder: Path) -> Path:
    """Write a wheel of mtrs-geo that needs torch, and whose ``doctor`` prints versions."""
    return write_wheel(folder, "mtrs-geo", "9.9", OURS, CLI)


def write_torch(folder: Path, builds: Sequence[str]) -> None:
    """Write torch and torchvision in some builds, for example "+cpu"."""
    for build in builds:
        write_wheel(folder, "torch", f"2.9.0{build}")
        write_wheel(folder, "torchvision", f"0.24.0{build}", ["Requires-Dist: torch==2.9.0"])


def write_checkout(folder: Path) -> Path:
    """Write a checkout of mtrs-geo that builds without a network."""
    write_ours(folder)
    (folder / "pyproject.toml").write_text(CHECKOUT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


@contextlib.contextmanager
def serve(wheels: Path, root: Path) -> Iterator[str]:
    """Serve wheels as a package index (PEP 503) and yield its address."""
    for wheel in wheels.glob("*.whl"):
        folder = root / "simple" / wheel.name.split("-")[0].replace("_", "-")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / wheel.name).write_bytes(wheel.read_bytes())
        links = (f'<a href="{w.name}">{w.name}</a>' for w in folder.glob("*.whl"))
        (folder / "index.html").write_text(f"<!DOCTYPE html><body>{''.join(links)}</body>")
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def facts(
    qgis_python: Script, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """Environments from tiny wheels: an index with all builds of torch, and one with the default.

    No index has mtrs-geo.
    """
    if not qgis_python("", code=HAS_VENV)["has_venv"]:
        pytest.skip("QGIS's Python has no ensurepip or is older than 3.11")
    folder = tmp_path_factory.mktemp("builder")
    write_ours(folder / "ours")
    write_checkout(folder / "checkout")
    (folder / "empty").mkdir()
    write_ours(folder / "whole")
    write_torch(folder / "whole", ["+cpu", "+cu128"])
    write_torch(folder / "all", ["", "+cpu", "+cu128"])
    write_torch(folder / "plain", [""])
    write_torch(folder / "cpu", ["+cpu"])
    write_wheel(folder / "all", "openvino", "2026.1.0")
    with (
        serve(folder / "all", folder / "index") as index,
        serve(folder / "plain", folder / "plain_index") as plain,
        serve(folder / "cpu", folder / "cpu_index") as cpu,
    ):
        yield qgis_python(
            "builder_script.py", ROOT, folder, LANG="C.UTF-8", PIP_INDEX_URL=index,
            TEST_PLAIN_INDEX=plain, TEST_CPU_INDEX=cpu,
        )  # fmt: skip


CPU = "doctor torch=2.9.0+cpu torchvision=0.24.0+cpu"


def test_an_environment_is_created_from_a_folder_of_wheels(facts: dict[str, Any]) -> None:
    whole = facts["whole"]
    assert whole["done"], whole["log"]
    assert whole["text"].endswith("of_folder/bin/python")
    assert "--no-index --find-links" in whole["log"]
    assert "Successfully installed mtrs-geo-9.9" in whole["log"]
    assert f"{CPU} openvino=None" in whole["log"]
    assert "OpenVINO was not installed" in whole["log"]  # the folder does not contain it
    assert facts["has"]


@pytest.mark.parametrize("kind", ["wheel", "checkout"])
def test_a_wheel_or_a_checkout_takes_its_dependencies_from_the_index(
    facts: dict[str, Any], kind: str
) -> None:
    found = facts[kind]
    assert found["kind"] == kind
    assert found["done"], found["log"]
    assert f"{CPU} openvino=2026.1.0" in found["log"]


def test_a_folder_with_only_our_wheel_takes_the_rest_from_the_index(facts: dict[str, Any]) -> None:
    """With a GPU pip chooses the build of torch, and OpenVINO is not installed."""
    found = facts["own_folder"]
    assert found["done"], found["log"]
    assert "doctor torch=2.9.0+cu128 torchvision=0.24.0+cu128 openvino=None" in found["log"]


def test_the_cpu_build_comes_from_the_index_of_pytorch(facts: dict[str, Any]) -> None:
    found = facts["plain_index"]
    assert found["done"], found["log"]
    assert CPU in found["log"]


def test_without_a_cpu_build_the_default_build_is_installed(facts: dict[str, Any]) -> None:
    found = facts["no_cpu_build"]
    assert found["done"], found["log"]
    assert "doctor torch=2.9.0 torchvision=0.24.0" in found["log"]


def test_not_on_the_index_has_its_own_message(facts: dict[str, Any]) -> None:
    assert not facts["index"]["done"]
    assert facts["index"]["text"].startswith("mtrs-geo is not on the package index.")
    assert "checkout" in facts["index"]["text"]


def test_a_missing_package_is_reported_with_advice(facts: dict[str, Any]) -> None:
    bare = facts["bare"]
    assert not bare["done"]
    assert "No matching distribution found for mtrs-geo" in bare["log"]
    assert "folder of wheels must contain mtrs-geo" in bare["text"]


def test_a_path_that_does_not_exist_is_reported_before_the_start(facts: dict[str, Any]) -> None:
    assert not facts["missing"]["done"]
    assert "no/such.whl does not exist" in facts["missing"]["text"]
    assert facts["missing"]["log"] == ""


def test_a_folder_that_cannot_be_created_is_reported(facts: dict[str, Any]) -> None:
    assert not facts["blocked"]["done"]
    assert "blocked" in facts["blocked"]["log"]
    assert "See the log" in facts["blocked"]["text"]


def test_the_page_takes_each_kind_of_source(facts: dict[str, Any]) -> None:
    sources = facts["sources"]
    kind, path, disk = sources["start"]
    assert (kind, path) == ("index", "")
    assert " GB are free in " in disk
    assert sources["full"].startswith("⚠")
    wheel = "ours/mtrs_geo-9.9-py3-none-any.whl"
    for name, expected in ((wheel, "wheel"), ("ours", "folder"), ("checkout", "checkout")):
        kind, uses_index, command = sources[name]
        assert (kind, uses_index) == (expected, True)
        assert "--no-index" not in command
        assert command.endswith(wheel if kind != "checkout" else "/checkout")
    kind, uses_index, command = sources["whole"]
    assert (kind, uses_index) == ("folder", False)
    assert command.startswith("--isolated --no-index --find-links ")
    assert "--no-index" in sources["without"]
    assert sources["back"] == "mtrs-geo"


def test_the_creation_can_be_stopped(facts: dict[str, Any]) -> None:
    assert not facts["stopped"]["done"]
    assert facts["stopped"]["text"] == "Stopped by the user."
    assert "Installing" not in facts["stopped"]["log"]


def test_the_page_shows_the_creation(facts: dict[str, Any]) -> None:
    during, after, state, report = facts["page"]
    assert (during, after) == ("Stop", "Create environment")
    assert "folder of wheels must contain mtrs-geo" in state
    assert "No matching distribution" in report


def test_the_creation_goes_on_when_the_page_is_closed(facts: dict[str, Any]) -> None:
    shown, ends, running, can_test, state = facts["closed"]
    assert shown == ["Stop", "Creating the environment", "Create environment"]
    assert ends == [False]  # the folder of wheels is empty
    assert running is None
    assert (can_test, state) == (True, "")


def test_the_proxy_of_qgis_is_used(facts: dict[str, Any]) -> None:
    assert facts["proxy"] == ["http://me:p%40ss@proxy.test:8080"] * 2
