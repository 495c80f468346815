"""Checks of the plugin site (no findings, complete metadata) and complete translations."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from qgis_plugin.i18n.strings import read_ts, source_texts
from qgis_plugin.package import build

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "qgis_plugin"


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def metadata() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return dict(parser["general"])


def test_flake8_has_no_findings() -> None:
    done = run("flake8", "qgis_plugin")
    assert done.returncode == 0, done.stdout


def test_bandit_has_no_findings() -> None:
    done = run("bandit", "-q", "-r", "qgis_plugin", "-f", "json")
    assert json.loads(done.stdout)["results"] == []


def test_there_are_no_secrets() -> None:
    done = run("detect_secrets", "scan", "--no-verify", "--all-files", "qgis_plugin",
               "metadata.txt")  # fmt: skip
    assert json.loads(done.stdout)["results"] == {}


def test_metadata_is_complete(metadata: dict[str, str]) -> None:
    required = {
        "name", "qgisMinimumVersion", "description", "about", "version", "author", "tags", "icon",
        "category", "license", "changelog", "hasProcessingProvider", "experimental", "deprecated",
        "server",
    }  # fmt: skip
    assert not {key for key in required if not metadata.get(key.lower(), "").strip()}
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata["version"])
    assert metadata["qgisminimumversion"] == "3.22"
    assert float(metadata["qgismaximumversion"]) >= 4
    assert metadata["category"] in {"Raster", "Vector", "Database", "Mesh", "Web", "Plugins"}
    assert metadata["hasprocessingprovider"] == "yes"
    assert metadata["license"] == "GPL-2.0-or-later"
    assert (PLUGIN / metadata["icon"]).is_file()
    assert "plugin" not in metadata["name"].lower()


def test_addresses_are_public_or_in_the_release_checklist(metadata: dict[str, str]) -> None:
    """The plugin site requires email, repository and tracker; before that they may be missing."""
    checklist = (ROOT / "docs" / "release-checklist.md").read_text(encoding="utf-8")
    for key in ("email", "homepage", "repository", "tracker"):
        value = metadata.get(key)
        assert value is not None or f"`{key}`" in checklist
        assert value is None or "example." not in value
        assert value is None or key == "email" or value.startswith("https://")


def test_the_version_is_that_of_mtrs_geo(metadata: dict[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["version"] == project["version"]


def test_the_plugin_imports_neither_mtrs_geo_nor_qt_directly() -> None:
    for path in PLUGIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            packages = {name.split(".")[0] for name in names}
            assert not packages & {"mtrs_geo", "PyQt5", "PyQt6", "torch", "numpy", "requests"}, path


NEWER_THAN_3_9 = re.compile(
    r"\bUTC\b|\bpairwise\b|\bStrEnum\b|\bExceptionGroup\b|\btomllib\b|\bTypeAlias\b|\bSelf\b"
    r"|\bstrict=|\bslots=|\bkw_only=|\bnewline=|\bfile_digest\b|isinstance\([^()]*\|"
)
"""Names of the standard library, and types joined with | at run time."""


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("*.py")), ids=lambda p: p.stem)
def test_python_3_9_can_run_the_plugin(path: Path) -> None:
    """QGIS 3.22 to 3.34 for Windows have Python 3.9; the QGIS of the tests has a newer one."""
    text = path.read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 9))
    assert NEWER_THAN_3_9.findall(text) == []
    assert "from __future__ import annotations" in text or not re.search(r"^\s*def ", text, re.M)


@pytest.mark.parametrize("path", sorted((PLUGIN / "i18n").glob("*.ts")), ids=lambda p: p.stem)
def test_translations_are_complete(path: Path) -> None:
    translations = read_ts(path)
    assert list(translations) == source_texts(), f"run python -m qgis_plugin.i18n.strings {path}"
    fields = re.compile(r"\{[^}]*\}")
    for text, translation in translations.items():
        assert translation, f"not translated: {text}"
        assert sorted(fields.findall(text)) == sorted(fields.findall(translation)), text


def test_the_zip_can_contain_our_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "mtrs_geo-9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mtrs_geo/__init__.py", "")
    with zipfile.ZipFile(build(tmp_path, english_only=True, wheel=wheel)) as archive:
        assert archive.read(f"mtrs_geo_qgis/wheels/{wheel.name}") == wheel.read_bytes()
    other = wheel.rename(tmp_path / "other-1-py3-none-any.whl")
    with pytest.raises(ValueError, match="not a wheel of mtrs-geo"):
        build(tmp_path, english_only=True, wheel=other)
    with pytest.raises(FileNotFoundError, match="pip wheel"):
        build(tmp_path, english_only=True, wheel=wheel)


@pytest.mark.skipif(shutil.which("lrelease") is None, reason="lrelease is not installed")
def test_the_zip_contains_german(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as archive:
        content = archive.read("mtrs_geo_qgis/i18n/de.qm")
    assert "Veränderungen".encode("utf-16-be") in content


def test_the_zip_contains_every_module_but_the_developer_tools(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path, english_only=True)) as archive:
        modules = {name for name in archive.namelist() if name.endswith(".py")}
    sources = {path.relative_to(PLUGIN).as_posix() for path in PLUGIN.rglob("*.py")}
    expected = sources - {"package.py", "i18n/strings.py"}
    assert modules == {f"mtrs_geo_qgis/{name}" for name in expected}


def test_without_lrelease_only_english_can_be_built(tmp_path: Path) -> None:
    def package(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "qgis_plugin.package", str(tmp_path / "dist"), *arguments],
            cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    refused = package()
    assert refused.returncode != 0
    assert "lrelease is not installed" in refused.stderr
    assert not (tmp_path / "dist").exists()
    assert package("--english-only").returncode == 0
    with zipfile.ZipFile(tmp_path / "dist" / "mtrs_geo_qgis.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".qm")]


GERMAN = """
import sys
sys.path.insert(0, sys.argv[1])
from qgis.core import QgsApplication, QgsSettings
if sys.argv[2] == "started with":  # as qgis --lang does
    QgsApplication.setTranslation("de")
app = QgsApplication([], False)
if sys.argv[2] == "chosen":
    QgsSettings().setValue("locale/overrideFlag", True)
    QgsSettings().setValue("locale/userLocale", "de_DE")
from mtrs_geo_qgis.i18n.translate import load_translation, tr
before, translation, after = tr("Accept"), load_translation(), tr("Accept")
print(before, after, tr("not a source text"), flush=True)
"""


@pytest.mark.skipif(shutil.which("lrelease") is None, reason="lrelease is not installed")
@pytest.mark.parametrize("how", ["chosen", "started with"])
def test_german_qgis_shows_german_texts(tmp_path: Path, how: str) -> None:
    python = "/usr/bin/python3"
    if shutil.which("qgis_process") is None:
        pytest.skip("QGIS is not installed")
    with zipfile.ZipFile(build(tmp_path)) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [python, "-c", GERMAN, str(tmp_path), how], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path),
             "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.stdout.split() == ["Accept", "Annehmen", "not", "a", "source", "text"], done.stderr
