"""Verdicts of people: added once, taken back by another verdict, never changed."""

from __future__ import annotations

import sqlite3
import time

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.records import ItemState, Verdict

__all__ = ["add_verdict", "insert_verdict", "standing_verdicts", "verdicts_of"]

_COLUMNS = (
    "key, item_id, round_number, auditor, mask_right, sentence_right, complete, reason, seconds, "
    "kind, created"
)
_MADE_BY_STAGES = (
    "SELECT MAX(r.number) FROM rounds AS r LEFT JOIN edits AS e ON e.item_id = r.item_id "
    "AND e.round_number = r.number WHERE r.item_id = ? AND e.auditor IS NULL"
)


def add_verdict(project: Project, verdict: Verdict) -> bool:
    """Store a verdict and set the state of its item, in one transaction.

    Returns:
        False if a verdict with its key is stored already; nothing is changed then.
    """
    with project.transaction():
        return insert_verdict(project, verdict)


def insert_verdict(project: Project, verdict: Verdict) -> bool:
    """Do what `add_verdict` does, in the transaction of the caller."""
    cursor = project.connection.execute(
        f"INSERT INTO verdicts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (key) DO NOTHING",
        (verdict.key, verdict.item_id, verdict.round_number, verdict.auditor,
         verdict.mask_right, verdict.sentence_right, verdict.complete, verdict.reason,
         verdict.seconds, verdict.kind, verdict.created or time.time()),
    )  # fmt: skip
    if not cursor.rowcount:
        return False
    project.connection.execute(
        "UPDATE items SET state = ? WHERE id = ? AND is_gold = 0",
        (_state(project, verdict.item_id), verdict.item_id),
    )
    return True


def verdicts_of(project: Project, item_id: int) -> list[Verdict]:
    """Return all verdicts of an item, oldest first, with skips and undos."""
    rows = project.connection.execute(
        f"SELECT {_COLUMNS} FROM verdicts WHERE item_id = ? ORDER BY created, rowid",
        (item_id,),
    )
    return [_verdict(row) for row in rows]


def standing_verdicts(project: Project, item_id: int) -> list[Verdict]:
    """Return the last verdict of every auditor that was not taken back; skips are left out."""
    standing: dict[str, Verdict] = {}
    taken_back = set()
    for verdict in reversed(verdicts_of(project, item_id)):
        if verdict.kind == "undo":
            taken_back.add(verdict.reason)
        elif verdict.kind == "verdict" and verdict.key not in taken_back:
            standing.setdefault(verdict.auditor, verdict)
    return sorted(standing.values(), key=lambda verdict: verdict.created)


def _state(project: Project, item_id: int) -> ItemState:
    """One "no" rejects an item, whatever others said of the same round."""
    standing = standing_verdicts(project, item_id)
    if not standing:
        return "ready"
    newest = max(verdict.round_number for verdict in standing)
    made = project.connection.execute(_MADE_BY_STAGES, (item_id,)).fetchone()[0]
    if made is not None and newest < made:  # nobody has judged what the stages made since
        return "ready"
    current = [verdict for verdict in standing if verdict.round_number == newest]
    return "accepted" if all(verdict.accepts for verdict in current) else "rejected"


def _verdict(row: sqlite3.Row) -> Verdict:
    mask, sentence, complete = (
        None if row[name] is None else bool(row[name])
        for name in ("mask_right", "sentence_right", "complete")
    )
    return Verdict(
        row["key"], row["item_id"], row["round_number"], row["auditor"], mask, sentence, complete,
        row["reason"], row["seconds"], row["kind"], row["created"],
    )  # fmt: skip
