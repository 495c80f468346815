"""The notebooks run from the first cell to the last, as a reader would run them."""

from __future__ import annotations

from pathlib import Path

import geopandas
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def executed(name: str, folder: Path, **parameters: object) -> nbformat.NotebookNode:
    """Run a notebook in ``folder`` with other values below its cell of parameters."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    tagged = [i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", ())]
    lines = [f"{key} = {value!r}" for key, value in parameters.items()]
    notebook.cells.insert(tagged[0] + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> tuple[str, int]:
    """Return what was printed, and how many pictures were drawn."""
    found = [one for cell in notebook.cells for one in cell.get("outputs", ())]
    said = "".join(one.get("text", "") for one in found)
    return said, sum("image/jpeg" in one.get("data", {}) for one in found)


def test_quickstart(tmp_path: Path) -> None:
    said, pictures = outputs(executed("quickstart", tmp_path, rows=320, cols=384))
    assert "new buildings, the 3 largest" in said
    assert pictures == 5
    assert (tmp_path / "quickstart_notebook" / "probability.tif").is_file()


def test_finetune(tmp_path: Path) -> None:
    said, pictures = outputs(executed("finetune", tmp_path, rows=400, cols=576, steps=2))
    assert "pairs: 2 steps" in said
    assert pictures == 2
    assert (tmp_path / "finetune_notebook" / "my_model" / "model.safetensors").is_file()


def test_region(tmp_path: Path) -> None:
    said, pictures = outputs(executed("region", tmp_path, side_px=288))
    assert "cannot run: region_notebook/scenes/southeast_2023.tif cannot be opened" in said
    assert "stac/southeast/southeast.json" in said
    assert pictures == 1
    changes = geopandas.read_parquet(tmp_path / "region_notebook/out/changes")
    assert set(changes["job"]) <= {"northwest", "northeast", "southwest", "southeast"}
    assert len(changes) > 5
    assert (tmp_path / "region_notebook/map.html").is_file()


def test_build_data(tmp_path: Path) -> None:
    said, pictures = outputs(executed("build_data", tmp_path, side_px=192))
    assert "10 pairs, 0 failures" in said
    assert "both subsets have sentences: True" in said
    assert pictures == 3
    assert (tmp_path / "build_data_notebook/my_data/coco/train.json").is_file()


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_what_is_stored_is_small_and_whole(path: Path) -> None:
    assert path.stat().st_size < 600_000
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    failed = [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert not failed
