"""The state of an unfinished run in one SQLite file, from which `resume` goes on.

``ledger`` is the file: what the run is, the answers of tiles, the state between two bands of
tiles, and tiles that failed.  ``inputs`` says whether a file is still the same, and ``differences``
what two runs differ in.  Arrays and plain
values go in and come out; nothing is unpickled, as the file may come from somebody else.
"""

from mtrs_geo.ledger.differences import describe_differences
from mtrs_geo.ledger.inputs import file_identity, is_statistics
from mtrs_geo.ledger.ledger import Ledger, TileAnswer, is_committing, ledger_path, remove_ledger
from mtrs_geo.ledger.versions import package_versions

__all__ = [
    "Ledger",
    "TileAnswer",
    "describe_differences",
    "file_identity",
    "is_committing",
    "is_statistics",
    "ledger_path",
    "package_versions",
    "remove_ledger",
]
