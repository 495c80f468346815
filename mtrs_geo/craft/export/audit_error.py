"""How many wrong triplets an export has, estimated from what people judged twice or at random."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.items import list_items
from mtrs_geo.craft.project.verdicts import standing_verdicts

__all__ = ["ErrorEstimate", "estimate_errors", "wilson_interval"]

_Z_95 = 1.959964


@dataclass(frozen=True)
class ErrorEstimate:
    """A share of wrong items among those of a kind that were looked at again."""

    kind: str
    audited: int
    rejected: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None if nothing was looked at."""
        return self.rejected / self.audited if self.audited else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence."""
        return wilson_interval(self.rejected, self.audited)


def wilson_interval(count: int, total: int, z: float = _Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927); (0, 1) for a total of 0.

    Args:
        count: number of successes.
        total: number of trials.
        z: quantile of the normal distribution, by default that of 95 %.
    """
    if not total:
        return 0.0, 1.0
    share = count / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, centre - half), min(1.0, centre + half)


def estimate_errors(project: Project) -> list[ErrorEstimate]:
    """Return the estimates that a project allows, in an order that does not change.

    * items that the machine alone would have accepted, drawn at random for people;
    * items that one auditor accepted and another one judged in the same round;
    * gold items whose right verdict is no, and which an auditor accepted.
    """
    return [_automatic(project), _twice(project), _gold(project)]


def _automatic(project: Project) -> ErrorEstimate:
    audited = rejected = 0
    for item_id in _drawn_at_random(project):
        standing = standing_verdicts(project, item_id)
        audited += bool(standing)
        rejected += any(not verdict.accepts for verdict in standing)
    return ErrorEstimate("certain to the machine, drawn at random for people", audited, rejected)


def _drawn_at_random(project: Project) -> list[int]:
    """Return items that the machine would have accepted, and left to people; see stages.verify."""
    rows = project.connection.execute(
        "SELECT subject FROM work WHERE stage = 'auto-accept' AND outcome = 'done' "
        "AND detail LIKE 'for people%'"
    )
    return [int(row["subject"].removeprefix("item ")) for row in rows]


def _twice(project: Project) -> ErrorEstimate:
    audited = rejected = 0
    for item in list_items(project, "WHERE state IN ('accepted', 'rejected') AND NOT is_gold"):
        standing = standing_verdicts(project, item.id)
        if len(standing) < 2 or not standing[0].accepts:
            continue
        others = [v for v in standing[1:] if v.round_number == standing[0].round_number]
        audited += bool(others)
        rejected += any(not verdict.accepts for verdict in others)
    return ErrorEstimate("accepted by one person, then judged by another", audited, rejected)


def _gold(project: Project) -> ErrorEstimate:
    audited = accepted = 0
    rows = project.connection.execute(
        "SELECT item_id FROM gold WHERE NOT (mask_right AND sentence_right AND complete)"
    )
    for row in rows:
        for verdict in standing_verdicts(project, row["item_id"]):
            audited += 1
            accepted += verdict.accepts
    return ErrorEstimate("wrong on purpose (gold), and accepted by a person", audited, accepted)
