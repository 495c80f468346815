"""No output replaces a file that an input is read from, also through files that refer to it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from rasterio.vrt import WarpedVRT

from mtrs_geo import detect_changes, detect_changes_stack
from mtrs_geo.batch import run_batch
from mtrs_geo.batch.files import check_inputs
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.result import BatchOptions
from mtrs_geo.errors import OutputError
from mtrs_geo.io.inputs import input_files as input_files_module
from mtrs_geo.io.inputs.input_files import input_files, named_files
from mtrs_geo.io.inputs.kinds import expand_tiles, source_names
from mtrs_geo.io.remote.upload import Upload
from mtrs_geo.io.stack import open_stack
from mtrs_geo.outputs import file_keys

CHEAP: dict[str, Any] = {"model": "brightness", "threshold": 0.25}
PLACE = {"crs": "EPSG:32614", "transform": Affine(0.5, 0, 620_000, 0, -0.5, 3_350_000)}


def write(path: str, value: int) -> None:
    image = np.full((3, 64, 64), 90, np.uint8)
    image[:, 20:40, 20:40] = value
    profile = {"driver": "GTiff", "count": 3, "height": 64, "width": 64, "dtype": "uint8"}
    with rasterio.open(path, "w", **profile, **PLACE) as file:
        file.write(image)


def virtual(source: str, path: str) -> str:
    with rasterio.open(source) as dataset:
        rasterio.shutil.copy(dataset, path, driver="VRT")
    return path


def tile_index(path: str) -> str:
    table = geopandas.GeoDataFrame(
        {"location": ["b.tif"]}, geometry=[shapely.box(620_000, 3_349_968, 620_032, 3_350_000)],
        crs=PLACE["crs"],
    )  # fmt: skip
    table.to_file(path, engine="pyogrio")
    return path


def zipped(path: str) -> str:
    with zipfile.ZipFile(path, "w") as file:
        file.write("b.tif")
    return path


def nested(path: str) -> str:
    """A VRT with a name of GDAL in place of a path."""
    text = Path(virtual("b.tif", path)).read_text()
    assert '"1">b.tif<' in text
    Path(path).write_text(text.replace('"1">b.tif<', '"0">GTIFF_DIR:1:b.tif<'))
    return path


def lazy(path: str, **more: Any) -> Any:
    rioxarray = pytest.importorskip("rioxarray")
    return rioxarray.open_rasterio(path, **more)


RASTERS: dict[str, Callable[[], Any]] = {
    "file": lambda: "b.tif",
    "VRT": lambda: virtual("b.tif", "in.vrt"),
    "VRT of a VRT": lambda: virtual(virtual("b.tif", "in.vrt"), "out.vrt"),
    "VRT of a name": lambda: nested("in.vrt"),
    "text of a VRT": lambda: Path(virtual("b.tif", "in.vrt")).read_text(),
    "URL of a VRT": lambda: "vrt://b.tif?bands=1,2,3",
    "URL": lambda: Path("b.tif").absolute().as_uri(),
    "directory of a TIFF": lambda: "GTIFF_DIR:1:b.tif",
    "tile index": lambda: tile_index("tiles.gti.gpkg"),
    "open VRT": lambda: rasterio.open(virtual("b.tif", "in.vrt")),
    "WarpedVRT of a VRT": lambda: WarpedVRT(rasterio.open(virtual("b.tif", "in.vrt"))),
    "variables": lambda: lazy(virtual("b.tif", "in.vrt"), band_as_variable=True),
    "tiles": lambda: [virtual("b.tif", "in.vrt")],
    "part of a file": lambda: f"/vsisubfile/0_{Path('b.tif').stat().st_size},b.tif",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("b.tif", 90)
    write("a.tif", 220)
    return tmp_path


@pytest.mark.parametrize("kind", RASTERS)
def test_the_files_of_a_raster(folder: Path, kind: str) -> None:
    write("c.tif", 90)
    names = [name for entry in expand_tiles([RASTERS[kind]()]) for name in source_names(entry)]
    found = file_keys(input_files(names))
    assert file_keys(["b.tif"]) <= found
    assert not file_keys(["a.tif", "c.tif"]) & found


@pytest.mark.parametrize("name", ["probability", "preview", "timeline"])
def test_an_output_replaces_no_source_of_a_raster(folder: Path, name: str) -> None:
    before = virtual("b.tif", "in.vrt")
    content = Path("b.tif").read_bytes()
    with pytest.raises(OutputError, match=rf"{name} b\.tif is also an input of this run"):
        detect_changes(before, "a.tif", "x", **{name: "b.tif"}, overwrite=True, **CHEAP)
    assert Path("b.tif").read_bytes() == content
    write("c.tif", 90)
    text = Path(before).read_text()
    detect_changes(text, "a.tif", "x", **{name: "c.tif"}, overwrite=True, **CHEAP)


@pytest.mark.parametrize("kind", ["VRT", "WarpedVRT of a VRT", "variables"])
def test_an_open_stack_knows_its_files(folder: Path, kind: str) -> None:
    stack = open_stack([RASTERS[kind](), "a.tif"])
    with pytest.raises(OutputError, match="also an input"):
        detect_changes_stack(stack, "x", probability="b.tif", overwrite=True, **CHEAP)


def test_a_raster_inside_of_the_output(folder: Path) -> None:
    with rasterio.open("b.tif") as dataset:
        rasterio.shutil.copy(dataset, "r.gpkg", driver="GPKG", RASTER_TABLE="changes")
    for before in ("GPKG:r.gpkg:changes", virtual("r.gpkg", "r.vrt")):
        with pytest.raises(OutputError, match="also an input"):
            detect_changes(before, "a.tif", "x", output="r.gpkg", overwrite=True, **CHEAP)


def test_the_layers_of_a_run(folder: Path) -> None:
    area = shapely.box(620_000, 3_349_968, 620_032, 3_350_000)
    table = geopandas.GeoDataFrame(geometry=[area], crs=PLACE["crs"])
    table.to_file("z.gpkg", layer="changes")
    table.to_file("s.shp")
    Path("z.vrt").write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="changes"><SrcDataSource relativeToVRT="1">z.gpkg'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for aoi, output in (("z.vrt", "z.gpkg"), ("z.gpkg|layername=changes", "z.gpkg"),
                        ("s.dbf", "s.shp")):  # fmt: skip
        with pytest.raises(OutputError, match="also an input"):
            detect_changes("b.tif", "a.tif", "x", aoi=aoi, output=output, overwrite=True, **CHEAP)
        with pytest.raises(OutputError, match="also an input"):
            detect_changes(
                "b.tif", "a.tif", "x near the river", references={"river": aoi}, output=output,
                overwrite=True, **CHEAP,
            )  # fmt: skip


def test_names_and_texts_lead_to_files(folder: Path) -> None:
    expected = file_keys([zipped("all.zip")])
    for name in ("/vsizip/all.zip/b.tif", "zip://all.zip!b.tif", f"/vsizip/{folder}/all.zip/b.tif",
                 "/vsizip/{all.zip}/b.tif"):  # fmt: skip
        assert file_keys(input_files([name])) == expected, name
    Path("loop.vrt").write_text(
        Path(virtual("b.tif", "x.vrt")).read_text().replace("b.tif", "loop.vrt")
    )
    assert file_keys(named_files(["loop.vrt"])) == file_keys(["loop.vrt"])
    # A file of the same name elsewhere is no input.
    (folder / "other").mkdir()
    write("other/b.tif", 90)
    found = file_keys(input_files([str(folder / "other/b.tif"), "no such file.tif", "1,2,3,4"]))
    assert found == file_keys(["other/b.tif"])


def test_an_attribute_of_geojson_is_no_reference(folder: Path) -> None:
    area = shapely.box(620_000, 3_349_968, 620_032, 3_350_000)
    table = geopandas.GeoDataFrame({"note": ["b.tif"]}, geometry=[area], crs=PLACE["crs"])
    table.to_file("a.geojson")
    assert named_files(["a.geojson"]) == [str(folder / "a.geojson")]
    Path("item.json").write_text('{"type": "Feature", "stac_version": "1.0.0", "href": "b.tif"}')
    assert file_keys(["b.tif"]) <= file_keys(named_files(["item.json"]))


def test_tiles_are_not_opened_and_a_virtual_raster_of_many_jobs_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = input_files_module.open_raster

    def open_and_count(name: str) -> Any:
        opened.append(name)
        return real(name)

    monkeypatch.setattr(input_files_module, "open_raster", open_and_count)
    virtual("b.tif", "in.vrt")
    assert file_keys(["b.tif"]) <= file_keys(input_files(["in.vrt", "a.tif"]))
    assert opened == ["in.vrt"]

    read: list[str] = []
    text_of = input_files_module._text_of
    monkeypatch.setattr(
        input_files_module, "_text_of", lambda path: read.append(path) or text_of(path)
    )
    Path("j0.gpkg").touch()
    jobs = [Job(f"j{i}", "in.vrt", "a.tif") for i in range(20)]
    check_inputs(folder, jobs, BatchOptions(overwrite=True), None)
    assert read.count("in.vrt") == 1
    assert opened == ["in.vrt"]


JOBS = {
    "source of a job": [("c", "c.vrt", "a.tif")],
    "source of an earlier job": [("d", "c.vrt", "a.tif"), ("c", "b.tif", "a.tif")],
    "source of a later job": [("c", "b.tif", "a.tif"), ("d", "c.vrt", "a.tif")],
}


@pytest.mark.parametrize("jobs", JOBS)
def test_a_batch(folder: Path, jobs: str) -> None:
    write("c.tif", 90)
    virtual("c.tif", "c.vrt")
    content = Path("c.tif").read_bytes()
    rows = [dict(zip(("id", "before", "after"), job, strict=True)) for job in JOBS[jobs]]
    batch: dict[str, Any] = {"model": "brightness", "probability": True, "overwrite": True}
    if len(rows) > 1:
        with pytest.raises(OutputError, match=r"c\.tif is an input of job 'd'"):
            run_batch(rows, ".", "x", **batch)
    else:
        (entry,) = run_batch(rows, ".", "x", **batch).entries
        assert "also an input" in entry["message"]
    assert Path("c.tif").read_bytes() == content


def test_a_batch_keeps_its_table_and_what_it_joined(folder: Path) -> None:
    area = shapely.box(620_000, 3_349_968, 620_032, 3_350_000)
    geopandas.GeoDataFrame(geometry=[area], crs=PLACE["crs"]).to_file("changes.gpkg")
    Path("jobs.csv").write_text("id,before,after\njobs,b.tif,a.tif\n")
    batch: dict[str, Any] = {"model": "brightness", "overwrite": True}
    with pytest.raises(OutputError, match=r"jobs\.csv is the table of the jobs"):
        run_batch("jobs.csv", ".", "x", format="csv", **batch)
    with pytest.raises(OutputError, match=r"changes\.gpkg is an input of job 'jobs'"):
        run_batch("jobs.csv", ".", "x", dataset="gpkg", options={"aoi": "changes.gpkg"}, **batch)


def test_a_job_reads_what_an_earlier_one_made(folder: Path) -> None:
    pair = {"before": "b.tif", "after": "a.tif"}
    rows = [{"id": "one", **pair}, {"id": "two", **pair, "aoi": "one.gpkg"}]
    for _ in range(2):
        batch = run_batch(rows, ".", "x", model="brightness", overwrite=True,
                          options={"threshold": 0.25})  # fmt: skip
        assert [entry["status"] for entry in batch.entries] == ["done", "done"]
    with pytest.raises(OutputError, match=r"one\.gpkg is an input of job 'two'"):
        run_batch(rows[::-1], ".", "x", model="brightness", overwrite=True)


@pytest.fixture
def storage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of object storage, with a bucket."""
    fs = pytest.importorskip("pyarrow.fs")
    (folder / "storage/bucket/in").mkdir(parents=True)
    system = fs.SubTreeFileSystem(str(folder / "storage"), fs.LocalFileSystem())
    where = "mtrs_geo.io.remote.upload._file_system"
    monkeypatch.setattr(where, lambda folder: (system, folder.removeprefix("s3://")))
    return folder / "storage"


@pytest.mark.parametrize(
    "name", ["s3://bucket/in/b.tif", "/vsis3/bucket/in/b.tif",
             "https://bucket.s3.eu-west-1.amazonaws.com/in/b.tif?X-Amz-Signature=1",
             "https://s3.amazonaws.com/bucket/in/b.tif"],
)  # fmt: skip
def test_an_upload_replaces_no_object_that_is_read(storage: Path, name: str) -> None:
    (storage / "bucket/in/b.tif").write_bytes(b"old")
    with pytest.raises(OutputError, match="is also an input of this run"):
        Upload("s3://bucket/in/", ["b.tif"], overwrite=True, inputs=[name])
    others = [name.replace("/in/", "/out/"), name.replace("bucket", "pail"), "bucket/in/b.tif"]
    Upload("s3://bucket/in", ["b.tif"], overwrite=True, inputs=others)


def test_an_upload_has_all_files_of_a_shapefile(storage: Path) -> None:
    options: dict[str, Any] = {"output": "c.shp", "upload": "s3://bucket/out", **CHEAP}
    (storage / "bucket/out").mkdir()
    detect_changes("b.tif", "a.tif", "x", **options)
    found = {path.name: path.read_bytes() for path in (storage / "bucket/out").iterdir()}
    assert sorted(found) == ["c.cpg", "c.dbf", "c.prj", "c.shp", "c.shx"]
    assert all(Path(name).read_bytes() == content for name, content in found.items())
    (storage / "bucket/out/c.shp").unlink()
    for path in Path().glob("c.*"):
        path.unlink()
    with pytest.raises(OutputError, match=r"s3://bucket/out/c\.\w+ exists"):
        detect_changes("b.tif", "a.tif", "x", **options)
