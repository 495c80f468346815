"""Folders that hold the file behind a name of GDAL: they are inputs, and are not replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import staged_folder


@pytest.mark.parametrize(
    "name",
    [
        "{}/changes.gpkg|layername=zones",
        'NETCDF:"{}/cube.nc":red',
        "NETCDF:{}/cube.nc:red",
        "GPKG:{}/changes.gpkg:tiles",
        "/vsizip/{}/tiles.zip/A/before.tif",
        "/vsitar//vsigzip/{}/tiles.tar.gz/before.tif",
        "{}/tile_?.tif",
        "{}/*/tile_[12].tif",
    ],
)
def test_a_folder_that_holds_the_file_of_a_layer_or_raster_is_not_replaced(
    tmp_path: Path, name: str
) -> None:
    scene = tmp_path / "scene"
    scene.mkdir()
    files = ("changes.gpkg", "cube.nc", "tiles.zip", "tiles.tar.gz", "tile_1.tif")
    for file in files:
        (scene / file).write_text("x")
    with (
        pytest.raises(OutputError, match="an input of this run, which would be replaced"),
        staged_folder(scene, overwrite=True, inputs=[name.format(scene)]),
    ):
        pass
    assert sorted(path.name for path in scene.iterdir()) == sorted(files)
