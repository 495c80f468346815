"""Messages about files that are no rasters."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from mtrs_geo.errors import RasterError
from mtrs_geo.io.source import open_raster


@pytest.mark.parametrize(
    ("content", "what", "advice"),
    [
        (b"", "it is empty (0 bytes)", "download it again"),
        (b"<!DOCTYPE HTML><title>Log in</title>", "it is a web page", "ask to log in"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
        (b"%PDF-1.7\n", "it is a PDF document", "as GeoTIFF with QGIS"),
        (b"LASF\0\0", "it is a point cloud", "PDAL"),
        (b'{"type": "FeatureCollection"}', "it is JSON", "Name the raster"),
        (gzip.compress(b"II*\0"), "not recognized", "gdalinfo"),
        (b"II*\0\0\0", "a.tif", "gdalinfo"),
        (b"II*\0\0\0", "a.tif", "if QGIS shows it, save it there"),
    ],
)
def test_what_a_file_is(tmp_path: Path, content: bytes, what: str, advice: str) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(RasterError) as raised:
        open_raster(tmp_path / "a.tif")
    assert what in raised.value.message
    assert advice in raised.value.advice


def test_rasters_in_an_archive_are_named(tmp_path: Path) -> None:
    names = [f"in/{name}" for name in ("a.tif", "b.TIF", "c.jp2", "d.png", "notes.txt")]
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    (tmp_path / "a.tif").write_bytes(b"x")
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "a.tif", "a.tif")
    with pytest.raises(RasterError, match="it is an archive") as raised:
        open_raster(tmp_path / "z.zip")
    folder = tmp_path
    assert raised.value.advice == (
        f"Name the raster inside the archive: zip://{folder}/z.zip!in/a.tif, "
        f"zip://{folder}/z.zip!in/b.TIF, zip://{folder}/z.zip!in/c.jp2 and 1 more."
    )
    with pytest.raises(RasterError, match="it is an archive") as raised:
        open_raster(tmp_path / "t.tar.gz")
    assert raised.value.advice.endswith(f"tar://{folder}/t.tar.gz!a.tif.")


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson"])
def test_a_vector_layer_is_named_as_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"area.{suffix}"
    gpd.GeoDataFrame(geometry=[shapely.box(9, 50, 10, 51)], crs=4326).to_file(path)
    with pytest.raises(RasterError, match="it is a vector layer") as raised:
        open_raster(path)
    assert "--aoi" in raised.value.advice
