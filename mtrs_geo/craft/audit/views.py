"""What an auditor sees of an item: rounds, type, earlier reasons.

Items that are audited twice, and gold items, are shown without what other auditors did to them.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mtrs_geo.craft.project import ChangeType, Item, Project, Round
from mtrs_geo.craft.project.audit_rates import audit_rates
from mtrs_geo.craft.project.items import read_item, rounds_of
from mtrs_geo.craft.project.pairs import read_pair
from mtrs_geo.craft.project.records import Pair

__all__ = [
    "DOUBLE_SQL",
    "ItemView",
    "action_key",
    "read_view",
]

DOUBLE_SQL = "((i.id * 2654435761) & 4294967295) < :double_limit"
"""Whether an item is audited twice: Knuth's multiplicative hash of its row is below the share."""

_SEEN = (
    "SELECT r.number, e.auditor, e.type_before, e.type_after FROM rounds AS r LEFT JOIN edits AS e "
    "ON e.item_id = r.item_id AND e.round_number = r.number WHERE r.item_id = ? ORDER BY r.number"
)
_REASONS = (
    "SELECT reason FROM standing_verdicts WHERE item_id = ? AND round_number < ? AND reason != '' "
    "AND NOT (mask_right AND sentence_right AND complete) ORDER BY created"
)


@dataclass(frozen=True)
class ItemView:
    """An item as one auditor sees it."""

    item: Item
    pair: Pair
    change_type: ChangeType
    rounds: tuple[Round, ...]
    """Oldest first; the last one is judged."""
    reasons: tuple[str, ...]
    """Why earlier rounds were rejected."""

    @property
    def current(self) -> Round:
        """The round that is judged."""
        return self.rounds[-1]


def read_view(project: Project, item_id: int, auditor: str) -> ItemView:
    """Return an item as an auditor sees it.

    Raises:
        KeyError: if there is no such item, or it has no round yet.
    """
    item = read_item(project, item_id)
    is_blind = item.is_gold or _is_double(project, item_id)
    rows = project.connection.execute(_SEEN, (item_id,)).fetchall()
    seen = [row for row in rows if not is_blind or row["auditor"] in (None, auditor)]
    if not seen:
        raise KeyError(item_id)
    numbers = {row["number"] for row in seen}
    rounds = tuple(r for r in rounds_of(project, item_id) if r.number in numbers)
    last = rounds[-1].number
    reasons = project.connection.execute(_REASONS, (item_id, last if is_blind else last + 1))
    texts = dict.fromkeys(row["reason"] for row in reasons)
    change_type = _blind_type(rows, auditor, item) if is_blind else item.change_type
    return ItemView(item, read_pair(project, item.pair_id), change_type, rounds, tuple(texts))


def action_key(project: Project, item_id: int, auditor: str) -> str:
    """Return the key of an auditor's next verdict or skip on an item.

    It only changes when one was stored, so a second tab or a repeated request has the same key,
    and `mtrs_geo.craft.project.verdicts` stores a key once.
    """
    count = project.connection.execute(
        "SELECT COUNT(*) FROM verdicts WHERE item_id = ? AND auditor = ?", (item_id, auditor)
    ).fetchone()[0]
    return f"{item_id}|{count}|{auditor}"


def _is_double(project: Project, item_id: int) -> bool:
    limit = audit_rates(project).double_limit
    row = project.connection.execute(
        f"SELECT {DOUBLE_SQL} FROM items AS i WHERE i.id = :id",
        {"id": item_id, "double_limit": limit},
    ).fetchone()
    return bool(row[0])


def _blind_type(rows: list[sqlite3.Row], auditor: str, item: Item) -> ChangeType:
    """Return the type that the auditor gave last, or else the one before anyone changed it."""
    edits = [row for row in rows if row["auditor"] is not None]
    own = [row["type_after"] for row in edits if row["auditor"] == auditor]
    before: ChangeType = edits[0]["type_before"] if edits else item.change_type
    return own[-1] if own else before
