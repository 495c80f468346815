"""``mtrs-geo craft settings``: shares of the audit, and licences of the sources."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mtrs_geo.cli.console import Json, print_line, print_note
from mtrs_geo.cli.craft.project_argument import ProjectFile

if TYPE_CHECKING:
    from mtrs_geo.craft.project import Project

__all__ = ["settings"]


def settings(
    project: ProjectFile,
    double_share: Annotated[
        float | None, typer.Option(help="Share of the items that two auditors judge, 0 to 1.")
    ] = None,
    gold_every: Annotated[
        int | None, typer.Option(help="One item in this many is a gold item; 0 shows none.")
    ] = None,
    random_share: Annotated[
        float | None,
        typer.Option(
            help="Share of the automatically accepted items that people still judge, 0 to 1."
        ),
    ] = None,
    licence: Annotated[
        list[str] | None,
        typer.Option(
            help="SOURCE=TEXT: licence of a source's images, for the datasheet; may be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change and print the settings of a project; without options, only print them.

    Example: `mtrs-geo craft settings project.db --double-share 0.2 --licence 'levir=academic'`
    """
    licences = dict(_licence(text) for text in licence or [])
    from mtrs_geo.craft.project import Project
    from mtrs_geo.craft.project.audit_rates import audit_rates, set_audit_rates

    given = {"double_share": double_share, "gold_every": gold_every, "random_share": random_share}
    changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with Project(project) as opened:
        if changed:
            set_audit_rates(opened, replace(audit_rates(opened), **changed))
        if licences:
            opened.set("licences", opened.setting("licences", {}) | licences)
        sources = _sources(opened)
        licences = dict.fromkeys(sources, "") | opened.setting("licences", {})
        found = asdict(audit_rates(opened)) | {"licences": licences}
    if as_json:
        print_line(json.dumps(found))
        return
    print_line(f"double share: {found['double_share']:g} of the items go to two auditors")
    every = found["gold_every"]
    print_line(f"gold every: {f'one gold item in {every}' if every else 'no gold items'}")
    print_line(f"random share: {found['random_share']:g} of what --auto-accept accepts")
    for source, text in licences.items():
        print_line(f"licence of {source}: {text or 'not stated'}")
    for source in licences.keys() - sources:
        print_note(
            f"warning: no pair has the source {source!r}; those of the project are "
            f"{', '.join(map(repr, sources)) or 'none yet'}"
        )


def _licence(text: str) -> tuple[str, str]:
    source, equals, licence = text.partition("=")
    if not equals or not source.strip():
        msg = f"--licence {text!r} must look like SOURCE=TEXT"
        raise typer.BadParameter(msg)
    return source.strip(), licence.strip()


def _sources(project: Project) -> list[str]:
    """Return the names of the sources of all pairs."""
    rows = project.connection.execute("SELECT DISTINCT source FROM pairs ORDER BY source")
    return [row[0] for row in rows if row[0]]
