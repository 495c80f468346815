"""Files that are written in a hidden folder and renamed into place, alone or together."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mtrs_geo.interruption import check_interruption, hold_interruptions
from mtrs_geo.outputs.checks import as_output_error, refuse_existing, write_error
from mtrs_geo.outputs.side_files import parts_of, sidecars
from mtrs_geo.outputs.target_lock import TargetLock

if TYPE_CHECKING:
    # numpy, which the types need, would delay the command line.
    from mtrs_geo.types import StrPath

__all__ = ["OutputSet", "StagedFile", "commit_count", "count_commit", "staged_file"]

_PLAIN = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
_commits = 0


def commit_count() -> int:
    """Return how often this process has renamed outputs into place."""
    return _commits


def count_commit() -> None:
    """Count a commit; the code that calls it holds back interruptions."""
    global _commits
    _commits += 1


class StagedFile:
    """An output file that is written to a hidden folder and renamed into place by `commit`.

    The other files of a shapefile are renamed with it.  Until then, an existing file is kept.
    `discard` removes the hidden folder.  While the object lives, no other process can stage the
    same target; folders of killed processes are removed.

    Args:
        target: output file; its folder must exist.
        overwrite: replace an existing file.
        decisions: number of review decisions in the new file; an existing file with more is kept.

    Raises:
        OutputError: if the file may not be replaced, its folder cannot be written, or another
            run is writing the same file.
    """

    def __init__(self, target: StrPath, *, overwrite: bool, decisions: int = 0) -> None:
        self.target = refuse_existing(target, overwrite=overwrite, decisions=decisions)
        self.overwrite, self.decisions = overwrite, decisions
        with as_output_error(self.target), hold_interruptions():
            self._lock = TargetLock(self.target)
            try:
                self.folder = self._lock.make_folder()
            except OSError:
                self._lock.release()
                raise
        # GDAL and SQLite give a meaning to some characters of a name, and GDAL writes a .shp
        # whatever case its suffix has.
        suffix = self.target.suffix.lower()
        name = self.target.stem + suffix
        self.path = self.folder / (name if _PLAIN.fullmatch(name) else f"output{suffix}")
        """Where to write the file; hidden temporary files may go to the same folder."""

    def commit(self) -> None:
        """Rename the file into place and remove the hidden folder.

        Raises:
            OutputError: if the target exists by now and may not be replaced, or if renaming fails.
        """
        _commit([self])

    def discard(self) -> None:
        """Remove the hidden folder and every file in it."""
        with hold_interruptions():
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.release()


class OutputSet:
    """The outputs of one run, which `commit` renames into place together.

    Use it as a context manager: without `commit`, existing files are kept and nothing new is
    left.

    Args:
        overwrite: replace existing files.
    """

    def __init__(self, *, overwrite: bool) -> None:
        self._overwrite = overwrite
        self._files: dict[str, StagedFile] = {}

    def stage(self, name: str, target: StrPath, *, decisions: int = 0) -> StagedFile:
        """Add an output.

        Args:
            name: what it is called in this run.
            target: output file; its folder must exist.
            decisions: as `StagedFile`.

        Raises:
            OutputError: as `StagedFile`.
        """
        with hold_interruptions():
            staged = StagedFile(target, overwrite=self._overwrite, decisions=decisions)
            self._files[name] = staged
        return staged

    def get(self, name: str) -> StagedFile | None:
        """Return the output of a name; None if there is none."""
        return self._files.get(name)

    def target(self, name: str) -> Path | None:
        """Return where an output will be; None if there is none."""
        staged = self.get(name)
        return None if staged is None else staged.target

    def drop(self, name: str) -> None:
        """Remove an output from the set, if it has one of that name; nothing is written."""
        staged = self._files.pop(name, None)
        if staged is not None:
            staged.discard()

    def commit(self) -> None:
        """Rename all files into place; if one fails, the others are put back.

        Raises:
            OutputError: as `StagedFile.commit`.
        """
        _commit(list(self._files.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with hold_interruptions():
            for staged in self._files.values():
                staged.discard()


@contextmanager
def staged_file(target: StrPath, *, overwrite: bool = False, decisions: int = 0) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``target`` if the block succeeds.

    If the block fails, the temporary file is removed and an existing ``target`` is kept.

    Args:
        target: output file; its folder must exist.
        overwrite: replace an existing file.
        decisions: as `StagedFile`.

    Raises:
        OutputError: if the file may not be replaced or cannot be written.
    """
    with OutputSet(overwrite=overwrite) as outputs:
        staged = outputs.stage("output", target, decisions=decisions)
        with as_output_error(staged.target):
            yield staged.path
        outputs.commit()


def _commit(files: Sequence[StagedFile]) -> None:
    """Rename files into place, all or none; no interruption splits it."""
    check_interruption()
    undo: list[tuple[Path, Path | None]] = []
    with hold_interruptions():
        try:
            for staged in files:
                refuse_existing(
                    staged.target, overwrite=staged.overwrite, decisions=staged.decisions
                )
            # All that takes time comes first, so that a killed process hardly ends in between.
            old = [_prepare(staged, undo, is_alone=len(files) == 1) for staged in files]
            for staged, kept in zip(files, old, strict=True):
                for written, target in parts_of(staged.path, staged.target):
                    try:
                        os.replace(written, target)
                    except OSError as error:
                        raise write_error(target, error) from error
                    undo.append((target, kept if target == staged.target else None))
        except BaseException:
            _put_back(undo)
            raise
        finally:
            for staged in files:
                staged.discard()
        count_commit()


def _prepare(
    staged: StagedFile, undo: list[tuple[Path, Path | None]], *, is_alone: bool
) -> Path | None:
    """Move the sidecars away, keep a link to the file that will be replaced, and return it.

    Each path that changes is appended to ``undo``, with the path of its old file.
    """
    with as_output_error(staged.target):
        staged.path.stat()  # raises if the file was not written
        old = None
        if not is_alone and os.path.lexists(staged.target):
            old = staged.folder / ".old"
            _link(staged.target, old)
        for i, sidecar in enumerate(sidecars(staged.target)):
            moved = staged.folder / f".sidecar-{i}"
            os.replace(sidecar, moved)
            undo.append((sidecar, moved))
    return old


def _link(path: Path, link: Path) -> None:
    """Make a second name of a file, or a copy where the file system has no links."""
    try:
        os.link(path, link, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(path, link, follow_symlinks=False)


def _put_back(undo: Sequence[tuple[Path, Path | None]]) -> None:
    for path, old in reversed(undo):
        with suppress(OSError):
            if old is None:
                path.unlink()
            else:
                os.replace(old, path)
