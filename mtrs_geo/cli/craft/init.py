"""``mtrs-geo craft init``: make a project file."""

from __future__ import annotations

import json

from mtrs_geo.cli.console import Json, print_line
from mtrs_geo.cli.craft.project_argument import ProjectFile

__all__ = ["init"]


def init(project: ProjectFile, as_json: Json = False) -> None:
    """Create an empty project file. It refers to images by paths relative to its folder.

    Example: `mtrs-geo craft init project.db`
    """
    from mtrs_geo.craft.project import Project

    with Project.create(project) as made:
        path = made.path
    if as_json:
        print_line(json.dumps({"project": str(path)}))
    else:
        print_line(f"an empty project -> {path}")
