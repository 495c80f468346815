"""The entries of ``config.json`` beside the configuration of the model, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["checked_metadata", "network_entry"]


def network_entry(about: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return the entry ``model`` of the content of ``config.json``, and take it out.

    Raises:
        KeyError: if there is none.
        TypeError: if there is none because the folder is of transformers.
    """
    if "model" not in about and "model_type" in about:
        msg = f"it is of a model of transformers, {str(about['model_type'])[:40]!r}: docs/models.md"
        msg += " has the names that go before such a folder, as in sam3:FOLDER"
        raise TypeError(msg)
    return about.pop("model")


def checked_metadata(metadata: Mapping[str, Any], folder_name: str) -> dict[str, Any]:
    """Return the entries of a model folder; those that this package does not know are kept.

    Args:
        metadata: the entries of ``config.json`` without ``model``.
        folder_name: stands for a ``name`` that is missing; a missing ``version`` is "unknown".

    Returns:
        The entries, with name, version, and the checksum in lower case.

    Raises:
        TypeError: if an entry has another type than this package reads.
    """
    knows = metadata.get("knows", {})
    _check("knows", knows, isinstance(knows, dict), "an object")
    for entries, kinds, prefix in ((metadata, _KINDS, ""), (knows, _KINDS_OF_KNOWS, "knows.")):
        for name, (fits, kind) in kinds.items():
            if name in entries:
                _check(prefix + name, entries[name], fits(entries[name]), kind)
    checksum = metadata.get("sha256")
    lower = {"sha256": checksum.lower()} if checksum else {}
    return {"name": folder_name, "version": "unknown", **metadata, **lower}


def _check(name: str, value: object, fits: bool, kind: str) -> None:
    if not fits:
        msg = f"{name} is {repr(value)[:40]}, which must be {kind}"
        raise TypeError(msg)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_object_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_object_of_shares(value: object) -> bool:
    return isinstance(value, dict) and all(
        type(share) in (int, float) and 0 <= share <= 1 for share in value.values()
    )


_Kinds = Mapping[str, tuple[Callable[[object], bool], str]]

_KINDS: _Kinds = {
    "name": (_is_text, "a text"),
    "version": (_is_text, "a text"),
    "sha256": (lambda value: value is None or _is_text(value), "a text"),
    "untrained": (_is_list_of_texts, "a list of texts"),
}
_KINDS_OF_KNOWS: _Kinds = {
    "classes": (_is_list_of_texts, "a list of texts"),
    "nouns": (_is_object_of_texts, "an object of nouns and their classes"),
    "sentences": (_is_list_of_texts, "a list of texts"),
    "open": (lambda value: isinstance(value, bool), "true or false"),
    "weak": (_is_object_of_shares, "an object of classes and their IoU, from 0 to 1"),
}
