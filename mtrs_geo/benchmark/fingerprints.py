"""Keys of cached answers and scores: hashes of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mtrs_geo import __version__
from mtrs_geo.benchmark.config import ModelEntry
from mtrs_geo.benchmark.predictions.folder import find_mask, folder_of_split, read_facts
from mtrs_geo.benchmark.split_samples import Sample, SplitPair
from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import WEIGHTS, bundled_models
from mtrs_geo.models.latent.names import encoder_source

__all__ = ["Keys", "hash_values"]

_ANSWERS, _SCORES = 1, 2
"""Raised when stored answers or scores get another meaning."""


def hash_values(*values: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the SHA-256, in hexadecimal, of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


class Keys:
    """Makes the keys of a benchmark.

    Args:
        checksum: returns the SHA-256 of a file.
    """

    def __init__(self, checksum: Callable[[Path], str]) -> None:
        self._checksum = checksum
        self._failed: dict[Path, dict[str, str]] = {}

    def model(self, entry: ModelEntry) -> str:
        """Return the hash of a model: name, weights, device, precision, version of mtrs-geo.

        A folder counts by the contents of its files, not by its path.  A name that is no folder (of
        a model on a hub) counts as it is written.

        Raises:
            ModelError: if the module of ``python:MODULE:FUNCTION`` does not exist.
        """
        kind, _, rest = entry.model.partition(":")
        weights: Any = entry.model
        if not entry.is_measured:
            return hash_values(_ANSWERS, kind)
        if kind == "python":
            weights = [rest, self._checksum(_module_file(rest))]
        elif (folders := _weights_folders(entry.model)) is not None:
            parts = [self._contents(Path(f)) if Path(f).is_dir() else f for f in folders]
            contents = parts[0] if len(parts) == 1 else parts
            weights = [kind if rest or encoder_source(kind) else "", contents]
        options = [entry.device, entry.precision, entry.mirrored]
        return hash_values(_ANSWERS, __version__, weights, options)

    def pair(self, model: str, pair: SplitPair) -> str:
        """Return the hash of a model and the images of a pair, for the time that it took."""
        return hash_values(model, pair.before_sha256, pair.after_sha256)

    def answer(self, model: str, entry: ModelEntry, pair: SplitPair, sample: Sample) -> str:
        """Return the hash of all that the answer to a sample depends on.

        Args:
            model: hash of the model.
            entry: the model.
            pair: the pair.
            sample: a sample of it.
        """
        extra: Any = ""
        if entry.model == "oracle":
            extra = sample.truth_sha256
        elif entry.folder is not None:
            extra = self._mask_state(folder_of_split(entry.folder, pair.split), sample)
        return hash_values(self.pair(model, pair), sample.sentence, extra)

    def score(self, answer: str, sample: Sample) -> str:
        """Return the hash of an answer and the true mask."""
        return hash_values(_SCORES, answer, sample.truth_sha256)

    def _contents(self, folder: Path) -> list[list[str]]:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [[str(path.relative_to(folder)), self._checksum(path)] for path in files]

    def _mask_state(self, folder: Path, sample: Sample) -> list[str]:
        if folder not in self._failed:
            self._failed[folder] = read_facts(folder).failed
        mask = find_mask(folder, sample)
        reason = self._failed[folder].get(sample.id, "")
        return [reason, self._checksum(mask) if mask.is_file() else ""]


def _weights_folders(model: str) -> list[str] | None:
    """Return the folders of a model's weights, some of which may be names of a hub.

    None if its name is not one of a folder.
    """
    model = encoder_source(model) or model
    if model in bundled_models():
        return [str(WEIGHTS / model)]
    rest = model.partition(":")[2]
    for texts in ([model], [rest], [text.strip() for text in rest.split(",")]):
        if any(text and Path(text).is_dir() for text in texts):
            return texts
    return None


def _module_file(rest: str) -> Path:
    name = rest.partition(":")[0]
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError) as error:
        spec, reason = None, f" ({error})"
    else:
        reason = ""
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        msg = f"there is no Python module {name!r}{reason}; searched: {', '.join(sys.path[:5])}."
        raise ModelError(msg, advice="Give python:MODULE:FUNCTION, with its folder in PYTHONPATH.")
    return Path(spec.origin)
