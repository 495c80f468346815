"""The name of latent matching, with or without a folder of the encoder."""

from __future__ import annotations

from mtrs_geo.errors import ModelError

__all__ = ["LATENT_DESCRIPTION", "LATENT_NAME", "encoder_source"]

LATENT_NAME = "anychange-like"
LATENT_DESCRIPTION = "latent matching of segments with the image encoder of tiny"
_BUNDLED = "tiny"


def encoder_source(name: str) -> str | None:
    """Return the model whose image encoder a name stands for, or None for another name.

    Args:
        name: ``anychange-like`` for the encoder of tiny, ``anychange-like:FOLDER`` for that of a
            model folder.

    Raises:
        ModelError: if nothing follows the colon.
    """
    kind, colon, rest = name.partition(":")
    if kind != LATENT_NAME:
        return None
    if colon and not rest.strip():
        msg = f"model {name!r} names no folder."
        advice = f"Give {LATENT_NAME}:FOLDER, or {LATENT_NAME} alone for the encoder of {_BUNDLED}."
        raise ModelError(msg, advice=advice)
    return rest or _BUNDLED
