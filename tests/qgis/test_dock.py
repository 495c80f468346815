"""The dock in a real QGIS Desktop on the real worker and model, clicked through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo.data.synthetic import PairPaths, render_pair, write_pair

Desktop = Callable[..., dict[str, Any]]

PICTURES = Path(__file__).parents[2] / "build" / "qgis"
APPEARED, GONE = "the buildings that appeared", "the buildings that were demolished"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    pair = render_pair(1024, 1024, seed=7, new_buildings=18, demolished=8)
    return write_pair(tmp_path_factory.mktemp("place"), pair)


def asked(place: PairPaths, suffix: str, theme: str = "", whole: bool = False) -> dict[str, Any]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return {
        "before": str(place.before), "after": str(place.after), "pictures": str(PICTURES),
        "suffix": suffix, "theme": theme, "whole": whole, "query": f"{APPEARED}\n{GONE}",
        "areas": ["canvas", "whole"] if whole else ["whole"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def facts(desktop: Desktop, place: PairPaths) -> dict[str, Any]:
    return desktop("dock_script.py", asked(place, "", whole=True))
