from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mtrs_geo.io.dates import find_date

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
        ("20480101.tif", None),
        ("2019_02_30.tif", "2019"),
        ("change_2016_2019.tif", None),
        ("20200517_20200601.tif", None),
        ("", None),
    ],
)
def test_dates_in_one_text(text: str, expected: str | None) -> None:
    assert find_date([text]) == expected


def test_the_first_text_with_a_date_is_used() -> None:
    assert find_date(["", "unknown", "2016:05:21", "town_2019.tif"]) == "2016-05-21"
