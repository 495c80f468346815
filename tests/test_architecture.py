"""The house's rules: imports point downhill, and names load nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LADDER = (
    ("errors", "types", "progress"),
    ("grid", "query"),
    ("tiling", "stitching", "ellipsoid", "runs", "scanning", "components", "outlines", "shaping",
     "change", "vectorize", "spool", "table", "metrics", "scene_rules"),
    ("io", "models", "data"),
    ("request", "result", "corridor", "finding", "preview", "pipeline", "labels", "pairs"),
    ("training", "evaluation", "batch", "benchmark", "craft"),
    ("demo", "doctor", "cluster", "jobs", "worker", "cli"),
)  # fmt: skip
STEP = {room: step for step, rooms in enumerate(LADDER) for room in rooms}
PEERS_UNKNOWN_TO_EACH_OTHER = {"io", "models", "data"}
FORBIDDEN = {
    "io": {"torch", "timm", "transformers"},
    "models": {"rasterio", "pyproj", "geopandas", "shapely", "affine"},
    "grid": {"torch", "rasterio"},
    "tiling": {"torch", "rasterio", "geopandas"},
    "stitching": {"torch", "rasterio", "geopandas"},
}


def modules() -> list[Path]:
    return sorted(
        p for p in (ROOT / "mtrs_geo").rglob("*.py") if p != ROOT / "mtrs_geo/__init__.py"
    )


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "mtrs_geo").with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downhill(path: Path) -> None:
    room = room_of(path)
    assert room in STEP, f"{room} has no place in the ladder"
    for name in imports(path):
        top, _, rest = name.partition(".")
        assert top not in FORBIDDEN.get(room, set()), f"{room} must not import {top}"
        assert top != "qgis", "only qgis_plugin imports qgis"
        if top != "mtrs_geo" or not rest:
            continue
        other = rest.split(".")[0]
        if other == room:
            continue
        assert STEP[other] <= STEP[room], f"{room} must not import {other}, which lies above it"
        both = {room, other}
        assert not both <= PEERS_UNKNOWN_TO_EACH_OTHER, f"{room} and {other} do not know each other"


def test_import_is_light() -> None:
    code = (
        "import sys, mtrs_geo, mtrs_geo.cli; assert mtrs_geo.__version__; "
        "heavy = {'torch', 'geopandas', 'rasterio', 'transformers'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names_resolve() -> None:
    import mtrs_geo

    for name in mtrs_geo.__all__:
        assert getattr(mtrs_geo, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mtrs_geo.nothing
