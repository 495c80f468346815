"""What is uncertain in a sentence, or why it is not answered, as text."""

from __future__ import annotations

from typing import Any

from ..i18n.number import format_number
from ..i18n.translate import tr
from .classes import class_noun, joined
from .conditions import period_text

__all__ = ["doubt_text"]

_Values = dict


def doubt_text(doubt: dict[str, Any]) -> str:
    """Return a doubt with what the user can do; one without a known code in English.

    Args:
        doubt: code, values and text, as in docs/worker.md.
    """
    words = {
        "no_question": _no_question, "negation": _negation, "unknown_thing": _unknown_thing,
        "unchanged_without_class": _unchanged_without_class, "unknown_word": _unknown_word,
        "unknown_reference": _unknown_reference, "coarse_pixels": _coarse_pixels,
        "same_class": _same_class, "ambiguous_number": _ambiguous_number,
        "not_translated": _not_translated, "partly_translated": _partly_translated,
        "time_without_date": _time_without_date, "rasters_without_dates": _rasters_without_dates,
        "rasters_later": _rasters_later, "rasters_earlier": _rasters_earlier,
        "time_not_matched": _time_not_matched, "weak_class": _weak_class,
        "order": _order, "count": _count, "rank": _rank, "general_reference": _general_reference,
        "taken_as": _taken_as, "no_known_ground": _no_known_ground,
        "unused_condition": _unused_condition, "unseen_change": _unseen_change,
        "exclusion": _exclusion, "two_readings": _two_readings,
        "unanswered_question": _unanswered_question,
    }.get(doubt.get("code", ""))  # fmt: skip
    return str(doubt.get("text", "")) if words is None else words(doubt["values"])


def _no_question(values: _Values) -> str:
    return tr(
        "This is not a question about a change. Ask for a change, for example “new buildings” or "
        "“roads that were removed”."
    )


def _negation(values: _Values) -> str:
    if values.get("positive"):
        return tr("Ask without the negation: “{}”. No polygons are a no.").format(
            values["positive"]
        )
    return tr(
        "The sentence has a negation that is not understood. Ask for the change itself, or write "
        "“except …” for what to leave out."
    )


def _unchanged_without_class(values: _Values) -> str:
    return tr(
        "This asks for what did not change, and no single kind of ground is named. Name one, for "
        "example “unchanged buildings”, or ask for what appeared or disappeared."
    )


def _unknown_thing(values: _Values) -> str:
    known = ", ".join(map(class_noun, values["known"]))
    return tr(
        "The model does not know “{}”. It knows {}. Ask for one of these, use a model that was "
        "fine-tuned for it, or tick “Answer anyway” in the options."
    ).format(values["thing"], known)


def _unknown_word(values: _Values) -> str:
    return tr("The word “{}” is not known and has no effect. Without it: “{}”.").format(
        values["word"], values["wording"]
    )


def _unknown_reference(values: _Values) -> str:
    return tr(
        "The model does not find “{}” by itself. Leave it out, or draw an area of interest around "
        "it. The command line takes it as a layer (--reference)."
    ).format(values["thing"])


def _coarse_pixels(values: _Values) -> str:
    return tr(
        "Pixels of {} m are too coarse for “{}”. Use images with pixels of at most {} m."
    ).format(
        format_number(values["gsd_m"], 2), values["thing"], format_number(values["coarsest_m"])
    )


def _order(values: _Values) -> str:
    return tr("Two kinds of ground are read in their order, as “{}”.").format(values["wording"])


def _taken_as(values: _Values) -> str:
    return tr("This wording is not read with certainty. Taken as: “{}”. Ask so to be sure.").format(
        values["wording"]
    )


def _no_known_ground(values: _Values) -> str:
    known = ", ".join(map(class_noun, values["known"]))
    return tr(
        "This does not read as a question on a change of {}. Ask for one of these, or tick “Answer "
        "anyway” in the options."
    ).format(known)


def _count(values: _Values) -> str:
    return tr(
        "The number “{}” has no effect: everything that is found is shown. Read as: “{}”."
    ).format(values["number"], values["wording"])


def _rank(values: _Values) -> str:
    return tr(
        "“{}” is not measured and has no effect. Read as: “{}”. Ranks are by area, length, width "
        "or place, such as “the largest”."
    ).format(values["rank"], values["wording"])


def _general_reference(values: _Values) -> str:
    return tr("“{}” is found as any ground of its kind ({}).").format(
        values["thing"], class_noun(values["class"])
    )


def _weak_class(values: _Values) -> str:
    names = ", ".join(map(class_noun, values["classes"]))
    return tr(
        "This model seldom finds real changes of {} (IoU {} on real pairs), so an empty answer "
        "does not say that there are none."
    ).format(names, format_number(values["iou"], 2))


def _same_class(values: _Values) -> str:
    if values.get("shown"):
        return tr("“{}” and “{}” are both found as {}, so every change of {} is shown.").format(
            values["first"], values["second"], *2 * (class_noun(values["class"]),)
        )
    return tr(
        "“{}” and “{}” are both found as {}, so one that becomes the other is not seen. Ask for "
        "any change of {} instead."
    ).format(values["first"], values["second"], *2 * (class_noun(values["class"]),))


def _unused_condition(values: _Values) -> str:
    return tr("The condition “{}” has no effect.").format(values["condition"])


def _unseen_change(values: _Values) -> str:
    return tr(
        "Images may not show what “{}” says, as it tells of use or repair. Taken as: “{}”."
    ).format(values["word"], values["wording"])


def _exclusion(values: _Values) -> str:
    return tr("Nothing is both “{}” and “{}”, so the answer is empty.").format(
        values["first"], values["second"]
    )


def _two_readings(values: _Values) -> str:
    return tr("“{}” may mean “{}” or “{}”. Taken as: “{}”.").format(
        values["words"], values["first"], values["second"], values["wording"]
    )


def _unanswered_question(values: _Values) -> str:
    if values["question"] == "count":
        return tr("“{}” is not tested: the answer is the number that is found.").format(
            values["words"]
        )
    if values["question"] == "area":
        return tr("“{}” is not tested: the answer is the area that is found.").format(
            values["words"]
        )
    return tr("The question with “{}” is not answered. The polygons are those of “{}”.").format(
        values["words"], values["asked"]
    )


def _ambiguous_number(values: _Values) -> str:
    return tr("“{}” may be {} or {}. Write one of them.").format(
        values["written"], values["thousands"], values["decimal"]
    )


def _not_translated(values: _Values) -> str:
    return tr(
        "Not translated: {}. Write the sentence in English, or in words such as “{}”."
    ).format(_quoted(values["words"]), values["example"])


def _partly_translated(values: _Values) -> str:
    return tr("Not translated and without effect: {}.").format(_quoted(values["words"]))


def _time_without_date(values: _Values) -> str:
    return tr("“{}” was not used: it names no date.").format(period_text(values))


def _rasters_without_dates(values: _Values) -> str:
    return tr("“{}” was not used: the dates of the rasters are not known.").format(
        period_text(values)
    )


def _rasters_later(values: _Values) -> str:
    return tr("The rasters are from {}; all are later than “{}”.").format(
        joined(values["dates"]), period_text(values)
    )


def _rasters_earlier(values: _Values) -> str:
    return tr("The rasters are from {}; all are earlier than “{}”.").format(
        joined(values["dates"]), period_text(values)
    )


def _time_not_matched(values: _Values) -> str:
    problems = {
        ("separated", "before"): tr("This time cannot be separated from the years before."),
        ("separated", "after"): tr("This time cannot be separated from the years after."),
        ("shown", "first"): tr("The first years of this time are not shown."),
        ("shown", "last"): tr("The last years of this time are not shown."),
    }
    head = tr("The rasters are from {}, but “{}” is asked for.")
    found = [problems.get(tuple(problem), "") for problem in values["problems"]]
    return " ".join(
        [head.format(joined(values["dates"]), period_text(values)), *filter(None, found)]
    )


def _quoted(words: list[str]) -> str:
    return ", ".join(tr("“{}”").format(word) for word in words)
