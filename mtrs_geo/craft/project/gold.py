"""Gold items: copies of judged items, whose right answers are known."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.items import (
    NewItem,
    NewRound,
    add_item,
    add_round,
    last_round,
    read_item,
)
from mtrs_geo.errors import RequestError

__all__ = ["Answers", "add_gold", "add_golds", "gold_answers", "list_gold"]

Answers = tuple[bool, bool, bool]
"""Whether the mask is right, the sentence is right, and nothing is missing."""


def add_gold(project: Project, item_id: int, answers: Answers) -> int:
    """Copy an item with its last round as a gold item, and return the row of the copy.

    The item itself stays as it is.  A second call changes the answers of the copy.

    Raises:
        KeyError: if the item does not exist or has no round.
    """
    with project.transaction():
        return _insert_gold(project, item_id, answers)


def add_golds(project: Project, item_ids: Sequence[int], answers: Answers) -> None:
    """Make gold items of all items, or of none.

    Raises:
        RequestError: if an item does not exist, has no round, or is a gold item itself.
    """
    with project.transaction():
        for item_id in item_ids:
            try:
                is_gold = read_item(project, item_id).is_gold
                if not is_gold:
                    _insert_gold(project, item_id, answers)
            except KeyError as error:
                msg = f"there is no item {item_id} with a sentence in {project.path.name}."
                raise RequestError(msg, advice="The queue of the audit has the numbers.") from error
            if is_gold:
                msg = f"item {item_id} is a gold item already."
                raise RequestError(msg, advice="Give the item that it is a copy of.")


def list_gold(project: Project) -> list[tuple[int, Answers, int]]:
    """Return the item that each gold item is a copy of, its right answers, and its verdicts."""
    rows = project.connection.execute(
        "SELECT i.parent_id, g.mask_right, g.sentence_right, g.complete, (SELECT COUNT(*) "
        "FROM standing_verdicts AS v WHERE v.item_id = i.id) FROM gold AS g "
        "JOIN items AS i ON i.id = g.item_id ORDER BY i.parent_id"
    )
    return [(row[0], (bool(row[1]), bool(row[2]), bool(row[3])), row[4]) for row in rows]


def _insert_gold(project: Project, item_id: int, answers: Answers) -> int:
    item, last = read_item(project, item_id), last_round(project, item_id)
    connection = project.connection
    gold = add_item(
        project,
        NewItem(
            item.pair_id, f"gold of item {item.id}", item.change_type, item.object_class,
            item.cell, item.box, item.is_negative, item.id,
        ),
    )  # fmt: skip
    connection.execute(
        "UPDATE items SET is_gold = 1, state = 'ready', doubt = ? WHERE id = ?",
        (item.doubt, gold),
    )
    if not connection.execute("SELECT 1 FROM rounds WHERE item_id = ?", (gold,)).fetchone():
        add_round(
            project,
            gold,
            NewRound(last.stage, last.sentence, last.sentence_origin, last.mask_id, last.note),
        )
    connection.execute(
        "INSERT INTO gold VALUES (?, ?, ?, ?) ON CONFLICT (item_id) DO UPDATE SET "
        "mask_right = ?2, sentence_right = ?3, complete = ?4",
        (gold, *answers),
    )
    return gold


def gold_answers(project: Project, item_id: int) -> Answers | None:
    """Return the right answers of a gold item, None for other items."""
    found = project.connection.execute(
        "SELECT mask_right, sentence_right, complete FROM gold WHERE item_id = ?", (item_id,)
    ).fetchone()
    return None if found is None else (bool(found[0]), bool(found[1]), bool(found[2]))
