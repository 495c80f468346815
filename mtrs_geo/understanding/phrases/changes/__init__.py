"""Changes whose words would be read the wrong way round, in plain words of the grammar.

``gone`` writes what is not there any more or still so, ``soil`` ground that is laid bare or washed
away, ``growth`` things that became larger or smaller, ``works`` nouns that begin with an activity
("logging tracks") and what came with a project, ``events`` what a storm, a flood or a pest did.
Text in lower case goes in and comes out.  May be imported by `mtrs_geo.understanding` only.
"""

from __future__ import annotations

from mtrs_geo.understanding.phrases.changes.events import write_events
from mtrs_geo.understanding.phrases.changes.gone import write_gone
from mtrs_geo.understanding.phrases.changes.growth import write_growth
from mtrs_geo.understanding.phrases.changes.soil import write_soil
from mtrs_geo.understanding.phrases.changes.works import is_of_both_dates, is_one_list, write_works

__all__ = ["is_of_both_dates", "is_one_list", "write_changes"]


def write_changes(text: str) -> str:
    """Return a text whose changes are in plain words: "topsoil washed off" is "topsoil stripped".

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    return write_growth(write_soil(write_gone(write_works(write_events(text)))))
