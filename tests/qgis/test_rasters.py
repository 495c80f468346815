"""Raster layers as inputs of the algorithms in QGIS's own Python, with a fake worker."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = ("detect", "io", "models", "pairs", "outputs", "ledger", "batch", "worker")
"""Packages whose messages the plugin shows."""
PYTHON = r"set_crs|`result\.|parameter aoi_crs"
"""What only a program in Python can use."""
COMMAND = re.compile(r"(?:pip install|mtrs-geo [a-z]+) .*")
NAMES = ["nir", "blue", "green", "red"]


def advice_with_options() -> list[str]:
    """Return the texts of the packages that name an option of the command line, or Python."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / "mtrs_geo" / package).rglob("*.py")):
            found += [text for text in _texts(path) if re.search(rf"--[a-z]|{PYTHON}", text)]
    return list(dict.fromkeys(found))


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module without its docstrings; values are 7."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "7" for one in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and "\n" not in (text := str(node.value)):
            yield text


@pytest.fixture(scope="module")
def facts(
    qgis_python: Callable[..., dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("rasters")
    fake = folder / "python"
    fake.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -I "{HERE / "fake_worker.py"}"\n')
    fake.chmod(0o755)
    texts = folder / "texts.json"
    texts.write_text(json.dumps(advice_with_options()))
    return qgis_python("rasters_script.py", ROOT, folder, texts, MTRS_GEO_PYTHON=str(fake))


def test_a_copy_of_a_file_has_its_pixels_and_band_names(facts: dict[str, Any]) -> None:
    found = facts["copies"]
    for name in ("file", "memory", "options"):
        assert found[name]["names"] == NAMES, name
        assert found[name]["values"] == [10, 20, 30, 40]
        assert found[name]["nad83"] == (name != "options")
    # Pixels of 10 m, although those of web layers are 0.5 m; only a copy of pixels is cut.
    assert found["file"]["size"] == found["options"]["size"] == [10, 8]
    assert found["memory"]["size"] == [5, 4]
    assert found["palette"]["palette"]
    assert found["masked"]["mask"] == 2  # of the whole dataset


def test_nodata_values_of_the_layer_reach_the_worker(facts: dict[str, Any]) -> None:
    layer = ["The nodata values of layer"]
    assert facts["nodata"] == {
        "none": [False, None, []], "one": [True, 20, []], "range": [False, None, layer],
        "same": [False, 10, []], "own and one": [False, 10, layer], "instead": [True, 20, []],
        "off": [True, None, []], "masked": [True, 20, layer],
        "scaled": [True, 7, []],
    }  # fmt: skip


def test_bands_of_the_symbology_have_no_effect(facts: dict[str, Any]) -> None:
    found = facts["bands"]
    assert found["named"] == found["usual"] == found["untouched"] == []
    assert found["unnamed"][0].startswith("unnamed: QGIS shows the bands 2, 3, 4 as red, green")


def test_dates_of_the_layer_reach_the_worker(facts: dict[str, Any]) -> None:
    found = facts["dates"]
    assert found["both"] == ["2016", "2019-03-01"]
    assert found["one"] == [None, "2019-03-01"]
    assert found["none"] is None  # the worker reads the file's
    assert found["stack"] == ["2016", "2019-03-01"]


def test_a_raster_in_an_archive_is_read_there(facts: dict[str, Any]) -> None:
    inside, whole = facts["archives"]["paths"]
    assert inside.startswith("/vsizip/")
    assert inside.endswith("/a.zip/inside.tif")
    assert whole.startswith("/vsizip/")
    assert facts["archives"]["sizes"] == [10, 10]


def test_missing_tiles_of_a_server_are_told(facts: dict[str, Any]) -> None:
    found = facts["web"]
    assert found["all"] == [[], True]
    (warning,), is_kept = found["half"]
    assert is_kept  # for a run that goes on with the file
    share = float(re.search(r"half: ([\d.]+) % of the extent have no image", warning)[1])
    assert 25 < share < 75
    assert "127.0.0.1 did not answer" in warning
    assert found["none"].startswith("none has no image in this extent: 127.0.0.1 did not answer")


def test_a_raster_that_is_no_file_keeps_its_pixels(facts: dict[str, Any]) -> None:
    """They are not those of web layers, which have none."""
    assert facts["virtual"] == [True, [10, 10], [5, 10], 4]


def test_errors_name_layers_and_not_temporary_files(facts: dict[str, Any]) -> None:
    message = "my area and my raster do not overlap."
    advice = "Give other areas, or set it in the layer properties."
    assert facts["names"] == [f"{message}\n{advice}"]


@pytest.mark.parametrize("name", ["capitals", "windows"])
def test_the_table_of_the_command_line_is_read(facts: dict[str, Any], name: str) -> None:
    (row,) = facts["tables"][name]
    query = "new ponds" if name == "capitals" else "neue Gebäude"
    assert row == {"before": "a.tif", "after": "b.tif", "query": query}


def test_a_column_under_a_chosen_name_replaces_its_namesake(facts: dict[str, Any]) -> None:
    (row,) = facts["tables"]["chosen"]
    assert row == {"before": "a.tif", "after": "b.tif", "query": "new ponds"}


def test_only_selected_rows_of_a_table_in_windows_1252_run(facts: dict[str, Any]) -> None:
    (row,) = facts["tables"]["selected"]
    assert row == {"before": "c.tif", "after": "d.tif", "query": "Gebäude"}


def test_a_table_in_another_code_page_is_refused(facts: dict[str, Any]) -> None:
    (error,) = facts["tables"]["cyrillic"]
    assert error.startswith("cyrillic.csv is neither UTF-8 nor Windows-1252 text.")


def test_no_message_advises_an_option_of_the_command_line(facts: dict[str, Any]) -> None:
    shown = [text for texts in facts["messages"] for text in texts]
    assert len(shown) > 60
    left = [one for one in shown if re.search(rf"--[a-z]|{PYTHON}", COMMAND.sub("", one))]
    assert left == []


def test_advice_is_in_the_words_of_qgis(facts: dict[str, Any]) -> None:
    shown = dict(zip(advice_with_options(), facts["messages"], strict=True))
    overwrite = shown["Give another name, or pass --overwrite (overwrite=True)."]
    assert overwrite == [
        "Give another name.", "Give another name.",
        "Give another name, or choose “Replace the contents of the folder”.",
    ]  # fmt: skip
    for text, part in (
        ("and give the dates with --dates.", "the dates in the layer properties (Temporal)."),
        ("This is a guess, as with --bands 7.", "This is a guess. If it is wrong, write red,"),
        ("or a coarser --resolution.", "or rasters of coarser pixels."),
        ("--register (register=True) corrects it", "The advanced parameter 'Correct the shift"),
        ("Use --device cpu.", "Use the device cpu."),
        ("or with set_crs in geopandas.", "Set it in the layer properties, or write"),
        ("`result.events`, in a GeoPackage", "the layer events of a GeoPackage has each"),
        ("Give the parameter aoi_crs.", "Set a CRS for the project"),
    ):
        found = [words[0] for key, words in shown.items() if text in key]
        assert found, text
        assert part in found[0]
