"""Split a sentence that asks for several changes: a text goes in, one text per change comes out.

``split`` separates the wishes, ``ellipsis`` writes out what the second of them leaves out,
``words`` says which thing a part of a sentence names and which way that changed.  `mtrs_geo.query`
exports `split_wishes`; `mtrs_geo.understanding` uses ``words`` and ``ellipsis`` as well.
"""

from mtrs_geo.query.wishes.split import split_wishes

__all__ = ["split_wishes"]
