"""Texts as cells of a CSV file, which a spreadsheet must not run as formulas."""

from __future__ import annotations

__all__ = ["csv_cell"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(text: str) -> str:
    """Return a text for a cell: with an apostrophe before it if it would begin a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
