"""Options are checked before the model is loaded, and typed for editors."""

from __future__ import annotations

import inspect
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

from mtrs_geo import (
    DetectOptions,
    detect_changes,
    detect_changes_stack,
    read_probability,
    run_batch,
)
from mtrs_geo.cli import run_options
from mtrs_geo.cli.detect import stack
from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.detect.options import DetectKeywords, read_queries
from mtrs_geo.errors import (
    MissingExtraError,
    MTRSGeoError,
    OutputError,
    QueryError,
    RequestError,
    VectorError,
)
from mtrs_geo.pairs.export import export_pairs


def load_no_model() -> Any:
    pytest.fail("the model was loaded before the request was checked")


def test_keywords_are_the_fields_of_the_options() -> None:
    hints = get_type_hints(DetectOptions)
    assert get_type_hints(DetectKeywords) == {f.name: hints[f.name] for f in fields(DetectOptions)}


def test_the_command_line_has_the_same_options_and_defaults() -> None:
    shared = inspect.signature(run_options._run_options).parameters
    defaults = {
        name: parameter.default
        for name, parameter in shared.items()
        if name not in run_options._OWN
    }
    of_a_stack = inspect.signature(stack).parameters
    defaults |= {name: of_a_stack[name].default for name in ("pairs", "timeline")}
    expected = {f.name: f.default for f in fields(DetectOptions)} | {"references": None}
    assert defaults == expected


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (RequestError, "no option 'min_area'. Did you mean 'min_area_m2'", {"min_area": 5}),
        (RequestError, "no option 'colour'", {"colour": "red"}),
        (RequestError, "no option 'out'. Did you mean 'output'", {"out": "a.gpkg"}),
        (RequestError, "threshold '0.5' is not allowed. It must be a number", {"threshold": "0.5"}),
        (RequestError, "batch_size 2.5 is not allowed. It must be a whole", {"batch_size": 2.5}),
        (RequestError, "overlap_px True", {"overlap_px": True}),
        (RequestError, "simplify_px None", {"simplify_px": None}),
        (RequestError, "resolution '1' is not allowed. It must be a number", {"resolution": "1"}),
        (RequestError, "overwrite 'no' is not allowed. It must be True or", {"overwrite": "no"}),
        (RequestError, "references ['a'] is not allowed", {"references": ["a"]}),
        (RequestError, "name of a reference 1 is not allowed", {"references": {1: "a.gpkg"}}),
        (RequestError, "probability True is not allowed. It must be a path", {"probability": True}),
        (OutputError, "3 (int) is not the path of an output", {"output": 3}),
        (RequestError, "threshold nan", {"threshold": float("nan")}),
        (RequestError, "min_area_m2 -1 is not allowed. It must be 0 or more", {"min_area_m2": -1}),
        (RequestError, "fill_holes_m2 -1", {"fill_holes_m2": -1}),
        (RequestError, "simplify_px inf", {"simplify_px": float("inf")}),
        (RequestError, "resolution 0", {"resolution": 0}),
        (RequestError, "tile_px 0", {"tile_px": 0}),
        (RequestError, "overlap_px -1", {"overlap_px": -1}),
        (RequestError, "'June 2016' is not a date", {"dates": ("June 2016", "2020")}),
        (RequestError, "3 choices of bands were given for 2 rasters", {"bands": [(1, 2, 3)] * 3}),
        (RequestError, "grid 'sideways'", {"grid": "sideways"}),
        (RequestError, "precision 'int4'", {"precision": "int4"}),
        (VectorError, "(Vertical CRS) has no", {"output_crs": "EPSG:5703"}),
        (VectorError, "(Geocentric CRS) has no", {"output_crs": "EPSG:4978"}),
        (OutputError, "the output '.' is a folder", {"output": "."}),
        (VectorError, 'output CRS "nonsense"', {"output_crs": "nonsense"}),
        (VectorError, "not supported", {"output": "changes.txt"}),
        (OutputError, "written as GeoTIFF", {"probability": "p.png"}),
        (OutputError, "no suffix", {"probability": "p"}),
        (OutputError, "not a supported image format", {"preview": "p.svgz"}),
        (RequestError, "csv_geometry 'wkb'", {"csv_geometry": "wkb"}),
        (OutputError, "does not exist", {"output": "nowhere/changes.gpkg"}),
        (OutputError, "are both", {"probability": "same.tif", "preview": "same.tif"}),
    ],
)
def test_bad_options_are_refused_before_the_model_is_loaded(
    pair_paths: PairPaths, error: type[MTRSGeoError], message: str, options: dict[str, Any]
) -> None:
    with pytest.raises(error) as raised:
        detect_changes(pair_paths.before, pair_paths.after, "x", model=load_no_model, **options)
    assert message in str(raised.value)
    assert raised.value.advice


@pytest.mark.parametrize("name", ["output", "probability", "preview"])
def test_an_output_never_replaces_an_input(pair_paths: PairPaths, name: str) -> None:
    content = pair_paths.after.read_bytes()
    raster = pair_paths.after.parent / "." / pair_paths.after.name
    path = raster if name != "output" else pair_paths.truth
    with pytest.raises(OutputError, match="also an input"):
        detect_changes(
            pair_paths.before, pair_paths.after, "x", model=load_no_model, overwrite=True,
            aoi=pair_paths.truth, **{name: path},
        )  # fmt: skip
    assert pair_paths.after.read_bytes() == content


def test_a_missing_extra_is_named(pair_paths: PairPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"mtrs-geo\[regularize\]"):
        detect_changes(
            pair_paths.before, pair_paths.after, "x", model=load_no_model, regularize=True
        )


def test_a_bad_reference_is_refused_before_the_model_is_loaded(
    pair_paths: PairPaths, tmp_path: Path
) -> None:
    layer = tmp_path / "river.gpkg"
    layer.write_text("not a layer")
    with pytest.raises(VectorError):
        detect_changes(
            pair_paths.before, pair_paths.after, "houses near the river", model=load_no_model,
            references={"river": layer},
        )  # fmt: skip


@pytest.mark.parametrize("query", [None, 3, b"new buildings", [None]])
def test_a_query_that_is_no_text_is_refused(query: Any) -> None:
    with pytest.raises(QueryError, match=r"a query is a string, not (NoneType|int|bytes)"):
        read_queries(query, raw=False)


def test_numbers_of_numpy_are_numbers() -> None:
    numbers: dict[str, Any] = {
        "threshold": np.float32(0.25), "tile_px": np.int64(256), "raw": np.bool_(True),
        "overwrite": 1,
    }  # fmt: skip
    options = DetectOptions(**numbers)
    assert options.tile_px == 256
    for name in numbers:
        assert type(getattr(options, name)) in {bool, int, float}
    count: Any = np.int64(3)
    assert type(DetectOptions(max_failed=count).max_failed) is int


def test_a_run_with_numbers_of_numpy_writes_a_file(pair_paths: PairPaths, tmp_path: Path) -> None:
    numbers: dict[str, Any] = {
        "tile_px": np.int32(256), "overlap_px": np.int64(16), "batch_size": np.int16(2),
        "max_failed": np.int64(3),
    }  # fmt: skip
    result = detect_changes(
        pair_paths.before, pair_paths.after, "x", model="brightness", output=tmp_path / "c.gpkg",
        **numbers,
    )  # fmt: skip
    assert result.report.batch_size <= 2
    assert (tmp_path / "c.gpkg").is_file()


def test_a_home_folder_of_an_output_is_replaced(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(here)
    pair = pair_paths.before.absolute(), pair_paths.after.absolute()
    result = detect_changes(
        *pair, "x", model="brightness", output=Path("~/c.gpkg"), probability="~/p.tif",
        preview="~/p.png",
    )  # fmt: skip
    assert result.output == home / "c.gpkg"
    run_batch([{"id": "a", "before": pair[0], "after": pair[1]}], "~/out", "x", model="brightness")
    names = {path.name for path in home.iterdir() if not path.name.startswith(".")}
    assert names == {"c.gpkg", "p.tif", "p.png", "out"}
    assert list(here.iterdir()) == []


def test_a_home_folder_of_an_input_is_replaced(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name, path in (("before", pair_paths.before), ("after", pair_paths.after)):
        (home / name).mkdir(parents=True)
        shutil.copy(path, home / name / "a.tif")
    with rasterio.open(pair_paths.after) as file:
        area = geopandas.GeoDataFrame(geometry=[shapely.box(*file.bounds)], crs=file.crs)
    area.to_file(home / "area.gpkg")
    query, rasters = "new buildings near the road", ["~/before/a.tif", "~/after/a.tif"]
    options: dict[str, Any] = {
        "aoi": Path("~/area.gpkg"), "references": {"road": "~/area.gpkg"}, "model": "brightness",
    }  # fmt: skip
    for before in (Path("~/before/a.tif"), "~/before", "~/before/*.tif", ["~/before/a.tif"]):
        result = detect_changes(before, Path("~/after/a.tif"), query, **options)
        assert result.report.tiles > 0
    with pytest.raises(OutputError, match="is also an input"):
        detect_changes(*rasters, query, output="~/area.gpkg", overwrite=True, **options)
    result = detect_changes(*rasters, query, probability="~/p.tif", **options)
    assert result.probability == home / "p.tif"
    np.testing.assert_array_equal(read_probability("~/p.tif"), read_probability(home / "p.tif"))
    layer = geopandas.GeoDataFrame({"query": ["new house"]}, geometry=area.geometry, crs=area.crs)
    layer.to_file(home / "labels.gpkg")
    report = export_pairs(rasters, "~/labels.gpkg", "~/pairs")
    assert report.output == home / "pairs"
    assert len(open_split("~/pairs")) == report.pairs


@pytest.mark.parametrize("kind", [set, dict.fromkeys])
def test_dates_without_an_order_are_refused(pair_paths: PairPaths, kind: Any) -> None:
    pair = [str(pair_paths.before), str(pair_paths.after)]
    with pytest.raises(MTRSGeoError, match="not as a list of rasters"):
        detect_changes_stack(kind(pair), "x", model="brightness")
    for option in ("dates", "bands"):
        given = kind(["2016", "2020"] if option == "dates" else [1, 2, 3])
        with pytest.raises(RequestError):
            detect_changes_stack(pair, "x", model="brightness", **{option: given})
