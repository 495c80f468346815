"""The numbers and pictures of the dashboard, kept until something that they count changes."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mtrs_geo.craft.audit.agreement import (
    Agreement,
    MaskAgreement,
    mask_agreement,
    measure_agreement,
    read_opinions,
)
from mtrs_geo.craft.audit.plots import draw_plot
from mtrs_geo.craft.audit.statistics import Acceptance, AuditorRow, acceptances, auditor_rows
from mtrs_geo.craft.project import Project

__all__ = ["Dashboards", "Numbers"]

_VERSION = """SELECT (SELECT MAX(rowid) FROM verdicts), (SELECT MAX(rowid) FROM edits),
    (SELECT MAX(rowid) FROM rounds), (SELECT COUNT(*) FROM gold),
    (SELECT TOTAL(mask_right + 2 * sentence_right + 4 * complete) FROM gold),
    (SELECT COUNT(*) FROM items WHERE state = 'accepted'),
    (SELECT COUNT(*) FROM items WHERE state = 'rejected')"""


@dataclass(frozen=True)
class Numbers:
    """What the dashboard shows beside the progress."""

    auditors: Sequence[AuditorRow]
    agreement: Agreement
    masks: MaskAgreement
    groups: Mapping[str, Sequence[Acceptance]]


class Dashboards:
    """Dashboards of one project; several threads may ask."""

    def __init__(self) -> None:
        self._counting, self._drawing = threading.Lock(), threading.Lock()
        self._ious: dict[tuple[int, int], float] = {}
        self._version = ""
        self._numbers: Numbers | None = None
        self._plots: dict[str, tuple[Numbers, bytes]] = {}

    def version(self, project: Project) -> str:
        """Return a text that changes with everything that is counted."""
        found = project.connection.execute(_VERSION).fetchone()
        return "-".join(str(int(value or 0)) for value in found)

    def numbers(self, project: Project) -> Numbers:
        """Return the numbers of a project."""
        with self._counting:
            version = self.version(project)
            if self._numbers is None or version != self._version:
                self._numbers, self._version = self._count(project), version
            return self._numbers

    def plot(self, project: Project, name: str) -> bytes:
        """Return a picture as SVG.

        Raises:
            KeyError: if there is no such picture.
        """
        numbers = self.numbers(project)
        with self._drawing:
            of, content = self._plots.get(name, (None, b""))
            if of is not numbers:
                content = draw_plot(project, name, numbers.groups)
                self._plots[name] = numbers, content
            return content

    def _count(self, project: Project) -> Numbers:
        opinions = read_opinions(project)
        return Numbers(
            auditor_rows(project),
            measure_agreement(opinions),
            mask_agreement(project, opinions, self._ious),
            acceptances(project),
        )
