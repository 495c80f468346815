"""What differs between the facts of two runs, as text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

__all__ = ["describe_differences"]

_MOST = 5
_LONGEST = 60


def describe_differences(
    old: Any,  # noqa: ANN401 - JSON
    new: Any,  # noqa: ANN401 - JSON
    ignored: Collection[str] = (),
) -> str:
    """Return what was and what is, with the names of the values; empty if nothing differs.

    Args:
        old: values of JSON.
        new: the same of the later run.
        ignored: names in dictionaries that are not compared.
    """
    found = list(_differences(old, new, ignored, ""))
    more = len(found) - _MOST
    return "; ".join(found[:_MOST]) + (f"; {more} more" if more > 0 else "")


def _differences(old: Any, new: Any, ignored: Collection[str], name: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            if key not in ignored:
                inner = f"{name} {key}".strip()
                yield from _differences(old.get(key), new.get(key), ignored, inner)
    elif old != new:
        yield f"{name} was {_short(old, name)} and is {_short(new, name)}"


def _short(value: object, name: str) -> str:
    if name.endswith("modified_ns") and isinstance(value, int):
        return f"{datetime.fromtimestamp(value / 1e9, UTC):%Y-%m-%d %H:%M:%S.%f}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}…"
