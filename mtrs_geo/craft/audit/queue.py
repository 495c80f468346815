"""Which items wait for an auditor, and which one is next."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mtrs_geo.craft.audit.views import DOUBLE_SQL
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.audit_rates import audit_rates

__all__ = [
    "CLAIM_S",
    "Filters",
    "QueueRow",
    "claim",
    "count_waiting",
    "list_queue",
    "next_item",
    "queued_items",
    "release",
]

CLAIM_S = 600.0
"""For so long no other auditor gets an item that is shown to one."""

Shown = Literal["waiting", "rejected", "accepted", "mine"]

_LAST_SEEN = f"""(SELECT MAX(r.number) FROM rounds AS r LEFT JOIN edits AS e
    ON e.item_id = r.item_id AND e.round_number = r.number WHERE r.item_id = i.id AND (
        e.auditor IS NULL OR e.auditor = :auditor OR NOT (i.is_gold OR {DOUBLE_SQL})))"""
# Lists of one auditor are made once per query, and not per item.  Of items that one person judges,
# those that were judged do not wait.
_JUDGED = f"""i.id IN (SELECT i.id FROM standing_verdicts AS v JOIN items AS i ON i.id = v.item_id
    WHERE v.auditor = :auditor AND (i.state = 'ready' OR i.is_gold OR {DOUBLE_SQL})
    AND v.round_number >= {_LAST_SEEN})"""
_HAS_ROUND = "EXISTS (SELECT 1 FROM rounds AS r WHERE r.item_id = i.id)"
_WAITS_AGAIN = f"""(i.state IN ('accepted', 'rejected') AND {DOUBLE_SQL} AND 2 > (
    SELECT COUNT(DISTINCT v.auditor) FROM standing_verdicts AS v WHERE v.item_id = i.id))"""
_SKIPPED = """i.id IN (SELECT s.item_id FROM verdicts AS s
    WHERE s.auditor = :auditor AND s.kind = 'skip' AND NOT EXISTS (
        SELECT 1 FROM verdicts AS u WHERE u.kind = 'undo' AND u.reason = s.key))"""
_CLAIMED = """i.id IN (SELECT c.item_id FROM claims AS c
    WHERE c.auditor != :auditor AND c.until > :now)"""
_JUDGED_PARENT = """EXISTS (SELECT 1 FROM verdicts AS v WHERE v.item_id = i.parent_id
    AND v.auditor = :auditor)"""
_BACKEND = """(SELECT o.name FROM rounds AS r JOIN origins AS o ON o.id = r.origin_id
    WHERE r.item_id = i.id ORDER BY r.number LIMIT 1)"""
_SENTENCE = f"""(SELECT r.sentence FROM rounds AS r WHERE r.item_id = i.id
    AND r.number = {_LAST_SEEN})"""

_GOLD = f"i.is_gold AND NOT {_SKIPPED} AND NOT {_JUDGED} AND NOT {_JUDGED_PARENT}"
_CONDITIONS: dict[Shown, str] = {
    "waiting": f"NOT i.is_gold AND (i.state = 'ready' OR {_WAITS_AGAIN}) AND {_HAS_ROUND} "
    f"AND NOT {_JUDGED}",
    "rejected": f"NOT i.is_gold AND i.state = 'rejected' AND NOT {_WAITS_AGAIN}",
    "accepted": f"NOT i.is_gold AND i.state = 'accepted' AND NOT {_WAITS_AGAIN}",
    "mine": "i.id IN (SELECT item_id FROM standing_verdicts WHERE auditor = :auditor)",
}


@dataclass(frozen=True)
class Filters:
    """Which items an auditor wants to see; empty texts filter nothing."""

    change_type: str = ""
    source: str = ""
    """Name of the data set of the pair."""
    backend: str = ""
    """Who wrote the first sentence."""
    shown: Shown = "waiting"

    def sql(self, condition: str = "") -> tuple[str, dict[str, Any]]:
        """Return a condition on ``items AS i``, by default that of ``shown``, and its values."""
        parts, values = [condition or _CONDITIONS[self.shown]], {}
        if self.change_type:
            parts.append("i.change_type = :change_type")
            values["change_type"] = self.change_type
        if self.source:
            parts.append("i.pair_id IN (SELECT id FROM pairs WHERE source = :source)")
            values["source"] = self.source
        if self.backend:
            parts.append(f"{_BACKEND} = :backend")
            values["backend"] = self.backend
        return " AND ".join(parts), values


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue."""

    item_id: int
    pair: str
    source: str
    change_type: str
    sentence: str
    backend: str
    doubt: float


def next_item(project: Project, auditor: str, filters: Filters) -> int | None:
    """Return the most doubtful item that waits for an auditor, and claim it.

    Skipped items come last.  Once in a while it is a gold item that the auditor has not seen.
    """
    where, values = filters.sql()
    values |= _values(project, auditor)
    order = "ORDER BY i.doubt DESC, i.id LIMIT 1"
    with project.transaction() as connection:
        queries = [
            f"SELECT i.id FROM items AS i WHERE {where} AND NOT {_CLAIMED} AND {skipped} {order}"
            for skipped in (f"NOT {_SKIPPED}", _SKIPPED)
        ]
        if _gold_is_due(project, auditor):
            gold, _ = filters.sql(_GOLD)
            queries.insert(0, f"SELECT i.id FROM items AS i WHERE {gold} ORDER BY i.id LIMIT 1")
        for query in queries:
            found = connection.execute(query, values).fetchone()
            if found is not None:
                claim(project, int(found["id"]), auditor)
                return int(found["id"])
    return None


def claim(project: Project, item_id: int, auditor: str) -> None:
    """Keep an item from being given to other auditors for `CLAIM_S` seconds."""
    project.connection.execute(
        "INSERT INTO claims VALUES (?, ?, ?) ON CONFLICT (item_id) DO UPDATE SET auditor = ?2, "
        "until = ?3",
        (item_id, auditor, time.time() + CLAIM_S),
    )


def release(project: Project, item_id: int, auditor: str) -> None:
    """Let other auditors have an item again that one has judged."""
    project.connection.execute(
        "DELETE FROM claims WHERE item_id = ? AND auditor = ?", (item_id, auditor)
    )


def queued_items(project: Project, auditor: str, filters: Filters) -> list[int]:
    """Return the items that the filters leave, doubtful ones first."""
    where, values = filters.sql()
    rows = project.connection.execute(
        f"SELECT i.id FROM items AS i WHERE {where} ORDER BY i.doubt DESC, i.id",
        values | _values(project, auditor),
    )
    return [row[0] for row in rows]


def list_queue(project: Project, auditor: str, items: Sequence[int]) -> list[QueueRow]:
    """Return a line of the queue per item, in the same order."""
    rows = project.connection.execute(
        f"SELECT i.id, p.name, p.source, i.change_type, {_SENTENCE}, {_BACKEND}, i.doubt "
        "FROM json_each(:items) AS asked JOIN items AS i ON i.id = asked.value "
        "JOIN pairs AS p ON p.id = i.pair_id ORDER BY asked.key",
        _values(project, auditor) | {"items": json.dumps(list(items))},
    )
    return [QueueRow(*row) for row in rows]


def count_waiting(project: Project, auditor: str, filters: Filters) -> int:
    """Return how many items the filters leave."""
    where, values = filters.sql()
    found = project.connection.execute(
        f"SELECT COUNT(*) FROM items AS i WHERE {where}", values | _values(project, auditor)
    )
    return int(found.fetchone()[0])


def _gold_is_due(project: Project, auditor: str) -> bool:
    """Return whether the auditor's next item is a gold one: at random, by name and count."""
    every = audit_rates(project).gold_every
    count = project.connection.execute(
        "SELECT COUNT(*) FROM verdicts WHERE auditor = ? AND kind != 'undo'", (auditor,)
    ).fetchone()[0]
    return every > 0 and zlib.crc32(f"{count} {auditor}".encode()) % every == 0


def _values(project: Project, auditor: str) -> dict[str, Any]:
    limit = audit_rates(project).double_limit
    return {"auditor": auditor, "now": time.time(), "double_limit": limit}
