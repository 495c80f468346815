from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.craft.export.label_studio.brush import decode_brush, encode_brush
from mtrs_geo.craft.export.label_studio.importing import import_annotations
from mtrs_geo.craft.export.label_studio.interface import CONFIG
from mtrs_geo.craft.export.run import ExportOptions, export_project
from mtrs_geo.craft.project.items import last_round, read_item, read_mask, rounds_of
from mtrs_geo.craft.project.verdicts import standing_verdicts
from mtrs_geo.errors import VectorError

ROWS, COLS = 96, 128
SIZE = {"original_width": COLS, "original_height": ROWS, "image_rotation": 0}


@pytest.mark.parametrize("share", [0, 0.02, 0.5, 1])
def test_brush_masks_come_back(share):
    mask = np.random.default_rng(0).random((37, 301)) < share
    mask[10:30, 50:280] |= share == 0.02
    data = encode_brush(mask)
    assert all(0 <= byte <= 255 for byte in data)
    np.testing.assert_array_equal(decode_brush(data, mask.shape), mask)


def test_a_brush_mask_of_label_studio():
    # thi.ng/rle-pack writes single values without a run; 2 × 1 pixels, the second one painted.
    bits = f"{8:032b}" + "00111" + "0010" + "0011" + "0111" + "1111"
    bits += "1" + "00" + "011" + f"{0:08b}"
    bits += "0" + "00" + "011" + "".join(f"{value:08b}" for value in (255, 40, 40, 255))
    bits += "0" * (-len(bits) % 8)
    data = list(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    np.testing.assert_array_equal(decode_brush(data, (1, 2)), [[False, True]])
    with pytest.raises(ValueError, match="ends too early"):
        decode_brush(data[:-3], (1, 2))
    with pytest.raises(ValueError, match="not one of 3 × 1"):
        decode_brush(data, (1, 3))


@pytest.fixture
def tasks(made):
    made.add(1, "p0 shed", "state", "a shed", made.masks["p0 house"], ())
    made.add(1, "p0 pool", "appear", "a pool", None, ())
    options = ExportOptions(("label-studio",), waiting=True)
    export_project(made.project, made.folder / "out", options)
    return json.loads((made.folder / "out/label_studio/tasks.json").read_text())


def annotation(number, result, person="ben@example.com", **more):
    return {
        "id": number, "completed_by": {"id": 3, "email": person}, "result": result,
        "was_cancelled": False, "lead_time": 12.5, "updated_at": "2026-01-02T03:04:05Z", **more,
    }  # fmt: skip


def answers(**said):
    given = {"mask_right": "yes", "sentence_right": "yes", "complete": "yes"} | said
    return [
        {"from_name": name, "to_name": "after", "type": "choices", "value": {"choices": [value]}}
        for name, value in given.items()
    ]


def written(made, entries):
    path = made.folder / "annotations.json"
    path.write_text(json.dumps(entries))
    return path


def test_tasks_have_mask_sentence_and_images(made, tasks):
    shed, pool = tasks
    assert shed["data"]["sentence"] == "a shed"
    name = shed["data"]["after"].rpartition("/")[2]
    assert (made.folder / "out/label_studio/images" / name).is_file()
    region, text = shed["predictions"][0]["result"]
    found = decode_brush(region["value"]["rle"], (ROWS, COLS))
    np.testing.assert_array_equal(found, made.masks["p0 house"])
    assert text["value"]["text"] == ["a shed"]
    assert [r["type"] for r in pool["predictions"][0]["result"]] == ["textarea"]


def test_people_come_back_as_rounds_and_verdicts(made, tasks):
    shed, pool = tasks
    unchanged = [*shed["predictions"][0]["result"], *answers()]
    shed["annotations"] = [
        annotation(1, unchanged),
        annotation(2, [*unchanged[:2], *answers(mask_right="no")], "cleo@example.com"),
    ]
    square = [[10, 10], [50, 10], [50, 50], [10, 50]]
    outline = {"from_name": "outline", "to_name": "after", "type": "polygonlabels", **SIZE,
               "value": {"points": square, "polygonlabels": ["changed"]}}  # fmt: skip
    better = {"from_name": "corrected", "to_name": "after", "type": "textarea",
              "value": {"text": ["a pool behind the house"]}}  # fmt: skip
    pool["annotations"] = [annotation(3, [outline, better, *answers()])]
    report = import_annotations(made.project, written(made, tasks))
    assert (report.verdicts, report.rounds, report.known, report.refused) == (3, 1, 0, ())
    first, second = standing_verdicts(made.project, made.items["p0 shed"])
    assert (first.auditor, first.accepts) == ("label-studio ben@example.com", True)
    assert (second.mask_right, second.complete, second.seconds) == (False, True, 12.5)
    assert read_item(made.project, made.items["p0 shed"]).state == "rejected"
    last = last_round(made.project, made.items["p0 pool"])
    assert (last.number, last.sentence) == (1, "a pool behind the house")
    assert last.sentence_origin.kind == last.mask_origin.kind == "person"
    assert read_mask(made.project, last.mask_id).sum() == pytest.approx(0.16 * ROWS * COLS, rel=0.1)
    assert read_item(made.project, made.items["p0 pool"]).state == "accepted"
    # Read again, nothing is counted twice.
    again = import_annotations(made.project, written(made, tasks))
    assert (again.verdicts, again.rounds, again.known) == (0, 0, 3)
    assert len(rounds_of(made.project, made.items["p0 pool"])) == 2


def test_bad_annotations_are_left_out_with_a_reason(made, tasks):
    shed, pool = tasks
    region = shed["predictions"][0]["result"][0]

    def changed(**value):
        return {**region, "value": {**region["value"], **value}}

    bad = [
        [{**region, "original_width": 5}, *answers()],
        [changed(rle=region["value"]["rle"][:20]), *answers()],
        [changed(rle=["x"]), *answers()],
        [changed(rle=[999] * 20), *answers()],
        [region, *answers()[:2]],
        [region, *answers(), {"from_name": "corrected", "value": {"text": ["http://evil/x"]}}],
    ]
    shed["annotations"] = [annotation(10 + i, result) for i, result in enumerate(bad)]
    other = {**pool, "data": {**pool["data"], "pair": "../../etc/passwd"}}
    other["annotations"] = [annotation(30, answers())]
    pool["annotations"] = [annotation(31, [], was_cancelled=True)]
    pool["data"]["round"] = 0
    report = import_annotations(made.project, written(made, [shed, pool, other]))
    assert (report.verdicts, report.rounds) == (1, 0), "the skip alone is read"
    reasons = [text.rpartition(": ")[2] for text in report.refused]
    assert reasons == [
        f"a region is drawn on 5 × {ROWS} pixels",
        "the brush mask ends too early",
        "a brush mask is not a list of bytes",
        "bytes must be in range(0, 256)",
        "a question has no answer",
        "the sentence has a link in it",
        "the project has no such item",
    ]
    foreign = {"data": {"text": "x"}, "annotations": [annotation(40, answers())]}
    pool["annotations"] = [
        annotation(41, [{**answers()[0], "value": {"choices": []}}]),
        annotation(None, answers()),
        annotation(42, answers(), lead_time="long"),
    ]
    report = import_annotations(made.project, written(made, [foreign, pool]))
    assert (report.verdicts, len(report.refused)) == (1, 3)
    assert "task 1 has an annotation that is no answer" in report.refused[0]
    assert "it has no id" in report.refused[2]
    for text in ('{"a": 1}', "{}", "null", "[", '[{"data": {}, "annotations": [{}]}]'):
        path = made.folder / "x.json"
        path.write_text(text)
        with pytest.raises(VectorError, match="cannot be read as an export of Label Studio"):
            import_annotations(made.project, path)


def test_files_without_annotations_are_refused(made, tasks):
    shed, pool = tasks
    short = [{**task["data"], "id": i, "mask_right": "yes"} for i, task in enumerate(tasks)]
    for file in (tasks, short, [5]):  # what was exported, JSON-MIN, no task
        with pytest.raises(VectorError, match="task 1 has no list of annotations"):
            import_annotations(made.project, written(made, file))
    shed["annotations"] = [annotation(50, [], was_cancelled=True)]
    report = import_annotations(
        made.project, written(made, [shed, pool, {**pool, "annotations": []}])
    )
    assert (report.verdicts, report.unannotated) == (1, 1)
    assert report.refused == ("task 2 has no list of annotations",)


def test_label_studio_accepts_its_tasks(tasks, monkeypatch):
    # `make test` puts the package there; behind all other folders, it hides no other package.
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(sys.prefix) / "label-studio")])
    interface = pytest.importorskip("label_studio_sdk.label_interface.interface")
    brush = pytest.importorskip("label_studio_sdk.converter.brush")
    checker = interface.LabelInterface(CONFIG)
    checker.validate()
    for task in tasks:
        assert checker.validate_task({"data": task["data"]})
        prediction = task["predictions"][0]
        assert checker.validate_prediction(prediction, return_errors=True) == []
        assert checker.validate_annotation({"result": [*prediction["result"], *answers()]})
    region = tasks[0]["predictions"][0]["result"][0]
    pixels = brush.decode_rle(region["value"]["rle"]).reshape(ROWS, COLS, 4)[..., 3]
    ours = decode_brush(region["value"]["rle"], (ROWS, COLS))
    np.testing.assert_array_equal(pixels > 0, ours)
    theirs = brush.encode_rle(np.repeat(ours.ravel() * np.uint8(255), 4))
    np.testing.assert_array_equal(decode_brush(theirs, (ROWS, COLS)), ours)
