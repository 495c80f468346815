"""The page of a stress test: curves, a table, and what the axes do to one pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mtrs_geo.benchmark.report.markup import document, escaped, overlay, row, table
from mtrs_geo.benchmark.report.stress_charts import stress_charts, stress_table
from mtrs_geo.benchmark.stress.examples import PICTURES, Example
from mtrs_geo.benchmark.stress.stored import StoredStress

__all__ = ["write_page"]


def write_page(folder: Path, stored: StoredStress, examples: Sequence[Example]) -> None:
    """Write index.html.

    Args:
        folder: folder with the pictures of the examples.
        stored: the result.
        examples: what the axes do to one pair.
    """
    title = f"Stress test of {stored.model}"
    pairs = "pair" if stored.pairs == 1 else "pairs"
    failed = f" {stored.failed} answers failed." if stored.failed else ""
    body = [
        f"<header><h1>{escaped(title)}</h1>",
        f"<p>{stored.pairs} {pairs}, mIoU {100 * stored.clean_miou:.2f} undisturbed.{failed}</p>",
        "</header><main>",
        *stress_charts([stored]),
        "<h3>One number per axis</h3>",
        stress_table([stored]),
        *_examples(examples),
        "</main>",
    ]
    (folder / "index.html").write_text(document(title, body), encoding="utf-8")


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    shown = [example for example in examples if example.pictures]
    if shown:
        yield '<h3>The first pair at the last level</h3><div class="cards">'
        for example in shown:
            heading = f"{example.axis} {example.level}".strip()
            before, after = (f"{PICTURES}/{name}" for name in example.pictures)
            dates = overlay(before, None, "before") + overlay(after, None, "after")
            yield (
                f'<article class="card"><p><b>{escaped(heading)}</b></p>'
                f'<div class="figures two">{dates}</div></article>'
            )
        yield "</div>"
    worded = [example for example in examples if example.sentences]
    if worded:
        yield "<h3>Its sentences</h3>"
        rows = [
            row(
                [
                    f"<th>{escaped(example.axis)}</th>",
                    f"<td>{escaped(example.level)}</td>",
                    f"<td>{'<br>'.join(map(escaped, example.sentences))}</td>",
                ]
            )
            for example in worded
        ]
        yield table(["axis", "level", "sentences"], rows, "sentences")
