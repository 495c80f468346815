"""A page per sample: both dates, the truth, and the answer of every model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.report.markup import attributes, document, escaped, overlay
from mtrs_geo.benchmark.report.pictures import answer_picture, truth_picture
from mtrs_geo.benchmark.report.selection import Page
from mtrs_geo.benchmark.scoring import SampleResult
from mtrs_geo.benchmark.tables import percent

if TYPE_CHECKING:
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["sample_pages"]


def sample_pages(
    result: BenchmarkResult, pages: Sequence[Page], pictures: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield the file name and the HTML of each page.

    Args:
        result: the benchmark.
        pages: in order; each links to its neighbours.
        pictures: names of the pictures that exist.
    """
    found = {
        (split, item.sample.id, model): item
        for split, by_model in result.results.items()
        for model, items in by_model.items()
        for item in items
    }
    for number, page in enumerate(pages):
        answers = [
            (i, entry.name, answer)
            for i, entry in enumerate(result.config.models)
            if (answer := found.get((page.split, page.sample.id, entry.name))) is not None
        ]
        # Stable: models with the same IoU stay in the order of the configuration.
        answers.sort(key=lambda item: -1.0 if item[2].counts is None else -item[2].counts.iou - 2)
        neighbours = (
            pages[number - 1] if number else None,
            (pages[number + 1] if number + 1 < len(pages) else None),
        )
        yield f"{page.name}.html", _page(page, answers, neighbours, pictures)


def _page(
    page: Page,
    answers: Sequence[tuple[int, str, SampleResult]],
    neighbours: tuple[Page | None, Page | None],
    pictures: set[str],
) -> str:
    sample = page.sample
    title = f"{page.split}: {sample.id}"
    before, after = (f"../pictures/{page.pair_name}_{date}.webp" for date in ("before", "after"))
    facts = answers[0][2].groups if answers else {}
    listed = "".join(
        f"<dt>{escaped(axis)}</dt><dd>{escaped(name)}</dd>" for axis, name in facts.items()
    )
    body = [
        f'<header class="sample"><nav>{"".join(_links(neighbours))}</nav>',
        f"<h1>{escaped(sample.sentence or '(any change)')}</h1><p>{escaped(title)}</p>",
        f"<dl>{listed}</dl></header><main>",
        '<div class="figures large">',
        overlay(before, None, "before"),
        overlay(after, None, "after"),
        overlay(after, f"../pictures/{truth_picture(page)}", "truth"),
        '</div><h2>Answers</h2><p class="legend"><i class="correct"></i> correct '
        '<i class="false"></i> false <i class="missed"></i> missed</p>',
        '<div class="figures large">',
        *(_answer(page, *item, after, pictures) for item in answers),
        "</div></main>",
    ]
    return document(title, body)


def _links(neighbours: tuple[Page | None, Page | None]) -> Iterator[str]:
    yield '<a href="../index.html">all results</a>'
    for page, text in zip(neighbours, ("previous", "next"), strict=True):
        if page is not None:
            yield f"<a{attributes(href=f'{page.name}.html')}>{text}</a>"


def _answer(
    page: Page, number: int, model: str, answer: SampleResult, after: str, pictures: set[str]
) -> str:
    counts, picture = answer.counts, answer_picture(page, number)
    name = f"<b>{escaped(model)}</b>"
    if counts is None:
        text = f"{name} failed: {escaped(answer.reason)}"
        return f'<figure><figcaption class="failed">{text}</figcaption></figure>'
    scores = f"IoU {percent(counts.iou)}, boundary F1 {percent(counts.shapes.boundary_f1)}"
    mask = f"../pictures/{picture}" if picture in pictures else None
    return overlay(after, mask, f"{name} {scores}")
