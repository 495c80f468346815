"""The backends by name.

A name is one of a role's own (``rules``, ``model``), or a prefix with an argument
(``chat:CONFIG.yaml``, ``transformers:FOLDER``).  Modules of backends are imported when opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from mtrs_geo.craft.backends.contract import Describer, Segmenter
from mtrs_geo.craft.project import Project
from mtrs_geo.errors import RequestError

__all__ = [
    "DESCRIBERS",
    "SEGMENTERS",
    "BackendOptions",
    "open_describer",
    "open_segmenter",
]

_RULES = "mtrs_geo.craft.backends.rules"
_CHAT = "mtrs_geo.craft.backends.chat.opening"
_LOCAL = "mtrs_geo.craft.backends.local.opening"

DESCRIBERS: Mapping[str, str] = {
    "rules": f"{_RULES}.labels:LabelDescriber",
    "model": f"{_RULES}.model:ModelDescriber",
    "model:": f"{_RULES}.model:ModelDescriber",
    "chat:": f"{_CHAT}:chat_describer",
    "transformers:": f"{_LOCAL}:local_describer",
}
"""Names of describers and ``module:callable``, which takes `BackendOptions`.  A name that ends in
``:`` is a prefix."""

SEGMENTERS: Mapping[str, str] = {
    "labels": f"{_RULES}.labels:LabelSegmenter",
    "model": f"{_RULES}.model:ModelSegmenter",
    "model:": f"{_RULES}.model:ModelSegmenter",
    "sentence": f"{_RULES}.model:SentenceSegmenter",
    "sentence:": f"{_RULES}.model:SentenceSegmenter",
    "chat:": f"{_CHAT}:chat_segmenter",
    "transformers:": f"{_LOCAL}:local_segmenter",
}
"""The same of segmenters."""


@dataclass(frozen=True)
class BackendOptions:
    """What a backend is opened with."""

    project: Project
    """For the cache of responses and the costs."""
    argument: str = ""
    """What the person wrote behind the prefix: a path or a name."""
    device: str = "auto"
    seed: int = 0


def open_describer(name: str, options: BackendOptions) -> Describer:
    """Open a describer by its name in `DESCRIBERS`.

    Raises:
        RequestError: if there is no such describer.
    """
    return cast(Describer, _open("describer", name, DESCRIBERS, options))


def open_segmenter(name: str, options: BackendOptions) -> Segmenter:
    """Open a segmenter by its name in `SEGMENTERS`.

    Raises:
        RequestError: if there is no such segmenter.
    """
    return cast(Segmenter, _open("segmenter", name, SEGMENTERS, options))


def _open(role: str, name: str, catalog: Mapping[str, str], options: BackendOptions) -> object:
    prefix, colon, argument = name.partition(":")
    found = catalog.get(prefix + colon)
    if found is None or (colon and not argument):
        known = ", ".join(f"{key}…" if key.endswith(":") else key for key in catalog)
        msg = f"there is no {role} {name!r}."
        raise RequestError(msg, advice=f"Choose one of: {known}.")
    module, _, factory = found.partition(":")
    opened = BackendOptions(options.project, argument, options.device, options.seed)
    return getattr(import_module(module), factory)(opened)
