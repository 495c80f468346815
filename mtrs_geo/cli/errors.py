"""What the command line prints when a command ends early, as text or as JSON."""

from __future__ import annotations

import codecs
import json
import sys
from typing import TextIO, cast

from mtrs_geo.cli.streams import open_descriptors, tolerant
from mtrs_geo.redaction import RedactingStream, redact

__all__ = ["prepare_streams", "print_error"]

_SUBSTITUTES = str.maketrans(
    {"²": "2", "°": " deg", "×": "x", "→": "->", "…": "...", "–": "-", "—": "-", "•": "*"}
)
_HANDLER = "mtrs-geo-substitute"


def print_error(name: str, message: str, advice: str, *, as_json: bool) -> None:
    """Print an error to standard error: two lines, or one JSON object.

    Args:
        name: class of the error.
        message: what is wrong.
        advice: what to do next; may be empty.
        as_json: print ``{"event": "error", "class": …, "message": …, "advice": …}``.
    """
    if as_json:
        message = redact(message)
        event = {"event": "error", "class": name, "message": message, "advice": advice}
        lines = [json.dumps(event)]
    else:
        lines = [f"error: {message}", *filter(None, [advice])]
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def prepare_streams() -> None:
    """Keep streams that cannot be written, or lack a character, from ending the program.

    Texts on standard error are redacted too: Python writes tracebacks, warnings and logs there.
    """
    open_descriptors()
    codecs.register_error(_HANDLER, _substitute)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)
    sys.stdout = tolerant(sys.stdout)
    sys.stderr = cast(TextIO, RedactingStream(tolerant(sys.stderr)))


def _substitute(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace characters with similar ones, or with their codes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_SUBSTITUTES)
    return text.encode("ascii", "backslashreplace").decode(), error.end
