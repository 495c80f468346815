"""A doubt about a sentence, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Doubt"]


@dataclass(frozen=True)
class Doubt:
    """What is uncertain in a sentence, or why it is not answered."""

    text: str
    """In English, with what to do instead."""
    code: str = ""
    """Word that does not change, such as ``unknown_thing``: docs/worker.md lists them."""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the text names; ready for JSON."""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for reports and JSON."""
        return {"code": self.code, "values": dict(self.values), "text": self.text}
