from __future__ import annotations

import os
from pathlib import Path

import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import (
    StagedFile,
    check_output,
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


def test_two_processes_can_write_the_same_target(tmp_path: Path) -> None:
    first = StagedFile(tmp_path / "a.tif", overwrite=True)
    second = StagedFile(tmp_path / "a.tif", overwrite=True)
    assert first.path != second.path
    first.path.write_text("first")
    second.path.write_text("second")
    first.commit()
    assert (tmp_path / "a.tif").read_text() == "first"
    second.commit()
    assert (tmp_path / "a.tif").read_text() == "second"
    assert names(tmp_path) == ["a.tif"]


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


def test_a_staged_folder_is_renamed_into_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "new" / "model"
    with staged_folder(target) as part:
        (part / "a").write_text("1")
        assert not target.exists()
    assert names(target) == ["a"]
    assert names(tmp_path / "new") == ["model"]
    with pytest.raises(OutputError, match="exists"), staged_folder(target):
        pass
    with staged_folder(target, overwrite=True) as part:
        (part / "b").write_text("2")
    assert names(target) == ["b"]
    assert names(tmp_path / "new") == ["model"]


def test_the_existing_folder_is_kept_on_failure(tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (target / "a").write_text("1")
    with pytest.raises(ZeroDivisionError), staged_folder(target, overwrite=True) as part:
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
