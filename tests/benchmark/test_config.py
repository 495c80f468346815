"""What a configuration may say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrs_geo.benchmark import BenchmarkConfig, ModelEntry, SplitEntry, read_config
from mtrs_geo.benchmark.fingerprints import Keys
from mtrs_geo.benchmark.paper import PAPER_SETTINGS, paper_rows
from mtrs_geo.errors import ModelError, RequestError
from mtrs_geo.models.catalog import sha256


def test_a_configuration(tmp_path: Path) -> None:
    for name in ("RS", "masks_of_lisa", "my_model"):
        (tmp_path / name).mkdir()
    path = tmp_path / "config.yaml"
    path.write_text(
        "title: mine\nseed: 3\nmodels:\n  - tiny\n  - predictions:masks_of_lisa\n  - my_model\n"
        "  - {name: doubled, model: tiny, mirrored: true, splits: [RS]}\n"
        "splits:\n  - {name: RS, data: RS, gsd_m: 0.5}\n  - {name: NS→RS, data: RS, paper: RS}\n"
    )
    config = read_config(path)
    assert (config.title, config.seed, config.resamples) == ("mine", 3, BenchmarkConfig.resamples)
    tiny, lisa, own, doubled = config.models
    assert tiny == ModelEntry("tiny", "tiny")
    assert lisa.folder == tmp_path / "masks_of_lisa"
    assert (own.name, own.model) == ("my_model", str(tmp_path / "my_model"))
    assert (doubled.mirrored, doubled.splits) == (True, ("RS",))
    assert [split.paper or split.name for split in config.splits] == ["RS", "RS"]
    assert [entry.is_measured for entry in config.models] == [True, False, True, True]


def test_names_are_no_folders_and_several_folders_are_beside_the_file(tmp_path: Path) -> None:
    for name in ("tiny", "oracle", "brightness", "cva", "dino", "sam"):
        (tmp_path / name).mkdir()
    path = tmp_path / "config.yaml"
    path.write_text(
        "models: [tiny, oracle, brightness, cva, ./tiny, 'grounding-dino+sam2:dino, sam']\n"
        "splits: [RS]\n"
    )
    found = [entry.model for entry in read_config(path).models]
    assert found[:4] == ["tiny", "oracle", "brightness", "cva"]
    assert Path(found[4]) == tmp_path / "tiny"
    assert found[5] == f"grounding-dino+sam2:{tmp_path / 'dino'},{tmp_path / 'sam'}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: [tiny]", "no list splits"),
        ("models: []\nsplits: [RS]", "no list models"),
        ("models: [tiny, tiny]\nsplits: [RS]", "several models are named tiny"),
        ("models: [{name: x}]\nsplits: [RS]", "no entry model"),
        ("models: [{model: tiny, colour: red}]\nsplits: [RS]", "unknown entries: colour"),
        ("models: [{model: tiny, mirrored: 2}]\nsplits: [RS]", "mirrored .* is 2"),
        ("models: [{model: tiny, splits: [NS]}]\nsplits: [RS]", "unknown splits: NS"),
        ("models: [tiny]\nsplits: [{name: RS}]", "no entry data"),
        ("models: [tiny]\nsplits: [RS]\nrank_by: beauty", "rank_by is 'beauty'"),
        ("models: [tiny]\nsplits: [RS]\nresamples: 9", "too few"),
        ("models: [tiny]\nsplits: [RS]\nseed: -1", "seed .* is -1"),
        ("models: [{model: tiny, splits: NS}]\nsplits: [RS]", "unknown splits: NS"),
        ("models: [{model: tiny, precision: int8}]\nsplits: [RS]", "precision .* 'int8'"),
        ("models: [tiny]\nsplits: [{data: a, paper: XX}]", "'a' is 'XX', not one of TV, NS, RS"),
        ("models: ['predictions:']\nsplits: [RS]", "names no folder"),
        ("models: [tiny]\nsplits: [RS]\nmodels: [empty]", r"'models' is given twice\s[^$]*line 3"),
        ("models: [tiny]\nsplits: [{name: a, data: b, name: c}]", "'name' is given twice"),
        ("models: {", "cannot be read as YAML"),
        ("- 1", "is not a mapping"),
    ],
)
def test_errors(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(RequestError, match=message) as error:
        read_config(tmp_path / "config.yaml")
    assert error.value.advice
    with pytest.raises(RequestError, match="cannot be read"):
        read_config(tmp_path / "no.yaml")


def test_keys_follow_contents_and_options(tmp_path: Path) -> None:
    keys = Keys(sha256)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_text("weights")
    a, b = (ModelEntry("x", str(tmp_path / name)) for name in "ab")
    assert keys.model(a) == keys.model(b)
    (tmp_path / "b/model.safetensors").write_text("other weights")
    assert keys.model(a) != keys.model(b)
    sam = [ModelEntry("x", f"{kind}:{tmp_path / 'a'}") for kind in ("sam3", "clipseg")]
    assert len({keys.model(entry) for entry in [*sam, a]}) == 3
    both = ModelEntry("x", f"grounding-dino+sam2:{tmp_path / 'a'},{tmp_path / 'b'}")
    before = keys.model(both)
    (tmp_path / "b/model.safetensors").write_text("trained further")
    assert keys.model(both) != before
    tiny = [ModelEntry("x", "tiny", mirrored=m, precision=p)
            for m in (False, True) for p in ("float32", "bfloat16")]  # fmt: skip
    assert len({keys.model(entry) for entry in tiny}) == 4
    with pytest.raises(ModelError, match="no Python module 'no_such_module'"):
        keys.model(ModelEntry("x", "python:no_such_module:f"))
    assert SplitEntry("s", Path("x")).gsd_m is None


def test_the_figures_of_the_paper() -> None:
    rows = {(row.model, row.group): row for row in paper_rows("TV")}
    assert len(rows) == 25
    ours = rows["MTRefSeg-R1", "MTRefSeg-R1"].scores
    assert ours == pytest.approx({"miou": 0.6824, "oiou": 0.6782, "pr50": 0.7390, "pr60": 0.6952,
                                  "pr70": 0.6351, "pr80": 0.5481, "pr90": 0.3239})  # fmt: skip
    assert "oiou" not in rows["CRIS-50", "specialist"].scores
    assert len(paper_rows("RS")) == len(paper_rows("NS")) == 25
    assert paper_rows("mine") == []
    assert all(map(paper_rows, PAPER_SETTINGS))
