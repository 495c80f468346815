"""Words of trades and of speech that are written in words of the grammar.

Text in lower case goes in and comes out.  ``results`` has what ground is after a change ("exposed
lake bed", "grown-in roads"), ``trades`` nouns and verbs of change that mean something else beside
a thing ("forest road cutting", "right-of-way clearing"), ``one_place`` words that put what came on
the ground of what was lost ("in their place").  Imported by the rewriting of a sentence,
by what the trained reader is given, and where a sentence is split.
"""

from mtrs_geo.understanding.phrases.idioms.one_place import tells_one_place
from mtrs_geo.understanding.phrases.idioms.results import write_results
from mtrs_geo.understanding.phrases.idioms.trades import write_trades

__all__ = ["tells_one_place", "write_idioms"]


def write_idioms(text: str) -> str:
    """Return a text whose idioms are in words of the grammar.

    Args:
        text: in lower case.
    """
    return write_trades(write_results(text))
