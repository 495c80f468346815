"""Check what a path opens: the path itself, and the sources that a file refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mtrs_geo.errors import RequestError, SourceNotAllowedError
from mtrs_geo.io.paths import is_local_file
from mtrs_geo.io.remote.network_paths import may_use_network
from mtrs_geo.io.trust.source_policy import ALLOW_VARIABLE, SourcePolicy, source_policy

__all__ = ["check_beside", "check_source"]

_MOST_BYTES = 16 << 20
_DEEPEST = 8
_TEXT_ONLY = {"metadata", "srs", "wkt", "targetsrs", "sourcesrs", "description", "gcplist"}
"""Elements of a VRT that are shown and not opened."""
_NAMES_A_SOURCE = re.compile(r"://|/vsi|^<|^[A-Za-z][A-Za-z0-9_]+:|\.(vrt|xml|json|gti)", re.I)
_NAMESPACE = re.compile(r"\{[^}]*\}")
_ADVICE = (
    "If you trust the file, allow the host: mtrs-geo --allow host:NAME …, or set "
    f"{ALLOW_VARIABLE}=host:NAME (docs/untrusted-data.md)."
)


def check_source(path: str) -> None:
    """Refuse a path that leads to a host that is not allowed, directly or through a file.

    Local VRT files and other XML and JSON files are read, and the files that they refer to.

    Args:
        path: path that a user gave, as GDAL takes it.

    Raises:
        SourceNotAllowedError: if it may not be opened.
        RequestError: if the path is not UTF-8, or the environment variable MTRS_GEO_ALLOW cannot
            be read.
    """
    try:
        path.encode()
    except UnicodeEncodeError as error:
        msg = f"the path {path!a} is not UTF-8, which GDAL needs."
        raise RequestError(msg, advice="Rename the file or folder.") from error
    policy = source_policy()
    text = path.lstrip()
    if text.startswith("<"):
        _check_document(text, "the inline VRT", Path.cwd(), policy, 0)
    elif is_local_file(path):
        _check_file(Path(path), policy, 0)
    elif policy.hosts and may_use_network(path) and not policy.allows_host(path):
        msg = f"{path} leads to a host that is not allowed: {', '.join(policy.hosts)}."
        raise SourceNotAllowedError(msg, advice=_ADVICE)


def check_beside(reference: str, file: Path) -> None:
    """Refuse a source that a file names, unless it is a local file beside or below that file.

    A host may be allowed.

    Raises:
        SourceNotAllowedError: if it may not be opened.
    """
    if not is_local_file(reference) or reference.lstrip().startswith("<"):
        if not (may_use_network(reference) and source_policy().allows_host(reference)):
            raise _refused(reference, str(file))
        return
    folder = file.absolute().parent.resolve()
    place = (folder / reference).resolve()
    if not place.is_relative_to(folder):
        msg = f"{file} names the source {reference}, which is not in its folder or below."
        raise SourceNotAllowedError(msg, advice="If you trust it, give the path yourself.")


def _check_file(path: Path, policy: SourcePolicy, depth: int) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
            if not head.startswith((b"<", b"{", b"[")):
                return
            text = (head + file.read(_MOST_BYTES)).decode("utf-8", "replace")
    except (OSError, ValueError):  # reported where it is opened
        return
    # GDAL starts the relative paths of a linked file at the file that the link points to.
    for folder in dict.fromkeys((path.absolute().parent, path.resolve().parent)):
        _check_document(text, str(path), folder, policy, depth)


def _check_document(text: str, name: str, folder: Path, policy: SourcePolicy, depth: int) -> None:
    if depth > _DEEPEST:
        msg = f"{name} refers to files that refer to files, more than {_DEEPEST} deep."
        raise SourceNotAllowedError(msg, advice="Write one VRT of the files with gdalbuildvrt.")
    for reference in dict.fromkeys(_references(text)):
        if reference.startswith("<"):
            _check_document(reference, f"an inline VRT in {name}", folder, policy, depth + 1)
        elif is_local_file(reference):
            # A VRT says of each path whether it starts at the VRT or at the current folder.
            for place in dict.fromkeys((folder / reference, Path.cwd() / reference)):
                _check_file(place, policy, depth + 1)
        elif may_use_network(reference) and not policy.allows_host(reference):
            raise _refused(reference, name)


def _references(text: str) -> Iterator[str]:
    """Yield the texts of a document that may name a source."""
    found = _of_json(text) if text.startswith(("{", "[")) else _of_xml(text)
    for value in found:
        if _NAMES_A_SOURCE.search(value.strip()):
            yield value.strip()


def _of_xml(text: str) -> Iterator[str]:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:  # GDAL reads less strict text than this parser
        yield from re.findall(r"(?:/vsi|[A-Za-z]+://)[^\s'\"<>]+", text)
        return
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = _NAMESPACE.sub("", str(element.tag)).lower()
        if name in _TEXT_ONLY:
            continue
        yield element.text or ""
        yield from (v for k, v in element.attrib.items() if not k.startswith(("xmlns", "{")))
        waiting += element


def _of_json(text: str) -> Iterator[str]:
    """Yield the texts that a JSON document has for ``href``, ``url``, ``uri`` and ``location``."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    if not _is_stac(waiting[0]):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (
                v for k, v in value.items()
                if isinstance(v, str) and k in ("href", "url", "uri", "location")
            )  # fmt: skip
            waiting += [v for k, v in value.items() if k != "links"]
        elif isinstance(value, list):
            waiting += value


def _is_stac(document: object) -> bool:
    """Return whether GDAL reads rasters through a document; not so for plain GeoJSON."""
    if not isinstance(document, dict):
        return False
    features = document.get("features")
    first = features[0] if isinstance(features, list) and features else document
    return isinstance(first, dict) and ("stac_version" in first or "assets" in first)


def _refused(reference: str, name: str) -> SourceNotAllowedError:
    msg = f"{name} refers to {reference}, which is not a local file and is not allowed."
    return SourceNotAllowedError(msg, advice=_ADVICE)
