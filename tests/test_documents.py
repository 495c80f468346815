"""What the documents name exists: public names, files, links, commands and options."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.main import get_command

import mtrs_geo
from mtrs_geo.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks/README.md"]
)
# The history keeps the names of its time.
CURRENT = [path for path in DOCUMENTS if path.name != "model-history.md"]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def resolve(dotted: str) -> object:
    """Import the longest module of a dotted name, then take attributes."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(dotted)


@pytest.mark.parametrize("public", mtrs_geo.__all__)
def test_public_names_are_imported_from_the_package(public: str) -> None:
    assert resolve(f"mtrs_geo.{public}") is not None


@pytest.mark.parametrize("path", [*CURRENT, *NOTEBOOKS], ids=name)
def test_dotted_names_resolve(path: Path) -> None:
    for dotted in set(re.findall(r"\bmtrs_geo(?:\.[A-Za-z_]\w*)+", path.read_text())):
        resolve(dotted.removesuffix(".py"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_and_pictures_exist(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in link:
            assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", CURRENT, ids=name)
def test_named_files_exist(path: Path) -> None:
    pattern = (
        r"\b(?:mtrs_geo|qgis_plugin|benchmarks|docs|tests|notebooks)/[\w/]+\.(?:py|md|yaml|ipynb)"
    )
    for file in set(re.findall(pattern, path.read_text())):
        assert (ROOT / file).exists(), file


@pytest.mark.parametrize("path", [*CURRENT, *NOTEBOOKS], ids=name)
def test_commands_exist(path: Path) -> None:
    commands = get_command(app)
    assert isinstance(commands, typer.core.TyperGroup)
    # In code: a span, an indented line, or a shell line of a notebook.
    pattern = r"(?:`|^ {4}|bin/|!)mtrs-geo ([a-z][a-z0-9 -]*)"
    for line in re.findall(pattern, path.read_text(), re.MULTILINE):
        first, *rest = line.split()
        command = commands.commands.get(first)
        assert command is not None, line
        if isinstance(command, typer.core.TyperGroup) and rest and rest[0][0] != "-":
            assert rest[0] in command.commands, line


def test_extras_that_the_documents_name_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for path in [*CURRENT, *NOTEBOOKS]:
        for extra in re.findall(r"mtrs-geo\[([a-z,]+)\]", path.read_text()):
            assert set(extra.split(",")) <= set(extras), (path, extra)
