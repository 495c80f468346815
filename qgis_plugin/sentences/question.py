"""A question of the worker as text: its meaning, and what the user should know beside it."""

from __future__ import annotations

import re
from typing import Any

from ..i18n.translate import tr
from .classes import class_noun, direction_text, joined
from .conditions import condition_text, period_text
from .doubts import doubt_text

__all__ = [
    "condition_texts",
    "doubt_texts",
    "is_answered",
    "meaning_text",
    "note_texts",
    "question_warnings",
    "subject_text",
]

_NAME_WORDS = ("unknown_word", "partly_translated", "not_translated")
"""Codes of doubts that name the words that are not used."""


def is_answered(question: dict[str, Any]) -> bool:
    """Return whether the model is asked."""
    return bool(question.get("answered", True))


def subject_text(question: dict[str, Any]) -> str:
    """Return what changed and how: "buildings · appeared", "vegetation → roads"."""
    before, after = (
        joined([class_noun(name) for name in question.get(date, ())])
        for date in ("before", "after")
    )
    if before and after and before != after:
        return f"{before} → {after}"
    if before or after:
        return f"{before or after} · {direction_text(question.get('direction', ''))}"
    prompt = question.get("prompt", question.get("model_text"))  # an older worker has no prompt
    return str(prompt or tr("any change"))


def condition_texts(question: dict[str, Any]) -> list[str]:
    """Return the rules, times and kind of a question, a phrase each."""
    texts = (
        [condition_text(condition) for condition in question["conditions"]]
        if "conditions" in question
        else [str(rule) for rule in question.get("rules", ())]
    )
    texts += [period_text(period) for period in question.get("named_times", ())]
    asked = {
        "count": tr("how many?"),
        "area": tr("what area?"),
        "yes_no": tr("yes or no?"),
    }.get(question.get("question"))
    return [*texts, *filter(None, [asked])]


def meaning_text(question: dict[str, Any]) -> str:
    """Return the meaning in one line: "buildings · appeared · in the north"."""
    return " · ".join([subject_text(question), *condition_texts(question)])


def note_texts(question: dict[str, Any]) -> list[str]:
    """Return how words were read, a sentence each: corrections, translations, words not used."""
    read = tr("“{}” was read as “{}”.")
    pairs = [tuple(pair) for pair in question.get("corrected", ())]
    text, translated = question.get("text", ""), question.get("translated", "")
    # A part of a translated sentence is in English, which the user did not write.
    if translated and not _words(text) <= _words(translated):
        pairs.insert(0, (text, translated))
    texts = [read.format(*pair) for pair in pairs]
    texts += [
        tr("“{}” is found as {} of any kind.").format(noun, class_noun(name))
        for noun, name in question.get("general", ())
    ]
    unused, codes = question.get("unused", ()), [d["code"] for d in question.get("doubts", ())]
    if unused and is_answered(question) and not any(code in _NAME_WORDS for code in codes):
        texts.append(tr("Not used: {}.").format(", ".join(unused)))
    return texts


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def doubt_texts(question: dict[str, Any]) -> list[str]:
    """Return what is uncertain, or why the question is not answered."""
    if "doubts" in question:
        return [doubt_text(doubt) for doubt in question["doubts"]]
    return [str(text) for text in question.get("messages", ())]  # an older worker


def question_warnings(questions: list[dict[str, Any]]) -> set[str]:
    """Return the warnings of a run that `doubt_texts` says in the language of QGIS."""
    doubts = (doubt for question in questions for doubt in question.get("doubts", ()))
    return {str(doubt["warning"]) for doubt in doubts if "warning" in doubt}
