"""Write outputs safely: check first, write to a hidden folder, rename into place at the end.

``checks`` refuses outputs that cannot be written, ``target_lock`` keeps a second process from
the same output, ``databases`` refuses to replace a GeoPackage that is in use or holds other layers,
``decisions`` a vector file with review decisions,
``contents`` a folder that holds other files, ``side_files`` knows the files that belong to an
output, ``staging`` holds the hidden folders and the renaming.
Paths go in, complete files come out; every package may import it.
"""

from mtrs_geo.outputs.checks import (
    OVERWRITE_ADVICE,
    as_output_error,
    check_output,
    output_path,
    refuse_existing,
    write_error,
)
from mtrs_geo.outputs.contents import refuse_foreign
from mtrs_geo.outputs.csv_cells import csv_cell
from mtrs_geo.outputs.decisions import count_decisions, refuse_reviewed
from mtrs_geo.outputs.folders import staged_folder
from mtrs_geo.outputs.side_files import all_files, existing_files, file_keys
from mtrs_geo.outputs.staging import OutputSet, StagedFile, commit_count, staged_file

__all__ = [
    "OVERWRITE_ADVICE",
    "OutputSet",
    "StagedFile",
    "all_files",
    "as_output_error",
    "check_output",
    "commit_count",
    "count_decisions",
    "csv_cell",
    "existing_files",
    "file_keys",
    "output_path",
    "refuse_existing",
    "refuse_foreign",
    "refuse_reviewed",
    "staged_file",
    "staged_folder",
    "write_error",
]
