"""What a project holds, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.work import failures, total_price

__all__ = ["ProjectStatus", "read_status"]

_MOST_FAILURES = 20


@dataclass(frozen=True)
class ProjectStatus:
    """Counts of a project."""

    pairs: int
    items: Mapping[str, int]
    """Number of items by state."""
    negatives: int
    """Items with an empty mask on purpose that were not dropped."""
    work: Mapping[str, Mapping[str, int]]
    """By stage: number of subjects by outcome."""
    failures: list[tuple[str, str, str]]
    """Stage, subject and reason of what failed."""
    price: float
    calls: int

    def lines(self) -> Iterator[str]:
        """Return what a person reads."""
        yield f"{self.pairs} pairs"
        states = ", ".join(f"{count} {state}" for state, count in self.items.items())
        yield f"items: {states or 'none'}; {self.negatives} have an empty mask on purpose"
        for stage, outcomes in self.work.items():
            counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            yield f"{stage}: {counts}"
        if self.calls:
            yield f"{self.calls} calls of backends, price {self.price:.4g}"
        for stage, subject, reason in self.failures[:_MOST_FAILURES]:
            yield f"failed: {stage}, {subject}: {reason}"
        if len(self.failures) > _MOST_FAILURES:
            yield f"and {len(self.failures) - _MOST_FAILURES} more"


def read_status(project: Project) -> ProjectStatus:
    """Count what a project holds."""
    count = project.connection.execute
    work: dict[str, dict[str, int]] = {}
    for row in count(
        "SELECT stage, outcome, COUNT(*) FROM work GROUP BY stage, outcome ORDER BY MIN(created)"
    ):
        work.setdefault(row[0], {})[row[1]] = row[2]
    states = count(
        "SELECT state, COUNT(*) FROM items WHERE is_gold = 0 GROUP BY state ORDER BY state"
    )
    negatives = (
        "SELECT COUNT(*) FROM items WHERE is_negative AND is_gold = 0 AND state != 'dropped'"
    )
    return ProjectStatus(
        count("SELECT COUNT(*) FROM pairs").fetchone()[0],
        {row[0]: row[1] for row in states},
        count(negatives).fetchone()[0],
        work,
        failures(project),
        total_price(project),
        count("SELECT COUNT(*) FROM costs").fetchone()[0],
    )
