"""The name of latent matching, with or without a folder of the encoder."""

from __future__ import annotations

__all__ = ["LATENT_DESCRIPTION", "LATENT_NAME", "encoder_source"]

LATENT_NAME = "anychange-like"
LATENT_DESCRIPTION = "latent matching of segments with the image encoder of tiny"
_BUNDLED = "tiny"


def encoder_source(name: str) -> str | None:
    """Return the model whose image encoder a name stands for, or None for another name.

    Args:
        name: ``anychange-like`` for the encoder of tiny, ``anychange-like:FOLDER`` for that of a
            model folder.
    """
    kind, _, rest = name.partition(":")
    return (rest or _BUNDLED) if kind == LATENT_NAME else None
