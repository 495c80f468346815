"""Export reviewed polygons as pairs that `evaluate` reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from command_server import run_command, start_command

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import Cancelled, OutputError, RequestError, VectorError
from mtrs_geo.evaluation import evaluate
from mtrs_geo.pairs.export import PairsOptions, PairsReport, export_pairs
from mtrs_geo.progress import Silent

CRS = "EPSG:32614"
SMALL = PairsOptions(tile_px=128)


@pytest.fixture(scope="module")
def origin(pair_paths: PairPaths) -> tuple[float, float, float]:
    """Left, top and pixel size of the later raster, 512 × 640 pixels."""
    with rasterio.open(pair_paths.after) as raster:
        return raster.bounds.left, raster.bounds.top, raster.res[0]


def box(origin: tuple[float, float, float], row: int, col: int, side: int) -> shapely.Polygon:
    left, top, px = origin
    return shapely.box(
        left + col * px, top - (row + side) * px, left + (col + side) * px, top - row * px
    )


@pytest.fixture
def reviewed(origin: tuple[float, float, float], tmp_path: Path) -> Path:
    """Tiles of 128 px: accepted, rejected, both, not all reviewed, two sentences."""
    rows = [
        ("new houses", "accepted", box(origin, 10, 10, 20)),
        ("new houses", "rejected", box(origin, 10, 140, 20)),
        ("new houses", "edited", box(origin, 10, 270, 30)),
        ("new houses", "rejected", box(origin, 60, 270, 20)),
        ("new houses", "accepted", box(origin, 10, 400, 20)),
        ("new houses", None, box(origin, 60, 400, 20)),
        ("new houses", "accepted", box(origin, 140, 10, 20)),
        ("new sheds", "rejected", box(origin, 180, 10, 20)),
        ("the largest shed", "accepted", box(origin, 300, 300, 40)),
        ("new houses", "accepted", box(origin, 5000, 5000, 20)),
    ]
    frame = geopandas.GeoDataFrame(
        {"query": [r[0] for r in rows], "review": [r[1] for r in rows]},
        geometry=[r[2] for r in rows], crs=CRS,
    )  # fmt: skip
    path = tmp_path / "reviewed.gpkg"
    frame.to_file(path, layer="changes")
    return path


def test_masks_hold_the_accepted_polygons(
    pair_paths: PairPaths, reviewed: Path, tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    report = export_pairs(rasters, reviewed, tmp_path / "pairs", options=SMALL)
    assert (report.pairs, report.expressions, report.no_target) == (4, 5, 2)
    assert report.unreviewed == 1
    assert "'the largest shed'" in report.warnings[0]
    split = {pair.name: pair for pair in open_split(tmp_path / "pairs")}
    assert set(split) == {
        "r000000_c000000", "r000000_c000128", "r000000_c000256", "r000128_c000000"
    }  # fmt: skip
    truth = np.zeros((128, 128), bool)
    truth[10:30, 10:30] = True
    np.testing.assert_array_equal(split["r000000_c000000"].masks[0], truth)
    assert not split["r000000_c000128"].masks.any()
    mixed = split["r000000_c000256"].masks[0]  # the rejected polygon is background
    assert mixed.sum() == 30 * 30
    both = split["r000128_c000000"]
    assert both.expressions == ("new houses", "new sheds")
    assert both.masks.sum(axis=(1, 2)).tolist() == [400, 0]
    with rasterio.open(pair_paths.after) as raster:
        pixels = raster.read((1, 2, 3))[:, 128:256, :128].transpose(1, 2, 0)
    np.testing.assert_array_equal(both.after, pixels)


def test_evaluate_reads_the_exported_folder(
    pair_paths: PairPaths, reviewed: Path, tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    export_pairs(rasters, reviewed, tmp_path / "pairs", options=SMALL)
    scores = evaluate(tmp_path / "pairs", model="brightness").scores
    assert (scores.samples, scores.no_target_samples) == (5, 2)


def test_a_layer_in_another_crs_gives_the_same_masks(
    pair_paths: PairPaths, reviewed: Path, tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    degrees = tmp_path / "degrees.gpkg"
    geopandas.read_file(reviewed).to_crs(4326).to_file(degrees)
    export_pairs(rasters, reviewed, tmp_path / "a", options=SMALL)
    export_pairs(rasters, degrees, tmp_path / "b", options=SMALL)
    for first, second in zip(open_split(tmp_path / "a"), open_split(tmp_path / "b"), strict=True):
        assert (first.masks != second.masks).sum() <= 4  # pixels with their centre on a side


def test_polygons_of_a_layer_without_a_review_count_as_accepted(
    pair_paths: PairPaths, reviewed: Path, tmp_path: Path
) -> None:
    """Polygons that an analyst drew, for training."""
    drawn = tmp_path / "drawn.gpkg"
    frame = geopandas.read_file(reviewed).drop(columns="review").rename(columns={"query": "what"})
    frame.to_file(drawn)
    options = PairsOptions(tile_px=128, text_column="what", raw=True)
    report = export_pairs(
        [pair_paths.before, pair_paths.after], drawn, tmp_path / "p", options=options
    )
    assert report.no_target == report.unreviewed == 0
    assert report.warnings == ()
    texts = {text for pair in open_split(tmp_path / "p") for text in pair.expressions}
    assert texts == {"new houses", "new sheds", "the largest shed"}


def test_negatives_add_empty_masks(
    pair_paths: PairPaths, reviewed: Path, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    """In tiles with a polygon, or in the whole area of interest."""
    rasters = [pair_paths.before, pair_paths.after]
    options = replace(SMALL, negatives=True)
    report = export_pairs(rasters, reviewed, tmp_path / "here", options=options)
    assert (report.pairs, report.expressions, report.no_target) == (4, 8, 5)
    for pair in open_split(tmp_path / "here"):
        assert set(pair.expressions) == {"new houses", "new sheds"}
    area = box(origin, 0, 0, 256) - box(origin, 192, 192, 64)
    export_pairs(rasters, reviewed, tmp_path / "area", options=replace(options, aoi=area))
    split = {pair.origin: pair for pair in open_split(tmp_path / "area")}
    assert set(split) == {(0, 0), (0, 128), (128, 0), (128, 128)}
    empty = split[128, 128]
    assert set(empty.expressions) == {"new houses", "new sheds"}
    assert not empty.masks.any()
    assert empty.after[:64].any()
    assert not empty.after[64:, 64:].any()  # outside the area: nodata at both dates


def test_tiles_do_not_overlap(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    """No pixel may be in both the training and the validation set."""
    drawn = tmp_path / "drawn.gpkg"
    geopandas.GeoDataFrame(
        {"text": ["new houses"]}, geometry=[box(origin, 0, 0, 600)], crs=CRS
    ).to_file(drawn)  # fmt: skip
    options = PairsOptions(tile_px=150)
    export_pairs([pair_paths.before, pair_paths.after], drawn, tmp_path / "p", options=options)
    counts = np.zeros((512, 640), int)
    for pair in open_split(tmp_path / "p"):
        assert pair.origin is not None
        assert min(pair.after.shape[:2]) >= 150
        row, col = pair.origin
        counts[row : row + pair.after.shape[0], col : col + pair.after.shape[1]] += 1
    assert counts.min() == counts.max() == 1


def test_several_sentences_per_polygon_ignore_case(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    drawn = tmp_path / "drawn.gpkg"
    texts = ["New pools ; pools that were dug;", "new  pools", None]
    shapes = [box(origin, 10, 10, 20), box(origin, 60, 60, 20), box(origin, 90, 10, 20)]
    geopandas.GeoDataFrame(
        {"query": [None] * 3, "text": texts}, geometry=shapes, crs=CRS
    ).to_file(drawn)  # fmt: skip
    report = export_pairs(
        [pair_paths.before, pair_paths.after], drawn, tmp_path / "p", options=SMALL
    )  # fmt: skip
    assert report.warnings == ("1 polygons without text in 'text' were left out.",)
    (pair,) = open_split(tmp_path / "p")
    masks = dict(zip(pair.expressions, pair.masks.sum(axis=(1, 2)).tolist(), strict=True))
    assert masks == {"New pools": 800, "pools that were dug": 400}


def test_spellings_of_one_sentence_are_no_negatives_of_each_other(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    drawn = tmp_path / "drawn.gpkg"
    texts = ["new batteries", "a new battery.", "The new Batteries!", "new glass", "new boxes",
             "new box"]  # fmt: skip
    shapes = [box(origin, 10, 10 + 100 * i, 30) for i in range(6)]
    geopandas.GeoDataFrame({"query": texts}, geometry=shapes, crs=CRS).to_file(drawn)
    options = replace(SMALL, negatives=True)
    export_pairs([pair_paths.before, pair_paths.after], drawn, tmp_path / "p", options=options)
    filled = {"new batteries": 0, "new glass": 0, "new boxes": 0}
    for pair in open_split(tmp_path / "p"):
        assert set(pair.expressions) == set(filled)
        for text, mask in zip(pair.expressions, pair.masks, strict=True):
            filled[text] += int(mask.sum())
    assert filled == {"new batteries": 2700, "new glass": 900, "new boxes": 1800}


def test_an_area_of_interest_limits_the_tiles(
    pair_paths: PairPaths, reviewed: Path, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    options = PairsOptions(tile_px=128, aoi=box(origin, 0, 0, 120))
    rasters = [pair_paths.before, pair_paths.after]
    assert export_pairs(rasters, reviewed, tmp_path / "p", options=options).pairs == 1


def test_errors_leave_no_output(pair_paths: PairPaths, reviewed: Path, tmp_path: Path) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    frame = geopandas.read_file(reviewed)
    unreviewed = tmp_path / "unreviewed.gpkg"
    frame.assign(review=None).to_file(unreviewed)
    no_text = tmp_path / "no_text.gpkg"
    frame.drop(columns="query").to_file(no_text)
    points = tmp_path / "points.gpkg"
    frame.set_geometry(frame.centroid).to_file(points)
    outside = tmp_path / "outside.gpkg"
    frame.tail(1).to_file(outside)
    out = tmp_path / "out"
    for polygons, message in (
        (unreviewed, "no reviewed polygon"), (no_text, "no column 'query'"), (points, "Point"),
        (outside, "no tile gives a pair"), (tmp_path / "none.gpkg", "does not exist"),
    ):  # fmt: skip
        with pytest.raises(VectorError, match=message):
            export_pairs(rasters, polygons, out, options=SMALL)
    with pytest.raises(RequestError, match="two dates"):
        export_pairs(rasters[:1], reviewed, out)
    with pytest.raises(RequestError, match="tile_px"):
        PairsOptions(tile_px=1)

    class Stopped(Silent):
        cancelled = True

    with pytest.raises(Cancelled):
        export_pairs(rasters, reviewed, out, options=SMALL, progress=Stopped())
    assert not out.exists()
    out.mkdir()
    (out / "other").touch()
    with pytest.raises(OutputError, match="overwrite"):
        export_pairs(rasters, reviewed, out, options=SMALL)
    assert [path.name for path in out.iterdir()] == ["other"]


def test_the_command_line_prints_the_counts(
    pair_paths: PairPaths, reviewed: Path, tmp_path: Path
) -> None:
    rasters = pair_paths.before, pair_paths.after
    command = ["pairs", "export", *rasters, reviewed, "--tile-px", 128]
    process = start_command(*command, "-o", tmp_path / "a")
    assert process.returncode == 0, process.stderr
    assert "4 pairs with 5 expressions, 2 without target" in process.stdout
    assert "warning: 1 polygons of 'the largest shed'" in process.stderr
    process = run_command(*command, "-o", tmp_path / "b", "--json")
    assert json.loads(process.stdout)["pairs"] == 4


def test_layers_that_others_wrote(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    near, far = box(origin, 10, 10, 30), box(origin, 10, 300, 30)

    def export(
        shapes: list[shapely.Geometry],
        crs: object = CRS,
        negatives: bool = False,
        **columns: object,
    ) -> PairsReport:
        frame = geopandas.GeoDataFrame(
            columns or {"query": ["new tents"] * len(shapes)}, geometry=shapes, crs=CRS
        )
        path = tmp_path / "layer.gpkg"
        frame.to_file(path)
        options = PairsOptions(tile_px=128, negatives=negatives, overwrite=True)
        return export_pairs(rasters, path, tmp_path / "pairs", options=options)

    # Rejected polygons of a database that writes names in capitals are no targets.
    report = export([near, far], QUERY=["new tents"] * 2, REVIEW=["accepted", "Rejected"])
    assert (report.expressions, report.no_target) == (2, 1)
    report = export([near, far], query=["new tents"] * 2, review=["accepted", "checked by me"])
    assert "'checked by me', which count as not reviewed" in " ".join(report.warnings)
    with pytest.raises(VectorError, match="column 'review' holds 'yes', 'no'"):
        export([near, far], query=["new tents"] * 2, review=["yes", "no"])
    # Shapefiles and CSV files write empty texts, and a row may have no polygon.
    report = export([near, far, None], query=["", " ", ""], label=["new tents"] * 3)
    assert report.expressions == 2
    assert report.warnings == ("1 rows without a polygon were left out.",)
    # Text of missing values, and codes of classes, are no sentences.
    report = export([near, far], label=["new tents", "nan"])
    assert (report.expressions, len(report.warnings)) == (1, 1)
    with pytest.raises(VectorError, match="holds numbers \\(1, 2\\), not sentences"):
        export([near, far], label=["1", "2"])
    report = export([near, far], label=["new tents", "keine Änderung"])
    assert report.expressions == 1
    assert "1 polygons of 'keine Änderung' were left out" in report.warnings[0]
    report = export([near, far], label=["new tents", "class 3"])
    assert report.expressions == 2
    assert "trained as they are written: 'class 3'." in report.warnings[0]
    with pytest.raises(VectorError, match="has no polygon"):
        export([])
    # Polygons smaller than a target are counted, and are no unchanged ground.
    report = export([near, box(origin, 10, 300, 2)])
    assert (report.expressions, report.too_small) == (1, 1)
    assert "fewer than 16 pixels" in " ".join(report.notes("layer"))
    with pytest.raises(VectorError, match="each of 1 accepted polygons covers fewer than 16"):
        export([box(origin, 10, 300, 2)], negatives=True)
    # A repaired outline leaves no line, which would be drawn.
    left, top, px = origin
    flat = shapely.LineString([(left + 50 * px, top - 300 * px), (left + 90 * px, top - 300 * px)])
    collapsed = shapely.Polygon([*flat.coords, (left + 60 * px, top - 300 * px)])
    assert export([near, collapsed]).expressions == 1


def test_layers_far_from_the_rasters(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    left, top, _ = origin
    near = geopandas.GeoSeries([box(origin, 10, 10, 30)], crs=CRS).to_crs(4326)[0]

    def export(shapes: list[shapely.Geometry], crs: object = "EPSG:4326") -> PairsReport:
        path = tmp_path / "layer.gpkg"
        columns = {"query": ["new tents"] * len(shapes)}
        geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
        options = PairsOptions(tile_px=128, overwrite=True)
        return export_pairs(rasters, path, tmp_path / "pairs", options=options)

    # UTM is not defined a quarter of the globe away, where some editors put a first feature.
    assert export([near, shapely.box(0, 0, 1, 1)]).outside == 1
    with pytest.raises(VectorError, match="have the latitude first"):
        export([shapely.transform(near, lambda points: points[:, ::-1])])
    with pytest.raises(VectorError, match="are not degrees: assign the CRS"):
        export([shapely.box(left, top - 50, left + 50, top)])
    with pytest.raises(VectorError, match="coordinates that are not numbers, such as feature 2"):
        export([near, shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)])])


def test_polygons_with_several_sentences_count_once(
    pair_paths: PairPaths, origin: tuple[float, float, float], tmp_path: Path
) -> None:
    rasters = [pair_paths.before, pair_paths.after]
    near, tiny = box(origin, 10, 10, 30), box(origin, 10, 300, 2)
    far = shapely.transform(near, lambda points: points + 9000)
    shapes = [near, tiny, far, far]
    texts = ["new tents; tents that were put up", "new pools; pools that were dug"]
    layer = tmp_path / "layer.gpkg"
    frame = geopandas.GeoDataFrame({"query": [*texts, *texts]}, geometry=shapes, crs=CRS)
    frame.to_file(layer)
    report = export_pairs(rasters, layer, tmp_path / "pairs", options=SMALL)
    assert (report.too_small, report.outside) == (1, 2)
    assert "2 polygons of layer are outside" in " ".join(report.notes("layer"))
    frame.iloc[[1]].to_file(layer)
    with pytest.raises(VectorError, match="each of 1 accepted polygons covers fewer than 16"):
        export_pairs(rasters, layer, tmp_path / "others", options=SMALL)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("new tents since 2019", "trained as they are written: 'new tents since 2019'. With "),
        ("tents put up between 2012 and 2018", "write 'tents put up', and ask for the time"),
        ("tents that existed in 2012 but not in 2018", ""),
    ],
)
def test_sentences_with_a_time_are_named(
    text: str,
    warning: str,
    pair_paths: PairPaths,
    origin: tuple[float, float, float],
    tmp_path: Path,
) -> None:
    layer = tmp_path / "layer.gpkg"
    shapes = [box(origin, 10, 10, 30)]
    geopandas.GeoDataFrame({"query": [text]}, geometry=shapes, crs=CRS).to_file(layer)
    rasters = [pair_paths.before, pair_paths.after]
    report = export_pairs(rasters, layer, tmp_path / "pairs", options=SMALL)
    assert warning in " ".join(report.warnings)
    assert bool(warning) == bool(report.warnings)
    (pair,) = open_split(tmp_path / "pairs")
    assert pair.expressions == (text,)
