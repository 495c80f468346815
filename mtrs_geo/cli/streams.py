"""Standard streams that cannot be written, and a current folder that is gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO, cast

from mtrs_geo.errors import RequestError

__all__ = ["TolerantStream", "check_folder", "open_descriptors", "tolerant"]


class TolerantStream:
    """A text stream that drops what it cannot write, so that a run does not end by it.

    A disk can be full, and the reader of a pipe can leave, as in ``mtrs-geo … | head``.

    Args:
        stream: where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None
        """Why texts were dropped; None if none was."""

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._drop(error)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is buffered."""
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        self.error = self.error or error
        with suppress(OSError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())
            os.close(nothing)
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a stream
        """Return an attribute of the stream."""
        return getattr(self._stream, name)


def tolerant(stream: TextIO) -> TextIO:
    """Return a stream as `TolerantStream`, typed as the stream that it stands for."""
    return cast(TextIO, TolerantStream(stream))


def open_descriptors() -> None:
    """Open closed standard streams on nothing, so that no output file gets their numbers.

    What a library writes to descriptor 1 or 2 would otherwise be written into that file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def check_folder() -> None:
    """Refuse a current folder that was removed.

    Raises:
        RequestError: if it does not exist.
    """
    try:
        os.getcwd()
    except OSError as error:
        msg = "the current folder does not exist any more."
        raise RequestError(msg, advice="Change to another folder and run again.") from error
