"""What pip installs mtrs-geo from: the package index, a wheel, a folder of wheels or a checkout."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHECKOUT", "FOLDER", "INDEX", "WHEEL", "InstallSource", "bundled_wheel"]

INDEX, WHEEL, FOLDER, CHECKOUT = "index", "wheel", "folder", "checkout"
_OWN_WHEELS = "mtrs_geo-*.whl"
_BUNDLED_FOLDER = Path(__file__).resolve().parents[1] / "wheels"


@dataclass(frozen=True)
class InstallSource:
    """A source of mtrs-geo for pip."""

    path: str = ""
    """A wheel, a folder of wheels or a checkout; empty for the package index."""
    uses_index: bool = True
    """Whether pip looks for packages that the path does not contain on the package index."""

    @property
    def kind(self) -> str:
        """``index``, ``wheel``, ``folder`` or ``checkout``, from the path."""
        if not self.path:
            return INDEX
        if self.path.endswith(".whl"):
            return WHEEL
        project = Path(self.path) / "pyproject.toml"
        is_checkout = os.path.isfile(project) and "mtrs-geo" in project.read_text(
            "utf-8", "replace"
        )
        return CHECKOUT if is_checkout else FOLDER

    @property
    def reads_index(self) -> bool:
        """Whether pip reads a package index."""
        return self.uses_index or self.kind == INDEX

    def options(self) -> list[str]:
        """Return pip's options for where it looks for packages."""
        folder = str(Path(self.path).parent) if self.kind == WHEEL else self.path
        if not self.reads_index:
            # Isolated: pip's own settings could add packages of other builds.
            return ["--isolated", "--no-index", "--find-links", folder]
        return ["--find-links", folder] if self.kind == FOLDER else []

    def requirement(self, extra: str = "") -> str:
        """Return mtrs-geo as an argument of ``pip install``, with an extra."""
        suffix = f"[{extra}]" if extra else ""
        if self.kind in (WHEEL, CHECKOUT):
            return self.path + suffix
        # The file, because an index may have another package with this name.
        own = newest_wheel(Path(self.path)) if self.kind == FOLDER else None
        return f"{own or 'mtrs-geo'}{suffix}"

    def is_complete(self) -> bool:
        """Return whether the path is a folder that contains PyTorch, so that no index is needed."""
        return self.kind == FOLDER and any(Path(self.path).glob("torch-*.whl"))


def bundled_wheel() -> str:
    """Return the wheel of mtrs-geo in the plugin's zip; empty if the zip has none."""
    return str(newest_wheel(_BUNDLED_FOLDER) or "")


def newest_wheel(folder: Path) -> Path | None:
    """Return the wheel of mtrs-geo with the highest version in a folder; None if there is none."""

    def version(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name.split("-")[1])]

    return max(folder.glob(_OWN_WHEELS), key=version, default=None)
