"""Open a chat endpoint as the backend of a stage; see `mtrs_geo.craft.backends.catalog`."""

from __future__ import annotations

from functools import lru_cache

from mtrs_geo.craft.backends.catalog import BackendOptions
from mtrs_geo.craft.backends.chat.config import ChatConfig, read_config
from mtrs_geo.craft.backends.contract import Describer, Segmenter
from mtrs_geo.craft.backends.language.question import Answerer
from mtrs_geo.craft.project import Project
from mtrs_geo.errors import MissingExtraError

__all__ = ["chat_describer", "chat_segmenter"]


def chat_describer(options: BackendOptions) -> Describer:
    """Return a describer at the endpoint of ``options.argument``, see `read_config`.

    Raises:
        MissingExtraError: if the extra craft is not installed.
        RequestError: if the settings cannot be used.
    """
    answerer, side_px = _open(options)
    from mtrs_geo.craft.backends.language.describer import LanguageDescriber

    return LanguageDescriber(answerer, side_px)


def chat_segmenter(options: BackendOptions) -> Segmenter:
    """Return a segmenter that asks the endpoint for polygons.

    Raises:
        MissingExtraError: if the extra craft is not installed.
        RequestError: if the settings cannot be used.
    """
    answerer, side_px = _open(options)
    from mtrs_geo.craft.backends.language.describer import LanguageSegmenter

    return LanguageSegmenter(answerer, side_px)


def _open(options: BackendOptions) -> tuple[Answerer, int]:
    config = read_config(options.argument)
    return _answerer(options.project, config), config.image_px


@lru_cache(maxsize=4)
def _answerer(project: Project, config: ChatConfig) -> Answerer:
    """Return the same answerer to a describer and a segmenter, so that they share its limits."""
    try:
        from mtrs_geo.craft.backends.chat.answerer import ChatAnswerer
    except ImportError as error:
        msg = f"A chat endpoint needs the package {error.name}."
        advice = 'Install it with: pip install "mtrs-geo[craft]"'
        raise MissingExtraError(msg, advice=advice) from error
    return ChatAnswerer(project, config)
