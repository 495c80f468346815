"""One SQLite file per project: pairs, items, rounds, masks, verdicts, costs, and their origins.

Images stay where they are, by path relative to the project file and by hash.  Every word and every
mask has an origin: a rule, labels, a model with its version, or a person.  Rounds and verdicts are
only ever added.  May be imported by the other parts of `mtrs_geo.craft`.
"""

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.records import (
    ChangeType,
    Item,
    ItemState,
    Origin,
    Pair,
    Round,
    Verdict,
)

__all__ = ["ChangeType", "Item", "ItemState", "Origin", "Pair", "Project", "Round", "Verdict"]
