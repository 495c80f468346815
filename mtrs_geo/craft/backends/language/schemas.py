"""The form of the answers, as pydantic models, and their JSON schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

__all__ = [
    "CellAnswer",
    "DescribeAnswer",
    "PolygonAnswer",
    "ReviewAnswer",
    "RewriteAnswer",
    "SeenChange",
    "VerifyAnswer",
    "strict_schema",
]

_MOST_ENTRIES = 200


class SeenChange(BaseModel):
    """A change in a cell."""

    sentence: str
    change_type: str = Field(json_schema_extra={"enum": ["appear", "disappear", "state"]})
    object_class: str
    box: list[float] | None = None
    """Left, top, right, bottom in thousandths of width and height."""


class CellAnswer(BaseModel):
    """What was seen in a cell."""

    cell: str
    changes: list[SeenChange] = Field(default_factory=list, max_length=_MOST_ENTRIES)
    note: str = ""


class DescribeAnswer(BaseModel):
    """What was seen in all cells."""

    cells: list[CellAnswer] = Field(max_length=_MOST_ENTRIES)


class ReviewAnswer(BaseModel):
    """What is wrong with a sentence or its mask."""

    decision: str = Field(
        json_schema_extra={"enum": ["accept", "change_sentence", "change_mask", "no_change"]}
    )
    sentence: str = ""
    hint: str = ""
    note: str = ""


class RewriteAnswer(BaseModel):
    """A sentence in other words."""

    sentence: str
    note: str = ""


class VerifyAnswer(BaseModel):
    """Three answers of yes or no, each with a confidence."""

    mask_right: bool
    mask_confidence: float
    sentence_right: bool
    sentence_confidence: float
    complete: bool
    complete_confidence: float


class PolygonAnswer(BaseModel):
    """Outlines of a change."""

    polygons: list[list[list[float]]] = Field(max_length=_MOST_ENTRIES)
    """Lists of points [x, y] in thousandths of width and height."""


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model, with all keys required and no others allowed.

    Strict structured output demands that of every object.
    """
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        part["additionalProperties"] = False
        part["required"] = list(part["properties"])
        part.pop("description", None)
        for value in part["properties"].values():
            for key in ("default", "maxItems"):
                value.pop(key, None)
    return schema
