"""``mtrs-geo craft status``: what a project holds."""

from __future__ import annotations

import json
from dataclasses import asdict

from mtrs_geo.cli.console import Json, print_line
from mtrs_geo.cli.craft.project_argument import ProjectFile

__all__ = ["status"]


def status(project: ProjectFile, as_json: Json = False) -> None:
    """Print pairs, items by state, what failed and why, and costs.

    Example: `mtrs-geo craft status project.db`
    """
    from mtrs_geo.craft.project import Project
    from mtrs_geo.craft.status import read_status

    with Project(project) as opened:
        found = read_status(opened)
    if as_json:
        print_line(json.dumps(asdict(found)))
        return
    for line in found.lines():
        print_line(line)
