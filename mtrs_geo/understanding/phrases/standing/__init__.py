"""Negations that leave a change as it is, and forms that say what stayed or was not there.

``beside`` drops clauses with a negation beside a change: "barns that fell because nobody looked
after them".  ``untouched`` writes forms such as "oaks nobody has touched", "there all along" and
"a pool where there was none" in words that the reading knows.  Used by the other phrases.
"""

from mtrs_geo.understanding.phrases.standing.beside import without_negation_beside
from mtrs_geo.understanding.phrases.standing.untouched import (
    write_earlier,
    write_untouched,
)

__all__ = ["without_negation_beside", "write_earlier", "write_untouched"]
