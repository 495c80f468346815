"""Messages of the worker, which name options of the command line, in the words of QGIS."""

from __future__ import annotations

import re
from typing import Any

from ..i18n.translate import tr

__all__ = ["in_qgis"]

_TEXTS = ("message", "advice", "warning", "warnings", "notes")
"""Keys of an event with texts for people."""
_PYTHON = r"(?: \([a-z_]+=(?:[^()]|\([^()]*\))*\))?"
"""The same option in Python, which follows in brackets."""
_TEMPORAL = "in the layer properties (Temporal)"
_BANDS = "with “Rearrange bands” (Raster > Conversion in the toolbox)"
_CALCULATOR = "the raster calculator"
_RULES = (
    # Red, green and blue.
    (rf"Give the file once per date, each with the band of its date: --bands .*?{_PYTHON}\.$",
     f"Write the bands of each date to a raster of their own {_BANDS}."),
    (r"A file with several dates is given once per date, each with its --bands\.",
     f"Write the bands of each date to a raster of their own {_BANDS}."),
    (rf"give them: --bands [\d,]+{_PYTHON}", f"write them to a raster of their own {_BANDS}"),
    (r",? as with --bands [\d,]+(.*)give other bands",
     rf"\1write red, green and blue to a raster of their own {_BANDS}"),
    (r" \(--bands\)", ""),
    # Dates and pixels.
    (r"with --dates", _TEMPORAL),
    (r"--dates", f"dates {_TEMPORAL}"),
    (r"or a coarser --resolution", "or rasters of coarser pixels"),
    (r"--resolution (\S+) resamples the rasters", r"Resample the rasters to \1 m"),
    (r"--resolution (\S+) (\([^()]*\)) resamples the rasters",
     r"Resample the rasters to \1 \2"),
    (r"--resolution \S+(?: \([^()]*\))? enlarges them", "Resampling the rasters enlarges them"),
    (r"`gdal_calc\.py [^`]*`", _CALCULATOR),
    (rf"--register{_PYTHON} corrects it; in QGIS the advanced parameter ('[^']*') does",
     r"The advanced parameter \1 corrects it"),
    (r", or give it: left,bottom,right,top,EPSG:\S+", ", or set it in the layer properties."),
    # What a program in Python would call.
    (r"Assign one with `ogr2ogr -a_srs [^`]*`, or with set_crs in geopandas\.|"
     r"Assign one, for example layer\.set_crs\(\d+\)\.",
     "Set it in the layer properties, or write the layer anew (Assign projection in the toolbox)."),
    (r"`result\.events`, in a GeoPackage the layer events, has",
     "the layer events of a GeoPackage has"),
    (r"Give the parameter aoi_crs\.",
     "Set a CRS for the project, or choose the extent of a layer."),
    # Other options.
    (r" A picture with the polygons is --preview \(preview=\)\.", ""),
    (r"--device (?=[a-z])", "the device "),
    (r", give it as a layer \(--reference [^()]*\)", ", the command line takes it as a layer"),
    (r"Give it as a layer[a-z ]*: --reference \"[^\"]*\"", "The command line takes it as a layer"),
    (r"Give a layer of that name, for example --reference \"[^\"]*\"",
     "The command line takes a layer of that name"),
    (r"allow the host: mtrs-geo --allow host:NAME …, or set", "allow the host: set"),
    (r"leave out --probability", "leave out the probability raster"),
    (r" \(--text-column\)", ": query"),
)  # fmt: skip
"""Patterns of advice to the advice for QGIS."""
_OPTION = re.compile(rf"(?:pip install|mtrs-geo [a-z]+) .*|--([a-z]+(?:-[a-z]+)*){_PYTHON}")
"""Another option, or a command with its options, which is kept."""


def in_qgis(payload: dict[str, Any], job: str) -> dict[str, Any]:
    """Return an event of the worker with texts that name no option of the command line.

    Args:
        payload: event; only its messages, warnings and advice are changed.
        job: name of the job in the protocol.
    """
    return {name: _reworded(value, job, name in _TEXTS) for name, value in payload.items()}


def _reworded(value: Any, job: str, is_text: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return in_qgis(value, job)
    if isinstance(value, list):
        return [_reworded(one, job, is_text) for one in value]
    return _sentence(value, job) if is_text and isinstance(value, str) else value


def _sentence(text: str, job: str) -> str:
    for pattern, words in (*_RULES, *_rules_of(job)):
        text = re.sub(pattern, words, text)
    return _OPTION.sub(
        lambda found: "“{}”".format(found[1].replace("-", " ")) if found[1] else found[0], text
    )


def _rules_of(job: str) -> tuple[tuple[str, str], ...]:
    """Return the rules for parameters that an algorithm has under its own name."""
    resume = (
        tr("Keep the rows that are done in the folder, and go on")
        if job == "batch"
        else tr("Go on with an interrupted run of the same output")
    )
    replace = tr("Replace the contents of the folder")
    overwrite = f"with “{replace}”" if job == "export_pairs" else f"without “{resume}”"
    instead = f", or choose “{replace}”" if job == "export_pairs" else ""
    return (
        (rf", or pass --overwrite{_PYTHON}", instead),
        (rf"with --overwrite{_PYTHON}", overwrite),
        (rf"--resume{_PYTHON}", f"“{resume}”"),
        (rf"--raw{_PYTHON}", "“{}”".format(tr("Pass the sentence to the model unchanged"))),
        (
            rf"--answer-anyway{_PYTHON}",
            "“{}”".format(tr("Answer sentences that are not understood")),
        ),
    )
