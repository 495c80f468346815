"""Tell data that end in zeros as their codec wrote them from data whose end was lost.

Nearly all codecs end a stream with a checksum, a marker or a bit that is not zero.
"""

from __future__ import annotations

import struct

import rasterio
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from mtrs_geo.io.damage.messages import collect_messages

__all__ = ["END_OF_JPEG", "is_whole"]

END_OF_JPEG = b"\xff\xd9"
_CUT_BYTES = 4
"""Even, and more than the bytes that fill up the last word of a whole WebP stream."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_RAW, _ZSTD_RUN = 0, 1
_ID_BYTES = (0, 1, 2, 4)
_SIZE_BYTES = (0, 2, 4, 8)


def is_whole(codec: str, data: bytes) -> bool:
    """Return whether data that end in many zeros are whole.

    Args:
        codec: name of the compression in GDAL's metadata.
        data: one compressed block, or a picture file.
    """
    if "JPEG" in codec:
        return data.rstrip(b"\0").endswith(END_OF_JPEG)
    if codec == "WEBP":
        return _is_whole_webp(data)
    if codec == "ZSTD":
        return _ends_uncompressed(data)
    return False


def _is_whole_webp(data: bytes) -> bool:
    """Return whether a WebP stream is as long as its header says, and decoded up to its end.

    The decoder takes zeros for flat areas.  It needs fewer of them than the lost bytes were, so
    that it can do without the last ones; it needs all bytes of a whole stream.
    """
    if data[:4] != b"RIFF" or len(data) < 8 + int.from_bytes(data[4:8], "little"):
        return False
    return not _is_decoded(_shortened(data))


def _shortened(data: bytes) -> bytes:
    """Return a WebP file whose last chunk lacks its last bytes."""
    size = 8 + int.from_bytes(data[4:8], "little")
    short = bytearray(data[: size - _CUT_BYTES])
    struct.pack_into("<I", short, 4, len(short) - 8)
    chunk = start = 12
    while start + 8 <= len(short):
        chunk = start
        length = int.from_bytes(short[start + 4 : start + 8], "little")
        start += 8 + length + length % 2
    struct.pack_into("<I", short, chunk + 4, len(short) - chunk - 8)
    return bytes(short)


def _is_decoded(webp: bytes) -> bool:
    # The virtual raster has a georeference, without which rasterio warns.
    with MemoryFile(webp, ext=".webp") as memory, collect_messages():
        text = (
            '<VRTDataset rasterXSize="1" rasterYSize="1">'
            "<GeoTransform>0, 1, 0, 1, 0, -1</GeoTransform>"
            '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
            f'<SourceFilename relativeToVRT="0" shared="0">{memory.name}</SourceFilename>'
            "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
        try:
            with rasterio.open(text, driver="VRT") as file:
                file.read(1)
        except RasterioError:
            return False
    return True


def _ends_uncompressed(data: bytes) -> bool:
    """Return whether a Zstandard frame is whole and its last block stores bytes as they are.

    All other blocks end in a bit that is not zero.  Source: RFC 8878, section 3.1.1.
    """
    if data[:4] != _ZSTD_MAGIC:
        return False
    flags = data[4]
    is_single = flags >> 5 & 1
    size_bytes = _SIZE_BYTES[flags >> 6] or is_single
    start = 5 + (1 - is_single) + _ID_BYTES[flags & 3] + size_bytes
    while start + 3 <= len(data):
        header = int.from_bytes(data[start : start + 3], "little")
        is_last, kind, size = header & 1, header >> 1 & 3, header >> 3
        start += 3 + (1 if kind == _ZSTD_RUN else size)
        if is_last:
            return kind == _ZSTD_RAW and start == len(data)
    return False
