"""An export is replaced by the next one, unless it holds files of somebody else."""

from __future__ import annotations

import shutil

import pytest

from mtrs_geo.craft.export.run import FORMATS, ExportOptions, export_project
from mtrs_geo.errors import OutputError


def test_an_export_is_replaced_but_not_the_work_in_it(exported):
    made, _ = exported
    out, options = made.folder / "replaced", ExportOptions(FORMATS, overwrite=True)
    for _ in range(2):
        export_project(made.project, out, options)
    names = {path.name for path in out.iterdir()}
    assert {"train", "coco", "georeferenced", "label_studio", "datasheet.md"} <= names
    annotations = out / "label_studio" / "annotations.json"
    annotations.write_text("[]")
    with pytest.raises(OutputError, match=r"holds label_studio.annotations\.json, which"):
        export_project(made.project, out, options)
    assert annotations.read_text() == "[]"
    shutil.rmtree(out)
