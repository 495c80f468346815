"""Composed pairs on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_server import run_command, start_command

from mtrs_geo.data.sampling.composed_split import open_composer, write_composed_split
from mtrs_geo.data.split.reader import open_split
from mtrs_geo.errors import OutputError, RasterError, RequestError


def test_the_same_seed_gives_the_same_files(scene_folder: Path, tmp_path: Path) -> None:
    options = {"count": 4, "sentences": 3, "seed": 7, "crop_px": 64}
    for name in ("one", "two"):
        written = write_composed_split(scene_folder, tmp_path / name, **options)  # type: ignore[arg-type]
        assert (written.pairs, written.expressions) == (4, 12)
        assert 0 <= written.empty <= 12
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert len(files) > 4 * 4
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_command_line_writes_a_split_once(scene_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "split"
    command = ["pairs", "compose", scene_folder, "-o", out, "--count", 3, "--subset", "val",
               "--crop-px", 64, "--json"]  # fmt: skip
    run = start_command(*command)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["pairs"] == 3
    split = open_split(out)
    assert len(split) == 3
    assert split.expression_count == result["expressions"] == 12
    assert split[0].before.shape == (64, 64, 3)
    again = run_command(*command)
    assert again.returncode == 1
    assert "exists" in again.stderr


def test_a_folder_without_scene_sets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match="has none of the scene sets") as error:
        open_composer(tmp_path, "train", seed=0)
    assert "SET/images" in error.value.advice


@pytest.mark.parametrize("wrong", [{"count": 0}, {"sentences": 0}, {"crop_px": 31}, {"seed": -1}])
def test_numbers_that_give_no_pair(
    scene_folder: Path, tmp_path: Path, wrong: dict[str, int]
) -> None:
    with pytest.raises(RequestError, match="is too small"):
        write_composed_split(scene_folder, tmp_path / "out", **{"count": 1, **wrong})
    assert not (tmp_path / "out").exists()


def test_a_split_does_not_replace_its_scenes(scene_folder: Path) -> None:
    with pytest.raises(OutputError, match="an input of this run"):
        write_composed_split(scene_folder, scene_folder, count=1, overwrite=True, crop_px=64)


def test_subsets_share_no_scene(scene_folder: Path) -> None:
    train, val = (open_composer(scene_folder, s, seed=0) for s in ("train", "val"))
    names = [{scene.name for scene in c.library.scenes} for c in (train, val)]
    assert not names[0] & names[1]
    assert names[1] == {"czech_23", "czech_25"}
