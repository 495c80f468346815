"""Perception: the describer looks at every cell; its proposals become items."""

from __future__ import annotations

from collections import Counter

from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.project import Pair
from mtrs_geo.craft.project.items import NewItem, NewRound, add_item, add_round
from mtrs_geo.craft.stages.answers import checked_cells
from mtrs_geo.craft.stages.context import Context

__all__ = ["perceive"]

STAGE = "perceive"


def perceive(context: Context, pair: Pair) -> bool:
    """Store the answer about each cell of a pair, and an item with a sentence per proposal."""
    return context.attempt(STAGE, f"pair {pair.id}", lambda: _perceive(context, pair))


def _perceive(context: Context, pair: Pair) -> None:
    project, describer = context.project, context.describer
    images = context.images(pair, describer)
    cells = plan_cells((pair.rows, pair.cols), context.options.grid)
    answers = checked_cells(describer.describe(images, cells), cells, images)
    count = sum(len(answer.proposals) for answer in answers)
    filled = sum(bool(answer.proposals) for answer in answers)
    detail = f"{count} proposals in {filled} of {len(cells)} cells"
    seen: Counter[str] = Counter()
    with context.writing(STAGE, f"pair {pair.id}", detail) as connection:
        origin = project.origin_id(describer.origin)
        for answer in answers:
            connection.execute(
                "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?)",
                (pair.id, answer.cell, str(len(answer.proposals) or "nothing"), origin),
            )
            for proposal in answer.proposals:
                kind = f"{proposal.change_type} {proposal.object_class} {proposal.cell}".strip()
                seen[kind] += 1
                new = NewItem(
                    pair.id, f"{kind} {seen[kind]}", proposal.change_type, proposal.object_class,
                    proposal.cell, proposal.box,
                )  # fmt: skip
                item_id = add_item(project, new)
                first = NewRound(STAGE, proposal.sentence, describer.origin, note=answer.note)
                add_round(project, item_id, first)
