"""Copies finished outputs to object storage."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from mtrs_geo.errors import OutputError
from mtrs_geo.io.paths import is_remote_path, redacted_path

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem, FileType

__all__ = ["Upload"]

_SCHEMES = ("s3://", "gs://", "abfs://", "abfss://")
_COPY_BYTES = 8 << 20


class Upload:
    """A folder on object storage.

    Credentials are those of the machine; AWS_S3_ENDPOINT, AWS_HTTPS and AWS_REGION count as they do
    for reading.

    Args:
        folder: as ``s3://bucket/folder``, ``gs://`` or ``abfs://``; its characters are those of
            the keys, without percent-encoding.
        names: files that will be copied there.
        overwrite: replace existing ones.
        inputs: names of files of the run, as GDAL takes them; none of these is replaced.

    Raises:
        OutputError: if it is no such folder, its bucket does not exist or cannot be reached, or a
            file exists and is an input or may not be replaced.
    """

    def __init__(
        self, folder: str, names: Sequence[str], *, overwrite: bool, inputs: Iterable[str] = ()
    ) -> None:
        from pyarrow.fs import FileType

        self.folder = folder.rstrip("/")
        if not self.folder.startswith(_SCHEMES):
            msg = f"{redacted_path(folder)} is no folder on object storage."
            raise OutputError(msg, advice=f"It must begin with {', '.join(_SCHEMES)}.")
        try:
            self._system, self._path = _file_system(self.folder)
            found = self._system.get_file_info([f"{self._path}/{name}" for name in names])
        except (OSError, ValueError) as error:
            raise self._error(error) from error
        if not self._has_bucket():
            msg = f"{redacted_path(self.folder)} cannot be written: its bucket does not exist."
            raise OutputError(msg, advice="Make the bucket, or give the name of another.")
        taken = [info.base_name for info in found if info.type != FileType.NotFound]
        read = list(filter(is_remote_path, inputs))
        for name in taken:
            if any(_is_object(f"{self._path}/{name}", file) for file in read):
                place = f"{redacted_path(self.folder)}/{name}"
                msg = f"{place} is also an input of this run, which the upload would replace."
                raise OutputError(msg, advice="Give another folder, or the output another name.")
        if taken and not overwrite:
            msg = f"{redacted_path(self.folder)}/{taken[0]} exists."
            raise OutputError(msg, advice="Give another folder, or pass --overwrite.")

    def copy(self, path: Path) -> str:
        """Copy a file into the folder, and return its address.

        Raises:
            OutputError: if it cannot be written; the local file is kept.
        """
        try:
            with (
                path.open("rb") as source,
                self._system.open_output_stream(f"{self._path}/{path.name}") as target,
            ):
                while data := source.read(_COPY_BYTES):
                    target.write(data)
        except OSError as error:
            raise self._error(error, f"{path} is complete: copy it there. ") from error
        return f"{self.folder}/{path.name}"

    def _has_bucket(self) -> bool:
        """Return whether the bucket exists; also true if this machine may not ask."""
        from pyarrow.fs import FileType

        try:
            return bool(self._bucket_type() != FileType.NotFound)
        except OSError:
            return True

    def _bucket_type(self) -> FileType:
        return self._system.get_file_info(self._path.partition("/")[0]).type

    def _error(self, error: Exception, advice: str = "") -> OutputError:
        msg = f"{redacted_path(self.folder)} cannot be written: {error}."
        more = "Check the address, and that this machine may write there."
        return OutputError(msg, advice=advice + more)


def _is_object(place: str, file: str) -> bool:
    """Return whether a name of GDAL can be an object of a bucket.

    Args:
        place: bucket, or container, and key.
        file: such as ``/vsis3/bucket/key``, or the address of a server that has the bucket.
    """
    bucket, _, key = place.partition("/")
    address = file.partition("?")[0]
    for known in (address, unquote(address)):
        words = re.split(r"[/.@:]+", known.removesuffix(f"/{key}"))
        if known.endswith(f"/{key}") and bucket.rpartition("@")[2] in words:
            return True
    return False


def _file_system(folder: str) -> tuple[FileSystem, str]:
    from pyarrow.fs import FileSystem

    scheme, _, rest = folder.partition("://")
    bucket, slash, key = rest.partition("/")
    if "?" in key:
        msg = f"a '?' in the folder {key!r} would begin options of the address"
        raise ValueError(msg)
    folder = f"{scheme}://{bucket}{slash}{quote(key)}"
    if not folder.startswith("s3://"):
        system, path = FileSystem.from_uri(folder)
        return system, path
    settings = {
        "region": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        "endpoint_override": os.environ.get("AWS_S3_ENDPOINT"),
        "scheme": "http" if os.environ.get("AWS_HTTPS", "").upper() in ("NO", "FALSE") else None,
    }
    given = urlencode({name: value for name, value in settings.items() if value})
    system, path = FileSystem.from_uri(f"{folder}?{given}" if given else folder)
    return system, path
