"""Names and paths of files that other people made."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from mtrs_geo.errors import SourceNotAllowedError

__all__ = ["inside", "pair_name"]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(?i)^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")
_MOST_CHARACTERS = 100


def pair_name(stem: str) -> str:
    """Return a name of a pair that every file system takes as one plain file name.

    A stem that is not plain gets eight characters of its hash, so that different stems stay
    different.
    """
    plain = _NOT_IN_NAMES.sub("_", stem).lstrip("._-")[:_MOST_CHARACTERS]
    if plain and plain == stem and not _RESERVED.match(plain):
        return plain
    digest = hashlib.sha256(stem.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{'pair_' if _RESERVED.match(plain) else ''}{plain or 'pair'}_{digest}"


def inside(path: Path, root: Path) -> Path:
    """Return a path that lies below a folder, also after its links are followed.

    Raises:
        SourceNotAllowedError: if a link leads out of the folder.
    """
    if not path.resolve().is_relative_to(root.resolve()):
        msg = f"{path} is a link that leads out of {root}."
        raise SourceNotAllowedError(msg, advice="Copy the file into the folder.")
    return path
