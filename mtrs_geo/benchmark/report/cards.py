"""The cases of a split as cards that can be filtered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.report.markup import attributes, escaped, overlay
from mtrs_geo.benchmark.report.pictures import answer_picture, truth_picture
from mtrs_geo.benchmark.report.selection import KINDS, Case, Page
from mtrs_geo.benchmark.tables import percent

if TYPE_CHECKING:
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["case_cards"]


def case_cards(
    result: BenchmarkResult,
    split: str,
    cases: Sequence[Case],
    pages: Mapping[tuple[str, str], Page],
    pictures: set[str],
) -> Iterator[str]:
    """Yield the HTML of the cases of a split, with their filters.

    Args:
        result: the benchmark.
        split: name of the split.
        cases: cases of the split.
        pages: pages by split and id of the sample.
        pictures: names of the pictures that exist.
    """
    yield "<h3>Cases</h3>"
    values = {
        "kind": [kind for kind in KINDS if any(kind in case.kinds for case in cases)],
        "model": list(result.results[split]),
        "change": sorted({case.result.groups["change type"] for case in cases}),
        "class": sorted({case.result.groups["object class"] for case in cases}),
        "size": sorted({case.result.groups.get("size", "failed") for case in cases}),
    }
    yield '<form class="filters">'
    for name, options in values.items():
        inner = "".join(f"<option>{escaped(option)}</option>" for option in options)
        choices = f'<option value="">all</option>{inner}'
        yield f'<label>{name} <select name="{name}">{choices}</select></label>'
    yield '<label>text <input type="search" name="text"></label><output></output></form>'
    yield '<div class="cards">'
    numbers = {entry.name: i for i, entry in enumerate(result.config.models)}
    for case in cases:
        page = pages[split, case.result.sample.id]
        yield _card(case, page, answer_picture(page, numbers[case.model]), pictures)
    others = [page for page in pages.values() if page.split == split]
    yield "</div>"
    yield f"<details><summary>All {len(others)} samples with a page</summary><ul class='samples'>"
    for page in others:
        link = attributes(href=f"samples/{page.name}.html")
        yield f"<li><a{link}>{escaped(page.sample.id)}</a> {escaped(page.sample.sentence)}</li>"
    yield "</ul></details>"


def _card(case: Case, page: Page, answer: str, pictures: set[str]) -> str:
    groups = case.result.groups
    data = attributes(
        data_kind="|".join(case.kinds),
        data_model=case.model,
        data_change=groups["change type"],
        data_class=groups["object class"],
        data_size=groups.get("size", "failed"),
        data_text=f"{page.sample.sentence} {page.sample.id}".lower(),
    )
    counts = case.result.counts
    score = case.result.reason if counts is None else f"IoU {percent(counts.iou)}"
    kinds = ", ".join(case.kinds)
    after = f"pictures/{page.pair_name}_after.webp"
    figures = [
        overlay(f"pictures/{page.pair_name}_before.webp", None, "before"),
        overlay(after, None, "after"),
        overlay(after, f"pictures/{truth_picture(page)}", "truth"),
    ]
    if answer in pictures:
        figures.append(overlay(after, f"pictures/{answer}", "answer"))
    link = attributes(href=f"samples/{page.name}.html")
    return (
        f'<article class="card"{data}><p><b>{escaped(case.model)}</b> {escaped(kinds)} '
        f'<span class="score">{escaped(score)}</span></p>'
        f'<p class="sentence"><a{link}>{escaped(page.sample.sentence or "(any change)")}</a></p>'
        f'<div class="figures">{"".join(figures)}</div></article>'
    )
