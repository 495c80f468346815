"""A real QGIS: its Python, its `qgis_process`, and its Desktop on a virtual screen.

`MTRS_GEO_QGIS_BIN` is a folder with the programs of another QGIS: `make test-qgis-new`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = os.environ.get("MTRS_GEO_QGIS_BIN")
Script = Callable[..., dict[str, Any]]


def program(name: str) -> str | None:
    """Find a program of QGIS; on Debian the wrapper without ".bin" hides the exit code."""
    return shutil.which(f"{name}.bin", path=BIN) or shutil.which(name, path=BIN)


def clean_environment(home: Path) -> dict[str, str]:
    """Return environment variables for QGIS, without those of Python, PROJ, GDAL and pip.

    Its workers share the converted models of this user: a conversion takes 20 s.
    """
    removed = ("PYTHON", "PROJ", "GDAL", "PIP_")
    converted = Path(platformdirs.user_cache_dir("mtrs-geo", appauthor=False))
    converted.mkdir(parents=True, exist_ok=True)
    (home / ".cache").mkdir(exist_ok=True)
    link = home / ".cache" / "mtrs-geo"
    if not link.is_symlink():
        link.symlink_to(converted)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(removed)}
    return {
        **clean,
        "PATH": os.defpath,  # QGIS must not find another python3, for example of pyenv
        "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
        "MTRS_GEO_PYTHON": os.environ.get("MTRS_GEO_PYTHON", sys.executable),
    }  # fmt: skip


@pytest.fixture(scope="session")
def plugin_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the plugin's zip."""
    folder = tmp_path_factory.mktemp("zip")
    command = [sys.executable, "-m", "qgis_plugin.package", str(folder)]
    command += [] if shutil.which("lrelease") else ["--english-only"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder / "mtrs_geo_qgis.zip"


@pytest.fixture(scope="session")
def plugin_folder(plugin_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package of the plugin's zip, mtrs_geo_qgis."""
    folder = tmp_path_factory.mktemp("plugin")
    with zipfile.ZipFile(plugin_zip) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Return the folder of the screenshots, which CI archives."""
    folder = ROOT / "build" / ("qgis-new-pictures" if BIN else "qgis")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def qgis_python(tmp_path_factory: pytest.TempPathFactory) -> Script:
    """Return a function that runs a script with QGIS's Python and returns its last line (JSON)."""
    python = f"{BIN}/python3" if BIN else "/usr/bin/python3"
    try:
        check = subprocess.run([python, "-c", "import qgis.core"], capture_output=True, check=False)
    except OSError:
        pytest.skip(f"{python} does not exist")
    if check.returncode != 0:
        pytest.skip(f"QGIS is not installed for {python}")

    def run(script: str, *arguments: object, code: str = "", **variables: str) -> dict[str, Any]:
        home = tmp_path_factory.mktemp("home")
        start = ["-c", code] if code else [str(HERE / script)]
        done = subprocess.run(
            [python, *start, *map(str, arguments)],
            env={**clean_environment(home), **variables},
            capture_output=True, text=True, check=False, timeout=1200,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return facts

    return run


@pytest.fixture(scope="session")
def process(plugin_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return a function that runs `qgis_process` with the zip installed and enabled."""
    command = program("qgis_process")
    if command is None:
        pytest.skip("QGIS (qgis_process) is not installed")
    home = tmp_path_factory.mktemp("home")
    plugins = home / ".local/share/QGIS/QGIS3/profiles/default/python/plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(plugin_zip) as archive:
        archive.extractall(plugins)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(command), *arguments], env=clean_environment(home), capture_output=True, text=True,
            check=False, timeout=1200,
        )  # fmt: skip

    done = run("plugins", "enable", "mtrs_geo_qgis")
    assert done.returncode == 0, done.stderr
    return run


@pytest.fixture(scope="session")
def desktop(plugin_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Script:
    """Return a function that runs a script in QGIS Desktop under Xvfb and returns its results."""
    command = program("qgis")
    if command is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS Desktop or xvfb-run is not installed")

    def run(script: str, request: dict[str, Any], scale: int = 1) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("desktop")
        profiles = folder / "profiles"
        plugins = profiles / "profiles" / "default" / "python" / "plugins"
        plugins.mkdir(parents=True)
        with zipfile.ZipFile(plugin_zip) as archive:
            archive.extractall(plugins)
        answer = folder / "answer.json"
        screen = f"-screen 0 {1280 * scale}x{800 * scale}x24"
        done = subprocess.run(
            ["xvfb-run", "-a", "-s", screen, command, "--nologo", "--noversioncheck",
             "--profiles-path", str(profiles), "--code", str(HERE / script)],
            env={**clean_environment(folder), "QT_QPA_PLATFORM": "xcb",
                 "QT_SCALE_FACTOR": str(scale),
                 "MTRS_GEO_TEST": json.dumps({**request, "answer": str(answer)})},
            capture_output=True, text=True, check=False, timeout=1200,
        )  # fmt: skip
        assert answer.is_file(), done.stdout + done.stderr
        facts: dict[str, Any] = json.loads(answer.read_text())
        assert "traceback" not in facts, facts["traceback"] + done.stderr
        return facts

    return run
