"""A sentence in other words: its noun phrase in templates that no training uses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.data.sentences.templates import NounPhrase, fill
from mtrs_geo.data.sentences.wording import Noun
from mtrs_geo.models.rivals.phrases import Comparison, comparison_of

__all__ = ["paraphrase"]

_AFTER_HEAD = re.compile(
    r"\b(of|on|in|at|by|near|beside|along|with|without|next|between|behind|around|from|to|for"
    r"|under|over|across|inside|outside|that|which)\b"
)


def paraphrase(sentence: str, variant: int) -> str:
    """Return a sentence that asks the same in other words.

    The words of change are replaced, the words for what changes are kept: "new red roofs near the
    river" becomes "the red roofs near the river that popped up".

    Args:
        sentence: any sentence; one about unchanged things, or that names nothing but a direction,
            is returned as it is.
        variant: number of the wording, from 0; they repeat after three or more.
    """
    comparison = comparison_of(sentence) if sentence.strip() else None
    templates = () if comparison is None else _templates(comparison)
    if comparison is None or not templates:
        return sentence
    template = templates[variant % len(templates)]
    earlier, later = comparison.before[0], comparison.after[0]
    if comparison.rule == "became":
        return fill(template, _noun_phrase(earlier), b=later)
    return fill(template, _noun_phrase(later))


def _templates(comparison: Comparison) -> Sequence[str]:
    words = HELD_OUT_CLASSES
    if len(comparison.after) > 1:  # it names nothing
        return words.everything if comparison.rule == "changed" else ()
    return {
        "appeared": words.appear["any"],
        "disappeared": words.disappear["any"],
        "changed": words.state,
        "became": words.became,
    }.get(comparison.rule, ())


def _noun_phrase(text: str) -> NounPhrase:
    """Return a phrase whose verb agrees: plural if the word before the first preposition is."""
    head = _AFTER_HEAD.split(text, maxsplit=1)[0].strip() or text
    is_plural = head.endswith("s") and not head.endswith("ss")
    return NounPhrase(Noun("nothing", text, text if is_plural else ""), is_one=False)
