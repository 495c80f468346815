"""Composed pairs: labelled scenes of one date in, pairs with exact class maps out.

``engine`` turns one scene into two dates and edits one of them. The edits are ``paste``
(copy-paste of objects), ``remove`` (inpainting) and ``retexture`` (another land cover);
``jitter`` varies both dates. ``buildings`` makes simpler pairs for building change.
May be imported by sampling.
"""

from mtrs_geo.data.compose.engine import Composer, Effects, Recipe
from mtrs_geo.data.compose.library import Library

__all__ = ["Composer", "Effects", "Library", "Recipe"]
