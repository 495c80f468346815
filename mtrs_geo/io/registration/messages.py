"""What a user reads about measured shifts."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.io.registration.shift import NEGLIGIBLE_PX, DateShift

__all__ = ["shift_notes", "shift_warnings"]

_LARGE_PX = 1.5
"""A larger shift costs accuracy."""


def shift_warnings(shifts: Sequence[DateShift], *, register: bool) -> tuple[str, ...]:
    """Return a message per date that lies too far off, or that could not be registered.

    Args:
        shifts: measured shifts.
        register: whether the run corrects shifts.
    """
    messages = []
    for shift in shifts:
        if register and not shift.is_measured:
            messages.append(f"{_unmeasured(shift)}, so it was not corrected.")
        elif not shift.corrected and shift.size_px is not None and shift.size_px > _LARGE_PX:
            messages.append(
                f"{_place(shift)}. Its objects are reported that far from their place. "
                "--register (register=True) corrects it; in QGIS the advanced parameter 'Correct "
                "the shift between the dates' does."
            )
    return tuple(messages)


def shift_notes(shifts: Sequence[DateShift], *, register: bool) -> tuple[str, ...]:
    """Return a message per date on its shift, unless `shift_warnings` has one."""
    messages = []
    for shift in shifts:
        if shift.corrected:
            messages.append(f"{_place(shift)}; corrected.")
        elif not shift.is_measured and not register:
            messages.append(f"{_unmeasured(shift)}.")
        elif shift.size_px is not None and shift.size_px < NEGLIGIBLE_PX:
            messages.append(
                f"{shift.raster} is aligned with {shift.reference} within {NEGLIGIBLE_PX} px "
                f"({_confidence(shift)})."
            )
        elif shift.size_px is not None and shift.size_px <= _LARGE_PX:
            messages.append(f"{_place(shift)}.")
    return tuple(messages)


def _place(shift: DateShift) -> str:
    assert shift.dx_px is not None
    assert shift.dy_px is not None
    across = f"{abs(shift.dx_px):.1f} px ({abs(shift.dx_m or 0):.2f} m) to the "
    down = f"{abs(shift.dy_px):.1f} px ({abs(shift.dy_m or 0):.2f} m) "
    across += "right" if shift.dx_px >= 0 else "left"
    down += "down" if shift.dy_px >= 0 else "up"
    local = f", and varies (median {shift.size_px:.1f} px)" if shift.varies else ""
    return (
        f"{shift.raster} is shifted by {across} and {down} against {shift.reference}{local} "
        f"({_confidence(shift)})"
    )


def _confidence(shift: DateShift) -> str:
    return f"confidence {shift.confidence:.0%} of {shift.windows} windows"


def _unmeasured(shift: DateShift) -> str:
    between = f"the shift between {shift.raster} and {shift.reference}"
    if not shift.windows:
        return f"{between} could not be measured: no part of both has enough detail"
    return f"{between} could not be measured in {shift.windows} windows"
