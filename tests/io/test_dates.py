from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import rasterio
from affine import Affine
from rasterio.vrt import WarpedVRT

from mtrs_geo.errors import RequestError
from mtrs_geo.io.dates import date_tags, find_date, parse_date, raster_date
from mtrs_geo.io.stack import open_stack

NEXT_YEAR = datetime.now(UTC).year + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("town_2016.tif", "2016"),
        ("NAIP2016.tif", "2016"),
        ("town_20200517_x.tif", "2020-05-17"),
        ("2021:03:04 10:11:12", "2021-03-04"),
        ("T33UUP_20200517T101031_TCI.tif", "2020-05-17"),
        ("20200517101031.tif", "2020-05-17"),
        ("2016_tile_2016.tif", "2016"),
        ("flown_2019-06-01_for_2021.tif", "2019-06-01"),
        (f"plan_{NEXT_YEAR}.tif", str(NEXT_YEAR)),
        (f"plan_{NEXT_YEAR + 1}.tif", None),
        ("tile_2048.tif", None),
        ("tile_1024_1899.tif", None),
        ("crop_2000x2000.tif", None),
        ("crop_2000px.tif", None),
        ("120161.tif", None),
        ("3f2a19b4-2019-4c1d-9aa2-0123456789ab.tif", None),
        ("2016/3f2a19b4-2019-4c1d-9aa2-0123456789ab", "2016"),
        ("20480101.tif", None),
        ("2019_02_30.tif", "2019"),
        ("change_2016_2019.tif", None),
        ("20200517_20200601.tif", None),
        ("", None),
        ("ortho_2016_06.tif", "2016-06"),
        ("ortho_2016-06_10cm.tif", "2016-06"),
        ("ortho_2016_10cm.tif", "2016"),
        ("tiles_2016_2017.tif", None),
        ("global_monthly_2020_05_mosaic.tif", "2020-05"),
        ("global_quarterly_2020q2_mosaic.tif", "2020"),
        ("m_3012345_ne_14_060_20180801.tif", "2018-08-01"),
        ("m_3612149_ne_10_060_20200524_20200820.tif", "2020-05-24"),
        ("LC08_L2SP_027039_20190801_20200827_02_T1_SR_B4.TIF", "2019-08-01"),
        ("LC80270392019213LGN00_B4.TIF", "2019-08-01"),
        ("S2A_MSIL2A_20190801T170851_N0213_R112_T14RPT_20190802T213017.tif", "2019-08-01"),
        ("20190801_173012_1033_3B_AnalyticMS_SR.tif", "2019-08-01"),
        ("20190801_173012_20_106a_3B_Visual_20190805.tif", "2019-08-01"),
        ("19AUG01173012-M1BS-012345678901_01_P001.TIF", "2019-08-01"),
        ("WV02_19JUN15103122.tif", "2019-06-15"),
        ("IMG_PHR1A_PMS_201906151031235_ORT.tif", "2019-06-15"),
        ("HLS.S30.T14RPT.2019213T170851.v2.0.B04.tif", "2019-08-01"),
        ("MOD09GA.A2019213.h08v05.006.hdf", "2019-08-01"),
        ("MOD13Q1.006__250m_16_days_NDVI_doy2019213_aid0001.tif", "2019-08-01"),
        ("MOD09GA.A2019366.h08v05.006.hdf", None),
        ("2019213.tif", None),
        ("B2019213.tif", None),
    ],
)
def test_dates_in_one_text(text: str, expected: str | None) -> None:
    assert find_date([text]) == expected


def test_the_first_text_with_a_date_is_used() -> None:
    assert find_date(["", "unknown", "2016:05:21", "town_2019.tif"]) == "2016-05-21"


def test_the_file_name_has_priority_over_the_date_of_export() -> None:
    export = {"TIFFTAG_DATETIME": "2024:03:02 10:11:12"}
    named = raster_date("ortho_2016.tif", export)
    assert named is not None
    assert (named.iso, named.text, named.is_weak) == ("2016", "file name", False)
    exported = raster_date("ortho.tif", export)
    assert exported is not None
    assert (exported.iso, exported.is_weak) == ("2024-03-02", True)
    acquired = raster_date("ortho_2016.tif", {**export, "ACQUISITION_DATE": "2015-05-06"})
    assert acquired is not None
    assert (acquired.iso, acquired.is_weak) == ("2015-05-06", False)
    assert raster_date("ortho.tif", {}) is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"PRODUCT_START_TIME": "2019-08-01T10:11:12.123Z"}, "2019-08-01"),
        (
            {
                "DATATAKE_1_DATATAKE_SENSING_START": "2019-08-01T10:11:12.123Z",
                "GENERATION_TIME": "2020-08-01T10:11:12Z",
            },
            "2019-08-01",
        ),
        ({"TIME_COVERAGE_START": "2019-08-01T10:11:12Z"}, "2019-08-01"),
        ({"TIME_COVERAGE_START": "2019-08-01", "TIME_COVERAGE_END": "2019-08-16"}, "2019-08"),
        ({"TIME_COVERAGE_START": "2019-01-01", "TIME_COVERAGE_END": "2019-12-31"}, "2019"),
        ({"TIME_COVERAGE_START": "2018-07-01", "TIME_COVERAGE_END": "2019-06-30"}, None),
        ({"ACQUISITION_TIME": "2019-08-01T10:11:12.000Z"}, "2019-08-01"),
        ({"NITF_IDATIM": "20190801101112"}, "2019-08-01"),
    ],
)
def test_the_tags_of_an_acquisition_are_known(tags: dict[str, str], expected: str | None) -> None:
    found = raster_date("a.tif", tags)
    assert (None if found is None else found.iso) == expected
    assert found is None or found.origin == "tag"


def test_tags_are_found_in_the_namespaces_of_drivers(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=8, width=8, dtype="uint8"
    ) as file:  # fmt: skip
        file.update_tags(ns="ENVI", **{"acquisition time": "2019-08-01T10:11:12Z"})
        file.update_tags(**{"NC_GLOBAL#time_coverage_start": "2020-08-01"})
    with rasterio.open(path) as file:
        tags = date_tags(file)
    assert tags["ACQUISITION_TIME"] == "2019-08-01T10:11:12Z"
    assert tags["TIME_COVERAGE_START"] == "2020-08-01"


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_the_folder_of_a_product_gives_the_date_of_its_files(separator: str) -> None:
    folder = "S2A_MSIL2A_20190801T170851_N0213_R112_T14RPT_20190802T213017.SAFE"
    path = separator.join(("SENTINEL2_L2A:/data_2001", folder, "MTD_MSIL2A.xml:10m:EPSG_32614"))
    found = raster_date("MTD_MSIL2A.xml:10m:EPSG_32614", {}, path)
    assert found is not None
    assert (found.iso, found.text) == ("2019-08-01", "folder name")
    named = raster_date("crop_2016.tif", {}, path)
    assert named is not None
    assert named.iso == "2016"
    assert raster_date("crop.tif", {}, separator.join(("", "data_2001-01-01", "crop.tif"))) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2016-06-15", "2016-06-15"),
        ("2016", "2016"),
        (" 2016-06 ", "2016-06"),
        ("2016-06-15T10:00:00Z", "2016-06-15"),
        (2016, "2016"),
        (datetime(2016, 6, 15, 10, tzinfo=UTC), "2016-06-15"),
        (datetime(2016, 6, 15, tzinfo=UTC).date(), "2016-06-15"),
    ],
)
def test_a_given_date_is_normalised(value: object, expected: str) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize("value", ["15.06.2016", "June 2016", "2016-13", "2016-02-30", "", "9999"])
def test_a_given_text_that_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(RequestError, match="is not a date"):
        parse_date(value)


def test_the_date_that_gdal_writes_into_every_nitf_is_none() -> None:
    tags = {"NITF_IDATIM": "20021216151629", "TIFFTAG_DATETIME": "2018:05:01 10:00:00"}
    found = raster_date("ortho_2016-05-01.ntf", tags)
    assert (found and (found.iso, found.origin)) == ("2016-05-01", "name")
    real = raster_date("ortho_2016-05-01.ntf", {"NITF_IDATIM": "20160430101112"})
    assert (real and (real.iso, real.origin)) == ("2016-04-30", "tag")


def test_a_warped_raster_has_the_date_of_its_file(tmp_path: Path) -> None:
    """GDAL copies neither its name nor its tags."""
    for name, tags, expected in (
        ("S2_20160601.tif", {}, ("2016-06-01", "name")),
        ("a.tif", {"TIFFTAG_DATETIME": "2016:06:01 10:00:00"}, ("2016-06-01", "export tag")),
        ("b_2020.tif", {"ACQUISITION_DATE": "2016-06-01"}, ("2016-06-01", "tag")),
    ):
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", count=3, height=9, width=9, dtype="uint8",
            crs="EPSG:32614", transform=Affine(1, 0, 6e5, 0, -1, 3e6),
        ) as file:  # fmt: skip
            file.update_tags(**tags)
        with (
            rasterio.open(tmp_path / name) as file,
            WarpedVRT(file, crs="EPSG:32614") as vrt,
            open_stack([vrt, [vrt, tmp_path / name]]) as stack,
        ):
            (date, of_tiles) = (source.date for source in stack.sources)
        assert date is not None
        assert of_tiles is not None
        assert (date.iso, date.origin) == (of_tiles.iso, of_tiles.origin) == expected
