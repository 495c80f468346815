"""The layers of the code: imports point down, without circles, and names load nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = {
    "mtrs_geo": (
        ("redaction",),
        ("errors", "types", "progress", "interruption", "heavy_imports", "strict_yaml",
         "control_groups"),
        ("class_codes", "outputs", "grid", "antimeridian", "query", "models.familiarity"),
        ("tiles", "vectorize", "metrics", "ledger", "models.calibration", "understanding",
         "data.pixel_values"),
        ("io", "models.config", "models.metadata", "models.contract", "models.reader",
         "data.datasets", "data.split", "data.rendering"),
        ("models.catalog", "models.presets", "models.network", "models.vocabulary", "data.compose",
         "data.sentences"),
        ("models.checkpoints", "models.classical", "data.sampling"),
        ("models.rivals", "models.latent"),
        ("models.runtime",),
        ("models", "data"),
        ("detect.inference",),
        ("cluster",),
        ("detect", "pairs", "evaluation"),
        ("batch", "benchmark", "craft.project"),
        ("craft.backends",),
        ("craft.stages", "craft.audit", "craft.export", "craft.importing"),
        ("craft",),
        ("training.lora", "training.submodules", "training.distributed", "training.resume",
         "training.run_config"),
        ("training.model_loading", "training.reader"),
        ("training.callbacks", "training.tasks"),
        ("training.finetune", "training.compress", "training.command"),
        ("training.ablations", "training.export", "training.bundle"),
        ("training.main",),
        ("training",),
        ("demo", "doctor"),
        ("worker",),
        ("cli",),
        ("__main__",),
    ),
    "qgis_plugin": (
        ("i18n", "dates_in_text", "ground_size", "score_field", "widgets"),
        ("layer_dates", "sentences"),
        ("worker", "results", "review"),
        ("algorithms", "dock", "settings"),
        ("provider", "package"),
        ("plugin",),
    ),
}  # fmt: skip
"""Members (a folder or a module) from the lowest layer to the highest.  A member may import
members of lower layers, and none of its own layer."""

PEERS_UNKNOWN_TO_EACH_OTHER = {"io", "models", "data"}
FORBIDDEN = {
    "io": {"torch", "timm", "transformers"},
    "models": {"rasterio", "pyproj", "geopandas", "shapely", "affine"},
    "grid": {"torch", "rasterio"},
    "tiles": {"torch", "rasterio", "geopandas"},
    "query": {"torch", "rasterio", "geopandas", "numpy"},
    "understanding": {"torch", "rasterio", "geopandas", "numpy"},
}
MOST_MODULES, MOST_LINES = 18, 400


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    return [path for path in found if path != ROOT / package / "__init__.py"]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for package in LAYERS for path in modules(package)}


def imports(path: Path, *, is_typing: bool = True) -> Iterator[str]:
    """Every module that a file imports, by its full name, also inside functions."""
    package = module_name(path).split(".")[: None if path.name == "__init__.py" else -1]
    for node in walk(ast.parse(path.read_text()), is_typing=is_typing):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{module}.{alias.name}"
                yield name if name in MODULES else module


def walk(tree: ast.AST, *, is_typing: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        is_hint = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if is_typing or not is_hint:
            yield node
            yield from walk(node, is_typing=is_typing)


def member_of(module: str, layers: Sequence[Sequence[str]]) -> str:
    """The listed member of a module: the longest listed name that it begins with."""
    _, _, inner = module.partition(".")
    members = [r for layer in layers for r in layer if inner == r or inner.startswith(f"{r}.")]
    assert members, f"{module} has no place in the layers"
    return max(members, key=len)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    package = module.partition(".")[0]
    layers = LAYERS[package]
    step = {member: at for at, layer in enumerate(layers) for member in layer}
    member = member_of(module, layers)
    for name in imports(MODULES[module]):
        top, _, rest = name.partition(".")
        if package == "mtrs_geo":
            assert top not in FORBIDDEN.get(member.partition(".")[0], set()), name
            assert top not in {"qgis", "qgis_plugin"}, "only the plugin imports qgis"
        else:
            assert top != "mtrs_geo", "the plugin imports nothing of mtrs_geo"
        if top != package or not rest:
            continue
        other = member_of(name, layers)
        assert other == member or step[other] < step[member], f"{member} must not import {other}"
        both = {member.partition(".")[0], other.partition(".")[0]}
        assert not (len(both) == 2 and both <= PEERS_UNKNOWN_TO_EACH_OTHER), (member, other)


@pytest.mark.parametrize("package", LAYERS)
def test_no_circle_of_imports(package: str) -> None:
    graph = {
        module: {name for name in imports(path, is_typing=False) if name in MODULES} - {module}
        for module, path in MODULES.items()
        if module.startswith(package)
    }
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", LAYERS)
def test_every_listed_room_exists(package: str) -> None:
    for member in (member for layer in LAYERS[package] for member in layer):
        assert f"{package}.{member}" in MODULES, f"{member} is listed and does not exist"


@pytest.mark.parametrize("package", LAYERS)
def test_folders_and_files_stay_small(package: str) -> None:
    for folder in {path.parent for path in (ROOT / package).rglob("*.py")}:
        assert len(list(folder.glob("*.py"))) <= MOST_MODULES, folder
    for path in (ROOT / package).rglob("*.py"):
        assert len(path.read_text().splitlines()) <= MOST_LINES, path


def test_files_of_tests_and_benchmarks_stay_small() -> None:
    for folder in ("tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= MOST_LINES, path


@pytest.mark.parametrize("package", LAYERS)
def test_every_folder_says_what_it_is_for(package: str) -> None:
    for path in (ROOT / package).rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_import_is_light() -> None:
    code = (
        "import sys, mtrs_geo; assert mtrs_geo.__version__; "
        "heavy = {'torch', 'numpy', 'rasterio', 'geopandas'} & set(sys.modules); "
        "assert not heavy, heavy; import mtrs_geo.cli; "
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
