"""One number for all the files that a run learnt from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["fingerprint"]


def fingerprint(root: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of the names below ``root`` and of the contents of files.

    The order of the files does not matter, nor where the root lies.
    """
    whole = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()
