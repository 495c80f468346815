"""Advice for a failed installation, from the log of venv, pip or doctor."""

from __future__ import annotations

import re

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from .install_source import InstallSource
from .torch_build import disk_needed_gb

__all__ = ["installation_advice"]

_MISSING = re.compile(r"No matching distribution found for ([A-Za-z0-9][A-Za-z0-9._-]*)")


def installation_advice(log: str, source: InstallSource, has_gpu: bool) -> str:
    """Return advice for a failure.

    Args:
        log: log of the step that failed.
        source: what pip installed mtrs-geo from.
        has_gpu: whether the computer has an NVIDIA GPU.
    """
    offline = tr("There is no network connection. Install from a folder of wheels.")
    full = tr("The disk is full. mtrs-geo with PyTorch needs about {} GB.")
    for pattern, advice in (
        ("ensurepip", tr("Install Python's venv (Debian, Ubuntu: apt install python3-venv).")),
        ("ProxyError", tr("The proxy refused the connection. Check Settings > Options > Network.")),
        (
            "CERTIFICATE_VERIFY_FAILED",
            tr("A proxy replaces certificates. Add the proxy's certificate to pip's configuration, "
               "or install from a folder of wheels."),
        ),
        ("No space left", full.format(format_fixed(disk_needed_gb(has_gpu), 1))),
        ("Permission denied", tr("The profile folder is not writable. Check its permissions.")),
        ("Failed to establish a new connection", offline),
        ("name resolution", offline),
        ("Read timed out", offline),
        (
            "requires a different Python",
            tr("This version of mtrs-geo needs another version of Python. The log names it."),
        ),
        (
            "not a supported wheel",
            tr("The wheel is for another Python or another operating system. Select another one."),
        ),
        (
            "Could not import module",
            tr("torch and torchvision come from different builds. Take both from the same source "
               "and create the environment again."),
        ),
    ):  # fmt: skip
        if pattern in log:
            return advice
    missing = _MISSING.search(log)
    if missing is not None:
        return _missing_advice(missing[1].replace("_", "-"), source)
    return tr("See the log for the cause. You can also run the command in a terminal.")


def _missing_advice(package: str, source: InstallSource) -> str:
    if not source.reads_index:
        msg = tr(
            "{} is missing. Without the package index, a folder of wheels must contain mtrs-geo "
            "and all its dependencies. Add the package, or allow the package index."
        )
    elif package == "mtrs-geo":
        msg = tr(
            "{} is not on the package index. Select a wheel of mtrs-geo, a folder of wheels or a "
            "checkout, and create the environment again."
        )
    else:
        msg = tr(
            "{} is not on the package index, or not for this Python and operating system. Check "
            "the index in pip's configuration."
        )
    return msg.format(package)
