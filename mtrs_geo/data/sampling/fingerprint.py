"""One SHA-256 over the files that a training run reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["fingerprint"]


def fingerprint(root: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of files and of their names relative to ``root``.

    It depends neither on the order of the files nor on the path of the root.
    """
    total = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()
