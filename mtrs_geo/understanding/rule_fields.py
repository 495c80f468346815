"""A rule for the whole scene as fields, for programs that word it in their own language."""

from __future__ import annotations

import math
from typing import Any

from mtrs_geo.query.rules import (
    AnyOf,
    Except,
    Inside,
    Near,
    Position,
    Rule,
    SizeBound,
    Superlative,
)

__all__ = ["rule_fields"]

_KINDS = {
    Position: "position", Superlative: "superlative", SizeBound: "size", Near: "near",
    Inside: "inside", AnyOf: "any_of", Except: "except",
}  # fmt: skip


def rule_fields(rule: Rule) -> dict[str, Any]:
    """Return the fields of a rule, ready for JSON: docs/worker.md lists them.

    ``kind`` names the rule; ``text`` is the rule as a phrase of the grammar; a size without an
    upper end has ``high`` None; rules inside a rule are in ``conditions``.
    """
    return {"kind": _KINDS[type(rule)], "text": rule.explain(), **_fields(rule)}


def _fields(rule: Rule) -> dict[str, Any]:
    match rule:
        case Position():
            return {"place": rule.place}
        case Superlative():
            rank = {"measure": rule.measure, "count": rule.count, "first": rule.first}
            return {**rank, "reference": rule.reference} if rule.reference else rank
        case SizeBound():
            high = None if math.isinf(rule.high) else rule.high
            return {"quantity": rule.quantity, "low": rule.low, "high": high}
        case Near():
            values = {"distance_m": rule.distance_m, "beyond": rule.beyond}
            return {"reference": rule.reference, **values}
        case Inside():
            return {
                "reference": rule.reference,
                "with_gaps": rule.with_gaps,
                "outside": rule.outside,
            }
        case AnyOf():
            return {"conditions": [rule_fields(part) for part in rule.rules]}
        case Except():
            return {
                "prompt": rule.prompt,
                "conditions": [rule_fields(part) for part in rule.rules],
            }
