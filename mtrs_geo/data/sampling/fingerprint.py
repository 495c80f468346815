"""SHA-256 of the files that a training run reads: of all of them, and to find equal files."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

__all__ = ["equal_files", "fingerprint"]


def fingerprint(root: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of files and of their names relative to ``root``.

    It depends neither on the order of the files nor on the path of the root.
    """
    total = hashlib.sha256()
    for path in sorted(files):
        content = _sha256(path)
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def equal_files(known: Collection[Path], files: Iterable[Path]) -> set[Path]:
    """Return those of ``files`` whose content is that of a file in ``known``."""
    by_size: dict[int, set[Path]] = {}
    for path in known:
        by_size.setdefault(path.stat().st_size, set()).add(path)
    hashes: dict[int, set[str]] = {}
    found = set()
    for path in files:
        size = path.stat().st_size
        if size not in by_size:  # most files are not read
            continue
        if size not in hashes:
            hashes[size] = {_sha256(one) for one in by_size[size]}
        if path in by_size[size] or _sha256(path) in hashes[size]:
            found.add(path)
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
