"""`mtrs-geo demo` keeps files that are there, unless the user agrees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtrs_geo.demo import _QUERIES, run_demo
from mtrs_geo.errors import OutputError

COMMAND = [sys.executable, "-m", "mtrs_geo.cli", "demo", "--output"]


def test_existing_files_are_kept(tmp_path: Path) -> None:
    mine = tmp_path / "before.tif"
    mine.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"before\.tif") as raised:
        list(run_demo(tmp_path))
    assert "--overwrite" in raised.value.advice
    done = subprocess.run(
        [*COMMAND, tmp_path], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 1
    assert "error: the demo would replace before.tif" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["before.tif"]
    assert mine.read_bytes() == b"mine"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_person_is_asked(tmp_path: Path) -> None:
    import pty

    (tmp_path / "before.tif").write_bytes(b"mine")
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path)], stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.write(keyboard, b"n\n")
    _, notes = process.communicate(timeout=60)
    os.close(keyboard)
    os.close(terminal)
    assert process.returncode == 130
    assert b"Replace before.tif" in notes
    assert (tmp_path / "before.tif").read_bytes() == b"mine"


def test_overwrite_replaces_them(tmp_path: Path) -> None:
    (tmp_path / "before.tif").write_bytes(b"mine")
    lines = list(run_demo(tmp_path, "brightness", overwrite=True))
    assert len(lines) == 4
    assert (tmp_path / "before.tif").stat().st_size > 1_000_000


def test_json(tmp_path: Path) -> None:
    more = [tmp_path, "--model", "brightness", "--json"]
    done = subprocess.run([*COMMAND, *more], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["output"] == str(tmp_path)
    assert {Path(name).name for name in found["files"]} == {p.name for p in tmp_path.iterdir()}
    assert [query["query"] for query in found["queries"]] == list(_QUERIES)
    assert all(q["buildings"] >= q["found"] >= 0 and q["elsewhere"] >= 0 for q in found["queries"])


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "demo"
    path.write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        list(run_demo(path))
