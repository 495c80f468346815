"""Runs whose standard streams cannot be written, and those of a folder that is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtrs_geo.cli.streams import TolerantStream

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs the streams of a shell")

MAIN = f"{sys.executable} -m mtrs_geo"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("streams", "code"), [("2>&1 | true", 0), (">&- 2>&-", 0), ("2>&- >/dev/full", 1)]
)
def test_a_stream_that_cannot_be_written_does_not_end_a_command(
    tmp_path: Path, streams: str, code: int
) -> None:
    done = shell(f"{MAIN} --version {streams}; echo ${{PIPESTATUS[0]}} >code", tmp_path)
    assert (tmp_path / "code").read_text().strip() == str(code)
    assert done.stderr == ""


def test_a_result_that_is_lost_is_named(tmp_path: Path) -> None:
    done = shell(f"{MAIN} --version >/dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "error: standard output cannot be written: No space left on device.\n"
        "The files of this command are complete.\n"
    )


def test_a_run_goes_on_without_its_streams() -> None:
    with open("/dev/full", "w") as full:
        stream = TolerantStream(full)
        stream.write("a\n")
        stream.flush()
        stream.writelines(["b\n"])
        stream.flush()
        assert isinstance(stream.error, OSError)
        assert stream.name == "/dev/full"


def test_a_closed_descriptor_is_not_that_of_an_output(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "import os\n"
        "from mtrs_geo.cli.streams import open_descriptors\n"
        "open_descriptors()\n"
        "with open('a', 'w') as file:\n"
        "    print('lost', flush=True)\n"
        "    os.write(2, b'lost')\n"
        "    assert file.fileno() > 2\n"
    )
    done = shell(f"{sys.executable} program.py <&- >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "a").read_text() == ""


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    done = shell(f"mkdir gone; cd gone; rmdir ../gone; {MAIN} --version", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "error: the current folder does not exist any more.\n"
        "Change to another folder and run again.\n"
    )
