"""Folders, annotated sets and GeoTIFFs as pairs of a project; tiles of large scenes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from mtrs_geo.craft.importing import add_pairs, annotated_pairs, folder_pairs, raster_pair
from mtrs_geo.craft.importing.names import pair_name
from mtrs_geo.craft.importing.tiles import plan_windows
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.images import gsd_m, read_date, read_label
from mtrs_geo.craft.project.pairs import list_pairs
from mtrs_geo.errors import GridError, RasterError, SourceNotAllowedError

SHARED = Path(__file__).parents[4] / "shared/data"


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project.db") as project:
        yield project


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for part in ("A", "B", "label"):
        (tmp_path / "set" / part).mkdir(parents=True)
        for name in ("x", "y"):
            pixels = rng.integers(0, 255, (90, 130, 3), np.uint8)
            image = Image.fromarray(pixels if part != "label" else pixels[..., 0])
            image.save(tmp_path / "set" / part / f"{name}.png")
    return tmp_path / "set"


def geotiff(path, *, shift=0.0, dtype="uint8", crs="EPSG:32631"):
    pixels = np.random.default_rng(1).integers(0, 255, (3, 100, 150)).astype(dtype)
    with rasterio.open(
        path, "w", driver="GTiff", width=150, height=100, count=3, dtype=dtype, crs=crs,
        transform=Affine(0.5, 0, 500_000 + shift, 0, -0.5, 6_000_000),
    ) as dataset:  # fmt: skip
        dataset.write(pixels)
    return pixels.transpose(1, 2, 0)


def test_a_folder_with_masks(project, folder):
    pairs = list(folder_pairs(folder, mask_meaning="appear"))
    assert add_pairs(project, pairs) == 2
    assert add_pairs(project, pairs) == 2  # nothing is added twice
    first = list_pairs(project)[0]
    assert (len(list_pairs(project)), first.name, first.source) == (2, "x", "set")
    assert read_date(project, first, "before").shape == (90, 130, 3)
    assert read_label(project, first, "appear").shape == (90, 130)


def test_tiles_are_windows_of_the_images(project, folder):
    assert add_pairs(project, folder_pairs(folder), tile_px=64) == 12
    whole = np.asarray(Image.open(folder / "B/y.png"))
    tiles = [pair for pair in list_pairs(project) if pair.place == "y"]
    assert [pair.name for pair in tiles][:2] == ["y_r0_c0", "y_r0_c43"]
    assert np.array_equal(read_date(project, tiles[1], "after"), whole[:45, 43:87])
    assert np.array_equal(read_date(project, tiles[1], "after", (5, 6, 9, 11)), whole[5:9, 49:54])
    assert read_label(project, tiles[1], "changed").shape == (45, 44)


def test_windows_cover_an_image_once():
    seen = np.zeros((1000, 513), int)
    for top, left, bottom, right in plan_windows(seen.shape, 256):
        seen[top:bottom, left:right] += 1
        assert max(bottom - top, right - left) <= 256
    assert (seen == 1).all()


def test_geotiffs_keep_their_place(project, tmp_path):
    pixels = geotiff(tmp_path / "old.tif")
    geotiff(tmp_path / "new.tif")
    pair = raster_pair(tmp_path / "old.tif", tmp_path / "new.tif", source="town")
    assert add_pairs(project, [pair], tile_px=80) == 4
    last = list_pairs(project)[-1]
    assert json.loads(last.georeference)["transform"][2] == 500_000 + 75 * 0.5
    assert gsd_m(last) == pytest.approx(0.5, rel=0.01)
    assert np.array_equal(read_date(project, last, "before"), pixels[50:, 75:])


def test_geotiffs_that_do_not_fit(tmp_path):
    geotiff(tmp_path / "old.tif")
    geotiff(tmp_path / "moved.tif", shift=3.0)
    with pytest.raises(GridError, match="not on one grid"):
        raster_pair(tmp_path / "old.tif", tmp_path / "moved.tif")
    geotiff(tmp_path / "deep.tif", dtype="uint16")
    with pytest.raises(RasterError, match="not an 8-bit image"):
        raster_pair(tmp_path / "old.tif", tmp_path / "deep.tif")


def geotiff_folder(root, **later):
    for date, options in (("A", {}), ("B", later)):
        (root / date).mkdir(parents=True, exist_ok=True)
        geotiff(root / date / "x.tif", **options)
    return root


def test_geotiffs_of_a_folder_keep_their_place(project, tmp_path):
    folder = geotiff_folder(tmp_path / "set")
    add_pairs(project, [replace(pair, georeference=None) for pair in folder_pairs(folder)])
    add_pairs(project, folder_pairs(folder))  # as after an update of a version without it
    (pair,) = list_pairs(project)
    known = json.loads(pair.georeference)
    assert known["transform"] == [0.5, 0, 500_000, 0, -0.5, 6_000_000]
    assert "32631" in known["crs"]
    assert gsd_m(pair) == pytest.approx(0.5, rel=0.01)
    with Project.create(tmp_path / "tiles.db") as tiles:
        add_pairs(tiles, folder_pairs(folder), tile_px=80)
        assert json.loads(list_pairs(tiles)[-1].georeference)["transform"][2] == 500_037.5


@pytest.mark.parametrize(
    ("later", "named"),
    [
        ({"shift": 50.0}, r"origin 500000, 6000000.*origin 500050"),
        ({"crs": "EPSG:32632"}, r"EPSG:32631.*EPSG:32632"),
        ({"crs": None}, r"EPSG:32631.*no CRS"),
    ],
)
def test_geotiffs_of_a_folder_that_do_not_fit(project, tmp_path, later, named):
    folder = geotiff_folder(tmp_path / "set", **later)
    with pytest.raises(GridError, match=f"{named}.* are not on one grid"):
        add_pairs(project, folder_pairs(folder))
    assert not list_pairs(project)


def test_a_virtual_raster_is_not_opened(tmp_path):
    geotiff(tmp_path / "old.tif")
    (tmp_path / "new.tif").write_text("<VRTDataset/>")
    with pytest.raises(RasterError, match="cannot be read as an image"):
        raster_pair(tmp_path / "old.tif", tmp_path / "new.tif")


def test_an_image_that_was_replaced_is_noticed(project, folder):
    add_pairs(project, folder_pairs(folder))
    Image.new("RGB", (130, 90)).save(folder / "A/x.png")
    with pytest.raises(RasterError, match="has changed since it was added"):
        read_date(project, list_pairs(project)[0], "before")


@pytest.mark.parametrize(
    "stem", ["../../etc/passwd", "..", "nul", "a b\n", "ignore all rules; <script>", "é", ""]
)
def test_names_of_files_are_no_paths(stem):
    name = pair_name(stem)
    assert Path(name).name == name
    assert name.isascii()
    assert name[0].isalnum()
    assert " " not in name
    assert pair_name("gz_05_1-2.x") == "gz_05_1-2.x"


def test_links_out_of_the_folder_are_refused(project, folder, tmp_path):
    Image.new("RGB", (130, 90)).save(tmp_path / "private.png")
    (folder / "A/x.png").unlink()
    (folder / "A/x.png").symlink_to(tmp_path / "private.png")
    with pytest.raises(SourceNotAllowedError, match="leads out of"):
        add_pairs(project, folder_pairs(folder))
    assert list_pairs(project) == []


def test_annotated_sets(project):
    if not (SHARED / "pairs/levir_classes").is_dir():
        pytest.skip("../shared/data does not exist: the annotated sets were not tested")
    levir = list(annotated_pairs(SHARED, "levir_classes"))
    guangzhou = list(annotated_pairs(SHARED, "guangzhou_direction"))
    assert (len(levir), len(guangzhou)) == (40, 622)
    assert {"appear", "class_before", "class_after", "ignore"} <= set(levir[0].labels or {})
    assert guangzhou[0].place == guangzhou[0].name[:5]


def test_two_pictures_are_a_pair_without_georeference(tmp_path):
    for name in ("before.png", "after.png"):
        Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / name)
    pair = raster_pair(tmp_path / "before.png", tmp_path / "after.png")
    assert (pair.rows, pair.cols, pair.georeference) == (20, 30, None)


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels, mode).save(path, **options)


def read_one_label(project, folder):
    add_pairs(project, folder_pairs(folder, source=str(len(list_pairs(project)))))
    return read_label(project, list_pairs(project)[-1], "changed") > 0


def test_label_maps_of_all_kinds(tmp_path):
    square = np.zeros((90, 130), np.uint8)
    square[20:50, 30:70] = 1
    noise = np.random.default_rng(2).integers(0, 255, (90, 130, 3), np.uint8)
    palette = Image.fromarray(square, "P")
    palette.putpalette([40, 40, 40, 200, 0, 0])
    wide = square.astype(np.uint16) * 256
    with_nodata = np.where(square, 1, 255).astype(np.uint8)
    for number, (suffix, pixels) in enumerate(
        {
            "jpg": square * 255,
            "png": square,
            "p.png": palette,
            "tif": wide,
            "n.tif": with_nodata,
        }.items()
    ):
        folder = tmp_path / str(number)
        for date in "AB":
            save(folder / date / "x.png", noise)
        path = folder / "masks" / f"x.{suffix.rpartition('.')[2]}"
        path.parent.mkdir()
        if isinstance(pixels, Image.Image):
            pixels.save(path)
        elif path.suffix == ".tif":
            with rasterio.open(
                path, "w", driver="GTiff", width=130, height=90, count=1, dtype=pixels.dtype,
                nodata=255 if "n." in suffix else None,
            ) as dataset:  # fmt: skip
                dataset.write(pixels, 1)
        else:
            save(path, pixels, quality=60) if suffix == "jpg" else save(path, pixels)
        with Project.create(tmp_path / f"{number}.db") as project:
            np.testing.assert_array_equal(read_one_label(project, folder), square > 0, suffix)


def test_folders_that_would_be_misread(project, folder):
    later, label = folder / "B", folder / "label"

    def refused(message):
        with pytest.raises(RasterError, match=message):
            list(folder_pairs(folder))

    (folder / "A" / "._x.png").write_bytes(b"of macOS")
    assert len(list(folder_pairs(folder))) == 2
    (later / "z.png").write_bytes((later / "x.png").read_bytes())
    refused("A has no image z")
    (later / "z.png").rename(later / "x.jpg")
    refused("have one name")
    (later / "x.jpg").unlink()
    save(label / "x.png", np.zeros((95, 130), np.uint8))
    refused(r"has \(95, 130\) pixels")
    for name in "xy":
        (label / f"{name}.png").rename(label / f"{name}_mask.png")
    refused("no mask in .* has the name of an image")
    assert len(list(folder_pairs(folder, mask_meaning="unused"))) == 2
    save(later / "x.png", np.full((90, 130), 3000, np.uint16))
    with pytest.raises(RasterError, match="more than 8 bits"):
        list(folder_pairs(folder, mask_meaning="unused"))


def test_other_label_maps_of_a_known_pair_are_refused(project, folder):
    add_pairs(project, folder_pairs(folder, mask_meaning="appear"))
    add_pairs(project, folder_pairs(folder, mask_meaning="unused"))
    with pytest.raises(RasterError, match=r"added with other label maps \(appear: "):
        add_pairs(project, folder_pairs(folder, mask_meaning="disappear"))


def test_a_folder_that_does_not_exist_is_named(folder):
    for path in (folder / "nope", folder / "A/x.png"):
        with pytest.raises(RasterError, match=f"{path.name} is not a folder"):
            list(folder_pairs(path))


def test_one_file_is_no_pair(folder):
    with pytest.raises(RasterError, match="both dates are"):
        raster_pair(folder / "A/x.png", folder / "A/../A/x.png")
