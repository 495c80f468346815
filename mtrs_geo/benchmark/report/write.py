"""Write the report of a benchmark into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.benchmark.report.index_page import index_page
from mtrs_geo.benchmark.report.pictures import write_pictures
from mtrs_geo.benchmark.report.sample_pages import sample_pages
from mtrs_geo.benchmark.report.selection import choose_cases, choose_pages

if TYPE_CHECKING:
    from mtrs_geo.benchmark.cache import Cache
    from mtrs_geo.benchmark.run import BenchmarkResult

__all__ = ["write_report"]


def write_report(folder: Path, result: BenchmarkResult, cache: Cache) -> None:
    """Write index.html, samples/*.html and pictures.

    Args:
        folder: existing folder.
        result: the benchmark.
        cache: holds the answers.
    """
    for name in ("samples", "pictures"):
        (folder / name).mkdir()
    cases = choose_cases(result)
    pages = choose_pages(result, cases)
    pictures = write_pictures(folder / "pictures", result, pages.values(), cache)
    text = index_page(result, cases, pages, pictures)
    (folder / "index.html").write_text(text, encoding="utf-8")
    for name, content in sample_pages(result, list(pages.values()), pictures):
        (folder / "samples" / name).write_text(content, encoding="utf-8")
