"""Clean and check text that a model or a file gives as a sentence or as the name of a thing."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["MOST_CHARACTERS", "MOST_WORDS", "clean_note", "clean_object_class", "clean_sentence"]

MOST_CHARACTERS = 300
MOST_WORDS = 50

_NOTE_CHARACTERS = 300
_LINK = re.compile(r"\w+://|\bwww\.|\b(?:data|javascript|file|mailto):\S", re.IGNORECASE)
_PATH = re.compile(
    r"\\|(?:^|[\s\"'(=])(?:~|\.{1,2})?/\w|\b[A-Za-z]:/|\.\./"
    r"|\w\.(?:tiff?|png|jpe?g|gpkg|shp|json|ya?ml|db|py|sh|exe|txt|env|pem|html?)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>{}`|\[\]]")
_NAME = re.compile(r"[^\W\d_][\w' -]{0,48}")


def clean_sentence(text: str) -> str:
    """Return a sentence on one line, without control characters.

    Semicolons become commas, because they separate sentences in layers of polygons.

    Raises:
        ValueError: if it is empty or too long, or has a link, a path or markup in it; the text of
            the error says which.
    """
    cleaned = _plain(text).replace(";", ",").strip(" \"'“”«»")
    if not any(character.isalpha() for character in cleaned):
        msg = "the sentence is empty"
        raise ValueError(msg)
    if len(cleaned) > MOST_CHARACTERS or len(cleaned.split()) > MOST_WORDS:
        msg = f"the sentence is longer than {MOST_WORDS} words or {MOST_CHARACTERS} characters"
        raise ValueError(msg)
    for pattern, name in ((_LINK, "a link"), (_PATH, "a path of a file"), (_MARKUP, "markup")):
        if pattern.search(cleaned):
            msg = f"the sentence has {name} in it"
            raise ValueError(msg)
    return cleaned


def clean_object_class(text: str) -> str:
    """Return the name of a thing in lower case.

    Raises:
        ValueError: if it is not a name of at most 49 letters, digits, spaces and hyphens.
    """
    cleaned = _plain(text).replace("_", " ").lower()
    if not _NAME.fullmatch(cleaned):
        msg = "the object class is not a short name"
        raise ValueError(msg)
    return cleaned


def clean_note(text: str) -> str:
    """Return the beginning of a text on one line, without control characters."""
    return _plain(text)[:_NOTE_CHARACTERS]


def _plain(text: str) -> str:
    # Cf has marks that turn the direction of writing, Cs halves of surrogate pairs.
    normal = unicodedata.normalize("NFC", text)
    spaced = (" " if c.isspace() else c for c in normal)
    kept = (c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return " ".join("".join(kept).split())
