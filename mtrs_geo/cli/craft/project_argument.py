"""The argument that every command of ``mtrs-geo craft`` has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["ProjectFile"]

ProjectFile = Annotated[Path, typer.Argument(help="Project file, such as project.db.")]
