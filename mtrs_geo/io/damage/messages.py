"""Collect what GDAL and its codecs report on rasterio's loggers while pixels are read.

libjpeg reports a truncated block as a warning and returns grey pixels; GDAL takes them as read.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "FUNCTION_ADVICE",
    "collect_messages",
    "is_damage",
    "is_from_decoder",
    "is_from_function",
    "reason_of",
]

_LOGGERS = ("rasterio._err", "rasterio._env")
_GENERIC = "See previous exception for details"
_DAMAGE = re.compile(
    r"premature end|corrupt|truncat|decod\w* (?:error|failed)|error decod|discarding \d+ bytes"
    r"|lack of data|not enough data|unexpected end|read error|(?:cannot|can't|could not) read"
    r"|no such file|does not exist|not recogni[sz]ed as|failed to open"
    r"|checksum|\bcrc\b|bad huffman|invalid code|overrun",
    re.IGNORECASE,
)
_DECODER = re.compile(
    r"decode|decoding|decompress|corrupt|premature end|checksum|bad huffman|not yet in table",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"projection domain|retrying|response code|unknown field|\.aux\.xml|\.ovr\b|\.msk\b|proj_"
    r"|tolerance|extrapolat|inverse transform",
    re.IGNORECASE,
)
_FUNCTION = re.compile(r"pixel function|python code", re.IGNORECASE)
FUNCTION_ADVICE = (
    "Write its pixels to a GeoTIFF with `gdal_translate`, where its pixel function works, and give "
    "that."
)
_PREFIX = re.compile(r"^CPLE_\w+(?:: ?| in )")
_URL_QUERY = re.compile(r"(\w+://[^\s?'\"]+)\?[^\s'\":]*")


class _Collector(logging.Handler):
    """Gives each record to the thread in which it arises."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._listeners: dict[int, list[str]] = {}
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Store the message of a record; one of a thread of GDAL's own goes to all readers."""
        own = self._listeners.get(record.thread or 0)
        message = record.getMessage()
        for heard in [own] if own is not None else list(self._listeners.values()):
            heard.append(message)

    def start(self) -> tuple[list[str], list[str] | None]:
        """Return the list for the thread's records, and the one that they went to before."""
        with self._guard:
            if not self._listeners:
                for name in _LOGGERS:
                    logging.getLogger(name).addHandler(self)
            heard: list[str] = []
            outer = self._listeners.get(threading.get_ident())
            self._listeners[threading.get_ident()] = heard
            return heard, outer

    def stop(self, outer: list[str] | None) -> None:
        with self._guard:
            if outer is not None:
                self._listeners[threading.get_ident()] = outer
                return
            self._listeners.pop(threading.get_ident(), None)
            if not self._listeners:
                for name in _LOGGERS:
                    logging.getLogger(name).removeHandler(self)


_COLLECTOR = _Collector()


@contextmanager
def collect_messages() -> Iterator[list[str]]:
    """Collect GDAL's warnings and errors of this thread, in plain text and each once.

    The list that is yielded is complete when the ``with`` statement ends.  Messages without
    meaning for pixel values are left out.  A collection within another keeps its messages.
    """
    messages: list[str] = []
    heard, outer = _COLLECTOR.start()
    try:
        yield messages
    finally:
        _COLLECTOR.stop(outer)
        texts = dict.fromkeys(map(_plain, heard))
        messages += [text for text in texts if not _HARMLESS.search(text)]


def is_damage(message: str) -> bool:
    """Return whether a message of GDAL says that pixels are lost."""
    return bool(_DAMAGE.search(message))


def is_from_decoder(message: str) -> bool:
    """Return whether a message of GDAL is about bytes that were read and cannot be decoded."""
    return bool(_DECODER.search(message))


def is_from_function(message: str) -> bool:
    """Return whether a message of GDAL is about the pixel function of a virtual raster."""
    return bool(_FUNCTION.search(message))


def reason_of(error: BaseException) -> str:
    """Return the message of the error from which an error of rasterio stems."""
    reason = str(error)
    cause = error.__cause__ or error.__context__
    while cause is not None:
        text = str(getattr(cause, "errmsg", cause))
        reason = text if text and _GENERIC not in text else reason
        cause = cause.__cause__ or cause.__context__
    return _plain(reason)


def _plain(message: str) -> str:
    return _URL_QUERY.sub(r"\1", _PREFIX.sub("", message)).strip().rstrip(".")
