"""Rules for the scene and times of a sentence as text."""

from __future__ import annotations

from functools import reduce
from typing import Any

from ..i18n.number import format_number
from ..i18n.translate import tr

__all__ = ["condition_text", "period_text"]

_Fields = dict


def condition_text(condition: dict[str, Any]) -> str:
    """Return a rule as a phrase: "in the north", "larger than 200 m²".

    Args:
        condition: fields of a rule, as in docs/worker.md; one of an unknown kind keeps its
            English text.
    """
    words = {
        "position": _position, "superlative": _superlative, "size": _size, "near": _near,
        "inside": _inside, "any_of": _any_of, "except": _except,
    }.get(condition.get("kind", ""))  # fmt: skip
    return (words(condition) if words is not None else "") or str(condition.get("text", ""))


def period_text(period: dict[str, Any]) -> str:
    """Return a time that a sentence names as a phrase: "since 2016", "in the last 3 years".

    Args:
        period: fields of a time, as in docs/worker.md; an event keeps the words of the sentence.
    """
    months = period.get("months")
    if period.get("kind") == "relative" and months:
        if months % 12:
            return tr("in the last {} months").format(months)
        years = months // 12
        return tr("in the last year") if years == 1 else tr("in the last {} years").format(years)
    first, last = _start(period.get("first")), _end(period.get("last"))
    if first and last:
        return (
            tr("in {}").format(first)
            if first == last
            else tr("from {} to {}").format(first, last)
        )  # fmt: skip
    if first or last:
        return tr("since {}").format(first) if first else tr("until {}").format(last)
    return str(period.get("phrase", ""))


def _start(month: str | None) -> str:
    """Return the first month of a period, as a year if it starts with the year."""
    return month[:4] if month and month.endswith("-01") else month or ""


def _end(month: str | None) -> str:
    return month[:4] if month and month.endswith("-12") else month or ""


def _position(condition: _Fields) -> str:
    return {
        "north": tr("in the north"), "south": tr("in the south"), "east": tr("in the east"),
        "west": tr("in the west"), "north-east": tr("in the north-east"),
        "north-west": tr("in the north-west"), "south-east": tr("in the south-east"),
        "south-west": tr("in the south-west"), "centre": tr("in the centre"),
        "north-centre": tr("in the middle of the north"),
        "south-centre": tr("in the middle of the south"),
        "centre-east": tr("in the middle of the east"),
        "centre-west": tr("in the middle of the west"),
        "edge": tr("at the edge of the image"), "corner": tr("in the corners"),
    }.get(condition["place"], "")  # fmt: skip


def _superlative(condition: _Fields) -> str:
    one, several = {
        "largest": (tr("the largest"), tr("the {} largest")),
        "smallest": (tr("the smallest"), tr("the {} smallest")),
        "longest": (tr("the longest"), tr("the {} longest")),
        "shortest": (tr("the shortest"), tr("the {} shortest")),
        "widest": (tr("the widest"), tr("the {} widest")),
        "narrowest": (tr("the narrowest"), tr("the {} narrowest")),
        "northernmost": (tr("the northernmost"), tr("the {} northernmost")),
        "southernmost": (tr("the southernmost"), tr("the {} southernmost")),
        "easternmost": (tr("the easternmost"), tr("the {} easternmost")),
        "westernmost": (tr("the westernmost"), tr("the {} westernmost")),
        "nearest": (tr("the nearest to “{}”"), tr("the {} nearest to “{}”")),
        "farthest": (tr("the farthest from “{}”"), tr("the {} farthest from “{}”")),
    }.get(condition["measure"], ("", ""))  # fmt: skip
    if not one:
        return ""
    things = [condition["reference"]] if condition.get("reference") else []
    count, first = condition["count"], condition["first"]
    if first == 1:
        return one.format(*things) if count == 1 else several.format(count, *things)
    last = first + count - 1
    rank = tr("rank {}").format(first) if count == 1 else tr("ranks {} to {}").format(first, last)
    return f"{one.format(*things)}, {rank}"


def _size(condition: _Fields) -> str:
    more, less, between = {
        "area": (tr("larger than {} m²"), tr("smaller than {} m²"), tr("between {} and {} m²")),
        "length": (tr("longer than {} m"), tr("shorter than {} m"), tr("{} to {} m long")),
        "width": (tr("wider than {} m"), tr("narrower than {} m"), tr("{} to {} m wide")),
    }.get(condition["quantity"], ("", "", ""))  # fmt: skip
    low, high = condition["low"], condition["high"]
    if high is None:
        return more.format(format_number(low))
    if low == 0:
        return less.format(format_number(high))
    return between.format(format_number(low), format_number(high))


def _near(condition: _Fields) -> str:
    distance, thing = format_number(condition["distance_m"]), condition["reference"]
    relation = (
        tr("farther than {} m from “{}”") if condition["beyond"] else tr("within {} m of “{}”")
    )
    return relation.format(distance, thing)


def _inside(condition: _Fields) -> str:
    relation = tr("inside “{}”") if condition["with_gaps"] else tr("on “{}”")
    relation = tr("outside “{}”") if condition.get("outside") else relation
    return relation.format(condition["reference"])


def _any_of(condition: _Fields) -> str:
    options = condition["conditions"]
    # "The largest and the smallest" are two polygons; a polygon is in one of two places.
    are_ranks = all(option.get("kind") == "superlative" for option in options)
    joint = tr("{} and {}") if are_ranks else tr("{} or {}")
    return reduce(joint.format, map(condition_text, options))


def _except(condition: _Fields) -> str:
    prompt = condition["prompt"]
    parts = [] if prompt is None else [tr("“{}”").format(prompt)]
    parts += map(condition_text, condition["conditions"])
    return tr("except {}").format(", ".join(parts))
