from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from matplotlib.font_manager import fontManager
from matplotlib.image import imread
from pyproj import CRS
from shapely.geometry import Polygon, box

from mtrs_geo.detect.fonts import _characters, lettering
from mtrs_geo.detect.preview import Period, write_preview
from mtrs_geo.errors import OutputError
from mtrs_geo.grid import Grid

UTM = CRS.from_epsg(32633)
GRID = Grid(UTM, Affine(1, 0, 500_000, 0, -1, 5_500_100), (100, 100))


def grey(rows: int = 100, cols: int = 100) -> np.ndarray:
    return np.full((rows, cols, 3), 90, np.uint8)


def layer(*shapes: Polygon, crs: CRS = UTM) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


def period(layers: Mapping[str, gpd.GeoDataFrame], before: str = "a", after: str = "b") -> Period:
    return Period((grey(), grey()), (before, after), layers)


def draw(
    path: Path, *shapes: Polygon, name: str = "new buildings", grid: Grid = GRID
) -> np.ndarray:
    layers = {name: layer(*shapes, crs=grid.crs)}
    write_preview(path, [period(layers, "2012", "2016")], grid, overwrite=True)
    return imread(path)[..., :3]


def yellowish(picture: np.ndarray) -> np.ndarray:
    return (picture[..., 0] - picture[..., 2] > 0.15) & (picture[..., 0] > 0.4)


def panel(picture: np.ndarray, index: int) -> np.ndarray:
    """The centre of one panel, without title, legend and frame."""
    rows, cols = picture.shape[:2]
    third = cols // 3
    return picture[rows // 10 : -rows // 7, index * third + 20 : (index + 1) * third - 20]


def test_polygons_are_drawn_on_the_third_panel_only(tmp_path: Path) -> None:
    square = box(500_060, 5_500_060, 500_090, 5_500_090)
    picture = draw(tmp_path / "p.png", square)
    assert not yellowish(panel(picture, 0)).any()
    assert not yellowish(panel(picture, 1)).any()
    found = yellowish(panel(picture, 2))
    rows, cols = np.nonzero(found)
    # The north-east of the scene is at the top right of the picture.
    assert rows.mean() < found.shape[0] / 2 < found.shape[1] / 2 < cols.mean()
    assert found.mean() == pytest.approx(0.09, abs=0.04)


@pytest.mark.parametrize("clockwise", [False, True])
def test_holes_are_not_filled(tmp_path: Path, clockwise: bool) -> None:
    hole = [(500_040, 5_500_040), (500_060, 5_500_040), (500_060, 5_500_060), (500_040, 5_500_060)]
    outer = box(500_020, 5_500_020, 500_080, 5_500_080).exterior.coords
    ring = Polygon(outer, [hole[::-1] if clockwise else hole])
    middle = panel(draw(tmp_path / "p.png", ring), 2)
    rows, cols = middle.shape[:2]
    assert not yellowish(
        middle[rows // 2 - 20 : rows // 2 + 20, cols // 2 - 20 : cols // 2 + 20]
    ).any()
    assert yellowish(middle).any()


def test_a_polygon_beyond_the_scene_does_not_change_the_extent_of_a_panel(tmp_path: Path) -> None:
    inside = draw(tmp_path / "a.png", box(500_010, 5_500_010, 500_020, 5_500_020))
    outside = draw(tmp_path / "b.png", box(500_010, 5_400_000, 500_020, 5_500_020))
    assert inside.shape == outside.shape
    np.testing.assert_array_equal(panel(inside, 0), panel(outside, 0))


@pytest.mark.parametrize(
    "shape", [(100, 100), (60, 1000), (1000, 60), (20_000, 9_000)], ids=lambda s: f"{s[0]}x{s[1]}"
)
def test_size_is_bounded_and_panels_fill_it(tmp_path: Path, shape: tuple[int, int]) -> None:
    grid = Grid(UTM, Affine(1, 0, 500_000, 0, -1, 5_500_000 + shape[0]), shape)
    picture = draw(tmp_path / "p.png", grid=grid)
    assert max(picture.shape) <= 1600
    if 0.2 < shape[0] / shape[1] < 5:
        assert (picture.min(axis=2) < 0.5).mean() > 0.4


def test_a_grid_in_degrees_has_the_aspect_ratio_of_the_ground(tmp_path: Path) -> None:
    # At 60° north a degree of longitude is half as long as one of latitude.
    grid = Grid(CRS.from_epsg(4326), Affine(1e-5, 0, 15, 0, -1e-5, 60), (100, 100))
    rows, cols = draw(tmp_path / "p.png", grid=grid).shape[:2]
    assert 1.9 < 3 * (rows - 80) / cols < 2.1


def test_any_text_can_be_a_label(tmp_path: Path) -> None:
    for name in ("$x_{$", "_hidden", "新しい建物", "a" * 9_000, "\\frac", "<b>&"):
        draw(tmp_path / "p.png", name=name)
    many = {f"query {i} with some words": layer() for i in range(12)}
    write_preview(tmp_path / "q.png", [period(many, "$", "_")], GRID, overwrite=True)
    assert max(imread(tmp_path / "q.png").shape) <= 1600


@pytest.mark.parametrize("shape", [(100, 100), (1000, 60)])
def test_legends_of_wide_characters_fit(tmp_path: Path, shape: tuple[int, int]) -> None:
    grid = Grid(UTM, Affine(1, 0, 500_000, 0, -1, 5_500_000 + shape[0]), shape)
    layers = {f"{i} {'WAREHOUSES ' * 6}": layer() for i in range(5)}
    write_preview(tmp_path / "p.png", [period(layers)], grid)
    picture = imread(tmp_path / "p.png")[..., :3]
    legend = picture[-50:].min(axis=(0, 2))
    assert legend[:8].min() == legend[-8:].min() == 1


def test_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="--overwrite"):
        write_preview(path, [period({})], GRID)
    assert path.read_bytes() == b"mine"


def test_a_folder_that_cannot_be_written_gets_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_preview(tmp_path / "none" / "p.png", [period({})], GRID)
    assert list(tmp_path.iterdir()) == []
    target = tmp_path / "p.png"
    target.mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_preview(target, [period({})], GRID, overwrite=True)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".png", b"\x89PNG"), (".jpg", b"\xff\xd8\xff"), (".JPEG", b"\xff\xd8\xff"),
     (".webp", b"RIFF"), (".tif", b"II*\0"), (".pdf", b"%PDF")],
)  # fmt: skip
def test_the_format_is_that_of_the_suffix(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"p{suffix}"
    square = layer(box(500_060, 5_500_060, 500_090, 5_500_090))
    write_preview(path, [period({"x": square})] * 2, GRID)
    assert path.read_bytes().startswith(start)
    if suffix == ".pdf":
        assert path.read_bytes().count(b"/Type /Page ") == 2
    with pytest.raises(OutputError, match="not a supported image format"):
        write_preview(tmp_path / "p.doc", [period({})], GRID)


def test_every_period_has_a_row(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    square = layer(box(500_020, 5_500_020, 500_080, 5_500_080))
    periods = [period({"x": layer()}), period({"x": square}), period({"x": layer()})]
    write_preview(path, periods, GRID)
    picture = imread(path)[..., :3]
    found = yellowish(picture)[: -picture.shape[0] // 10]
    rows = found.any(axis=1).nonzero()[0] / picture.shape[0]
    assert 1 / 3 < rows.min() < rows.max() < 2 / 3


def test_characters_without_a_font_are_drawn_as_codes() -> None:
    known, unknown = "\u0434\u043e\u043c", "\U000f0000\x07"
    assert lettering(["new", known]).families == ("DejaVu Sans",)
    text = lettering([f"{known} {unknown}\nx"])
    assert text.drawn(f"{known} {unknown}\nx") == rf"{known} \U000f0000\x07 x"


def test_an_installed_font_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {font.name: font.fname for font in fontManager.ttflist}
    # A font with few characters stands for the default one.
    fonts = {"DejaVu Sans": files["STIXSizeOneSym"], "Other": files["DejaVu Sans"]}
    monkeypatch.setattr("mtrs_geo.detect.fonts._installed", lambda: fonts)
    _characters.cache_clear()
    try:
        found = lettering(["\u0416\u65b0"])
    finally:
        _characters.cache_clear()
    assert found.families == ("DejaVu Sans", "Other")
    assert found.drawn("\u0416\u65b0") == "\u0416\\u65b0"
