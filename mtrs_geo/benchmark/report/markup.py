"""Parts of HTML that several pages share; every text is escaped here."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from mtrs_geo.benchmark.scoring import Score
from mtrs_geo.benchmark.tables import percent

__all__ = ["attributes", "document", "escaped", "overlay", "row", "score_cell", "table"]

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'"


def escaped(text: object) -> str:
    """Return a text for HTML, in content and in quoted attributes."""
    return html.escape(str(text), quote=True)


def attributes(**values: object) -> str:
    """Return attributes; an underscore in a name becomes a hyphen, one at the end is left out."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for name, value in values.items()
    )


def document(title: str, body: Iterable[str], *, script: bool = False) -> str:
    """Return a page with the style of the report, which needs no other file but pictures.

    Args:
        title: plain text.
        body: HTML.
        script: add the script of the report.
    """
    code = (_HERE / "report.js").read_text("utf-8") if script else ""
    policy = _POLICY + ("; script-src 'unsafe-inline'" if script else "")
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escaped(title)}</title>",
            f"<style>{(_HERE / 'report.css').read_text('utf-8')}</style></head><body>",
            *body,
            *([f"<script>{code}</script>"] if script else []),
            "</body></html>\n",
        ]
    )


def overlay(image: str, mask: str | None, caption: str) -> str:
    """Return a figure: an image in grey below a mask, or the image in colour without one.

    Args:
        image: path of the image.
        mask: path of the mask.
        caption: HTML.
    """
    kind = "" if mask is None else ' class="grey"'
    layers = f'<img{kind} loading="lazy" alt="" src="{escaped(image)}">'
    if mask is not None:
        layers += f'<img class="mask" loading="lazy" alt="" src="{escaped(mask)}">'
    return f'<figure><div class="layers">{layers}</div><figcaption>{caption}</figcaption></figure>'


def score_cell(score: Score, *, is_best: bool = False, interval: bool = True) -> str:
    """Return a table cell with a score in percent and its interval."""
    if not math.isfinite(score.value):
        return '<td data-value="-1">–</td>'
    limits = f"{percent(score.low)}–{percent(score.high)}"
    kind = ' class="best"' if is_best else ""
    below = f"<small>{limits}</small>" if interval else ""
    title = attributes(title=f"95 %: {limits}", data_value=score.value)
    return f"<td{kind}{title}>{percent(score.value)}{below}</td>"


def row(cells: Iterable[str], kind: str = "") -> str:
    """Return a table row of cells that are HTML already."""
    return f"<tr{attributes(class_=kind) if kind else ''}>{''.join(cells)}</tr>"


def table(head: Sequence[str], rows: Iterable[str], kind: str) -> str:
    """Return a table; the head is plain text, the rows are HTML."""
    cells = "".join(f"<th>{escaped(text)}</th>" for text in head)
    inner = f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="wide"><table class="{kind}">{inner}</table></div>'
