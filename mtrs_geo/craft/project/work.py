"""What the stages have done, what failed, and what it cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from mtrs_geo.craft.project.database import Project
from mtrs_geo.craft.project.records import Origin

__all__ = ["Cost", "add_cost", "failures", "is_done", "mark", "total_price"]


@dataclass(frozen=True)
class Cost:
    """One call of a backend."""

    stage: str
    origin: Origin
    outcome: str
    """``ok``, ``cached``, ``retried`` or ``failed``."""
    input_tokens: int = 0
    output_tokens: int = 0
    price: float = 0.0
    """In the currency of the project's setting ``currency``."""
    seconds: float = 0.0
    detail: str = ""
    pair_id: int | None = None
    item_id: int | None = None


def is_done(project: Project, stage: str, subject: str) -> bool:
    """Whether a stage is finished for a subject such as ``pair 3``; failed ones are not."""
    found = project.connection.execute(
        "SELECT 1 FROM work WHERE stage = ? AND subject = ? AND outcome = 'done'", (stage, subject)
    ).fetchone()
    return found is not None


def mark(
    project: Project,
    stage: str,
    subject: str,
    outcome: Literal["done", "failed"] = "done",
    detail: str = "",
) -> None:
    """Write that a stage is done or failed; call it in the transaction of the stage's results."""
    project.connection.execute(
        "INSERT INTO work VALUES (?, ?, ?, ?, ?) ON CONFLICT (stage, subject) "
        "DO UPDATE SET outcome = ?3, detail = ?4, created = ?5",
        (stage, subject, outcome, detail, time.time()),
    )


def failures(project: Project) -> list[tuple[str, str, str]]:
    """Return stage, subject and reason of what failed."""
    rows = project.connection.execute(
        "SELECT stage, subject, detail FROM work WHERE outcome = 'failed' ORDER BY created"
    )
    return [(row["stage"], row["subject"], row["detail"]) for row in rows]


def add_cost(project: Project, cost: Cost) -> None:
    """Add the cost of one call; costs of failed calls count too."""
    project.connection.execute(
        "INSERT INTO costs (stage, pair_id, item_id, origin_id, outcome, input_tokens, "
        "output_tokens, price, seconds, detail, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (cost.stage, cost.pair_id, cost.item_id, project.origin_id(cost.origin), cost.outcome,
         cost.input_tokens, cost.output_tokens, cost.price, cost.seconds, cost.detail,
         time.time()),
    )  # fmt: skip


def total_price(project: Project) -> float:
    """Return the sum of all costs."""
    return float(project.connection.execute("SELECT TOTAL(price) FROM costs").fetchone()[0])
