from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import (
    OutputSet,
    StagedFile,
    check_output,
    commit_count,
    refuse_existing,
    staged_file,
    staged_folder,
)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_staged_file_is_renamed_into_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "changes.gpkg"
    with staged_file(target) as part:
        assert part.suffix == ".gpkg"
        assert part.parent.parent == tmp_path
        assert part.parent.name.startswith(".")
        part.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(tmp_path) == ["changes.gpkg"]


def test_a_staged_file_has_the_permissions_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with staged_file(tmp_path / "staged") as part:
        part.write_text("")
    assert (tmp_path / "staged").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_the_existing_file_is_kept_on_failure(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.tif"
    target.write_text("old")

    def fail() -> None:
        with staged_file(target, overwrite=True) as part:
            part.write_text("incomplete")
            (part.parent / "sidecar").write_text("")
            raise error

    with pytest.raises(error):
        fail()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.tif"]


def test_an_existing_file_is_replaced_only_with_overwrite(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    target.write_text("old")
    with pytest.raises(OutputError, match=r"a\.tif exists\. .*--overwrite"), staged_file(target):
        pass
    assert target.read_text() == "old"
    with staged_file(target, overwrite=True) as part:
        part.write_text("new")
    assert target.read_text() == "new"
    assert names(tmp_path) == ["a.tif"]


def test_a_file_created_in_the_meantime_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    staged = StagedFile(target, overwrite=False)
    staged.path.write_text("new")
    target.write_text("other process")
    with pytest.raises(OutputError, match="exists"):
        staged.commit()
    assert target.read_text() == "other process"
    assert names(tmp_path) == ["a.tif"]


def test_a_second_run_on_the_same_target_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    first = StagedFile(tmp_path / "a.tif", overwrite=True)
    other = StagedFile(tmp_path / "b.tif", overwrite=True)
    with pytest.raises(OutputError, match=r"a\.tif is being written by another run.* Wait until"):
        StagedFile(tmp_path / "a.tif", overwrite=True)
    first.path.write_text("first")
    first.commit()
    second = StagedFile(tmp_path / "a.tif", overwrite=True)
    second.discard()
    other.discard()
    assert (tmp_path / "a.tif").read_text() == "first"
    assert names(tmp_path) == ["a.tif"]


STAGE_AND_WAIT = (
    "import sys, time; from mtrs_geo.outputs import StagedFile\n"
    "staged = StagedFile(sys.argv[1], overwrite=False); staged.path.write_text('half')\n"
    "print('staged', flush=True); time.sleep(600)"
)


def test_folders_of_a_killed_run_are_removed_by_the_next_one(tmp_path: Path) -> None:
    target = tmp_path / "c.gpkg"
    process = subprocess.Popen(
        [sys.executable, "-c", STAGE_AND_WAIT, str(target)], stdout=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    with pytest.raises(OutputError, match="another run"), staged_file(target):
        pass
    process.kill()
    process.communicate()
    left = names(tmp_path)
    assert left
    with staged_file(tmp_path / "other") as part:
        part.write_text("")
    assert names(tmp_path) == [*left, "other"]  # they belong to another target
    with staged_file(target) as part:
        part.write_text("new")
    assert names(tmp_path) == ["c.gpkg", "other"]


def test_planted_links_are_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    staged = StagedFile(folder / "a.tif", overwrite=False)
    lock = next(folder.glob("*.lock"))
    staged.discard()
    assert names(folder) == []
    lock.symlink_to(precious / "file")
    prefix = lock.name.removesuffix(".lock")
    (folder / f"{prefix}-part-x").symlink_to(precious, target_is_directory=True)
    with staged_file(folder / "a.tif") as part:
        part.write_text("new")
    assert (folder / "a.tif").read_text() == "new"
    assert names(precious) == ["file"]
    assert (precious / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["a!b.tif", "a;b.tif", "a\nb.tif", "x" * 240 + ".tif", "ä².tif"])
def test_any_name_can_be_staged(tmp_path: Path, name: str) -> None:
    with staged_file(tmp_path / name) as part:
        assert part.name.isascii()
        assert len(part.name) < 20
        part.write_text("")
    assert names(tmp_path) == [name]


def test_a_name_that_is_too_long_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot be written: .*too long"):
        check_output(tmp_path / ("x" * 300), overwrite=False)


def test_a_set_is_renamed_together(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("old")
    before = commit_count()
    with OutputSet(overwrite=True) as outputs:
        for name in ("a", "b"):
            outputs.stage(name, tmp_path / name).path.write_text("new")
        assert outputs.target("c") is None
        assert (tmp_path / "b").read_text() == "old"
        outputs.commit()
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["new", "new"]
    assert names(tmp_path) == ["a", "b"]
    assert commit_count() == before + 1


def test_a_set_that_cannot_be_renamed_in_full_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.tif").write_text("old")
    (tmp_path / "a.tif.aux.xml").write_text("statistics")
    with OutputSet(overwrite=True) as outputs:
        for name in ("old", "a.tif", "last"):
            outputs.stage(name, tmp_path / name).path.write_text("new")
        replace = os.replace

        def fail(source: Path, target: Path) -> None:
            if target.name == "last":
                raise PermissionError(13, "in use", str(target))
            replace(source, target)

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OutputError, match="last cannot be written"):
            outputs.commit()
    assert (tmp_path / "a.tif").read_text() == "old"
    assert names(tmp_path) == ["a.tif", "a.tif.aux.xml"]


def test_sidecars_of_a_replaced_raster_go_with_it(tmp_path: Path) -> None:
    for name in ("a.tif", "a.tif.aux.xml", "a.tif.ovr", "b.tif.ovr"):
        (tmp_path / name).write_text("old")
    with staged_file(tmp_path / "a.tif", overwrite=True) as part:
        part.write_text("new")
    assert names(tmp_path) == ["a.tif", "b.tif.ovr"]


@pytest.mark.parametrize("moment", range(1, 6))
def test_an_interruption_does_not_split_a_commit(
    tmp_path: Path, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = 0
    replace = os.replace

    def interrupted(source: Path, target: Path) -> None:
        nonlocal replaced
        replaced += 1
        if replaced == moment:
            signal.raise_signal(signal.SIGINT)
        replace(source, target)

    def run() -> None:
        with OutputSet(overwrite=False) as outputs:
            for name in "abcde":
                outputs.stage(name, tmp_path / name).path.write_text("new")
            outputs.commit()

    monkeypatch.setattr(os, "replace", interrupted)
    # A background shell starts its children with SIGINT ignored.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run()
    finally:
        signal.signal(signal.SIGINT, previous)
    assert names(tmp_path) == list("abcde")


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_geopackage_that_is_open_is_refused(tmp_path: Path, mode: str) -> None:
    target = tmp_path / "c.gpkg"
    staged = StagedFile(target, overwrite=True)
    staged.path.write_text("new")
    code = (
        f"import sqlite3, time; d = sqlite3.connect({str(target)!r}, isolation_level=None)\n"
        f"d.execute('PRAGMA journal_mode={mode}'); d.execute('CREATE TABLE t (x)')\n"
        "d.execute('BEGIN IMMEDIATE'); print('open', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    with pytest.raises(OutputError, match=r"c\.gpkg is open in another program\. Close it"):
        check_output(target, overwrite=True)
    with pytest.raises(OutputError, match="is open in another program"):
        staged.commit()
    process.kill()
    process.communicate()
    assert target.read_bytes().startswith(b"SQLite")


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_geopackage_with_edits_of_a_crashed_program_is_refused(tmp_path: Path, mode: str) -> None:
    target = tmp_path / "c.gpkg"
    code = (
        f"import sqlite3, os; d = sqlite3.connect({str(target)!r}, isolation_level=None)\n"
        f"d.execute('PRAGMA journal_mode={mode}'); d.execute('PRAGMA cache_size=1')\n"
        "d.execute('CREATE TABLE t (x)'); d.execute('BEGIN')\n"
        "d.executemany('INSERT INTO t VALUES (?)', [('x' * 4000,)] * 50); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    with pytest.raises(OutputError, match=r"not closed properly: c\.gpkg-\w+ beside it has edits"):
        check_output(target, overwrite=True)
    with closing(sqlite3.connect(target)) as database:  # as QGIS does when it opens the file
        database.execute("SELECT count(*) FROM t").fetchall()
    assert check_output(target, overwrite=True) == target


def test_cold_sidecars_of_a_geopackage_go_first(tmp_path: Path) -> None:
    target = tmp_path / "c.gpkg"
    for ending, content in (("", b"old"), ("-wal", b""), ("-shm", b"1" * 99), ("-journal", b"\0")):
        target.with_name(target.name + ending).write_bytes(content)
    with staged_file(target, overwrite=True) as part:
        part.write_text("new")
    assert names(tmp_path) == ["c.gpkg"]
    target.unlink()
    target.with_name("c.gpkg-wal").write_bytes(b"log of a deleted file" * 9)
    with staged_file(target) as part:
        part.write_text("new")
    assert names(tmp_path) == ["c.gpkg"]


def test_os_errors_in_the_block_become_output_errors(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    message = r"a\.tif cannot be written: .*No space left.* Check .* free space"
    with pytest.raises(OutputError, match=message), staged_file(target):
        raise OSError(28, "No space left on device")
    with pytest.raises(OutputError, match=r"a\.tif cannot be written"), staged_file(target):
        pass  # the block writes no file
    assert names(tmp_path) == []


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "a.tif"
    with pytest.raises(OutputError, match="cannot be written"), staged_file(target):
        pass
    with pytest.raises(OutputError, match=r"the folder .*missing does not exist\. Create it"):
        check_output(target, overwrite=False)


def test_a_folder_is_not_an_output_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: it is a folder"):
        refuse_existing(tmp_path, overwrite=True)


def test_a_new_output_in_an_existing_folder_is_accepted(tmp_path: Path) -> None:
    assert check_output(tmp_path / "a.tif", overwrite=False) == tmp_path / "a.tif"
    (tmp_path / "a.tif").write_text("old")
    assert check_output(str(tmp_path / "a.tif"), overwrite=True) == tmp_path / "a.tif"
    with pytest.raises(OutputError, match="exists"):
        check_output(tmp_path / "a.tif", overwrite=False)


def test_a_filled_folder_of_a_data_set_that_is_read_is_not_replaced(tmp_path: Path) -> None:
    mask = tmp_path / "data" / "masks" / "a.png"
    mask.parent.mkdir(parents=True)
    mask.write_text("drawn")
    with (
        pytest.raises(OutputError, match="masks holds files and lies in"),
        staged_folder(mask.parent, overwrite=True, inputs=[tmp_path / "data"]),
    ):
        pytest.fail("the folder was staged")
    assert mask.read_text() == "drawn"
    with staged_folder(tmp_path / "data" / "new", inputs=[tmp_path / "data"]) as folder:
        (folder / "scores.json").write_text("{}")
    assert (tmp_path / "data" / "new" / "scores.json").exists()


def test_a_folder_of_inputs_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    (data / "A").mkdir(parents=True)
    raster = data / "A" / "before.tif"
    raster.write_text("x")
    for inputs in ([data], [str(raster)], [None, [raster]], [f"{data}/A/*.tif"]):
        with (
            pytest.raises(OutputError, match="an input of this run, which would be replaced"),
            staged_folder(data, overwrite=True, inputs=inputs),
        ):
            pass
    monkeypatch.chdir(data / "A")
    for current in (Path(), Path(".."), data):
        replaced = staged_folder(current, overwrite=True)
        with pytest.raises(OutputError, match="is the current folder"), replaced:
            pass
    assert raster.read_text() == "x"
    with staged_folder(Path("out"), overwrite=True, inputs=[raster, "memory", 3]) as part:
        (part / "y").write_text("y")
    assert names(data / "A") == ["before.tif", "out"]


def test_a_staged_folder_is_renamed_into_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "new" / "model"
    with staged_folder(target) as part:
        (part / "a").write_text("1")
        assert not target.exists()
    assert names(target) == ["a"]
    assert names(tmp_path / "new") == ["model"]
    with pytest.raises(OutputError, match="exists"), staged_folder(target):
        pass
    with staged_folder(target, overwrite=True, contents=["a", "b"]) as part:
        (part / "b").write_text("2")
    assert names(target) == ["b"]
    assert names(tmp_path / "new") == ["model"]


def test_the_existing_folder_is_kept_on_failure(tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (target / "a").write_text("1")
    staged = staged_folder(target, overwrite=True, contents=["a"])
    with pytest.raises(ZeroDivisionError), staged as part:
        (part / "b").write_text(str(1 / 0))
    assert names(target) == ["a"]
    assert names(tmp_path) == ["model"]


def test_an_empty_folder_is_used_and_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with staged_folder(tmp_path / "empty") as part:
        (part / "a").write_text("1")
    assert names(tmp_path / "empty") == ["a"]
    with pytest.raises(OutputError, match="is a file"), staged_folder(tmp_path / "empty" / "a"):
        pass
