"""What a batch has done so far: one line of JSON per job."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mtrs_geo.outputs import as_output_error

__all__ = ["MANIFEST", "Manifest"]

MANIFEST = "manifest.jsonl"


class Manifest:
    """The file ``manifest.jsonl`` of a folder; the last line of a job counts.

    Args:
        folder: folder of the outputs.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the last entry of each job; a line that was cut off is left out."""
        return {entry["id"]: entry for entry in self.history()}

    def history(self) -> list[dict[str, Any]]:
        """Return all entries, oldest first; a line that was cut off is left out."""
        return list(_entries(self._lines()))

    @property
    def is_cut(self) -> bool:
        """Whether a line was cut off, so that a job may be done of which no entry is known."""
        lines = [line for line in self._lines() if line.strip()]
        return len(list(_entries(lines))) < len(lines)

    def _lines(self) -> list[str]:
        if not self.path.exists():
            return []
        # A line that is cut off can end within a character.
        with (
            as_output_error(self.path),
            self.path.open(encoding="utf-8", errors="replace") as file,
        ):
            return file.readlines()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append an entry.

        Raises:
            OutputError: if the disk is full.
        """
        line = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
        with as_output_error(self.path), self.path.open("a+b") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else f"\n{line}"
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())


def _entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and _is_whole(entry):
            yield entry


def _is_whole(entry: Mapping[str, Any]) -> bool:
    status = entry.get("status")
    names = ("id", "output") if status == "done" else ("id",)
    return status in ("done", "failed") and all(isinstance(entry.get(n), str) for n in names)
