"""Whether rasters are the same as before: every file that they are read from is compared."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from rasterio.vrt import WarpedVRT

from mtrs_geo.errors import SourceNotAllowedError
from mtrs_geo.io.inputs.identity import _headers, stack_identity
from mtrs_geo.io.source import open_raster
from mtrs_geo.io.stack import open_stack
from mtrs_geo.ledger import describe_differences

CRS, WEST, NORTH, SIDE = "EPSG:32614", 620_000, 3_350_000, 1600


def write(path: str, value: int = 80, row: int = 0) -> str:
    """Write a place of 0.5 m, with a value where no window of samples is."""
    image = np.full((3, SIDE // 2, SIDE), 80, np.uint8)
    image[:, 300:400, 400:600] = value
    profile = {"driver": "GTiff", "count": 3, "height": SIDE // 2, "width": SIDE, "dtype": "uint8"}
    transform = Affine(0.5, 0, WEST, 0, -0.5, NORTH - row / 2)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **profile, crs=CRS, transform=transform) as file:
        file.write(image)
    return path


def virtual(source: str, path: str) -> str:
    with rasterio.open(source) as dataset:
        rasterio.shutil.copy(dataset, path, driver="VRT")
    return path


def halves_of_one_name() -> str:
    """A VRT of two tiles that share their file name; the northern one is the one that changes."""
    write("south/a.tif", row=SIDE // 2)
    sources = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">{path}</SourceFilename>'
        f'<SourceBand>%d</SourceBand><DstRect xOff="0" yOff="{row}" xSize="{SIDE}" '
        f'ySize="{SIDE // 2}"/></SimpleSource>'
        for path, row in (("north/a.tif", 0), ("south/a.tif", SIDE // 2))
    )
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{i}">{sources % (i, i)}</VRTRasterBand>'
        for i in (1, 2, 3)
    )
    Path("both.vrt").write_text(
        f'<VRTDataset rasterXSize="{SIDE}" rasterYSize="{SIDE}"><SRS>{CRS}</SRS>'
        f"<GeoTransform>{WEST}, 0.5, 0, {NORTH}, 0, -0.5</GeoTransform>{bands}</VRTDataset>"
    )
    return "both.vrt"


def tile_index() -> str:
    box = shapely.box(WEST, NORTH - SIDE / 4, WEST + SIDE / 2, NORTH)
    table = geopandas.GeoDataFrame({"location": ["north/a.tif"]}, geometry=[box], crs=CRS)
    table.to_file("tiles.gti.gpkg", engine="pyogrio")
    return "tiles.gti.gpkg"


def zipped() -> str:
    with zipfile.ZipFile("north.zip", "w") as file:
        file.write("north/a.tif", "a.tif")
    return f"/vsizip/{Path('north.zip').absolute()}/a.tif"


def table_of_tiles() -> str:
    rasterio.shutil.copy("north/a.tif", "north.gpkg", driver="GPKG", TILE_FORMAT="PNG")
    return f"GPKG:{Path('north.gpkg').absolute()}:north"


RASTERS: dict[str, Callable[[], object]] = {
    "file": lambda: "north/a.tif",
    "VRT of tiles of one name": halves_of_one_name,
    "VRT of a VRT": lambda: virtual(virtual("north/a.tif", "in.vrt"), "out.vrt"),
    "WarpedVRT": lambda: WarpedVRT(rasterio.open(virtual("north/a.tif", "in.vrt"))),
    "tile index": tile_index,
    "name of a tile index": lambda: f"GTI:{Path(tile_index()).absolute()}",
    "archive": zipped,
    "table": table_of_tiles,
    "directory of a TIFF": lambda: f"GTIFF_DIR:1:{Path('north/a.tif').absolute()}",
    "URL of a VRT": lambda: f"vrt://{Path('north/a.tif').absolute()}?bands=1,2,3",
}
MADE = {"archive": zipped, "table": table_of_tiles}
"""Rasters whose only file is made anew."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("north/a.tif")
    write("before.tif")
    return tmp_path


def identity(raster: object) -> dict[str, object]:
    with open_stack(["before.tif", raster]) as stack:
        return stack_identity(stack, stack.grid.window)


@pytest.mark.parametrize("kind", RASTERS)
def test_a_change_in_any_file_of_a_raster_is_noticed(folder: Path, kind: str) -> None:
    raster = RASTERS[kind]()
    first = identity(raster)
    assert not describe_differences(first, identity(raster))
    write("north/a.tif", 200)
    if kind in MADE:
        Path("north.gpkg").unlink(missing_ok=True)
        MADE[kind]()
    assert "was" in describe_differences(first, identity(raster))


def test_the_log_of_a_table_that_another_program_writes_counts(folder: Path) -> None:
    raster = table_of_tiles()
    write_table = (
        "import sqlite3\n"
        "database = sqlite3.connect('north.gpkg')\n"
        "database.execute('PRAGMA journal_mode=WAL')\n"
        "input(print('open', flush=True) or '')\n"
        "database.execute('UPDATE gpkg_contents SET description = 1')\n"
        "database.commit()\n"
        "input(print('written', flush=True) or '')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", write_table],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as other:  # fmt: skip
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        first = identity(raster)
        assert not describe_differences(first, identity(raster))
        other.stdin.write("\n")
        assert other.stdout.readline() == "written\n"
        assert "north.gpkg-wal" in describe_differences(first, identity(raster))
        other.stdin.write("\n")


def test_a_mask_beside_a_tile_counts(folder: Path) -> None:
    raster = halves_of_one_name()
    first = identity(raster)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False),
        rasterio.open("north/a.tif", "r+") as file,
    ):
        file.write_mask(np.zeros((SIDE // 2, SIDE), bool))
    assert Path("north/a.tif.msk").exists()
    assert "north/a.tif.msk" in describe_differences(first, identity(raster))


def test_statistics_beside_a_tile_do_not_count(folder: Path) -> None:
    """QGIS writes them when it shows a raster; other metadata can change what is read."""
    raster = halves_of_one_name()
    first = identity(raster)
    statistics = Path("north/a.tif.aux.xml")
    statistics.write_text(
        '<PAMDataset>\n  <PAMRasterBand band="1">\n    <Metadata>\n      '
        '<MDI key="STATISTICS_MEAN">80</MDI>\n      <MDI key="STATISTICS_STDDEV">0</MDI>\n'
        "    </Metadata>\n  </PAMRasterBand>\n</PAMDataset>\n"
    )
    assert not describe_differences(first, identity(raster))
    for text in ("<PAMDataset />", '<PAMDataset>\n<PAMRasterBand band="1">\n<Histograms><HistItem>'
                 "</HistItem></Histograms></PAMRasterBand></PAMDataset>"):  # fmt: skip
        statistics.write_text(text)
        assert not describe_differences(first, identity(raster))
    nodata = '<PAMDataset><PAMRasterBand band="1"><NoDataValue>80</NoDataValue>{}</PAMRasterBand>'
    statistics.write_text(f"{nodata.format('')}</PAMDataset>")
    second = identity(raster)
    assert "north/a.tif.aux.xml" in describe_differences(first, second)
    shown = nodata.format('<Metadata><MDI key="STATISTICS_MEAN">80</MDI></Metadata>')
    statistics.write_text(f"{shown}</PAMDataset>")
    assert not describe_differences(second, identity(raster))


def test_a_file_that_a_text_only_names_is_no_reason_to_stop(folder: Path) -> None:
    """Here one that refers to a file that refers to a server."""
    raster = halves_of_one_name()
    for name, text in (
        ("notes.xml", "<a><b>server.xml</b></a>"),
        ("server.xml", "<a>http://x</a>"),
    ):
        Path(name).write_text(text)
    Path("both.vrt").write_text(
        Path("both.vrt").read_text().replace("<SRS>", "<Description>notes.xml</Description><SRS>")
    )
    with pytest.raises(SourceNotAllowedError):
        open_raster("notes.xml")
    assert not describe_differences(identity(raster), identity(raster))


def test_a_moved_folder_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raster = halves_of_one_name()
    first = identity(raster)
    moved = shutil.move(folder, folder.with_name("moved"))
    monkeypatch.chdir(moved)
    assert not describe_differences(first, identity(raster))


def test_an_address_with_a_blank_and_a_server_of_another_kind_have_no_headers() -> None:
    """Its HTTP library raises errors of a class of its own for both."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 ftp\r\n\r\n")

        assert _headers(f"{address}/a b.tif") == {}
        thread = threading.Thread(target=answer)
        thread.start()
        assert _headers(f"{address}/a.tif") == {}
        thread.join()
