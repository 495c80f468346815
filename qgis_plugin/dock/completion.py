"""Examples and completions for sentences in the grammar of docs/queries.md; needs no QGIS."""

from __future__ import annotations

import re

__all__ = ["EXAMPLES", "RULES", "SUBJECTS", "suggestions"]

EXAMPLES = (
    "new buildings",
    "demolished buildings",
    "houses built since 2016",
    "the three largest new buildings in the north-east",
    "new buildings larger than 200 m²",
    "new houses within 50 m of new roads",
    "all changes other than new roads",
    "any change",
)

SUBJECTS = (
    "new buildings", "new houses", "new roads", "new parking lots", "new trees",
    "demolished buildings", "buildings that were destroyed", "buildings that disappeared",
    "the buildings that appeared", "removed trees", "houses built since ", "any change",
    "the largest new building", "the three largest new buildings", "grass turned into a road",
    "bare ground turned into buildings",
)  # fmt: skip

_SIDES = ("north", "south", "east", "west", "north-east", "north-west", "south-east", "south-west")
RULES = (
    *(f"in the {side}" for side in (*_SIDES, "centre", "top left", "top right", "bottom left",
                                    "bottom right")),
    "larger than 500 m²", "larger than 0.5 ha", "smaller than 50 m²", "over 1 acre",
    "between 100 and 500 m²", "at least 200 m²", "at most 1 ha", "longer than 100 m",
    "within 50 m of the road", "near the river", "next to new roads", "beside the pond",
    "farther than 100 m from the road", "away from the road",
    "except new roads", "except those in the south", "except those smaller than 50 m²",
    "other than new roads", "top 5 by area",
)  # fmt: skip

_UNITS = ("m²", "ha", "km²", "acres", "sq ft", "m", "km", "ft")
_WORD = re.compile(r"\S+")
_AMOUNT = re.compile(
    r"\b(?:than|over|under|above|below|least|most|within|and|exceeding|beyond) [\d.,]+ ?(\S*)$"
)
_MAX_SUGGESTIONS = 9


def suggestions(text: str, is_requested: bool = False) -> list[tuple[int, str]]:
    """Return completions of a text: (number of characters to replace, completion).

    Args:
        text: the line up to the cursor.
        is_requested: whether the user requested completions; otherwise a word needs two letters.
    """
    line = text.lstrip()
    amount = _AMOUNT.search(line)
    if amount:
        unit = amount.group(1)
        return [(len(unit), u) for u in _UNITS if u.startswith(unit.lower()) and u != unit]
    lengths: dict[str, int] = {}
    starts = [m.start() for m in _WORD.finditer(line)]
    for start in starts:
        tail = line[start:].lower()
        if len(tail) < 2 and not is_requested:
            continue
        completions = SUBJECTS if start == 0 else RULES
        for completion in completions:
            if completion.startswith(tail) and completion != tail:
                lengths.setdefault(completion, len(tail))
    if not lengths and is_requested and (not line or line.endswith(" ")):
        lengths = dict.fromkeys(RULES if line else SUBJECTS, 0)
    return [(length, completion) for completion, length in lengths.items()][:_MAX_SUGGESTIONS]
