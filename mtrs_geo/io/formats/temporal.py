"""When QGIS's temporal controller shows the features of a layer, as part of a style."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

__all__ = ["PERIODS", "TIME_FIELDS", "TimeOfFeatures"]

_FIELDS_MODE, _EXPRESSIONS_MODE = 2, 4
"""QGIS's numbers of the modes "start and end from fields" and "from expressions"."""
_INCLUDE_END = 1


@dataclass(frozen=True)
class TimeOfFeatures:
    """The time from a start to an end, which both belong to it."""

    start: str
    end: str
    are_expressions: bool = False
    """Whether they are expressions of QGIS, not names of fields with a date."""

    def qml(self) -> str:
        """Return the element of a style, readable by QGIS 3.22 and newer."""
        kind = "Expression" if self.are_expressions else "Field"
        mode = _EXPRESSIONS_MODE if self.are_expressions else _FIELDS_MODE
        return (
            f'<temporal enabled="1" mode="{mode}" start{kind}={quoteattr(self.start)} '
            f'end{kind}={quoteattr(self.end)} durationField="" durationUnit="min" '
            f'fixedDuration="0" accumulate="0" limitMode="{_INCLUDE_END}">'
            "<fixedRange><start></start><end></end></fixedRange></temporal>\n"
        )


def _first_day(field: str) -> str:
    """Return an expression of QGIS: the first day of a date such as "2016" or "2016-06"."""
    return f"to_datetime(left(\"{field}\" || '-01-01', 10))"


TIME_FIELDS = TimeOfFeatures("time_start", "time_end")
"""Of a layer with these fields."""
PERIODS = TimeOfFeatures(_first_day("date_before"), _first_day("date_after"), are_expressions=True)
"""Of a layer of changes: from the date before to the date after."""
