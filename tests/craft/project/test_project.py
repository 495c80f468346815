from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mtrs_geo.craft.project import Origin, Project, Verdict
from mtrs_geo.craft.project.items import (
    NewItem,
    NewRound,
    add_item,
    add_round,
    last_round,
    read_item,
    read_mask,
    rounds_of,
    store_mask,
)
from mtrs_geo.craft.project.pairs import (
    NewPair,
    add_pair,
    file_sha256,
    image_path,
    label_path,
    read_pair,
)
from mtrs_geo.craft.project.verdicts import add_verdict, standing_verdicts
from mtrs_geo.craft.project.work import Cost, add_cost, failures, is_done, mark, total_price
from mtrs_geo.errors import OutputError, RasterError

RULE, PERSON = Origin("rule", "class maps", "1"), Origin("person", "Ana")


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project.db") as project:
        yield project


@pytest.fixture
def pair(project, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for name in ("a.png", "b.png", "mask.png"):
        (images / name).write_bytes(name.encode())
    new = NewPair(
        "p1", images / "a.png", images / "b.png", 4, 5, labels={"mask": images / "mask.png"}
    )
    return read_pair(project, add_pair(project, new))


@pytest.fixture
def item(project, pair):
    row = add_item(project, NewItem(pair.id, "building 1", "appear", "building", "center"))
    add_round(project, row, NewRound("perceive", "a house in the center", RULE))
    return row


def test_images_are_kept_by_relative_path(project, pair):
    assert (pair.before, pair.after) == ("images/a.png", "images/b.png")
    assert image_path(project, pair.before).read_bytes() == b"a.png"
    assert label_path(project, pair, "mask").read_bytes() == b"mask.png"
    assert label_path(project, pair, "class_before") is None


def test_a_pair_is_added_once(project, pair, tmp_path):
    images = tmp_path / "images"
    assert add_pair(project, NewPair("p1", images / "a.png", images / "b.png", 4, 5)) == pair.id
    with pytest.raises(RasterError, match="another pair named 'p1'"):
        add_pair(project, NewPair("p1", images / "b.png", images / "b.png", 4, 5))
    with pytest.raises(RasterError, match=r"none\.png cannot be read"):
        add_pair(project, NewPair("p2", images / "none.png", images / "b.png", 4, 5))


def test_rounds_say_who_made_what(project, item):
    mask = np.zeros((4, 5), bool)
    mask[1:3, 2] = True
    row = store_mask(project, mask, PERSON)
    assert add_round(project, item, NewRound("audit", "a new house", RULE, row, "redrawn")) == 1
    assert [r.sentence for r in rounds_of(project, item)] == [
        "a house in the center",
        "a new house",
    ]
    last = last_round(project, item)
    assert (last.sentence_origin, last.mask_origin) == (RULE, PERSON)
    np.testing.assert_array_equal(read_mask(project, last.mask_id), mask)
    assert read_mask(project, last.mask_id).tobytes() == mask.tobytes()


def test_an_item_is_added_once(project, pair, item):
    again = add_item(project, NewItem(pair.id, "building 1", "appear", "building"))
    assert again == item
    assert read_item(project, item).cell == "center"


def verdict(item, key, **changed):
    values = {"mask_right": True, "sentence_right": True, "complete": True, **changed}
    return Verdict(key, item, 0, values.pop("auditor", "Ana"), **values)


def test_a_verdict_is_stored_once(project, item):
    assert add_verdict(project, verdict(item, "k1"))
    assert not add_verdict(project, verdict(item, "k1", mask_right=False))
    assert read_item(project, item).state == "accepted"


def test_an_undo_takes_one_verdict_back(project, item):
    add_verdict(project, verdict(item, "k1", mask_right=False, reason="shifted"))
    assert read_item(project, item).state == "rejected"
    add_verdict(project, Verdict("k2", item, 0, "Ana", None, None, None, "k1", kind="undo"))
    assert read_item(project, item).state == "ready"
    assert standing_verdicts(project, item) == []


def test_one_no_rejects(project, item):
    add_verdict(project, verdict(item, "k1"))
    add_verdict(project, verdict(item, "k2", auditor="Ben", complete=False))
    assert read_item(project, item).state == "rejected"
    assert [v.auditor for v in standing_verdicts(project, item)] == ["Ana", "Ben"]


def test_work_and_its_results_are_written_together(project, pair):
    def killed_stage():
        with project.transaction():
            add_item(project, NewItem(pair.id, "x", "appear", "road"))
            mark(project, "perceive", f"pair {pair.id}")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        killed_stage()
    assert not is_done(project, "perceive", f"pair {pair.id}")
    assert project.connection.execute("SELECT COUNT(*) FROM items").fetchone()[0] == 0
    mark(project, "perceive", "pair 1", "failed", "500")
    assert failures(project) == [("perceive", "pair 1", "500")]
    mark(project, "perceive", "pair 1")
    assert failures(project) == []


def test_failed_calls_cost_too(project):
    for outcome in ("failed", "ok"):
        add_cost(project, Cost("perceive", RULE, outcome, price=0.25))
    assert total_price(project) == 0.5


def test_other_files_are_no_projects(tmp_path):
    (tmp_path / "text.db").write_text("not a database, but long enough to be read as one" * 20)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t (a)").connection.close()
    for name in ("text.db", "other.db"):
        with pytest.raises(OutputError, match="not a project"):
            Project(tmp_path / name)
    with pytest.raises(OutputError, match="does not exist"):
        Project(tmp_path / "none.db")


def test_a_newer_schema_is_refused(tmp_path):
    with Project.create(tmp_path / "p.db") as project:
        project.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(OutputError, match="has schema 99, this version reads 1"):
        Project(tmp_path / "p.db")
    with pytest.raises(OutputError, match=r"p\.db exists"):
        Project.create(tmp_path / "p.db")


def test_a_closed_project_is_one_file(tmp_path):
    with Project.create(tmp_path / "p.db") as project:
        project.set("grid", [3, 3])
    assert [path.name for path in tmp_path.iterdir()] == ["p.db"]
    with Project(tmp_path / "p.db") as project:
        assert project.setting("grid") == [3, 3]
        assert project.setting("none", 5) == 5


def test_requests_at_one_time_read_an_image_once(tmp_path, monkeypatch):
    image = tmp_path / "large.tif"
    image.write_bytes(bytes(8 << 20))
    opened = []
    real = Path.open

    def open_and_count(path, *args, **kwargs):
        opened.append(path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_and_count)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(file_sha256, [image] * 16))) == 1
    assert opened == [image]
