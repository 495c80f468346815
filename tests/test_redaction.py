"""Secrets in texts: what is removed, and what stays."""

from __future__ import annotations

import io

import pytest
from rasterio._err import CPLE_BaseError

from mtrs_geo.errors import RasterError
from mtrs_geo.redaction import RedactingStream, redact

SECRET = "S3CR3T"
WITH_SECRETS = (
    f"http://user:{SECRET}@host/a.tif",
    f"http://user:p@{SECRET}@host/a.tif",
    f"https://{SECRET}@host/a.tif",
    f"cannot open 'postgresql://me:{SECRET}@host:5432/db'",
    f"PG:host=a user=b password={SECRET} dbname=c",
    f"PG:host=a password='{SECRET} with \\' blanks {SECRET}' dbname=c",
    f"MSSQL:server=a;UID=b;PWD={{{SECRET};x}};database=c",
    f"MYSQL:db,user=root,password={SECRET},port=1",
    f"https://a.blob.core.windows.net/b/c.tif?sv=2022&sig={SECRET}%3D",
    f"/vsicurl/https://host/a.tif?X-Amz-Credential=A&X-Amz-Signature={SECRET}: HTTP 403",
    f"https://host/a.tif?token={SECRET}",
    f"https://host/a.tif?access_token={SECRET}&b=1",
    f"https://host/a.tif?api_key={SECRET}.",
    f"/vsicurl?url=http%3A%2F%2Fhost%2Fa.tif%3Fsig%3D{SECRET}",
    f"/vsicurl?userpwd=me:{SECRET}&url=http%3A%2F%2Fhost%2Fa.tif",
    f"/vsicurl?url=http%3A%2F%2Fme%3A{SECRET}%40host%2Fa.tif",
    f"/vsicurl?header.Authorization=Bearer%20{SECRET}&url=http%3A%2F%2Fhost%2Fa.tif",
    f"<HttpAuth>..<OOI key='HEADERS'>Authorization: Bearer {SECRET}</OOI>",
    f"Authorization: Basic {SECRET}",
    f"the header 'authorization=Token {SECRET}' was refused",
    f"url http%3A%2F%2Fme%3A{SECRET}%40host%2Fa.tif%3Fsig%3D{SECRET}",
    f"GDAL_HTTP_USERPWD=me:{SECRET}",
    f"AWS_SECRET_ACCESS_KEY={SECRET} AWS_SESSION_TOKEN = {SECRET}",
    f'{{"client_secret": "{SECRET}", "apikey": "{SECRET}"}}',
)
WITHOUT = (
    "before.tif (EPSG:32633) and after.tif (EPSG:4326) do not overlap.",
    "what?.tif",
    "s3://bucket/none.tif cannot be opened",
    "http://host:8080/a@b.tif cannot be opened: HTTP response code: 404.",
    "threshold=7 must lie between 0 and 1; a key=value pair, design=3, tokenizer.json",
    'Give it as a layer (--reference "river=layer.gpkg").',
)


@pytest.mark.parametrize("text", WITH_SECRETS)
def test_secrets_are_removed(text: str) -> None:
    assert SECRET not in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("text", WITHOUT)
def test_other_text_stays(text: str) -> None:
    assert redact(text) == text


def test_what_remains_names_the_source() -> None:
    assert redact("http://u:p@host/a.tif?sig=x: HTTP 404.") == "http://***@host/a.tif: HTTP 404."
    assert redact("/vsicurl?sig=x&url=http%3A%2F%2Fhost%2Fa.tif") == "/vsicurl/http://host/a.tif"
    assert redact("PG:host=a password=x dbname=c") == "PG:host=a password=*** dbname=c"


def test_errors_and_their_causes_hold_no_secret() -> None:
    url = f"http://me:{SECRET}@host/a.tif"

    def fail() -> None:
        try:
            try:
                raise CPLE_BaseError(1, 2, f"{url} is not there")
            except CPLE_BaseError as error:
                raise OSError(f"{url} failed") from error
        except OSError as error:
            raise RasterError(f"{url}: {error}", advice=f"Check {url}.") from error

    with pytest.raises(RasterError) as caught:
        fail()
    error: BaseException | None = caught.value
    count = 0
    while error is not None:
        assert SECRET not in f"{error}{error!r}{vars(error)}"
        error, count = error.__cause__, count + 1
    assert count == 3


def test_a_stream_without_secrets() -> None:
    target = io.StringIO()
    stream = RedactingStream(target)
    stream.write(f"password={SECRET}\n")
    stream.writelines([f"http://me:{SECRET}@host\n"])
    stream.flush()
    assert target.getvalue() == "password=***\nhttp://***@host\n"
