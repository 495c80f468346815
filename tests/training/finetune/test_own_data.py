"""Fine-tuning on a layer of changes over two rasters, through the real command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine

from mtrs_geo import detect_changes
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import OutputError, RequestError, VectorError
from mtrs_geo.io.provenance import rasters_of
from mtrs_geo.io.stack import StackOptions
from mtrs_geo.pairs.export import PairsOptions
from mtrs_geo.progress import Silent
from mtrs_geo.training.finetune.finetune import finetune
from mtrs_geo.training.finetune.own_data import (
    TILE_PX,
    LabelledLayer,
    labelled_layers,
    read_pairs,
)

CRS, LEFT, TOP, PX = "EPSG:32633", 400_000.0, 5_800_000.0, 0.5
TEXT = "blue tarpaulins that were laid out"
CUT = PairsOptions(tile_px=96, negatives=True)


@dataclass(frozen=True)
class Ground:
    """Grey ground on which blue squares appear, a change that tiny is not trained on."""

    before: Path
    after: Path
    squares: list[shapely.Polygon]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = tmp_path_factory.mktemp("ground")
    rng = np.random.default_rng(1)
    before = rng.integers(90, 120, (384, 480, 3), dtype=np.uint8)
    after, squares = before.copy(), []
    for row in range(0, 384, 96):
        for col in range(0, 480, 96):
            r, c = row + int(rng.integers(8, 60)), col + int(rng.integers(8, 60))
            after[r : r + 28, c : c + 28] = (30, 60, 220)
            squares.append(square(r, c, 28))
    paths = folder / "before.tif", folder / "after.tif"
    for path, image in zip(paths, (before, after), strict=True):
        with rasterio.open(
            path, "w", driver="GTiff", height=384, width=480, count=3, dtype="uint8", crs=CRS,
            transform=Affine(PX, 0, LEFT, 0, -PX, TOP),
        ) as file:  # fmt: skip
            file.write(image.transpose(2, 0, 1))
    return Ground(*paths, squares)


def square(row: int, col: int, side: int) -> shapely.Polygon:
    left, top = LEFT + col * PX, TOP - row * PX
    return shapely.box(left, top - side * PX, left + side * PX, top)


def layer(path: Path, squares: list[shapely.Polygon], **columns: object) -> Path:
    frame = geopandas.GeoDataFrame(columns, geometry=squares, crs=CRS)
    frame.to_file(path)
    return path


def test_fine_tuning_on_a_layer(ground: Ground, tmp_path: Path) -> None:
    """The layer has another CRS and format, and its text column is found by name."""
    drawn = geopandas.GeoDataFrame(
        {"id": range(20), "Label": [TEXT] * 20}, geometry=ground.squares, crs=CRS
    ).to_crs(4326)  # fmt: skip
    drawn.to_file(tmp_path / "drawn.geojson")
    done = subprocess.run(
        [
            sys.executable, "-m", "mtrs_geo.cli", "train", "finetune",
            "--pairs", str(tmp_path / "drawn.geojson"), "--before", str(ground.before),
            "--after", str(ground.after), "--tile-px", "96", "-o", str(tmp_path / "mine"),
            "--steps", "12", "--minutes", "60", "--lr", "0.001", "--device", "cpu", "--json",
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["trained"] + result["held_out"] == 20
    assert 3 <= result["held_out"] <= 5  # about a fifth, in blocks of one or two
    assert result["by_place"]
    assert result["steps"] == 12
    assert result["after"]["miou_nonempty"] > max(0.5, result["before"]["miou_nonempty"] + 0.2)
    result = detect_changes(ground.before, ground.after, TEXT, model=tmp_path / "mine")
    truth, predicted = shapely.union_all(ground.squares), result.polygons.union_all()
    assert truth.intersection(predicted).area / truth.union(predicted).area > 0.5


def test_layers_and_folders_can_be_combined(ground: Ground, tmp_path: Path) -> None:
    with write_split(tmp_path / "pairs") as split:
        for number in range(3):
            images = np.zeros((96, 96, 3), np.uint8)
            masks = np.ones((1, 96, 96), bool)
            split.add(ReferringPair(f"p{number}", images, images, ("new pools",), masks))
    drawn = layer(tmp_path / "a.gpkg", ground.squares, text=[TEXT] * 20)
    few = layer(tmp_path / "b.fgb", ground.squares[:2], text=["new tents"] * 2)
    paths = [str(drawn), str(tmp_path / "pairs"), str(few)]
    sources = labelled_layers(paths, [str(ground.before)], [str(ground.after)], None, CUT)
    data = read_pairs(sources, Silent())
    assert len(data.training) + len(data.held_out) == 20 + 3 + 2
    texts = {text for pair in data.training for text in pair.expressions}
    assert texts == {TEXT, "new pools", "new tents"}
    with pytest.raises(RequestError, match="2 layers have 0 earlier and 1 later"):
        labelled_layers(paths, [], [str(ground.after)], None, CUT)


def test_options_of_layers_are_refused_for_folders_of_pairs(tmp_path: Path) -> None:
    folder = str(tmp_path)
    plain = PairsOptions(TILE_PX, negatives=True)
    assert labelled_layers([folder], [], [], None, plain) == [folder]
    for before, name, changed, listed in (
        (["a.tif"], None, plain, "--before, --after"),
        ([], "changes", plain, "--layer"),
        ([], None, replace(plain, aoi="a.gpkg", raw=True), "--aoi, --raw"),
        ([], None, replace(plain, tile_px=96, text_column="t"), "--text-column, --tile-px"),
        ([], None, replace(plain, stack=StackOptions(resolution=1)), "--resolution"),
    ):
        with pytest.raises(RequestError, match=f"^{listed}: no effect on folders of pairs"):
            labelled_layers([folder], before, before, name, changed)


def test_a_layer_written_by_detect_names_its_rasters(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    for path in (ground.before, ground.after):
        shutil.copy(path, folder)
    for suffix in (".gpkg", ".fgb"):
        detect_changes(
            folder / "before.tif", folder / "after.tif", TEXT, model="brightness",
            threshold=0.1, output=folder / f"changes{suffix}",
        )  # fmt: skip
    moved = folder.rename(tmp_path / "here")
    for suffix in (".gpkg", ".fgb"):
        data = read_pairs([LabelledLayer(moved / f"changes{suffix}", options=CUT)], Silent())
        assert len(data.training) >= 4
    (moved / "before.tif").unlink()
    with pytest.raises(VectorError, match=r"before\.tif, which cannot be found"):
        rasters_of(moved / "changes.gpkg")


def test_a_folder_with_rasters_of_a_layer_is_not_replaced(ground: Ground, tmp_path: Path) -> None:
    scene, changes = tmp_path / "scene", tmp_path / "changes.gpkg"
    scene.mkdir()
    rasters = [Path(shutil.copy(path, scene)) for path in (ground.before, ground.after)]
    detect_changes(*rasters, TEXT, model="brightness", threshold=0.1, output=changes)
    area = layer(scene / "area.gpkg", [square(0, 0, 480)])
    elsewhere = LabelledLayer(changes, ground.before, ground.after, options=PairsOptions(aoi=area))
    for name in ("before", "after"):
        rasterio.shutil.copy(scene / f"{name}.tif", tmp_path / f"{name}.vrt", driver="VRT")
    virtual = LabelledLayer(changes, tmp_path / "before.vrt", tmp_path / "after.vrt")
    for source in (changes, str(changes), LabelledLayer(changes), elsewhere, virtual):
        with pytest.raises(OutputError, match="an input of this run, which would be replaced"):
            finetune(source, scene, overwrite=True)
    assert {path.name for path in scene.iterdir()} == {"before.tif", "after.tif", "area.gpkg"}


def test_unusable_layers_are_refused_with_a_reason(ground: Ground, tmp_path: Path) -> None:
    def read(path: Path, **options: object) -> None:
        cut = PairsOptions(tile_px=96, **options)
        read_pairs([LabelledLayer(path, ground.before, ground.after, options=cut)], Silent())

    squares = ground.squares[:3]
    named = layer(tmp_path / "named.gpkg", squares, remark=["a", "b", "c"])
    for path, error, message in (
        (named, VectorError,
         "no column 'query', 'text'.* Its columns are: remark, geometry.*--text-column"),
        (layer(tmp_path / "codes.gpkg", squares, label=[1, 2, 3]), VectorError, "not sentences"),
        (layer(tmp_path / "empty.gpkg", squares, text=[None, "", " ; "]), VectorError, "is empty"),
        (layer(tmp_path / "any.gpkg", squares, text=["any change"] * 3), VectorError,
         "does not describe a change"),
        (layer(tmp_path / "away.gpkg", [square(0, 90_000, 28)], text=["new tents"]), VectorError,
         "covers .* but both rasters cover .*° E"),
        (layer(tmp_path / "one.gpkg", squares[:1], text=["new tents"]), RequestError,
         "gives 1 pair; at least 2 are needed"),
        (layer(tmp_path / "none.gpkg", squares, text=[TEXT] * 3, review=["rejected"] * 3),
         RequestError, "every mask is empty"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            read(path)
    read(named, text_column="remark")
    with pytest.raises(RequestError, match="does not name its rasters"):
        read_pairs([LabelledLayer(named)], Silent())
    with pytest.raises(VectorError, match=r"none\.shp does not exist"):
        read_pairs([tmp_path / "none.shp"], Silent())
    with pytest.raises(RequestError, match="Give both"):
        read_pairs([LabelledLayer(named, before=ground.before)], Silent())


def test_no_images_are_trained_and_held_out(ground: Ground, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with write_split(tmp_path / "pairs") as split:
        for number in range(10):
            image = rng.integers(0, 255, (96, 96, 3), np.uint8)
            mask = np.ones((1, 96, 96), bool)
            split.add(ReferringPair(f"p{number}", image, image, (TEXT,), mask))
    records = tmp_path / "pairs" / "referring_expression"
    for number in range(10):
        record = json.loads((records / f"p{number}.json").read_text())
        again = record | {"referring_expressions": ["other tarpaulins"]}
        (records / f"p{number}_again.json").write_text(json.dumps(again))
    data = read_pairs([tmp_path / "pairs"], Silent())
    assert (len(data.training), len(data.held_out)) == (8, 2)
    assert all(len(pair.expressions) == 2 for pair in data.training)
    drawn = layer(tmp_path / "drawn.gpkg", ground.squares[:6], text=[TEXT] * 6)
    source = LabelledLayer(drawn, ground.before, ground.after, options=CUT)
    for twice in ([source, source], [tmp_path / "pairs", str(tmp_path / "pairs" / ".")]):
        with pytest.raises(RequestError, match="is given twice"):
            read_pairs(twice, Silent())


def test_the_time_limit_ends_a_run(ground: Ground, tmp_path: Path) -> None:
    drawn = layer(tmp_path / "drawn.gpkg", ground.squares[:6], text=[TEXT] * 6)
    source = LabelledLayer(drawn, ground.before, ground.after, options=CUT)
    done = finetune(
        source, tmp_path / "mine", steps=300, minutes=1e-6, batch_size=2, device="cpu"
    )  # fmt: skip
    assert done.steps == 1
    assert "were enough for 1 of 300 steps. These are few" in done.warnings[-1]
    assert (tmp_path / "mine" / "model.safetensors").is_file()
    with pytest.raises(RequestError, match="must be positive"):
        finetune(source, tmp_path / "other", minutes=0)
