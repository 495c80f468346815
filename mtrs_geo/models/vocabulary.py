"""The vocabulary of a model folder: what its ``config.json`` declares, or what its heads give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import ModelConfig
from mtrs_geo.models.metadata import checked_metadata, network_entry
from mtrs_geo.models.reader import SentenceReader
from mtrs_geo.understanding import LAND_COVER, Vocabulary

__all__ = ["read_vocabulary", "vocabulary_of"]

_BUNDLED_TOKENIZER = Path(__file__).parent / "weights" / "minilm.json"


def vocabulary_of(
    config: ModelConfig, metadata: Mapping[str, Any], words: Iterable[str] = ()
) -> Vocabulary:
    """Return what a model knows.

    The entry ``knows`` of ``config.json`` may have ``classes``, ``nouns``, ``sentences``,
    ``open`` and ``weak`` (class to IoU on real pairs).  Without it, a model with a trained
    land-cover head knows the classes of that head, and any other one takes every noun.  Rules alone
    read the sentences for a model that has not all classes of `LAND_COVER`.

    Args:
        config: the model's configuration.
        metadata: the other entries of ``config.json``.
        words: tokens of the model's tokenizer; whole words among them are no spelling errors.
    """
    declared = metadata.get("knows", {})
    classes = tuple(declared.get("classes", LAND_COVER))
    own = {name.lower(): name for name in classes if name not in LAND_COVER}
    has_classes = "land_cover_head" not in metadata.get("untrained", ())
    return Vocabulary(
        classes=classes,
        nouns={**own, **declared.get("nouns", {})},
        sentences=frozenset(map(str, declared.get("sentences", ()))),
        open=bool(declared.get("open", not has_classes)),
        coarsest_m=config.gsd_range_m[1],
        finest_m=config.gsd_range_m[0],
        existing=frozenset(word for word in words if word.isalpha() and word.islower()),
        standing=has_classes,
        weak={str(name): float(iou) for name, iou in declared.get("weak", {}).items()},
        # It reads every sentence as one of these classes, also of models that have not all of them.
        reader=SentenceReader() if {*LAND_COVER} <= {*classes} else None,
    )


def read_vocabulary(folder: Path) -> Vocabulary:
    """Return what the model of a folder knows, without its weights.

    Raises:
        ModelError: if ``config.json`` or the tokenizer cannot be read.
    """
    tokenizer = folder / "tokenizer.json"
    try:
        metadata = json.loads((folder / "config.json").read_text("utf-8-sig"))
        config = ModelConfig.from_dict(network_entry(metadata))
        metadata = checked_metadata(metadata, folder.name)
        path = tokenizer if tokenizer.is_file() else _BUNDLED_TOKENIZER
        tokens = json.loads(path.read_text("utf-8"))["model"]["vocab"]
        # Some kinds of tokenizers store (token, score).
        words = [token if isinstance(token, str) else str(token[0]) for token in tokens]
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
    ) as error:  # fmt: skip
        msg = f"{folder} is not a model folder: a file cannot be used ({error!r})."
        raise ModelError(msg, advice="Give a folder that `mtrs-geo train` wrote.") from error
    return vocabulary_of(config, metadata, words)
