"""The plugin dates rasters by the rules of mtrs_geo."""

from __future__ import annotations

import pytest

from mtrs_geo.io import dates
from qgis_plugin import dates_in_text

NAMES = (
    "ortho_2016_06.tif", "a_20160521.tif", "x 2016-05 y", "t:2016", "12345", "9920166", "tile_2048",
    "LC08_L2SP_027039_20190801_20200827_02_T1", "m_3012345_ne_14_060_20180801_20190211",
    "S2A_MSIL2A_20190801T170851_N0213_R112_T14RPT_20190801T213017", "LC80270392019213LGN00",
    "20190801_173012_1033_3B_AnalyticMS_SR", "19AUG01173012-M2AS", "2016_2018", "2018:06:01 10:00",
    "naip_2016q3", "2016-13-45", "", "16FEB30173012", "change 1024x2016",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_dates_in_texts(name: str) -> None:
    assert dates_in_text.date_in(name) == dates.find_date([name])


def test_the_same_tags_count() -> None:
    assert dates_in_text.ACQUISITION_TAGS == dates._ACQUISITION_TAGS
    assert dates_in_text.EXPORT_TAGS == dates._EXPORT_TAGS
