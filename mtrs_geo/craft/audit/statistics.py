"""The numbers of the dashboard."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median

from mtrs_geo.craft.project import Project

__all__ = ["Acceptance", "AuditorRow", "Progress", "acceptances", "auditor_rows", "read_progress"]

_LAST = """(SELECT number FROM rounds WHERE item_id = i.id ORDER BY number DESC LIMIT 1)"""
_LAST_OF_STAGES = """(SELECT MAX(b.number) FROM rounds AS b LEFT JOIN edits AS e
    ON e.item_id = b.item_id AND e.round_number = b.number
    WHERE b.item_id = i.id AND e.auditor IS NULL)"""
_JUDGED_ITEMS = """SELECT i.change_type, i.state, r.origin_id, m.origin_id, COUNT(*)
    FROM items AS i JOIN rounds AS r ON r.item_id = i.id AND r.number = {number}
    LEFT JOIN masks AS m ON m.id = r.mask_id
    WHERE i.state IN ('accepted', 'rejected') AND NOT i.is_gold
    AND i.id {among} (SELECT item_id FROM edits) GROUP BY 1, 2, 3, 4"""
_GOLD = """SELECT v.auditor, COUNT(*) AS judged,
    SUM(v.mask_right = g.mask_right AND v.sentence_right = g.sentence_right
        AND v.complete = g.complete) AS right
    FROM standing_verdicts AS v JOIN gold AS g ON g.item_id = v.item_id GROUP BY v.auditor"""
_VERDICTS = """SELECT auditor, seconds, mask_right AND sentence_right AND complete AS accepts
    FROM standing_verdicts"""
_STATES = "SELECT state, COUNT(*) FROM items GROUP BY state"
_GOLD_STATES = """SELECT state, COUNT(*) FROM items WHERE id IN (SELECT item_id FROM gold)
    GROUP BY state"""


@dataclass(frozen=True)
class Progress:
    """Items by state, without gold items."""

    states: dict[str, int]

    @property
    def total(self) -> int:
        """Items that people judge or have judged."""
        return sum(self.states.get(state, 0) for state in ("ready", "accepted", "rejected"))

    @property
    def done(self) -> int:
        """Items with a verdict."""
        return self.states.get("accepted", 0) + self.states.get("rejected", 0)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class AuditorRow:
    """One auditor."""

    name: str
    verdicts: int
    accepted: int
    median_s: float
    """Seconds per verdict."""
    gold_judged: int
    gold_right: int


@dataclass
class Acceptance:
    """Verdicts on the items of one backend, or of one type."""

    name: str
    unchanged: int = 0
    """Accepted as the stages made them."""
    edited: int = 0
    """Accepted after an edit."""
    rejected: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.unchanged + self.edited + self.rejected

    @property
    def share(self) -> float:
        """Share that was accepted unchanged."""
        return self.unchanged / self.total if self.total else math.nan


def read_progress(project: Project) -> Progress:
    """Return how many items are in each state."""
    states: Counter[str] = Counter(dict(project.connection.execute(_STATES).fetchall()))
    states.subtract(dict(project.connection.execute(_GOLD_STATES).fetchall()))
    return Progress({state: count for state, count in states.items() if count})


def auditor_rows(project: Project) -> list[AuditorRow]:
    """Return verdicts, time and gold answers per auditor, by name."""
    seconds: dict[str, list[float]] = defaultdict(list)
    accepted: dict[str, int] = defaultdict(int)
    for row in project.connection.execute(_VERDICTS):
        seconds[row["auditor"]].append(row["seconds"])
        accepted[row["auditor"]] += bool(row["accepts"])
    gold = {row["auditor"]: row for row in project.connection.execute(_GOLD)}
    return [
        AuditorRow(
            name, len(values), accepted[name], median(values),
            gold[name]["judged"] if name in gold else 0, gold[name]["right"] if name in gold else 0,
        )
        for name, values in sorted(seconds.items())
    ]  # fmt: skip


def acceptances(project: Project) -> dict[str, list[Acceptance]]:
    """Return verdicts by the backend of the sentence, by that of the mask, and by type."""
    groups: dict[str, dict[str, Acceptance]] = {
        "Sentence by": {}, "Mask by": {}, "Type": {},
    }  # fmt: skip
    names = dict(project.connection.execute("SELECT id, name || ' ' || version FROM origins"))
    for kind, number, among in (("unchanged", _LAST, "NOT IN"), ("edited", _LAST_OF_STAGES, "IN")):
        query = _JUDGED_ITEMS.format(number=number, among=among)
        for change_type, state, sentence_by, mask_by, count in project.connection.execute(query):
            by_group = {
                "Sentence by": names[sentence_by], "Mask by": names.get(mask_by, "none"),
                "Type": change_type,
            }  # fmt: skip
            for group, name in by_group.items():
                entry = groups[group].setdefault(name, Acceptance(name))
                counted = "rejected" if state == "rejected" else kind
                setattr(entry, counted, getattr(entry, counted) + count)
    return {
        group: sorted(found.values(), key=lambda a: -a.total) for group, found in groups.items()
    }
