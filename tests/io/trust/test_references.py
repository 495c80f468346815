"""What files may refer to, and the list of allowed hosts and drivers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_server import run_command

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import RasterError, RequestError, SourceNotAllowedError, VectorError
from mtrs_geo.io.provenance import rasters_of
from mtrs_geo.io.source import open_raster
from mtrs_geo.io.trust.references import check_beside, check_source
from mtrs_geo.io.trust.source_policy import ALLOW_VARIABLE, SourcePolicy
from mtrs_geo.io.vector import read_vector

URL = "http://127.0.0.1:9/a.tif"
BAND = '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>{}</SimpleSource></VRTRasterBand>'


def vrt(source: str, rest: str = "") -> str:
    name = f"<SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand>"
    return f'<VRTDataset rasterXSize="8" rasterYSize="8">{rest}{BAND.format(name)}</VRTDataset>'


@pytest.mark.parametrize(
    "text",
    [
        vrt(URL),
        vrt(f"/vsicurl/{URL}"),
        vrt("/vsis3/bucket/a.tif"),
        vrt(f"WMS:{URL}"),
        vrt("/vsizip//vsicurl/http://127.0.0.1:9/a.zip/a.tif"),
        vrt(vrt(URL).replace("<", "&lt;").replace(">", "&gt;")),
        vrt("inner.vrt"),
        vrt(URL)[:-3],
        f"<GDAL_WMS><Service name='TMS'><ServerUrl>{URL}</ServerUrl></Service></GDAL_WMS>",
        f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{URL}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>",
        json.dumps({"stac_version": "1.0.0", "type": "Feature", "assets": {"a": {"href": URL}}}),
        json.dumps({"type": "FeatureCollection", "features": [
            {"stac_version": "1.0.0", "assets": {"a": {"href": "s3://bucket/a.tif"}}}]}),
    ],
)  # fmt: skip
def test_files_that_refer_to_servers_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "inner.vrt").write_text(vrt(URL))
    path = tmp_path / "outer.vrt"
    path.write_text(text)
    for read in (open_raster, read_vector):
        with pytest.raises(SourceNotAllowedError, match=r"refers to .*not allowed") as caught:
            read(str(path))
        assert "--allow host:" in caught.value.advice
    if text.startswith("<"):
        with pytest.raises(SourceNotAllowedError):
            check_source(text.replace("inner.vrt", str(tmp_path / "inner.vrt")))


def test_local_references_and_texts_about_servers_are_allowed(
    pair_paths: PairPaths, tmp_path: Path
) -> None:
    path = tmp_path / "a.vrt"
    metadata = f"<Metadata><MDI key='source'>{URL}</MDI></Metadata>"
    path.write_text(vrt(str(pair_paths.before), metadata))
    with open_raster(str(path)) as dataset:
        assert dataset.read(1).any()
    places = tmp_path / "a.geojson"
    about = {"type": "Feature", "properties": {"url": URL}, "geometry": None}
    places.write_text(json.dumps({"type": "FeatureCollection", "features": [about]}))
    check_source(str(places))


def test_allowed_hosts_and_drivers(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.vrt"
    path.write_text(vrt(URL))
    monkeypatch.setenv(ALLOW_VARIABLE, "host:127.0.0.*")
    check_source(str(path))
    check_source(URL)
    for other in ("http://internal/a.tif", "/vsis3/bucket/a.tif", "PG:host=127.0.0.1",
                  f"/vsicurl?url={URL}&x=http://internal"):  # fmt: skip
        with pytest.raises(SourceNotAllowedError, match="host that is not allowed"):
            check_source(other)
    monkeypatch.setenv(ALLOW_VARIABLE, "driver:PNG,driver:GeoJSON")
    with pytest.raises(RasterError, match="cannot be opened"):
        open_raster(str(pair_paths.before))
    with pytest.raises((SourceNotAllowedError, VectorError)):
        read_vector(str(path))
    monkeypatch.setenv(ALLOW_VARIABLE, "driver:GTiff")
    open_raster(str(pair_paths.before)).close()
    with pytest.raises(RequestError, match="neither a host nor a driver"):
        SourcePolicy.parse("example.com")


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("https://u:p@A.org:80/b.tif?c=http", "a.org"), ("s3://bucket/a", "s3://bucket"),
        ("/vsis3/bucket/a", "s3://bucket"), ("/vsicurl?url=http%3A%2F%2Fa.org%2Fb.tif", "a.org"),
    ],
)  # fmt: skip
def test_hosts(path: str, host: str) -> None:
    assert SourcePolicy((host,)).allows_host(path)
    assert not SourcePolicy(("b.org",)).allows_host(path)


def test_a_layer_names_only_files_beside_or_below_it(pair_paths: PairPaths, tmp_path: Path) -> None:
    for named in (URL, "/vsicurl/http://a/b.tif", "/etc/hosts", "../b.tif", vrt("a.tif")):
        with pytest.raises(SourceNotAllowedError):
            check_beside(named, tmp_path / "layer.gpkg")
    check_beside("a.tif", tmp_path / "layer.gpkg")
    check_beside("below/a.tif", tmp_path / "layer.gpkg")
    output = tmp_path / "c.gpkg"
    run_command(
        "--allow", "host:none", "detect", pair_paths.before, pair_paths.after, "x", "--raw",
        "--model", "brightness", "-o", output,
    ).check_returncode()  # fmt: skip
    with pytest.raises(SourceNotAllowedError, match="not in its folder or below"):
        rasters_of(output)


def test_a_file_in_the_folder_of_a_link_or_the_current_one_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("real", "links"):
        (tmp_path / folder).mkdir()
    (tmp_path / "real" / "inner.vrt").write_text(vrt(URL))
    (tmp_path / "real" / "outer.vrt").write_text(vrt("inner.vrt"))
    (tmp_path / "links" / "outer.vrt").symlink_to("../real/outer.vrt")
    (tmp_path / "links" / "current.vrt").write_text(vrt("real/inner.vrt"))
    monkeypatch.chdir(tmp_path)
    for name in ("outer.vrt", "current.vrt"):
        with pytest.raises(SourceNotAllowedError, match=r"inner\.vrt refers to "):
            open_raster(f"links/{name}")
