"""Open models in local folders as backends; see `mtrs_geo.craft.backends.catalog`."""

from __future__ import annotations

from pathlib import Path

from mtrs_geo.craft.backends.catalog import BackendOptions
from mtrs_geo.craft.backends.contract import Describer, Segmenter
from mtrs_geo.craft.backends.local.segmenters import PhraseSegmenter, open_finder
from mtrs_geo.errors import MissingExtraError

__all__ = ["local_describer", "local_segmenter"]

_BETWEEN_FOLDERS = "+"


def local_describer(options: BackendOptions) -> Describer:
    """Return a describer on the image-text-to-text model in the folder ``options.argument``.

    Raises:
        MissingExtraError: if the extra craft is not installed.
        ModelError: if the folder cannot be loaded.
    """
    try:
        from mtrs_geo.craft.backends.language.describer import LanguageDescriber
        from mtrs_geo.craft.backends.local.answerer import LocalAnswerer
    except ImportError as error:
        msg = f"A describer of transformers needs the package {error.name}."
        advice = 'Install it with: pip install "mtrs-geo[craft]"'
        raise MissingExtraError(msg, advice=advice) from error
    answerer = LocalAnswerer(options.project, Path(options.argument), options.device)
    return LanguageDescriber(answerer)


def local_segmenter(options: BackendOptions) -> Segmenter:
    """Return a segmenter on a model in a folder, or on two with a plus between their folders.

    Raises:
        ModelError: if a folder cannot be loaded or holds another kind of model.
    """
    argument = options.argument
    names = [argument] if Path(argument).is_dir() else argument.split(_BETWEEN_FOLDERS)
    finder, origin = open_finder(tuple(map(Path, names)), options.device)
    return PhraseSegmenter(finder, origin)
