from __future__ import annotations

import json
import shutil
import warnings

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from mtrs_geo.craft.export import plots
from mtrs_geo.craft.export.coco import column_runs
from mtrs_geo.craft.export.run import ExportOptions, export_project
from mtrs_geo.craft.project import Origin, Verdict
from mtrs_geo.craft.project.items import NewRound, add_edit, add_round
from mtrs_geo.craft.project.verdicts import add_verdict
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.detect.fonts import lettering
from mtrs_geo.errors import OutputError, RasterError, RequestError
from mtrs_geo.evaluation import evaluate
from mtrs_geo.io.vector import read_vector
from mtrs_geo.pairs.export import PairsOptions
from mtrs_geo.progress import Silent
from mtrs_geo.training.finetune.own_data import LabelledLayer, read_pairs


def test_what_was_accepted_is_read_back(exported):
    made, report = exported
    splits = {name: open_split(made.folder / "out" / name) for name in ("train", "val")}
    pairs = {pair.name: (name, pair) for name, split in splits.items() for pair in split}
    assert sorted(pairs) == [f"p{i}" for i in range(8)]
    for number in range(8):
        subset, pair = pairs[f"p{number}"]
        assert pair.expressions == ("a new house beside the road", "a tree that was felled")
        np.testing.assert_array_equal(pair.masks[0], made.masks[f"p{number} house"])
        assert not pair.masks[1].any()
        with Image.open(made.folder / f"p{number}_b.png") as image:
            np.testing.assert_array_equal(pair.after, np.asarray(image))
        assert subset == pairs[f"p{number ^ 1}"][0], "the other pair of its place"
    assert (report.pairs, report.sentences, report.no_target) == (8, 16, 8)
    assert (report.train, report.val) == (12, 4)
    assert evaluate(made.folder / "out/val", model="brightness").scores.samples == 4


def test_places_keep_their_subset(exported):
    made, _ = exported
    export_project(made.project, made.folder / "again", ExportOptions(val_share=0.9))
    first, second = (open_split(made.folder / name / "val") for name in ("out", "again"))
    assert [pair.name for pair in first] == [pair.name for pair in second]


def test_statistics_and_datasheet(exported):
    made, _ = exported
    out = made.folder / "out"
    numbers = json.loads((out / "statistics.json").read_text())
    assert numbers["subsets"]["val"] == {"pairs": 2, "places": 1, "sentences": 4}
    assert numbers["empty_share"] == 0.5
    assert numbers["words_per_sentence"]["mean"] == 5.5
    assert numbers["change_types"] == {"appear": 8, "disappear": 8}
    assert sum(numbers["positions"].values()) == sum(numbers["sizes"].values()) == 8
    assert numbers["sentences_per_pair"] == {"2": 8}
    assert numbers["frequent_words"]["house"] == 8
    with Image.open(out / "statistics.png") as picture:
        assert picture.size[0] > 1000
    sheet = (out / "datasheet.md").read_text()
    assert "| rendered | 16 | not given |" in sheet
    assert "| rule class maps 1 | 16 |" in sheet
    assert "| model segmenter 2 | 8 |" in sheet
    assert "16 of the 16 triplets were accepted by people" in sheet


def test_statistics_of_names_in_any_script_are_drawn(exported, tmp_path, monkeypatch):
    made, _ = exported
    numbers = json.loads((made.folder / "out/statistics.json").read_text())
    drawn = []
    monkeypatch.setattr(plots, "_short", lambda name: drawn.append(name) or name)
    numbers["frequent_words"] = {"新建": 3, "wąski": 2, "a\nb": 1}
    numbers["object_classes"] = {"房屋": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of a character that the font lacks
        plots.write_plots(tmp_path / "s.png", numbers)
    missing = lettering(["新建房屋"]).missing
    expected = "".join(c.encode("unicode_escape").decode() if c in missing else c for c in "新建")
    assert drawn[-3:] == [expected, "wąski", "a b"]


def test_coco_is_read_by_its_own_tools(exported, capsys):
    made, _ = exported
    path = made.folder / "out/coco/train.json"
    coco = COCO(str(path))
    assert len(coco.imgs) == len(coco.anns) == 6
    found = []
    for annotation in coco.anns.values():
        image = coco.imgs[annotation["image_id"]]
        name = image["file_name"].split("/")[-1].removesuffix(".png")
        mask = made.masks[f"{name} house"]
        np.testing.assert_array_equal(coco.annToMask(annotation).astype(bool), mask)
        assert annotation["area"] == mask.sum()
        for key in ("file_name", "file_name_before"):
            assert (made.folder / "out" / image[key]).is_file()
        found.append({
            "image_id": annotation["image_id"], "category_id": annotation["category_id"],
            "segmentation": coco.annToRLE(annotation), "score": 1.0,
        })  # fmt: skip
    scores = COCOeval(coco, coco.loadRes(found), "segm")
    scores.evaluate()
    scores.accumulate()
    scores.summarize()
    capsys.readouterr()
    assert scores.stats[0] == pytest.approx(1)
    absent = json.loads(path.read_text())["no_target"]
    assert [entry["sentence"] for entry in absent] == ["a tree that was felled"] * 6


def test_coco_numbers_a_category_alike_in_both_files(made):
    for pair, name in ((1, "p0 shed"), (2, "p1 pool"), (7, "p6 road")):
        made.add(pair, name, "appear", "a new thing", made.masks["p0 house"])
    export_project(made.project, made.folder / "out", ExportOptions(("coco",), val_share=0.5))
    files = [made.folder / f"out/coco/{name}.json" for name in ("train", "val")]
    train, val = (json.loads(path.read_text())["categories"] for path in files)
    assert train == val
    assert {entry["name"] for entry in train} == {"house", "shed", "pool", "road"}


def test_what_people_accepted_is_exported_and_not_a_later_edit(made):
    item = made.items["p0 house"]
    ben = Origin("person", "Ben")
    number = add_round(made.project, item, NewRound("audit", "not judged", ben, None))
    add_edit(made.project, item, number, "Ben", ("appear", "state"))
    export_project(made.project, made.folder / "out", ExportOptions(("mtrefseg", "coco")))
    pairs = {p.name: p for name in ("train", "val") for p in open_split(made.folder / "out" / name)}
    assert pairs["p0"].expressions[0] == "a new house beside the road"
    np.testing.assert_array_equal(pairs["p0"].masks[0], made.masks["p0 house"])
    numbers = json.loads((made.folder / "out/statistics.json").read_text())
    assert numbers["change_types"] == {"appear": 8, "disappear": 8}


def test_column_runs():
    assert column_runs(np.zeros((2, 3), bool)) == [6]
    assert column_runs(np.ones((2, 3), bool)) == [0, 6]
    assert column_runs(np.array([[0, 1, 0], [1, 1, 0]], bool)) == [1, 3, 2]


def test_georeferenced_pairs_are_input_of_fine_tuning(exported):
    made, report = exported
    assert report.georeferenced == 2
    moved = shutil.copytree(made.folder / "out/georeferenced", made.folder / "copied")
    frame = read_vector(moved / "p1.gpkg")
    assert frame["query"].tolist() == ["a new house beside the road"]
    assert frame["review"].tolist() == ["accepted"]
    mask = made.masks["p1 house"]
    assert frame.area.sum() == pytest.approx(mask.sum() / 4)
    # The layer names its rasters, also after it was moved.
    layer = LabelledLayer(moved / "p1.gpkg", options=PairsOptions(64, negatives=True, raw=True))
    (tile, *_) = read_pairs([layer, made.folder / "out/val"], Silent()).training
    assert tile.expressions == ("a new house beside the road",)


def test_what_is_refused(made):
    project, out = made.project, made.folder / "out"
    with pytest.raises(RequestError, match="there is no format 'xml'"):
        ExportOptions(("xml",))
    with pytest.raises(RequestError, match=r"val_share 1\.5"):
        ExportOptions(val_share=1.5)
    with pytest.raises(RequestError, match="only tasks for Label Studio"):
        ExportOptions(waiting=True)
    with pytest.raises(OutputError, match="no item in state ready"):
        export_project(project, out, ExportOptions(("label-studio",), waiting=True))
    Image.new("RGB", (128, 96)).save(made.folder / "p3_b.png")
    with pytest.raises(RasterError, match=r"p3_b\.png has changed"):
        export_project(project, out)
    assert not out.exists(), "nothing is left of an export that failed"
    assert project.setting("subset_of_place") is None


def test_hostile_text_means_nothing_in_the_datasheet(made):
    name, item = "<script>|`[a](b)", made.items["p0 house"]
    number = add_round(made.project, item, NewRound("audit", "x", Origin("person", name), None))
    add_verdict(made.project, Verdict("key", item, number, name, True, True, True))
    made.project.set("licences", {"rendered": "CC BY 4.0 | <b>"})
    export_project(made.project, made.folder / "out")
    sheet = (made.folder / "out/datasheet.md").read_text()
    assert r"CC BY 4.0 \| \<b\>" in sheet
    assert r"person \<script\>\|\`\[a\](b)" in sheet
