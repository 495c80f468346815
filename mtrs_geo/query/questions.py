"""Questions for a number, "how many houses were built?", or for yes or no, "is there a pond?"."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

__all__ = ["QUESTION_PREFIXES", "QuestionKind", "take_question"]

QuestionKind: TypeAlias = Literal["count", "yes_no"]

QUESTION_PREFIXES: dict[QuestionKind, str] = {"count": "how many: ", "yes_no": "yes or no: "}
"""What `ChangeQuery.explain` writes before the prompt."""

_ASK = (
    r"^[ ,;:.]*(?:(?:please|kindly|and|so|tell me|let me know|i(?:'d| would) like to know)[ ,]+)*"
)
_COUNT = re.compile(
    rf"{_ASK}(?:how many\b:?|(?:(?:what(?: is|'s)|give me"
    r"|show me) )?(?:the )?(?:total )?(?:number|count)s? of"
    r"|(?:can|could) you count|count(?: up)?(?: the number of| how many)?"
    r"(?=:| (?!of\b)\w))"
    r"[: ]*(?:(?:all|the|any|of|every) )*(?=[^ ])"
)
_YES_NO = re.compile(
    rf"{_ASK}(?:yes or no: ?|(?:(?:can|could) you )?(?:confirm|check|say|find out|see"
    r"|tell me|tell)(?: that| if| whether) "
    r"|is it true that |(?:can|could) you see |i wonder (?:if|whether) "
    r"|(?:if|whether) (?=there (?:is|are|was|were)\b)"
    r"|(?:is|are|was|were|has|have|had|did|does|do|isn't|aren't|wasn't|weren't|hasn't"
    r"|haven't|didn't) "
    r"(?!(?:a look|show|find|list|mark|map|detect|give|not)\b)(?=\w+ \w))"
    r"(?:(?:there|really|indeed|actually|any|been|an?|the|some|is|are|was|were"
    r"|anywhere that|you see|you find)(?: |$))*"
)
_TAIL = re.compile(
    r"(?: (?:are|were|is|was) there| have there been| anywhere| in any way| in total"
    r"| overall)(?=[ ?.!]*(?:$|,))"
)

# "Did any houses appear, and where?" asks for a map; "was grass, now a road" does not ask.
_WHERE = re.compile(
    r"\bwhere(?: \w+)?[ ?.!]*$|^(?:was|were) [^,]+, (?:now|became|today)\b|\bshow (?:me|them|it)\b"
)
_RESTS = re.compile(r"\w")


def take_question(text: str) -> tuple[str, QuestionKind | None]:
    """Return the text without its question words, and what it asks for; None for a map.

    Args:
        text: in lower case, as `mtrs_geo.query.grammar.normalize` returns it.
    """
    kind: QuestionKind | None = None
    while True:
        count = _COUNT.match(text)
        match = count or _YES_NO.match(text)
        if match is None or not _RESTS.search(text, match.end()) or _WHERE.search(text):
            return text, kind
        kind = kind or ("count" if count else "yes_no")
        text = _TAIL.sub("", text[match.end() :])
