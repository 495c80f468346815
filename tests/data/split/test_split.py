"""MTRefSeg-21K's layout: what is written is read back, what is wrong is said."""

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
from mtrs_geo.outputs import staged_folder


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
    assert reader.expressions == 6
    for pair in reader:
        wanted = make_pair(pair.name)
        assert pair.expressions == wanted.expressions
        for part in ("before", "after", "masks"):
            np.testing.assert_array_equal(getattr(pair, part), getattr(wanted, part))
    assert [pair.name for pair in reader[1:]] == ["one", "three"]


def test_a_shared_mask_is_written_once_and_serves_all(tmp_path: Path) -> None:
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


def test_release_names_another_suffix_and_paths_from_the_split(split: Path) -> None:
    for folder in ("A", "B"):
        Image.fromarray(make_pair("one").before).save(split / folder / "x.jpg", quality=95)
    masks = [{"path": "masks/one_0.png"}, {"path": "masks\\one_1.png"}]
    edit(split, "one", img_A="x.png", img_B="x.png", mask=masks)
    files = open_split(split).files[1]
    assert files.before == split / "A/x.jpg"
    assert files.masks == (split / "masks/one_0.png", split / "masks/one_1.png")


def test_polygons_stand_in_for_a_mask_file(split: Path) -> None:
    square = [[4, 2], [9, 2], [9, 7], [4, 7]]
    edit(split, "one", mask=[{"polygons": [square]}, {"polygons": []}])
    masks = open_split(split)[1].masks
    wanted = np.zeros((24, 32), bool)
    wanted[2:8, 4:10] = True
    np.testing.assert_array_equal(masks[0], wanted)
    assert not masks[1].any()


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
        ({"referring_expressions": "new houses"}, "list its sentences"),
    ],
)
def test_a_wrong_record_is_named(split: Path, changes: dict[str, object], message: str) -> None:
    edit(split, "one", **changes)
    with pytest.raises(RasterError, match="1 of 3 files") as caught:
        open_split(split)
    assert message in str(caught.value)
    assert "one" in str(caught.value)


def test_damaged_files(split: Path) -> None:
    (split / "referring_expression/one.json").write_text("{")
    with pytest.raises(RasterError, match=r"one\.json cannot be read as JSON"):
        open_split(split)
    (split / "referring_expression/one.json").unlink()
    (split / "B/three.png").write_bytes((split / "B/three.png").read_bytes()[:200])
    with pytest.raises(RasterError, match=r"three\.png cannot be read as an image"):
        open_split(split)[1]


def test_sizes_must_agree(split: Path) -> None:
    Image.new("L", (31, 24)).save(split / "masks/one_0.png")
    Image.new("RGB", (32, 25)).save(split / "A/three.png")
    reader = open_split(split)
    with pytest.raises(RasterError, match=r"one_0\.png \(31 × 24\) and .*one\.png \(32 × 24\)"):
        reader[1]
    with pytest.raises(RasterError, match=r"three\.png \(32 × 25\)"):
        reader[2]


def test_missing_folders(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    with pytest.raises(RasterError, match="no folder B, masks, referring_expression"):
        open_split(tmp_path)
    for folder in SplitLayout(tmp_path).folders:
        folder.mkdir(exist_ok=True)
    with pytest.raises(RasterError, match=r"holds no \.json file"):
        open_split(tmp_path)


def test_splits_of_the_whole_set(tmp_path: Path) -> None:
    for name in SPLIT_FOLDERS.values():
        (tmp_path / name).mkdir()
    assert split_folder(tmp_path, "RS", "val").name == "RS_FINAL_CLEAN_val"
    assert split_folder(tmp_path, "TV", "train").name == "train_FINAL_CLEAN"
    (tmp_path / "other/NS/train").mkdir(parents=True)
    assert split_folder(tmp_path / "other", "NS", "train") == tmp_path / "other/NS/train"
    with pytest.raises(RasterError, match="holds none of"):
        split_folder(tmp_path / "other", "RS", "val")


@given(
    texts=st.lists(st.text().map(str.strip), min_size=1, max_size=4),
    is_shared=st.booleans(),
    origin=st.none() | st.tuples(st.integers(0), st.integers(0)),
)
def test_records_survive_json(
    texts: list[str], is_shared: bool, origin: tuple[int, int] | None
) -> None:
    masks = tuple(MaskRecord(f"m/{i}.png") for i in range(1 if is_shared else len(texts)))
    record = PairRecord("x", "x.jpg", "y.png", tuple(texts), masks, origin)
    again = parse_record(json.loads(json.dumps(record_as_json(record))), Path("d/x.json"))
    assert again == record
    assert again.mask_of(len(texts) - 1) == masks[-1]


def test_nothing_is_left_of_a_failed_write(tmp_path: Path) -> None:
    def write() -> None:
        with write_split(tmp_path / "s") as writer:
            writer.add(make_pair("a"))
            writer.add(make_pair("a"))

    with pytest.raises(OutputError, match="two pairs"):
        write()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden"])
def test_names_are_file_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="name"), write_split(tmp_path / "s") as writer:
        writer.add(make_pair(name))


def test_shapes_are_checked(tmp_path: Path) -> None:
    pair = make_pair("a")
    wrong = ReferringPair("a", pair.before[1:], pair.after, pair.expressions, pair.masks)
    with pytest.raises(OutputError, match="fit together"), write_split(tmp_path / "s") as writer:
        writer.add(wrong)


def test_staging_replaces_only_when_told_and_only_when_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with staged_folder(target) as part:
        (part / "a").write_text("1")
        assert not target.exists()
    with pytest.raises(OutputError, match="pass --overwrite"), staged_folder(target):
        pass
    with pytest.raises(ZeroDivisionError), staged_folder(target, overwrite=True) as part:
        (part / "a").write_text(str(1 / 0))
    assert (target / "a").read_text() == "1"
    with staged_folder(target, overwrite=True) as part:
        (part / "b").write_text("2")
    assert [p.name for p in target.iterdir()] == ["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    with pytest.raises(OutputError, match="is a file"), staged_folder(target / "b"):
        pass
