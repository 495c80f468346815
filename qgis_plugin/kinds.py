"""What kind of change a sentence asks for, and its colour on the map; needs no QGIS."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["KINDS", "Kind", "case_expression", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A kind of change."""

    name: str
    title: str
    colour: str
    """Told apart on imagery, on light and dark themes, and by colour-blind eyes."""


KINDS = {
    "appeared": Kind("appeared", "Appeared", "#00b8f5"),
    "disappeared": Kind("disappeared", "Disappeared", "#f0386b"),
    "changed": Kind("changed", "Changed", "#ffb000"),
}

_GONE = re.compile(
    r"\b(?:disappear\w*|demoli\w+|destroy\w*|destruct\w*|remov\w+|raz(?:ed|ing)|gone|vanish\w*"
    r"|lost|missing|cut|felled|cleared|torn down|taken down|pulled down|knocked down|tear\w* down"
    r"|dismantl\w+|dried up|no longer)\b"
)
_NEW = re.compile(
    r"\b(?:appear\w*|new\w*|built|build up|construct\w*|erect\w*|added|gone up|put up|set up"
    r"|sprung up|emerg\w+|develop(?:ed|ment)|extension|extended|planted|paved|laid)\b"
)
_BOTH = re.compile(r"\b(?:turned? into|became|become|replac\w+|convert\w*|rebuilt|from .+ to)\b")


def kind_of(query: str) -> Kind:
    """Return the kind of change that a sentence asks for.

    Args:
        query: the sentence; what speaks of neither or both directions is ``changed``.
    """
    text = query.lower()
    if _BOTH.search(text):
        return KINDS["changed"]
    is_new = _NEW.search(text.replace("gone up", "erected"))
    is_gone = _GONE.search(text.replace("gone up", "erected"))
    if is_new and not is_gone:
        return KINDS["appeared"]
    return KINDS["disappeared"] if is_gone and not is_new else KINDS["changed"]


def case_expression(queries: list[str], column: str = "query") -> str:
    """Return a QGIS expression that gives the name of the kind of each feature's sentence."""
    whens = "".join(
        f" WHEN \"{column}\" = '{query.replace(chr(39), chr(39) * 2)}' THEN '{kind_of(query).name}'"
        for query in queries
    )
    return f"CASE{whens} ELSE 'changed' END" if whens else "'changed'"
