"""Rows of the validation table: figures, required values, and output formats."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from figures.composed import BY_CLASS, NO_TARGET
from figures.disturbed import CLEAN, DISTURBANCES
from figures.ground import DIRECTIONS, GROUND_CLASSES
from figures.pipeline import DETECT
from mtrs_geo.class_codes import CODES
from mtrs_geo.metrics import ReferringMetrics

__all__ = ["HEADINGS", "Row", "as_json", "as_markdown", "as_text", "rows_of"]

_Measure: TypeAlias = Literal["oiou", "miou_nonempty", "no_target_accuracy"]

HEADINGS: Mapping[str, str] = {
    "levir": "LEVIR, held-out scenes (tiles of 256 px, both orders of the dates)",
    "guangzhou": "Guangzhou, held-out scenes (other scenes are in training; no directions)",
    "ground": "Real changes of the ground, LEVIR's held-out scenes (both orders of the dates)",
    "composed": "Composed pairs from held-out scenes",
    "seasons": "Unchanged ground at two seasons: the held-out city",
    "storms": "Before and after storms, no building changed: four held-out places",
    "disturbed": "LEVIR, later image disturbed: loss of mIoU against clean",
}
"""Group to heading."""

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
_SPATIAL_NEED = {"quarter": 0.65, "position": 0.65, "cell": 0.65, "largest": 0.65, "relation": 0.65}
_TRAINED = ("road", "vegetation", "water", "bare")
_ROAD_NEED, _GROUND_NEED = 0.75, 0.45
_CLASS_NEED, _EMPTY_NEED, _UNSEEN_NEED, _LOSS_LIMIT = 0.60, 0.95, 0.60, 0.05


@dataclass(frozen=True)
class Row:
    """One figure of the table."""

    group: str
    figure: str
    value: float
    needed: float | None
    """None if nothing is promised."""
    samples: int
    """Number of samples in the mean or in the sums."""
    at_most: bool = False
    """Whether ``needed`` is an upper limit."""

    @property
    def verdict(self) -> str:
        """``kept`` or ``missed``; empty if nothing is promised."""
        if math.isnan(self.value):
            return "no sample"
        if self.needed is None:
            return ""
        is_kept = self.value <= self.needed if self.at_most else self.value >= self.needed
        return "kept" if is_kept else "missed"


def rows_of(figures: Mapping[str, ReferringMetrics], source: str | None = None) -> list[Row]:
    """Return the rows of the table whose figures are measured.

    Args:
        figures: metrics by figure name.
        source: name of the data set of these figures if the model is not trained on it.
    """
    measured = _Figures(figures)
    if source is not None:
        group = f"{source}, all of it: a place and sensor that the model is not trained on"
        return [replace(row, group=group) for row in _unseen(measured, source)]
    return [
        *_levir(measured),
        *_guangzhou(measured),
        *_ground(measured),
        *_composed(measured),
        *_quiet(measured),
        *_disturbed(measured),
    ]


@dataclass(frozen=True)
class _Figures:
    metrics: Mapping[str, ReferringMetrics]

    def row(
        self, figure: str, keys: str | Iterable[str], measure: _Measure, needed: float | None = None
    ) -> Iterator[Row]:
        """Yield a row of the summed figures, if any of them is measured."""
        keys = [keys] if isinstance(keys, str) else list(keys)
        measured = [self.metrics[key] for key in keys if key in self.metrics]
        if measured:
            total = sum(measured[1:], measured[0])
            group = keys[0].removeprefix(DETECT).split(".", 1)[0]
            yield Row(
                group, figure, getattr(total.compute(), measure), needed, _count(total, measure)
            )


def _count(total: ReferringMetrics, measure: _Measure) -> int:
    empty = total.no_target
    return {"miou_nonempty": total.samples - empty, "no_target_accuracy": empty}.get(
        measure, total.samples
    )


def _levir(figures: _Figures) -> Iterator[Row]:
    yield from figures.row(_NAMES["any"], "levir.any", "oiou", 0.78)
    yield from figures.row(f"{_NAMES['any']}: detect", f"{DETECT}levir.any", "oiou", 0.78)
    yield from figures.row(_NAMES["appear"], "levir.appear", "miou_nonempty", 0.78)
    yield from figures.row(_NAMES["disappear"], "levir.disappear", "miou_nonempty", 0.76)
    yield from _spatial(figures, "levir")
    yield from _empty(figures, "levir", ("wrong_direction", "absent"))


def _guangzhou(figures: _Figures) -> Iterator[Row]:
    yield from figures.row(_NAMES["any"], "guangzhou.any", "oiou")
    yield from figures.row("buildings changed, mIoU", "guangzhou.state", "miou_nonempty")


def _ground(figures: _Figures) -> Iterator[Row]:
    for name in GROUND_CLASSES:
        needed = _ROAD_NEED if name == "road" else _GROUND_NEED
        for kind in DIRECTIONS:
            label, key = f"{name} {kind}ed, IoU of all pixels", f"ground.{name}.{kind}"
            yield from figures.row(label, key, "oiou", needed)
    yield from _empty(figures, "ground", ("wrong_direction",))


def _composed(figures: _Figures) -> Iterator[Row]:
    keys = [f"composed.{land_cover}.{task}" for land_cover in _TRAINED for task in BY_CLASS]
    name = "roads, vegetation, water, bare ground: all three, mIoU"
    yield from figures.row(name, keys, "miou_nonempty", _CLASS_NEED)
    for land_cover in CODES:
        needed = _CLASS_NEED if land_cover in _TRAINED else None
        for task in BY_CLASS:
            name = {"become": f"turned into {land_cover}"}.get(task, f"{land_cover} {task}ed")
            yield from figures.row(
                f"{name}, mIoU", f"composed.{land_cover}.{task}", "miou_nonempty", needed
            )
    yield from figures.row("any change, as a sentence, mIoU", "composed.any", "miou_nonempty")
    for task in (*BY_CLASS, *_TASKS):
        yield from figures.row(f"task {task}, mIoU", f"composed.{task}", "miou_nonempty")
    yield from _spatial(figures, "composed")
    yield from _empty(figures, "composed", NO_TARGET)


def _spatial(figures: _Figures, group: str) -> Iterator[Row]:
    for prefix, how in (("", "the model"), (DETECT, "detect")):
        keys = [f"{prefix}{group}.{key}" for key in _SPATIAL_NEED]
        name = f"quarter, nine-cell, largest, relations together, mIoU: {how}"
        yield from figures.row(name, keys, "miou_nonempty", _SPATIAL_NEED["quarter"])
    for key in ("quarter", "position", "cell", "largest", "outermost", "relation"):
        for prefix, how in (("", "the model"), (DETECT, "detect")):
            name, needed = f"{_NAMES[key]}: {how}", _SPATIAL_NEED.get(key)
            yield from figures.row(name, f"{prefix}{group}.{key}", "miou_nonempty", needed)


def _empty(figures: _Figures, group: str, tasks: Sequence[str]) -> Iterator[Row]:
    names = {"wrong_direction": "wrong direction", "wrong_class": "class without change",
             "absent": "absent thing"}  # fmt: skip
    keys = [f"{group}.{task}" for task in tasks]
    name = "wrong or absent, empty mask: all"
    yield from figures.row(name, keys, "no_target_accuracy", _EMPTY_NEED)
    for task, key in zip(tasks, keys, strict=True):
        yield from figures.row(f"{names[task]}, empty mask", key, "no_target_accuracy", _EMPTY_NEED)


def _quiet(figures: _Figures) -> Iterator[Row]:
    name = "any change below 0.5 % of the pixels, share of pairs"
    for group in ("seasons", "storms"):
        for prefix, how in (("", ""), (DETECT, ": detect")):
            key = f"{prefix}{group}.quiet"
            yield from figures.row(f"{name}{how}", key, "no_target_accuracy", 0.90)


def _disturbed(figures: _Figures) -> Iterator[Row]:
    for task in ("appear", "disappear"):
        clean = figures.metrics.get(f"disturbed.{CLEAN}.{task}")
        if clean is None:
            continue
        name = f"{_NAMES[task]}: clean (value, not loss)"
        yield from figures.row(name, f"disturbed.{CLEAN}.{task}", "miou_nonempty")
        for name in DISTURBANCES:
            yield from _loss(figures, clean, f"{_NAMES[task]}: {name}", f"disturbed.{name}.{task}")
            if "px" in name and task == "appear":
                key = f"disturbed.{name}.{task}.drawn"
                label = f"{_NAMES[task]}: {name}, mask not shifted"
                yield from _loss(figures, clean, label, key, limit=None)


def _loss(
    figures: _Figures,
    clean: ReferringMetrics,
    name: str,
    key: str,
    limit: float | None = _LOSS_LIMIT,
) -> Iterator[Row]:
    for row in figures.row(name, key, "miou_nonempty"):
        loss = clean.compute().miou_nonempty - row.value
        yield Row(row.group, name, loss, limit, row.samples, at_most=True)


def _unseen(figures: _Figures, source: str) -> Iterator[Row]:
    names = {"appear": "appeared", "disappear": "disappeared", "become": "turned into",
             "state": "changed"}  # fmt: skip
    yield from figures.row(_NAMES["any"], f"{source}.any", "oiou", _UNSEEN_NEED)
    for task, name in names.items():
        yield from figures.row(f"{name}, mIoU", f"{source}.{task}", "miou_nonempty", _UNSEEN_NEED)
    yield from _empty(figures, source, ("wrong_direction", "absent"))


def as_text(rows: Sequence[Row]) -> Iterator[str]:
    """Yield lines of text for a terminal."""
    for group, lines in _grouped(rows):
        yield f"\n{HEADINGS.get(group, group)}"
        for row in lines:
            judged = f"{row.value:>8.4f} {_needed(row):>8} {row.verdict:<9}"
            yield f"  {row.figure:<72} {judged} n={row.samples}"
    judged = [row.verdict for row in rows if row.verdict in ("kept", "missed")]
    yield f"\n{judged.count('kept')} of {len(judged)} promises kept"


def as_markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Yield lines of Markdown, one table per group."""
    for group, lines in _grouped(rows):
        yield f"\n**{HEADINGS.get(group, group)}**\n"
        yield "| figure | value | needed | | samples |"
        yield "|---|---|---|---|---|"
        for row in lines:
            bold = "**" if row.verdict == "kept" else ""
            value = f"{bold}{row.value:.3f}{bold}"
            yield f"| {row.figure} | {value} | {_needed(row)} | {row.verdict} | {row.samples} |"


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return JSON values; null for figures without samples."""
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
