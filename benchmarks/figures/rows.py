"""The table: which figures there are, what each must reach, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from figures.composed import BY_CLASS, NO_TARGET
from figures.disturbed import CLEAN, DISTURBANCES
from figures.product import PRODUCT
from mtrs_geo.class_codes import CODES
from mtrs_geo.metrics import ReferringMetrics

__all__ = ["HEADINGS", "Row", "as_json", "as_markdown", "as_text", "rows_of"]

_Measure: TypeAlias = Literal["oiou", "miou_nonempty", "no_target_accuracy"]

HEADINGS: Mapping[str, str] = {
    "levir": "LEVIR, held-back scenes (tiles of 256 px, both orders of the dates)",
    "guangzhou": "Guangzhou, held-back scenes (training saw other scenes; directions unknown)",
    "composed": "Composed pairs from held-back scenes",
    "seasons": "Unchanged ground at two seasons: the held-back city",
    "disturbed": "LEVIR, the later date disturbed: mIoU lost against clean",
}
"""Group to its heading."""

_NAMES = {
    "any": "any change, IoU",
    "appear": "buildings appeared, mIoU",
    "disappear": "buildings disappeared, mIoU",
    "quarter": "quarter, mIoU",
    "position": "quarter of several things, mIoU",
    "cell": "nine-cell, mIoU",
    "largest": "largest and smallest, mIoU",
    "outermost": "northernmost and so on, mIoU",
    "relation": "near and far from a thing, mIoU",
}
_TASKS = ("count", "attribute", "except", "state")
_PLACED_NEED = {"quarter": 0.65, "position": 0.65, "cell": 0.65, "largest": 0.65, "relation": 0.65}
_TAUGHT = ("road", "vegetation", "water", "bare")
_CLASS_NEED, _EMPTY_NEED, _UNSEEN_NEED, _LOSS_LIMIT = 0.60, 0.95, 0.60, 0.05


@dataclass(frozen=True)
class Row:
    """One figure."""

    group: str
    figure: str
    value: float
    needed: float | None
    """None where nothing was promised."""
    samples: int
    """What the value is a mean over, or how many pairs its sums hold."""
    at_most: bool = False
    """Whether the value must not exceed ``needed``."""

    @property
    def verdict(self) -> str:
        """Say whether the promise was kept."""
        if math.isnan(self.value):
            return "no sample"
        if self.needed is None:
            return ""
        kept = self.value <= self.needed if self.at_most else self.value >= self.needed
        return "kept" if kept else "missed"


def rows_of(figures: Mapping[str, ReferringMetrics], source: str | None = None) -> list[Row]:
    """Return the table's rows as far as figures were measured.

    Args:
        figures: by name, see the files of this folder.
        source: name of a set that the model was not trained on, whose figures these are.
    """
    book = _Book(figures)
    if source is not None:
        group = f"{source}, all of it: a place and sensor that the model was never trained on"
        return [replace(row, group=group) for row in _unseen(book, source)]
    return [*_levir(book), *_guangzhou(book), *_composed(book), *_seasons(book), *_disturbed(book)]


@dataclass(frozen=True)
class _Book:
    figures: Mapping[str, ReferringMetrics]

    def row(
        self, figure: str, keys: str | Iterable[str], measure: _Measure, needed: float | None = None
    ) -> Iterator[Row]:
        """Yield a row over the sums of some figures, if any of them was measured."""
        keys = [keys] if isinstance(keys, str) else list(keys)
        found = [self.figures[key] for key in keys if key in self.figures]
        if found:
            total = sum(found[1:], found[0])
            group = keys[0].removeprefix(PRODUCT).split(".", 1)[0]
            yield Row(group, figure, getattr(total.compute(), measure), needed, _n(total, measure))


def _n(total: ReferringMetrics, measure: _Measure) -> int:
    empty = total.no_target
    return {"miou_nonempty": total.samples - empty, "no_target_accuracy": empty}.get(
        measure, total.samples
    )


def _levir(book: _Book) -> Iterator[Row]:
    yield from book.row(_NAMES["any"], "levir.any", "oiou", 0.78)
    yield from book.row(f"{_NAMES['any']}: detect", f"{PRODUCT}levir.any", "oiou", 0.78)
    yield from book.row(_NAMES["appear"], "levir.appear", "miou_nonempty", 0.78)
    yield from book.row(_NAMES["disappear"], "levir.disappear", "miou_nonempty", 0.76)
    yield from _placed(book, "levir")
    yield from _empty(book, "levir", ("wrong_direction", "absent"))


def _guangzhou(book: _Book) -> Iterator[Row]:
    yield from book.row(_NAMES["any"], "guangzhou.any", "oiou")
    yield from book.row("buildings changed, mIoU", "guangzhou.state", "miou_nonempty")


def _composed(book: _Book) -> Iterator[Row]:
    keys = [f"composed.{land}.{task}" for land in _TAUGHT for task in BY_CLASS]
    name = "roads, vegetation, water, bare ground: all three, mIoU"
    yield from book.row(name, keys, "miou_nonempty", _CLASS_NEED)
    for land in CODES:
        needed = _CLASS_NEED if land in _TAUGHT else None
        for task in BY_CLASS:
            said = {"become": f"turned into {land}"}.get(task, f"{land} {task}ed")
            yield from book.row(f"{said}, mIoU", f"composed.{land}.{task}", "miou_nonempty", needed)
    yield from book.row("any change in words, mIoU", "composed.any", "miou_nonempty")
    for task in (*BY_CLASS, *_TASKS):
        yield from book.row(f"task {task}, mIoU", f"composed.{task}", "miou_nonempty")
    yield from _placed(book, "composed")
    yield from _empty(book, "composed", NO_TARGET)


def _placed(book: _Book, group: str) -> Iterator[Row]:
    for prefix, how in (("", "the model"), (PRODUCT, "detect")):
        keys = [f"{prefix}{group}.{key}" for key in _PLACED_NEED]
        name = f"quarter, nine-cell, largest, relations together, mIoU: {how}"
        yield from book.row(name, keys, "miou_nonempty", _PLACED_NEED["quarter"])
    for key in ("quarter", "position", "cell", "largest", "outermost", "relation"):
        for prefix, how in (("", "the model"), (PRODUCT, "detect")):
            name, needed = f"{_NAMES[key]}: {how}", _PLACED_NEED.get(key)
            yield from book.row(name, f"{prefix}{group}.{key}", "miou_nonempty", needed)


def _empty(book: _Book, group: str, tasks: Sequence[str]) -> Iterator[Row]:
    said = {"wrong_direction": "wrong direction", "wrong_class": "class without change",
            "absent": "absent thing"}  # fmt: skip
    keys = [f"{group}.{task}" for task in tasks]
    name = "wrong or absent, answered empty: all"
    yield from book.row(name, keys, "no_target_accuracy", _EMPTY_NEED)
    for task, key in zip(tasks, keys, strict=True):
        yield from book.row(f"{said[task]}, answered empty", key, "no_target_accuracy", _EMPTY_NEED)


def _seasons(book: _Book) -> Iterator[Row]:
    name = "any change below 0.5 % of the pixels, share of pairs"
    for prefix, how in (("", ""), (PRODUCT, ": detect")):
        key = f"{prefix}seasons.quiet"
        yield from book.row(f"{name}{how}", key, "no_target_accuracy", 0.90)


def _disturbed(book: _Book) -> Iterator[Row]:
    for task in ("appear", "disappear"):
        clean = book.figures.get(f"disturbed.{CLEAN}.{task}")
        if clean is None:
            continue
        name = f"{_NAMES[task]}: clean, not a loss"
        yield from book.row(name, f"disturbed.{CLEAN}.{task}", "miou_nonempty")
        for name in DISTURBANCES:
            yield from _loss(book, clean, f"{_NAMES[task]}: {name}", f"disturbed.{name}.{task}")
            if "px" in name and task == "appear":
                key, said = f"disturbed.{name}.{task}.drawn", "against the mask as drawn"
                yield from _loss(book, clean, f"{_NAMES[task]}: {name}, {said}", key, limit=None)


def _loss(
    book: _Book, clean: ReferringMetrics, name: str, key: str, limit: float | None = _LOSS_LIMIT
) -> Iterator[Row]:
    for row in book.row(name, key, "miou_nonempty"):
        loss = clean.compute().miou_nonempty - row.value
        yield Row(row.group, name, loss, limit, row.samples, at_most=True)


def _unseen(book: _Book, source: str) -> Iterator[Row]:
    said = {"appear": "appeared", "disappear": "disappeared", "become": "turned into",
            "state": "changed"}  # fmt: skip
    yield from book.row(_NAMES["any"], f"{source}.any", "oiou", _UNSEEN_NEED)
    for task, name in said.items():
        yield from book.row(f"{name}, mIoU", f"{source}.{task}", "miou_nonempty", _UNSEEN_NEED)
    yield from _empty(book, source, ("wrong_direction", "absent"))


def as_text(rows: Sequence[Row]) -> Iterator[str]:
    """Yield lines for a terminal."""
    for group, lines in _grouped(rows):
        yield f"\n{HEADINGS.get(group, group)}"
        for row in lines:
            judged = f"{row.value:>8.4f} {_needed(row):>8} {row.verdict:<9}"
            yield f"  {row.figure:<72} {judged} n={row.samples}"
    judged = [row.verdict for row in rows if row.verdict in ("kept", "missed")]
    yield f"\n{judged.count('kept')} of {len(judged)} promises kept"


def as_markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Yield lines of Markdown tables, one a group."""
    for group, lines in _grouped(rows):
        yield f"\n**{HEADINGS.get(group, group)}**\n"
        yield "| figure | value | needed | | samples |"
        yield "|---|---|---|---|---|"
        for row in lines:
            bold = "**" if row.verdict == "kept" else ""
            value = f"{bold}{row.value:.3f}{bold}"
            yield f"| {row.figure} | {value} | {_needed(row)} | {row.verdict} | {row.samples} |"


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return plain values; null where there was no sample."""
    return [
        {**asdict(row), "value": None if math.isnan(row.value) else row.value,
         "verdict": row.verdict}
        for row in rows
    ]  # fmt: skip


def _needed(row: Row) -> str:
    if row.needed is None:
        return ""
    return f"{'≤' if row.at_most else '≥'} {row.needed:.2f}"


def _grouped(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    yield from groups.items()
