"""A batch that runs again keeps review decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import pytest

from mtrs_geo.batch import run_batch
from mtrs_geo.batch.manifest import MANIFEST
from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import count_decisions
from mtrs_geo.progress import Silent

CHEAP: dict[str, Any] = {"model": "brightness", "options": {"threshold": 0.25}}
REFUSED = "holds 2 review decisions, which would be lost"


class Messages(Silent):
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def log(self, message: str) -> None:
        self.messages.append(message)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for the results."""
    return tmp_path / "out"


@pytest.fixture
def jobs(table: Path) -> Path:
    """A table of two jobs, town and village."""
    rows = [row for row in table.read_text().splitlines() if not row.startswith("lost")]
    table.write_text("\n".join(rows) + "\n")
    return table


def review(path: Path, count: int = 2) -> bytes:
    """Accept some polygons, and return the file."""
    frame = geopandas.read_file(path, layer="changes")
    states = ["accepted"] * count + [None] * (len(frame) - count)
    frame.assign(review=states).to_file(path, layer="changes")
    return path.read_bytes()


def test_a_reviewed_job_fails_and_the_others_are_replaced(jobs: Path, out: Path) -> None:
    run_batch(jobs, out, "any change", **CHEAP)
    reviewed, old = review(out / "village.gpkg"), (out / "town.gpkg").stat().st_mtime_ns
    result = run_batch(jobs, out, "any change", overwrite=True, **CHEAP)
    assert [entry["status"] for entry in result.entries] == ["done", "failed"]
    assert REFUSED in result.entries[1]["message"]
    assert result.entries[1]["advice"].endswith("rename or delete the file first.")
    assert (out / "village.gpkg").read_bytes() == reviewed
    assert (out / "town.gpkg").stat().st_mtime_ns > old
    (out / "village.gpkg").rename(out / "reviewed.gpkg")
    assert not run_batch(jobs, out, "any change", resume=True, **CHEAP).failed


def test_another_format_removes_no_decision(jobs: Path, out: Path) -> None:
    run_batch(jobs, out, "any change", **CHEAP)
    reviewed, said = review(out / "village.gpkg"), Messages()
    result = run_batch(
        jobs, out, "any change", overwrite=True, format="geojson", progress=said, **CHEAP
    )
    assert not result.failed
    assert (out / "village.gpkg").read_bytes() == reviewed
    assert not (out / "town.gpkg").exists()
    kept = "village.gpkg of the earlier batch is kept, as it holds review decisions: 2"
    assert kept in said.messages


def test_decisions_of_the_jobs_are_joined_again(jobs: Path, out: Path) -> None:
    wishes: dict[str, Any] = {"dataset": "gpkg", **CHEAP}
    run_batch(jobs, out, "any change", **wishes)
    for count in (2, 3):
        review(out / "village.gpkg", count)
        run_batch(jobs, out, "any change", resume=True, **wishes)
        assert count_decisions(out / "changes.gpkg") == count


@pytest.mark.parametrize("resume", [True, False])
def test_decisions_in_the_joined_file_are_kept(jobs: Path, out: Path, resume: bool) -> None:
    wishes: dict[str, Any] = {"dataset": "gpkg", **CHEAP}
    run_batch(jobs, out, "any change", **wishes)
    review(out / "changes.gpkg")
    before = {path: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(OutputError, match=rf"changes\.gpkg {REFUSED}"):
        run_batch(jobs, out, "any change", resume=resume, overwrite=not resume, **wishes)
    assert {path: path.read_bytes() for path in out.iterdir()} == before
    assert (out / MANIFEST).is_file()
