"""Tell whether what was lost and what came are in one place: "houses built in their place"."""

from __future__ import annotations

import re

__all__ = ["tells_one_place"]

_ONE_PLACE = re.compile(
    r"\b(?:in (?:its|their|the same) (?:place|stead|spot|site)|instead|on (?:it|them|top)"
    r"|there(?= *(?:$|[,;.?!]| now\b| today\b))|since (?:been )?(?:planted|paved|built|sown|grassed"
    r"|turned|developed)|(?:then|later|afterwards) (?:planted|paved|built|sown|grassed|seeded)"
    r"|(?:soil|earth|ground|sand|rock) (?:was |were |is |now |left )*(?:exposed|bared|laid bare)"
    r"|no longer [a-z-]+,)\b"
)


def tells_one_place(text: str) -> bool:
    """Return whether words say that the second change is on the ground of the first one.

    Args:
        text: in lower case.
    """
    return _ONE_PLACE.search(text) is not None
