"""``mtrs-geo craft gold``: items whose right answers are known, to measure auditors."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mtrs_geo.cli.console import Json, choice, print_line
from mtrs_geo.cli.craft.project_argument import ProjectFile

__all__ = ["gold"]

_QUESTIONS = ("mask", "sentence", "complete")


def gold(
    project: ProjectFile,
    items: Annotated[
        list[int] | None, typer.Argument(help="Numbers of items; without them all are listed.")
    ] = None,
    wrong: Annotated[
        list[str] | None,
        typer.Option(
            help="What is wrong with the items: mask, sentence, complete (something is missing); "
            "may be repeated. Without it all three answers are yes."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make gold items: copies of items with known answers, shown among the others.

    The items are not changed. Giving an item again changes the answers of its copy.

    Example: `mtrs-geo craft gold project.db 17 23 --wrong mask`
    """
    for name in wrong or []:
        choice("--wrong", name, _QUESTIONS)
    answers = tuple(name not in (wrong or []) for name in _QUESTIONS)
    from mtrs_geo.craft.project import Project
    from mtrs_geo.craft.project.gold import add_golds, list_gold

    with Project(project) as opened:
        add_golds(opened, items or [], (answers[0], answers[1], answers[2]))
        found = list_gold(opened)
    if as_json:
        print_line(json.dumps([{"item": item, **dict(zip(_QUESTIONS, truth, strict=True)),
                                "verdicts": count} for item, truth, count in found]))  # fmt: skip
        return
    for item, truth, count in found:
        no = [name for name, answer in zip(_QUESTIONS, truth, strict=True) if not answer]
        said = f"no to {', '.join(no)}" if no else "three times yes"
        print_line(f"gold of item {item}: {said}, {count} verdicts")
    print_line(f"{len(found)} gold items")
