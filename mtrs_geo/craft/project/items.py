"""Items of a project and their rounds, masks and states."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.records import ChangeType, Item, ItemState, Origin, Round
from mtrs_geo.types import BoolArray

__all__ = [
    "NewItem",
    "NewRound",
    "add_edit",
    "add_item",
    "add_round",
    "last_round",
    "list_items",
    "read_item",
    "read_mask",
    "rounds_of",
    "set_doubt",
    "set_state",
    "store_mask",
]

_COLUMNS = (
    "id, pair_id, change_type, object_class, cell, box, state, is_negative, parent_id, is_gold, "
    "doubt"
)
_ROUNDS = (
    "SELECT item_id, number, stage, sentence, mask_id, note, rounds.origin_id, created, "
    "masks.origin_id AS mask_origin FROM rounds LEFT JOIN masks ON masks.id = rounds.mask_id"
)


@dataclass(frozen=True)
class NewItem:
    """A proposal."""

    pair_id: int
    key: str
    """Names the proposal in its pair; a second item with the same key is not added."""
    change_type: ChangeType
    object_class: str
    cell: str = ""
    box: tuple[int, int, int, int] | None = None
    is_negative: bool = False
    parent_id: int | None = None


@dataclass(frozen=True)
class NewRound:
    """A further version of an item's sentence and mask."""

    stage: str
    sentence: str
    origin: Origin
    """Who wrote the sentence."""
    mask_id: int | None = None
    note: str = ""


def add_item(project: Project, new: NewItem) -> int:
    """Add an item in state ``draft``, or find the one with its key; return its row."""
    box = json.dumps(new.box) if new.box else None
    project.connection.execute(
        "INSERT INTO items (pair_id, key, change_type, object_class, cell, box, is_negative, "
        "parent_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (new.pair_id, new.key, new.change_type, new.object_class, new.cell, box,
         new.is_negative, new.parent_id),
    )  # fmt: skip
    found = project.connection.execute(
        "SELECT id FROM items WHERE pair_id = ? AND key = ?", (new.pair_id, new.key)
    ).fetchone()
    return int(found["id"])


def add_round(project: Project, item_id: int, new: NewRound) -> int:
    """Add the next round of an item and return its number."""
    number = project.connection.execute(
        "SELECT COALESCE(MAX(number) + 1, 0) FROM rounds WHERE item_id = ?", (item_id,)
    ).fetchone()[0]
    project.connection.execute(
        "INSERT INTO rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (item_id, number, new.stage, new.sentence, new.mask_id, new.note,
         project.origin_id(new.origin), time.time()),
    )  # fmt: skip
    return int(number)


def add_edit(
    project: Project,
    item_id: int,
    number: int,
    auditor: str,
    types: tuple[ChangeType, ChangeType] | None = None,
) -> None:
    """Say that a round was made by an auditor; call it in the transaction of the round.

    Args:
        project: the project.
        item_id: the item.
        number: the round.
        auditor: name of the person.
        types: type of change before and after; None if it stayed.
    """
    if types is None:
        kept = read_item(project, item_id).change_type
        types = (kept, kept)
    project.connection.execute(
        "INSERT INTO edits VALUES (?, ?, ?, ?, ?)", (item_id, number, auditor, *types)
    )


def read_item(project: Project, item_id: int) -> Item:
    """Return an item by its row.

    Raises:
        KeyError: if there is none.
    """
    found = list_items(project, "WHERE id = ?", (item_id,))
    if not found:
        raise KeyError(item_id)
    return found[0]


def list_items(project: Project, where: str = "", values: Sequence[object] = ()) -> list[Item]:
    """Return items by a condition of this package's own SQL, by row unless it has an order."""
    order = "" if "ORDER BY" in where else " ORDER BY id"
    rows = project.connection.execute(f"SELECT {_COLUMNS} FROM items {where}{order}", values)
    return [
        Item(
            row["id"], row["pair_id"], row["change_type"], row["object_class"], row["cell"],
            tuple(json.loads(row["box"])) if row["box"] else None,
            row["state"], bool(row["is_negative"]), row["parent_id"], bool(row["is_gold"]),
            row["doubt"],
        )
        for row in rows
    ]  # fmt: skip


def rounds_of(project: Project, item_id: int) -> list[Round]:
    """Return the rounds of an item, oldest first."""
    rows = project.connection.execute(f"{_ROUNDS} WHERE item_id = ? ORDER BY number", (item_id,))
    return [
        Round(
            row["item_id"], row["number"], row["stage"], row["sentence"], row["mask_id"],
            row["note"], project.origin(row["origin_id"]),
            None if row["mask_origin"] is None else project.origin(row["mask_origin"]),
            row["created"],
        )
        for row in rows
    ]  # fmt: skip


def last_round(project: Project, item_id: int) -> Round:
    """Return the current sentence and mask of an item.

    Raises:
        KeyError: if it has no round.
    """
    rounds = rounds_of(project, item_id)
    if not rounds:
        raise KeyError(item_id)
    return rounds[-1]


def store_mask(project: Project, mask: BoolArray, origin: Origin) -> int:
    """Store a mask (rows, cols) as a PNG of one bit and return its row."""
    stream = io.BytesIO()
    Image.fromarray(np.asarray(mask, bool)).save(stream, "PNG")
    cursor = project.connection.execute(
        "INSERT INTO masks (png, area_px, origin_id) VALUES (?, ?, ?)",
        (stream.getvalue(), int(np.count_nonzero(mask)), project.origin_id(origin)),
    )
    return int(cursor.lastrowid or 0)


def read_mask(project: Project, mask_id: int) -> BoolArray:
    """Return a mask (rows, cols).

    Raises:
        KeyError: if there is none.
    """
    found = project.connection.execute("SELECT png FROM masks WHERE id = ?", (mask_id,)).fetchone()
    if found is None:
        raise KeyError(mask_id)
    # Pillow gives 255 as the byte of a true value of a picture with one bit per pixel.
    mask: BoolArray = np.asarray(Image.open(io.BytesIO(found["png"])).convert("L")) > 0
    return mask


def set_state(project: Project, item_id: int, state: ItemState) -> None:
    """Change the state of an item."""
    project.connection.execute("UPDATE items SET state = ? WHERE id = ?", (state, item_id))


def set_doubt(project: Project, item_id: int, doubt: float) -> None:
    """Change how doubtful an item is: 0 certain, 1 unknown."""
    project.connection.execute("UPDATE items SET doubt = ? WHERE id = ?", (doubt, item_id))
