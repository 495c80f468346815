"""Keys of object storage with characters that mean something in an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from mtrs_geo.errors import OutputError
from mtrs_geo.io.paths import object_path
from mtrs_geo.io.remote.upload import Upload
from mtrs_geo.io.source import open_raster

pytest.importorskip("moto", reason='needs "mtrs-geo[test]"')
KEYS = ["run#1", "a b", "50%", "a%20b", "ü+ñ", "a&b=c"]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A local S3 server with a bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "{}:{}".format(*server.get_host_and_port())
    for name, value in {
        "AWS_S3_ENDPOINT": address, "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE",
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=f"http://{address}", region_name="us-east-1")
    client.create_bucket(Bucket="bucket")
    yield address
    for entry in client.list_objects_v2(Bucket="bucket").get("Contents", []):
        client.delete_object(Bucket="bucket", Key=entry["Key"])
    server.stop()


@pytest.mark.parametrize("folder", KEYS)
def test_an_upload_writes_the_keys_that_it_names(
    endpoint: str, tmp_path: Path, folder: str
) -> None:
    import boto3

    path = tmp_path / "c.gpkg"
    path.write_bytes(b"polygons")
    upload = Upload(f"s3://bucket/{folder}/", ["c.gpkg"], overwrite=False)
    assert upload.copy(path) == f"s3://bucket/{folder}/c.gpkg"
    client = boto3.client("s3", endpoint_url=f"http://{endpoint}", region_name="us-east-1")
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket="bucket")["Contents"]]
    assert [key for key in keys if not key.endswith("/")] == [f"{folder}/c.gpkg"]
    with pytest.raises(OutputError, match=r"c\.gpkg exists"):
        Upload(f"s3://bucket/{folder}", ["c.gpkg"], overwrite=False)
    for read in (f"s3://bucket/{folder}/c.gpkg", f"/vsis3/bucket/{folder}/c.gpkg"):
        with pytest.raises(OutputError, match="also an input"):
            Upload(f"s3://bucket/{folder}", ["c.gpkg"], overwrite=True, inputs=[read])


def test_a_question_mark_is_refused(endpoint: str) -> None:
    with pytest.raises(OutputError, match=r"a '\?' in the folder 'run\?a' would begin options"):
        Upload("s3://bucket/run?a", ["c.gpkg"], overwrite=False)


def test_a_missing_bucket_is_refused_before_the_run(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="s3://pail/run cannot be written: its bucket does not"):
        Upload("s3://pail/run", ["c.gpkg"], overwrite=False)
    # A server that does not let this machine ask for the bucket may let it write.
    monkeypatch.setattr(Upload, "_bucket_type", _refuse)
    Upload("s3://bucket/run", ["c.gpkg"], overwrite=False)


def _refuse(_: Upload) -> None:
    raise OSError("ACCESS_DENIED")


def test_the_raster_of_a_key_is_opened(endpoint: str, tmp_path: Path) -> None:
    import boto3

    client = boto3.client("s3", endpoint_url=f"http://{endpoint}", region_name="us-east-1")
    for key, value in (("run", 1), ("run#1.tif", 2)):
        with rasterio.open(
            tmp_path / "a.tif", "w", driver="GTiff", count=1, height=8, width=8, dtype="uint8",
            crs="EPSG:32633", transform=Affine(1, 0, 400_000, 0, -1, 5_000_000),
        ) as file:  # fmt: skip
            file.write(np.full((1, 8, 8), value, np.uint8))
        client.put_object(Bucket="bucket", Key=key, Body=(tmp_path / "a.tif").read_bytes())
    with open_raster("s3://bucket/run#1.tif") as dataset:
        assert dataset.read(1).max() == 2


def test_addresses_that_gdal_reads_as_they_are() -> None:
    for path in ("s3://b/a.tif", "https://a.org/a.tif#x", "a#1.tif", "/data/a#1.tif"):
        assert object_path(path) == path
    assert object_path("gs://b/a#1.tif") == "/vsigs/b/a#1.tif"
