"""Check the text of an answer and return it as values of the contract."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeVar, cast, get_args

import numpy as np
from pydantic import BaseModel, ValidationError

from mtrs_geo.craft.backends.contract import (
    Described,
    GridCell,
    Judgement,
    Proposal,
    Review,
    Rewrite,
)
from mtrs_geo.craft.backends.language.question import AnswerError
from mtrs_geo.craft.backends.language.schemas import (
    CellAnswer,
    DescribeAnswer,
    PolygonAnswer,
    ReviewAnswer,
    RewriteAnswer,
    SeenChange,
    VerifyAnswer,
)
from mtrs_geo.craft.backends.language.sentences import (
    clean_note,
    clean_object_class,
    clean_sentence,
)
from mtrs_geo.craft.project.records import ChangeType
from mtrs_geo.types import BoolArray, Shape

__all__ = ["read_described", "read_judgements", "read_polygons", "read_review", "read_rewrite"]

M = TypeVar("M", bound=BaseModel)

_UNIT = 1000
"""Positions are in thousandths of width and height."""
_MOST_PER_CELL = 20
_MOST_LISTED = 4
_DECISIONS = ("accept", "change_sentence", "change_mask", "no_change")


def read_described(text: str, cells: Sequence[GridCell], shape: Shape) -> list[Described]:
    """Return one answer per cell.

    Args:
        text: the answer.
        cells: the cells that were asked for.
        shape: (rows, cols) of the image in pixels.

    Raises:
        AnswerError: if it is not readable, a cell is missing or unknown, or a proposal is refused;
            what is usable holds the other cells and proposals.
    """
    answer = _parse(text, DescribeAnswer)
    problems: list[str] = []
    by_name: dict[str, list[CellAnswer]] = {}
    for entry in answer.cells:
        by_name.setdefault(clean_note(entry.cell).casefold(), []).append(entry)
    described = []
    for cell in cells:
        entries = by_name.pop(cell.name.casefold(), None)
        if entries is None:
            problems.append(f"the cell {cell.name} is missing")
            continue
        described.append(_described(cell, entries, shape, problems))
    problems += [f"there is no cell {clean_note(name)[:40]!r}" for name in by_name]
    if problems:
        raise AnswerError(_listed(problems), described)
    return described


def read_review(text: str) -> Review:
    """Return the decision about a sentence and its mask.

    Raises:
        AnswerError: if it is not readable, the decision is unknown, or the corrected sentence is
            refused.
    """
    answer = _parse(text, ReviewAnswer)
    decision = answer.decision.strip().casefold()
    if decision not in _DECISIONS:
        msg = f"the decision is none of {', '.join(_DECISIONS)}"
        raise AnswerError(msg)
    try:
        sentence = clean_sentence(answer.sentence) if decision == "change_sentence" else ""
        hint = clean_sentence(answer.hint) if decision == "change_mask" else ""
    except ValueError as error:
        raise AnswerError(str(error)) from error
    literal = cast(Literal["accept", "change_sentence", "change_mask", "no_change"], decision)
    return Review(literal, sentence, hint, clean_note(answer.note))


def read_rewrite(text: str) -> Rewrite:
    """Return a sentence in other words.

    Raises:
        AnswerError: if it is not readable or the sentence is refused.
    """
    answer = _parse(text, RewriteAnswer)
    try:
        return Rewrite(clean_sentence(answer.sentence), clean_note(answer.note))
    except ValueError as error:
        raise AnswerError(str(error)) from error


def read_judgements(text: str) -> list[Judgement]:
    """Return the three judgements; confidences are limited to 0.5 to 1.

    Raises:
        AnswerError: if it is not readable or a confidence is no number from 0 to 1.
    """
    answer = _parse(text, VerifyAnswer)
    judgements = [
        Judgement("mask", answer.mask_right, answer.mask_confidence),
        Judgement("sentence", answer.sentence_right, answer.sentence_confidence),
        Judgement("complete", answer.complete, answer.complete_confidence),
    ]
    if not all(0 <= judgement.confidence <= 1 for judgement in judgements):
        msg = "a confidence is not a number from 0 to 1"
        raise AnswerError(msg)
    return [Judgement(j.question, j.yes, max(0.5, j.confidence)) for j in judgements]


def read_polygons(text: str, shape: Shape) -> BoolArray:
    """Return the pixels inside the polygons of an answer.

    Args:
        text: the answer.
        shape: (rows, cols) of the image in pixels.

    Raises:
        AnswerError: if it is not readable or a polygon has no three points in the image.
    """
    from PIL import Image, ImageDraw

    rows, cols = shape
    canvas = Image.new("1", (cols, rows))
    for ring in _parse(text, PolygonAnswer).polygons:
        flat = [value for point in ring for value in point]
        if len(ring) < 3 or len(flat) != 2 * len(ring) or not all(0 <= v <= _UNIT for v in flat):
            msg = f"a polygon is not a list of three or more points [x, y] of 0 to {_UNIT}"
            raise AnswerError(msg)
        points = [(x * cols / _UNIT, y * rows / _UNIT) for x, y in ring]
        ImageDraw.Draw(canvas).polygon(points, fill=1)
    return np.array(canvas, dtype=np.bool_)


def _described(
    cell: GridCell, entries: Sequence[CellAnswer], shape: Shape, problems: list[str]
) -> Described:
    proposals, refused = [], 0
    changes = [change for entry in entries for change in entry.changes]
    for change in changes[:_MOST_PER_CELL]:
        try:
            proposals.append(_proposal(cell, change, shape))
        except ValueError as error:
            problems.append(f"in {cell.name}, {error}")
            refused += 1
    if len(changes) > _MOST_PER_CELL:
        problems.append(f"{cell.name} has more than {_MOST_PER_CELL} changes")
        refused += len(changes) - _MOST_PER_CELL
    note = clean_note(" ".join(entry.note for entry in entries))
    if refused:
        note = f"{refused} proposals were refused. {note}".strip()
    return Described(cell.name, tuple(dict.fromkeys(proposals)), note)  # models repeat themselves


def _proposal(cell: GridCell, change: SeenChange, shape: Shape) -> Proposal:
    change_type = change.change_type.strip().casefold()
    if change_type not in get_args(ChangeType):
        msg = f"a change_type is none of {', '.join(get_args(ChangeType))}"
        raise ValueError(msg)
    return Proposal(
        clean_sentence(change.sentence),
        cast(ChangeType, change_type),
        clean_object_class(change.object_class),
        cell.name,
        _box(change.box, cell, shape),
    )


def _box(
    values: Sequence[float] | None, cell: GridCell, shape: Shape
) -> tuple[int, int, int, int] | None:
    """Return a box in pixels; None if there is none or it is not in the image."""
    if values is None or len(values) != 4 or not all(0 <= value <= _UNIT for value in values):
        return None
    left, top, right, bottom = values
    if left >= right or top >= bottom:
        return None
    rows, cols = shape
    box = (
        math.floor(top * rows / _UNIT), math.floor(left * cols / _UNIT),
        math.ceil(bottom * rows / _UNIT), math.ceil(right * cols / _UNIT),
    )  # fmt: skip
    if box[0] >= cell.box[2] or box[2] <= cell.box[0]:
        msg = f"a box is not in the rows of {cell.name}"
        raise ValueError(msg)
    if box[1] >= cell.box[3] or box[3] <= cell.box[1]:
        msg = f"a box is not in the columns of {cell.name}"
        raise ValueError(msg)
    return box


def _parse(text: str, model: type[M]) -> M:
    """Return the JSON object of a text, also between other words or in a fence of Markdown."""
    body = text.rpartition("</think>")[2]
    start, stop = body.find("{"), body.rfind("}")
    if not 0 <= start < stop:
        msg = "the answer has no JSON object"
        raise AnswerError(msg)
    try:
        return model.model_validate_json(body[start : stop + 1])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the object"
        raise AnswerError(f"{clean_note(place)}: {clean_note(first['msg'])}") from error


def _listed(problems: Sequence[str]) -> str:
    more = f"; and {len(problems) - _MOST_LISTED} more" if len(problems) > _MOST_LISTED else ""
    return "; ".join(problems[:_MOST_LISTED]) + more
