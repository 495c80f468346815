"""Remove secrets from text: passwords, tokens, and the queries of URLs, which hold signatures.

Every text that leaves the program passes here: errors, warnings, metadata, logs and reports.
"""

from __future__ import annotations

import re
from typing import Any, TextIO
from urllib.parse import unquote

__all__ = ["RedactingStream", "redact", "redact_exception"]

_MASK = "***"
_END = r"[^\s'\"<>|`]"
_SECRET = (
    r"[\w.-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|subscription[_-]?key|signature|credentials?|account[_-]?key|(?<![a-z])sig|(?<![a-z])sas)"
)
_VSICURL = re.compile(rf"(/vsi[a-z]+(?:_streaming)?)\?({_END}*)")
_PARAMETER = re.compile(r"(?:^|&)url=([^&]*)")
_USER = re.compile(rf"(\b[a-z][a-z0-9+.-]*://)[^\s/?#'\"<>|`]*@(?={_END})", re.IGNORECASE)
_ENCODED_USER = re.compile(r"(%3a%2f%2f)(?:(?!%2f|%40|[\s&]).)*%40", re.IGNORECASE)
_QUERY = re.compile(rf"(\b[a-z][a-z0-9+.-]*://[^\s?'\"<>|`]*)\?{_END}*?(?=[:.,;)\]]*(?:[\s'\"<>|`]|$))",
                    re.IGNORECASE)  # fmt: skip
_ENCODED_QUERY = re.compile(r"(%3a%2f%2f(?:(?!%3f|[\s&]).)*)%3f[^\s&'\"<>]*", re.IGNORECASE)
_HEADER = re.compile(
    r"(authorization['\"]?(?:\s*[:=]\s*|%3a(?:%20)*|%3d)['\"]?)"
    r"(?:[a-z0-9-]+(?:\s|%20|\+)+)?[^\s'\"<>&;,]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer(?:\s|%20|\+)+)[\w.~+/=-]{6,}", re.IGNORECASE)
_PAIR = re.compile(
    rf"(?<![\w.-])({_SECRET}(?:\s*=\s*|%3d|['\"]\s*[:=]\s*))"
    r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\{[^}]*\}|[^\s&'\"<>,;)\]}]+)",
    re.IGNORECASE,
)
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")
_SIGNS = ("://", "=", "%3", "/vsi", "uthorization", "earer", "AKIA", "ASIA",
          '":', "':", '" :', "' :")  # fmt: skip
_ARGS: Any = BaseException.__dict__["args"]


def redact(text: str) -> str:
    """Return a text without secrets.

    Removed are the user and password of a URL, its query, values whose name says that they are
    secret (``password=``, ``sig=``, ``X-Amz-Signature=``, ``access_token=``, ``api_key=`` …), and
    headers of authorization.  Other text is unchanged.
    """
    if not any(sign in text for sign in _SIGNS):
        return text
    text = _VSICURL.sub(_virtual_path, text)
    text = _USER.sub(rf"\1{_MASK}@", text)
    text = _ENCODED_USER.sub(rf"\1{_MASK}%40", text)
    text = _QUERY.sub(r"\1", text)
    text = _ENCODED_QUERY.sub(r"\1", text)
    text = _HEADER.sub(rf"\1{_MASK}", text)
    text = _BEARER.sub(rf"\1{_MASK}", text)
    text = _PAIR.sub(rf"\1{_MASK}", text)
    return _KEY_ID.sub(_MASK, text)


def redact_exception(error: BaseException | None) -> None:
    """Redact the texts of an exception and of those that caused it, in place."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(getattr(error, "errmsg", None), str):  # GDAL's own errors in rasterio
            error.errmsg = redact(error.errmsg)  # type: ignore[attr-defined]
        # These errors hide the attribute behind a property that cannot be set.
        args = _ARGS.__get__(error)
        _ARGS.__set__(error, tuple(redact(a) if isinstance(a, str) else a for a in args))
        error = error.__cause__ or error.__context__


class RedactingStream:
    """A text stream whose texts are redacted; all else is that of the stream behind it.

    Args:
        stream: where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text without secrets."""
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write lines without secrets."""
        self._stream.writelines(map(redact, lines))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a stream
        """Return an attribute of the stream."""
        return getattr(self._stream, name)


def _virtual_path(match: re.Match[str]) -> str:
    """Return /vsicurl/URL for /vsicurl?url=URL&options, without the options."""
    url = _PARAMETER.search(match[2])
    return f"{match[1]}/{unquote(url[1])}" if url else match[1]
