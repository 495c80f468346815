"""How much of a project people judge, how often twice, and how often gold items are shown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from mtrs_geo.craft.project.database import Project
from mtrs_geo.errors import RequestError

__all__ = ["AuditRates", "audit_rates", "set_audit_rates"]

_HASH_RANGE = 1 << 32
_SETTING = "audit_{}"
_MOST_GOLD_EVERY = 1_000_000


@dataclass(frozen=True)
class AuditRates:
    """Shares of the audit, stored in the project file.

    Raises:
        RequestError: if a share is not in 0 to 1, or ``gold_every`` is no whole number from 0 on.
    """

    double_share: float = 0.1
    """Share of the items that two auditors judge."""
    gold_every: int = 20
    """One gold item in so many; 0 shows none."""
    random_share: float = 0.1
    """Share of the automatically accepted items that people judge nevertheless."""

    def __post_init__(self) -> None:
        for name in ("double_share", "random_share"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value <= 1:
                msg = f"{name} {value!r} is not in 0 to 1."
                raise RequestError(msg, advice="Set it with mtrs-geo craft settings.")
        if type(self.gold_every) is not int or not 0 <= self.gold_every <= _MOST_GOLD_EVERY:
            msg = f"gold_every {self.gold_every!r} is not a whole number of items."
            raise RequestError(msg, advice="Set it with mtrs-geo craft settings.")

    @property
    def double_limit(self) -> int:
        """Hashes below it belong to items that are audited twice."""
        return int(self.double_share * _HASH_RANGE)


def audit_rates(project: Project) -> AuditRates:
    """Return the rates of a project; what it does not set has the default.

    Raises:
        RequestError: if the project file has a value that cannot be used.
    """
    defaults = asdict(AuditRates())
    return AuditRates(
        **{name: project.setting(_SETTING.format(name), value) for name, value in defaults.items()}
    )


def set_audit_rates(project: Project, rates: AuditRates) -> None:
    """Store the rates of a project, in one transaction."""
    with project.transaction():
        for name, value in asdict(rates).items():
            project.set(_SETTING.format(name), value)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(float(str(value)))
