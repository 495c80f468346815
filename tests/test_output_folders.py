"""Folders that are not replaced: those that hold an input, or files of somebody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import refuse_foreign, staged_folder


@pytest.mark.parametrize(
    "name",
    [
        "{}/changes.gpkg|layername=zones",
        'NETCDF:"{}/cube.nc":red',
        "NETCDF:{}/cube.nc:red",
        "GPKG:{}/changes.gpkg:tiles",
        "/vsizip/{}/tiles.zip/A/before.tif",
        "/vsitar//vsigzip/{}/tiles.tar.gz/before.tif",
        "{}/tile_?.tif",
        "{}/*/tile_[12].tif",
    ],
)
def test_a_folder_that_holds_the_file_of_a_layer_or_raster_is_not_replaced(
    tmp_path: Path, name: str
) -> None:
    scene = tmp_path / "scene"
    scene.mkdir()
    files = ("changes.gpkg", "cube.nc", "tiles.zip", "tiles.tar.gz", "tile_1.tif")
    for file in files:
        (scene / file).write_text("x")
    with (
        pytest.raises(OutputError, match="an input of this run, which would be replaced"),
        staged_folder(scene, overwrite=True, inputs=[name.format(scene)]),
    ):
        pass
    assert sorted(path.name for path in scene.iterdir()) == sorted(files)


def write_files(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


CONTENTS = ("config.json", "masks/*.png", "code/**/*", "layers/*.gpkg", "layers/*.tif")


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        ".git/HEAD",
        "thesis/chapter.tex",
        "old/config.json",
        "masks/drawn.tif",
        "masks/old/a.png",
        "layers/a.qgz",
    ],
)
def test_a_folder_with_files_that_the_command_does_not_write_is_not_replaced(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "out"
    write_files(folder, "config.json", "masks/a.png", name)
    staged = staged_folder(folder, overwrite=True, contents=CONTENTS)
    with pytest.raises(OutputError, match="which this command does not write") as refused, staged:
        pytest.fail("the folder was staged")
    assert str(Path(name)) in refused.value.message
    assert (folder / name).read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_link_in_a_folder_is_a_file_of_somebody_else(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_files(folder, "config.json")
    write_files(tmp_path / "data", "a.png")
    (folder / "masks").symlink_to(tmp_path / "data", target_is_directory=True)
    staged = staged_folder(folder, overwrite=True, contents=CONTENTS)
    with pytest.raises(OutputError, match="holds masks, which this command"), staged:
        pass


def test_a_link_to_an_input_is_kept_like_the_input(tmp_path: Path) -> None:
    """A folder in the cache of a model hub holds links."""
    folder = tmp_path / "out"
    write_files(tmp_path / "blobs", "0a1b")
    folder.mkdir()
    link = folder / "config.json"
    link.symlink_to(tmp_path / "blobs" / "0a1b")
    staged = staged_folder(folder, overwrite=True, inputs=[link], contents=CONTENTS)
    with pytest.raises(OutputError, match="an input of this run"), staged:
        pass
    assert link.read_text() == "x"


def test_a_large_folder_of_somebody_else_is_refused_at_its_first_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "home", "notes.txt", "deep/a.txt")
    read: list[Path] = []
    scan = os.scandir

    def counted(path: Path) -> object:
        read.append(Path(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", counted)
    with pytest.raises(OutputError, match=r"holds notes\.txt, which"):
        refuse_foreign(tmp_path / "home", ["config.json"])
    assert tmp_path / "home" / "deep" not in read


def test_a_folder_that_cannot_be_read_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "out", "config.json", "locked/notes.txt")
    scan = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(OutputError, match="Permission denied"):
        refuse_foreign(tmp_path / "out", CONTENTS)


def test_a_folder_that_the_command_wrote_is_replaced_after_other_programs_opened_it(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "out"
    looked_at = ".DS_Store", "masks/Thumbs.db", "masks/a.png.aux.xml", "layers/._a.gpkg"
    beside = "layers/a.gpkg-shm", "layers/a.tif.aux.xml", "layers/a.tif.ovr"
    written = "config.json", "masks/a.png", "code/b/c.py", "layers/a.tif", "layers/a.gpkg"
    write_files(folder, *written, *looked_at, *beside)
    (folder / "empty").mkdir()
    with staged_folder(folder, overwrite=True, contents=CONTENTS) as part:
        write_files(part, "config.json")
    assert [path.name for path in folder.iterdir()] == ["config.json"]


def test_a_folder_whose_geopackage_has_edits_beside_it_is_not_replaced(tmp_path: Path) -> None:
    write_files(tmp_path / "out", "layers/a.gpkg", "layers/a.gpkg-wal")
    wal = tmp_path / "out" / "layers" / "a.gpkg-wal"
    wal.write_bytes(bytes(100))
    staged = staged_folder(tmp_path / "out", overwrite=True, contents=CONTENTS)
    with pytest.raises(OutputError, match="not closed properly"), staged:
        pass
    assert wal.exists()
