"""The files of a model of transformers: a local folder, or a downloaded public checkpoint."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mtrs_geo.errors import ModelError

__all__ = ["cached_folder", "check_source", "model_type", "weights_digest", "weights_folder"]

_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
"""Files of a checkpoint; no pickle and no code."""


def weights_folder(source: str) -> Path:
    """Return a folder, or the local copy of a public checkpoint, downloaded if it is new.

    Args:
        source: path of a folder, or ``OWNER/NAME``.

    Raises:
        ModelError: if there is no such folder, and no such checkpoint can be downloaded.
    """
    check_source(source)
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(source, allow_patterns=list(_FILES)))
    except Exception as error:  # the client raises errors of its HTTP library
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        msg = f"there is no folder {source!r}, and it cannot be downloaded ({reason})."
        advice = "Check the name, the network, and whether its licence must be accepted first."
        raise ModelError(msg, advice=advice) from error


def check_source(source: str) -> None:
    """Refuse what is neither a folder nor a possible name of a checkpoint, which is not looked up.

    Args:
        source: path of a folder, or ``OWNER/NAME``.

    Raises:
        ModelError: if there is no such folder.
    """
    folder = Path(source).expanduser()
    is_name = source.count("/") == 1 and not source.startswith((".", "~"))
    if folder.is_dir() or (is_name and not folder.is_absolute()):
        return
    msg = f"there is no folder {source!r}."
    advice = "Give the folder that the model was downloaded to, or OWNER/NAME of a checkpoint."
    raise ModelError(msg, advice=advice)


def cached_folder(source: str) -> Path | None:
    """Return a folder, or the local copy of a public checkpoint; None if there is none yet."""
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(source, allow_patterns=list(_FILES), local_files_only=True)
    except (OSError, ValueError):
        return None
    return Path(found)


def model_type(folder: Path) -> str:
    """Return the entry ``model_type`` of the ``config.json`` of a folder.

    Raises:
        ModelError: if there is no such file or entry.
    """
    if not (folder / "config.json").is_file():
        msg = f"{folder} is not a folder of a model of transformers: it has no config.json."
        raise ModelError(msg, advice="Give the folder that the model was downloaded to.")
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        msg = f"{folder} is not a folder of a model of transformers ({error!r})."
        raise ModelError(msg, advice="It needs config.json with an entry model_type.") from error


def weights_digest(folder: Path) -> str:
    """Return a SHA-256, in hexadecimal, of the weights and configurations of a folder."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")]):
        with path.open("rb") as file:
            digest.update(f"{path.name} ".encode())
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
