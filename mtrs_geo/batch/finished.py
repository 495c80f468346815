"""Finished jobs of a batch that goes on: which of their files stay, and which are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtrs_geo.batch.files import OWN_FILES, is_whole
from mtrs_geo.outputs import all_files

__all__ = ["Finished", "find_finished", "merged", "present_files"]


@dataclass(frozen=True)
class Finished:
    """A finished job, and the files that a batch asks of it."""

    entry: Mapping[str, Any]
    """What is known of the job, with the files that stay."""
    kept: Mapping[str, str]
    """Names of the files that are asked for and stay, by their keys in the entry."""
    lacking: tuple[str, ...]
    """Keys of the files that are asked for and have to be made."""
    written: frozenset[str]
    """Names of all files that the batch has written for the job."""


def present_files(folder: Path, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the files of a job that exist, whole or not."""
    names = dict.fromkeys(str(entry[key]) for entry in entries for key in OWN_FILES if key in entry)
    return [name for name in names if any(map(Path.exists, all_files(folder / name)))]


def find_finished(
    folder: Path, entries: Sequence[Mapping[str, Any]], asked: Mapping[str, str]
) -> Finished:
    """Return which files of a finished job stay.  A file that can be read stays: it may be edited.

    Args:
        folder: folder of the batch.
        entries: of the job as it is now, each time that it was done, oldest first.
        asked: names of the files that the batch asks for, by their keys in an entry.

    Raises:
        OutputError: if a file is neither damaged nor can be used.
    """
    writers = {str(entry[key]): entry for entry in entries for key in OWN_FILES if key in entry}
    kept = {
        key: name
        for key, name in asked.items()
        if name in writers and is_whole(folder, writers[name], [key])
    }
    entry = dict(writers[kept["output"]] if "output" in kept else entries[-1])
    # Without an answer there are no probabilities, although they were asked for.
    absent = [key for key in entry.get("wanted", ()) if key not in entry and "output" in kept]
    lacking = tuple(key for key in asked if key not in kept and key not in absent)
    sizes = {
        key: writers[name]["bytes"][key]
        for key, name in kept.items()
        if key in writers[name].get("bytes", {})
    }
    entry |= {**kept, "bytes": {**entry.get("bytes", {}), **sizes}}
    return Finished(entry, kept, lacking, frozenset(writers))


def merged(finished: Finished, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of a job of which some files were made and the others stayed.

    The polygons, areas and versions in it are those of the run that made the polygons.

    Args:
        finished: the job before.
        new: entry of the run that made the files it lacked.
    """
    old = finished.entry
    if "output" not in finished.kept:
        sizes = {key: size for key, size in old["bytes"].items() if key in finished.kept}
        return {**new, **finished.kept, "bytes": {**sizes, **new["bytes"]}}
    warnings = list(old.get("warnings", ()))
    if new["polygons"] != old.get("polygons"):
        names = ", ".join(str(new[key]) for key in finished.lacking if key in new)
        warnings.append(
            f"{names} shows a later run with {sum(new['polygons'].values())} polygons; "
            f"the run of {old['output']} found {sum(old.get('polygons', {}).values())}"
        )
    return {
        **old,
        **{key: new[key] for key in OWN_FILES if key in new},
        "bytes": {**old["bytes"], **new["bytes"]},
        "wanted": list(dict.fromkeys([*old.get("wanted", ()), *new["wanted"]])),
        "tiles_failed": max(old.get("tiles_failed", 0), new["tiles_failed"]),
        "warnings": warnings,
    }
