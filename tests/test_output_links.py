"""Outputs whose name is a symbolic link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import check_output, staged_file, staged_folder


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_an_output_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    link, real = tmp_path / "changes.gpkg", tmp_path / "store/real.gpkg"
    link.symlink_to(Path("store") / "real.gpkg")
    for text, overwrite in (("new", False), ("newer", True)):  # at first the link is dangling
        with staged_file(link, overwrite=overwrite) as part:
            part.write_text(text)
        assert link.is_symlink()
        assert real.read_text() == text
    with pytest.raises(OutputError, match=r"real\.gpkg exists"):
        check_output(link, overwrite=False)
    assert names(tmp_path) == ["changes.gpkg", "store"]
    assert names(tmp_path / "store") == ["real.gpkg"]


def test_a_link_that_cannot_be_written_through_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "changes.gpkg"
    for target, message in (
        ("changes.gpkg", "cannot be written"),
        ("no/such/folder.gpkg", "does not exist"),
        ("changes.geojson", "whose suffix is another"),
    ):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with pytest.raises(OutputError, match=message):
            check_output(link, overwrite=True)
        assert link.is_symlink()


def test_a_folder_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real, target_is_directory=True)
    for text, overwrite in (("new", False), ("newer", True)):
        with staged_folder(link, overwrite=overwrite, contents=["file"]) as part:
            (part / "file").write_text(text)
        assert link.is_symlink()
        assert (real / "file").read_text() == text
    with pytest.raises(OutputError, match="exists"), staged_folder(link):
        pass
