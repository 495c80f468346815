"""The first page of a report: tables, intervals, comparisons, groups and cases of each split."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.config import BOUNDS
from mtrs_geo.benchmark.paper import PAPER_SOURCE, PaperRow, paper_rows
from mtrs_geo.benchmark.report.cards import case_cards
from mtrs_geo.benchmark.report.interval_chart import interval_chart
from mtrs_geo.benchmark.report.markup import attributes, document, escaped, row, score_cell, table
from mtrs_geo.benchmark.report.selection import Case, Page
from mtrs_geo.benchmark.report.stress_charts import stress_charts, stress_table
from mtrs_geo.benchmark.sample_counts import SCORE_LABELS, SCORES
from mtrs_geo.benchmark.scoring import AXES, ModelScores, Score, SplitScores
from mtrs_geo.benchmark.shape_metrics import BOUNDARY_PX, OBJECT_IOU
from mtrs_geo.benchmark.speed import Speed
from mtrs_geo.benchmark.tables import percent, setting_of, speed_cells, tier_of

if TYPE_CHECKING:
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["index_page"]

_WITH_INTERVAL = ("miou", "oiou", "miou_nonempty", "no_target_accuracy", "boundary_f1")
_HEAD = {
    "miou_nonempty": "mIoU non-empty",
    "no_target_accuracy": "no-target acc.",
    "boundary_f1": "boundary F1",
    "object_precision": "object prec.",
    "object_recall": "object rec.",
}
_SPEED_HEAD = ("pairs/s", "km²/s", "peak MiB", "param. (M)")


def index_page(
    result: BenchmarkResult,
    cases: Iterable[Case],
    pages: Mapping[tuple[str, str], Page],
    pictures: set[str],
) -> str:
    """Return the HTML of the first page.

    Args:
        result: the benchmark.
        cases: the cases to show.
        pages: pages by split and id of the sample.
        pictures: names of the pictures that exist.
    """
    cases = list(cases)
    body = [f"<header><h1>{escaped(result.config.title)}</h1>", *_facts(result)]
    names = [scores.split for scores in result.scores]
    if len(names) > 1:
        buttons = [
            f'<button type="button"{attributes(data_split=i)}>{escaped(name)}</button>'
            for i, name in enumerate(names)
        ]
        body.append(f'<nav class="splits">{"".join(buttons)}</nav>')
    body.append("</header><main>")
    for number, scores in enumerate(result.scores):
        body += _split(result, number, scores)
        shown = [case for case in cases if case.split == scores.split]
        body += case_cards(result, scores.split, shown, pages, pictures)
        body.append("</section>")
    if result.stress:
        body += ["<section><h2>Stress tests</h2>", *stress_charts(result.stress)]
        body += [stress_table(result.stress), "</section>"]
    body += ["</main>", *_notes()]
    return document(result.config.title, body, script=True)


def _facts(result: BenchmarkResult) -> Iterator[str]:
    machine = result.hardware
    pairs = sum(map(len, result.pairs.values()))
    counts = {"model": len(result.config.models), "split": len(result.scores), "pair": pairs}
    facts = ", ".join(f"{n} {name}{'s' if n != 1 else ''}" for name, n in counts.items())
    memory = machine["memory_bytes"]
    place = f"{machine['processor']}, {machine['cores']} cores"
    if memory:
        place += f", {memory / 2**30:.0f} GiB"
    yield f"<p>{escaped(facts)}. Run on {escaped(place)}.</p>"
    if result.is_part:
        yield '<p class="warning">A part of the splits only: --limit or --only was given.</p>'


def _split(result: BenchmarkResult, number: int, scores: SplitScores) -> Iterator[str]:
    pairs = result.pairs[scores.split]
    samples = [sample for pair in pairs for sample in pair.samples]
    yield f'<section class="split"{attributes(data_split=number)}>'
    yield f"<h2>{escaped(scores.split)}</h2>"
    yield f"<p>{len(pairs)} pairs, {len(samples)} sentences.</p>"
    paper = paper_rows(setting_of(result, scores.split))
    if paper:
        yield (
            '<label><input type="checkbox" class="paper-switch" checked> '
            "the paper's own figures (on its whole split "
            f"{escaped(setting_of(result, scores.split))})</label>"
        )
    yield _scores_table(result, scores, paper)
    rank = result.config.rank_by
    yield f'<div class="columns"><div><h3>{escaped(SCORE_LABELS[rank])}, 95 % intervals</h3>'
    ours = next((r for r in paper if r.group == "MTRefSeg-R1"), None)
    yield interval_chart(scores.models, rank, ours)
    yield "</div><div><h3>Differences between models</h3>"
    yield _comparisons(scores)
    yield "</div></div>"
    yield "<h3>mIoU by kind of sample</h3>"
    yield _groups(scores)


def _scores_table(result: BenchmarkResult, scores: SplitScores, paper: Iterable[PaperRow]) -> str:
    head = ["tier", "model", "failed", *(_HEAD.get(name, SCORE_LABELS[name]) for name in SCORES),
            *_SPEED_HEAD]  # fmt: skip
    # The bounds are no competitors.
    bounds = {entry.name for entry in result.config.models if entry.model in BOUNDS}
    competing = [model for model in scores.models if model.model not in bounds]
    best = {
        name: max((_finite(model.scores[name].value) for model in competing), default=-1.0)
        for name in SCORES
    }
    rank = result.config.rank_by
    ordered = sorted(scores.models, key=lambda m: -_finite(m.scores[rank].value))
    rows = []
    for model in ordered:
        speed = result.speeds[scores.split, model.model]
        tier = tier_of(scores.tiers, rank, model.model)
        rows.append(_model_row(model, tier, {} if model.model in bounds else best, speed))
    rows += [_paper_row(item) for item in paper]
    return table(head, rows, "scores sortable")


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _model_row(model: ModelScores, tier: str, best: Mapping[str, float], speed: Speed) -> str:
    failed = ' class="failed"' if model.failed else ""
    cells = [
        f"<td{attributes(data_value=tier or 999)}>{tier or '–'}</td>",
        f"<th{_speed_title(speed)}>{escaped(model.model)}</th>",
        f"<td{failed}>{model.failed}/{model.samples + model.failed}</td>",
    ]
    for name in SCORES:
        score = model.scores[name]
        is_best = score.value == best.get(name)
        cells.append(score_cell(score, is_best=is_best, interval=name in _WITH_INTERVAL))
    cells += [f"<td>{text or '–'}</td>" for text in speed_cells(speed)[: len(_SPEED_HEAD)]]
    return row(cells)


def _speed_title(speed: Speed) -> str:
    facts = [speed.device, speed.hardware, speed.command]
    return attributes(title="; ".join(filter(None, facts))) if any(facts) else ""


def _paper_row(item: PaperRow) -> str:
    cells = [
        '<td data-value="1000"></td>',
        f"<th{attributes(title=f'{item.vision}, {item.text}')}>{escaped(item.model)}"
        f" <small>{escaped(item.group)}, paper</small></th>",
        "<td></td>",
    ]
    for name in SCORES:
        value = item.scores.get(name)
        cells.append(
            "<td></td>" if value is None else f"<td data-value={value:.6f}>{percent(value)}</td>"
        )
    return row([*cells, *["<td></td>"] * len(_SPEED_HEAD)], "paper")


def _comparisons(scores: SplitScores) -> str:
    if not scores.comparisons:
        return "<p>Fewer than two models that are no bounds.</p>"
    rows = []
    for item in scores.comparisons:
        significant = item.p_adjusted < 0.05
        cells = [SCORE_LABELS[item.score], item.better, item.worse]
        numbers = [f"{item.p:.2g}", f"{item.p_adjusted:.2g}", str(item.pairs)]
        rows.append(
            row(
                [
                    *(f"<td>{escaped(text)}</td>" for text in cells),
                    _difference_cell(item.difference),
                    *(f"<td{attributes(data_value=text)}>{text}</td>" for text in numbers),
                ],
                "significant" if significant else "level",
            )
        )
    head = ["score", "better", "worse", "difference", "p", "p adjusted", "pairs"]
    return table(head, rows, "comparisons sortable")


def _difference_cell(score: Score) -> str:
    return score_cell(score)


def _groups(scores: SplitScores) -> str:
    parts = []
    for axis in AXES:
        by_model = {
            model.model: {g.name: g for g in model.groups if g.axis == axis}
            for model in scores.models
        }
        names = list(dict.fromkeys(name for groups in by_model.values() for name in groups))
        rows = []
        for name in names:
            found = [groups.get(name) for groups in by_model.values()]
            count = max(group.samples for group in found if group is not None)
            cells = [f"<th>{escaped(name)}</th>", f"<td>{count}</td>"]
            for group in found:
                if group is None:
                    cells.append("<td>–</td>")
                    continue
                score = group.scores["miou"]
                share = attributes(style=f"--share:{_finite(score.value):.4f}")
                cells.append(score_cell(score).replace("<td", f"<td{share}", 1))
            rows.append(row(cells))
        parts.append(table([axis, "samples", *by_model], rows, "groups"))
    return f'<div class="grid">{"".join(parts)}</div>'


def _notes() -> Iterator[str]:
    yield "<footer><h2>How to read this</h2><ul>"
    for note in (
        "All scores in percent. IoU of a sample: 1 if mask and answer are both empty, 0 if only "
        "the mask is. mIoU is its mean, oIoU the sum of intersections over the sum of unions, "
        "Pr@t the share of samples with an IoU of t or more. Empty masks raise these: read mIoU of "
        "non-empty samples and no-target accuracy with them.",
        f"Boundary F1: boundaries within {BOUNDARY_PX} px, mean over samples with a target. Object "
        f"precision and recall: connected regions with an IoU of {OBJECT_IOU} or more.",
        "A sample without an answer is failed: it is in no score, and never a zero.",
        "Intervals: 95 %, bootstrap over pairs of images, not over sentences. Differences: on the "
        "samples that both models answered; p of a paired permutation test over pairs, adjusted by "
        "Holm's method for all comparisons of a score on a split.",
        "Tier: models that no test separates from the best of their tier (adjusted p ≥ 0.05). "
        "The bounds oracle, empty and everything are neither compared nor ranked.",
        "Change type and object class are read from the words of the sentence; size and position "
        "from the mask (the ninth of the image with its centre).",
        "pairs/s: one over the median time of a pair with all of its sentences, without reading "
        "files. Peak MiB: of a process with the model, or of the GPU it ran on.",
        f"The paper: {PAPER_SOURCE}.",
    ):
        yield f"<li>{escaped(note)}</li>"
    yield "</ul></footer>"
