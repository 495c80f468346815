"""Questions that leave one date open: "what became of the fields?", "what was there before?"."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["open_date"]

_WHAT_CAME_AFTER = re.compile(
    r"\bwhat (?:has |have )?(?:become of|became of|replaced|superseded|supplanted|succeeded"
    r"|come after|came after|taken? the place of|took the place of|come in place of"
    r"|came in place of|gone up in place of|went up in place of)\b|\binto what\b"
    r"|\bwhat (?:now )?stands (?:now )?(?:in place of|where)\b"
    r"|\b(?:something|anything|everything|whatever) (?:that |which )(?:used to be|was|were) "
    r"|\bwhat is (?:now |today |there )+where\b|\b(?:became|turned into)[ ?.!]*$"
    r"|\bwhat (?:did|do|has|have|had|does|the|this|that|these|those) (?:[a-z'-]+ ){1,6}?"
    r"(?:turn(?:ed)? into|become|became|end(?:ed)? up as|chang(?:ed|e) (?:in)?to|given way to"
    r"|(?:been )?(?:made|converted|transformed) into|(?:been )?replaced (?:by|with)) ?(?:$|[.?!,;])"
)
_WHAT_WAS_BEFORE = re.compile(
    r"\bwhat kind of land\b|\bwhat (?:did|has|have|had) (?:[a-z'-]+ ){1,6}?"
    r"(?:replaced?|displaced?|supplant(?:ed)?|take the place of) ?(?:$|[.?!,;])"
    r"|\bwhat was (?:there |here )?before\b"
    r"|\b(?:what|whatever|everything|anything) (?:that |which |has |have |had |been |was |were )*"
    r"(?:turned|converted|changed|transformed|made) (?:in)?to\b"
)


def open_date(text: str) -> Literal["before", "after", ""]:
    """Return the date whose ground is asked for, or an empty text."""
    if _WHAT_CAME_AFTER.search(text):
        return "after"
    return "before" if _WHAT_WAS_BEFORE.search(text) else ""
