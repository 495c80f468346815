from __future__ import annotations

import pytest

from mtrs_geo.io.paths import is_local_file, is_remote_path, redacted_path


@pytest.mark.parametrize(
    ("path", "is_remote", "is_local"),
    [
        ("before.tif", False, True),
        ("/data/before.tif", False, True),
        (r"C:\data\before.tif", False, True),
        ("https://example.com/before.tif", True, False),
        ("s3://bucket/before.tif", True, False),
        ("/vsis3/bucket/before.tif", True, False),
        ("/vsicurl/https://example.com/before.tif", True, False),
        ("/vsizip/before.zip/before.tif", False, False),
        ("GTIFF_DIR:1:before.tif", False, False),
    ],
)
def test_local_files_and_remote_paths(path: str, is_remote: bool, is_local: bool) -> None:
    assert is_remote_path(path) == is_remote
    assert is_local_file(path) == is_local


def test_the_query_of_a_url_is_removed() -> None:
    assert (
        redacted_path("https://example.com/a.tif?signature=secret") == "https://example.com/a.tif"
    )
    assert redacted_path("what?.tif") == "what?.tif"
