"""MTRefSeg-21K's layout: a written split is read back unchanged, a wrong one is an error."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mtrs_geo.data.split.layout import (
    SPLIT_FOLDERS,
    MaskRecord,
    PairRecord,
    SplitLayout,
    parse_record,
    record_as_json,
    split_folder,
)
from mtrs_geo.data.split.reader import ReferringPair, open_split
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import OutputError, RasterError


def make_pair(name: str, expressions: int = 2, shape: tuple[int, int] = (24, 32)) -> ReferringPair:
    rng = np.random.default_rng(len(name))
    before, after = rng.integers(0, 255, (2, *shape, 3), dtype=np.uint8)
    masks = rng.random((expressions, *shape)) > 0.5
    texts = tuple(f"thing {i} – größer" for i in range(expressions))
    return ReferringPair(name, before, after, texts, masks)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    with write_split(tmp_path / "split") as writer:
        for name in ("one", "three", "fives"):
            writer.add(make_pair(name))
    return tmp_path / "split"


def edit(split: Path, name: str, **changes: object) -> None:
    path = split / "referring_expression" / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_round_trip(split: Path) -> None:
    reader = open_split(split)
    assert len(reader) == 3
    assert reader.expression_count == 6
    for pair in reader:
        expected = make_pair(pair.name)
        assert pair.expressions == expected.expressions
        for field in ("before", "after", "masks"):
            np.testing.assert_array_equal(getattr(pair, field), getattr(expected, field))
    assert [pair.name for pair in reader[1:]] == ["one", "three"]


def test_a_shared_mask_is_written_once_and_applies_to_all_expressions(tmp_path: Path) -> None:
    pair = make_pair("a", expressions=3)
    pair.masks[1:] = pair.masks[0]
    with write_split(tmp_path / "s") as writer:
        writer.add(pair)
    assert len(list((tmp_path / "s/masks").iterdir())) == 1
    np.testing.assert_array_equal(open_split(tmp_path / "s")[0].masks, pair.masks)


def test_masks_keep_the_order_of_their_expressions(split: Path) -> None:
    edit(split, "one", mask=[{"path": "one_1.png"}, {"path": "one_0.png"}])
    np.testing.assert_array_equal(open_split(split)[1].masks, make_pair("one").masks[::-1])


def test_foreground_is_above_127(split: Path) -> None:
    ramp = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) % 256
    Image.fromarray(ramp.astype(np.uint8)).save(split / "masks/one_0.png")
    np.testing.assert_array_equal(open_split(split)[1].masks[0], ramp > 127)


def test_masks_of_other_programs(split: Path) -> None:
    path, square = split / "masks/one_0.png", np.zeros((24, 32), bool)
    square[4:12, 4:12] = True
    corner = square.copy()
    corner[:4] = ~corner[:4]

    def read(pixels: np.ndarray, mode: str, palette: list[int] | None = None) -> np.ndarray:
        image = Image.fromarray(pixels.astype(np.uint8), mode)
        if palette:
            image.putpalette(palette)
        image.save(path)
        return open_split(split)[1].masks[0]

    grey = square * 255
    opaque = np.full_like(grey, 255)
    np.testing.assert_array_equal(read(np.dstack([grey] * 3), "RGB"), square)
    np.testing.assert_array_equal(read(np.dstack([grey, opaque]), "LA"), square)
    np.testing.assert_array_equal(read(square, "P", [0, 0, 0, 255, 255, 255]), square)
    # The opacity is the mask, whatever the colour below is.
    np.testing.assert_array_equal(read(np.dstack([opaque, grey]), "LA"), square)
    assert not read(np.dstack([grey * 0] * 4), "RGBA").any()
    codes = square + 2 * corner
    green_and_red = np.dstack([corner * 255, (square & ~corner) * 255, grey * 0])
    red_on_white = np.dstack([opaque, 255 - grey, 255 - grey])
    for pixels, mode, palette in (
        (red_on_white, "RGB", None),
        (codes, "L", None),
        (codes, "P", [0, 0, 0, 128, 0, 0, 0, 128, 0]),
        (green_and_red, "RGB", None),
        (np.dstack([grey * 0, grey]), "LA", None),
    ):
        with pytest.raises(RasterError, match="not a mask of 0 and 255"):
            read(pixels, mode, palette)


def test_json_files_in_capitals_are_read(split: Path) -> None:
    folder = split / "referring_expression"
    (folder / "one.json").rename(folder / "one.JSON")
    assert {pair.name for pair in open_split(split)} == {"one", "three", "fives"}


def test_suffixes_in_capitals_are_found(split: Path) -> None:
    for path in (split / "A/one.png", split / "masks/one_0.png"):
        path.rename(path.with_suffix(".PNG"))
    (split / "B/one.png").rename(split / "B/one.TIF")
    Image.fromarray(make_pair("one").after).save(split / "B/one.TIF")
    np.testing.assert_array_equal(open_split(split)[1].masks, make_pair("one").masks)


def test_images_with_another_suffix_and_mask_paths_from_the_split_are_found(split: Path) -> None:
    for folder in ("A", "B"):
        Image.fromarray(make_pair("one").before).save(split / folder / "x.jpg", quality=95)
    masks = [{"path": "masks/one_0.png"}, {"path": "masks\\one_1.png"}]
    edit(split, "one", img_A="x.png", img_B="x.png", mask=masks)
    files = open_split(split).files[1]
    assert files.before == split / "A/x.jpg"
    assert files.masks == (split / "masks/one_0.png", split / "masks/one_1.png")


def test_polygons_replace_a_mask_file(split: Path) -> None:
    square = [[4, 2], [9, 2], [9, 7], [4, 7]]
    edit(split, "one", mask=[{"polygons": [square]}, {"polygons": []}])
    masks = open_split(split)[1].masks
    expected = np.zeros((24, 32), bool)
    expected[2:8, 4:10] = True
    np.testing.assert_array_equal(masks[0], expected)
    assert not masks[1].any()


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        ([[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]], "coordinates from 0 to 1"),
        ([[40, 2], [50, 2], [50, 9]], "beside its image"),
        ([[2, -9], [5, -9], [5, -2]], "beside its image"),
    ],
)
def test_polygons_that_miss_the_image(split: Path, ring: list[list[float]], message: str) -> None:
    edit(split, "one", mask=[{"polygons": [ring]}, {"polygons": []}])
    with pytest.raises(RasterError, match=message):
        open_split(split)[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask": [{"path": "a.png"}] * 3}, "3 masks for 2 expressions"),
        ({"mask": [{"path": "lost.png"}]}, "mask lost.png"),
        ({"mask": [{}]}, "neither path nor polygons"),
        ({"mask": ["one_0.png"]}, 'as {"path"'),
        ({"mask": [{"polygons": [[1, 2, 3]]}]}, "three or more points"),
        ({"mask": [{"path": "../../secret.png"}]}, "outside of the split"),
        ({"img_A": "/etc/passwd"}, "outside of the split"),
        ({"img_B": "lost.jpg"}, "lost.jpg, which does not exist"),
        ({"img_A": None}, "img_A and img_B"),
        ({"referring_expressions": "new houses"}, "no list of sentences"),
    ],
)
def test_the_error_names_the_wrong_record(
    split: Path, changes: dict[str, object], message: str
) -> None:
    edit(split, "one", **changes)
    with pytest.raises(RasterError, match="1 of 3 files") as caught:
        open_split(split)
    assert message in str(caught.value)
    assert "one" in str(caught.value)


def test_damaged_files_are_errors(split: Path) -> None:
    (split / "referring_expression/one.json").write_text("{")
    with pytest.raises(RasterError, match=r"one\.json cannot be read as JSON"):
        open_split(split)
    (split / "referring_expression/one.json").unlink()
    (split / "B/three.png").write_bytes((split / "B/three.png").read_bytes()[:200])
    with pytest.raises(RasterError, match=r"three\.png cannot be read as an image"):
        open_split(split)[1]


def test_different_image_sizes_are_errors(split: Path) -> None:
    Image.new("L", (31, 24)).save(split / "masks/one_0.png")
    Image.new("RGB", (32, 25)).save(split / "A/three.png")
    reader = open_split(split)
    with pytest.raises(RasterError, match=r"one_0\.png \(31 × 24\) and .*one\.png \(32 × 24\)"):
        reader[1]
    with pytest.raises(RasterError, match=r"three\.png \(32 × 25\)"):
        reader[2]


def test_missing_folders_are_errors(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    with pytest.raises(RasterError, match="has no folder B, masks, referring_expression"):
        open_split(tmp_path)
    for folder in SplitLayout(tmp_path).folders:
        folder.mkdir(exist_ok=True)
    with pytest.raises(RasterError, match=r"contains no \.json file"):
        open_split(tmp_path)


def test_splits_of_the_whole_dataset_are_found(tmp_path: Path) -> None:
    for name in SPLIT_FOLDERS.values():
        (tmp_path / name).mkdir()
    assert split_folder(tmp_path, "RS", "val").name == "RS_FINAL_CLEAN_val"
    assert split_folder(tmp_path, "TV", "train").name == "train_FINAL_CLEAN"
    (tmp_path / "other/NS/train").mkdir(parents=True)
    assert split_folder(tmp_path / "other", "NS", "train") == tmp_path / "other/NS/train"
    with pytest.raises(RasterError, match="contains none of"):
        split_folder(tmp_path / "other", "RS", "val")


@given(
    texts=st.lists(st.text().map(str.strip), min_size=1, max_size=4),
    is_shared=st.booleans(),
    origin=st.none() | st.tuples(st.integers(0), st.integers(0)),
)
def test_records_are_unchanged_by_json(
    texts: list[str], is_shared: bool, origin: tuple[int, int] | None
) -> None:
    masks = tuple(MaskRecord(f"m/{i}.png") for i in range(1 if is_shared else len(texts)))
    record = PairRecord("x", "x.jpg", "y.png", tuple(texts), masks, origin)
    parsed = parse_record(json.loads(json.dumps(record_as_json(record))), Path("d/x.json"))
    assert parsed == record


def test_a_failed_write_leaves_no_files(tmp_path: Path) -> None:
    def write() -> None:
        with write_split(tmp_path / "s") as writer:
            writer.add(make_pair("a"))
            writer.add(make_pair("a"))

    with pytest.raises(OutputError, match="two pairs"):
        write()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden"])
def test_pair_names_must_be_file_names(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(OutputError, match="not a valid name"),
        write_split(tmp_path / "s") as writer,
    ):
        writer.add(make_pair(name))


def test_different_shapes_are_errors(tmp_path: Path) -> None:
    pair = make_pair("a")
    wrong = ReferringPair("a", pair.before[1:], pair.after, pair.expressions, pair.masks)
    with (
        pytest.raises(OutputError, match="shapes of pair 'a' differ"),
        write_split(tmp_path / "s") as writer,
    ):
        writer.add(wrong)
