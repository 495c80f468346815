"""A local map server: XYZ tiles and a WMS with images of one colour.

It refuses all tiles below /none, and every other column of tiles below /half.  Prints its port.
Needs only the standard library, because QGIS's Python has no image library.
"""

from __future__ import annotations

import struct
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

COLOUR = (40, 90, 160)
CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms"
  xmlns:xlink="http://www.w3.org/1999/xlink">
 <Service><Name>WMS</Name><Title>plain</Title></Service>
 <Capability>
  <Request>
   <GetCapabilities><Format>text/xml</Format></GetCapabilities>
   <GetMap><Format>image/png</Format><DCPType><HTTP><Get>
    <OnlineResource xlink:type="simple" xlink:href="http://{host}/wms?"/>
   </Get></HTTP></DCPType></GetMap>
  </Request>
  <Layer><Title>all</Title>
   <Layer queryable="0"><Name>plain</Name><Title>plain</Title><CRS>EPSG:32614</CRS>
    <EX_GeographicBoundingBox>
     <westBoundLongitude>-103</westBoundLongitude><eastBoundLongitude>-95</eastBoundLongitude>
     <southBoundLatitude>20</southBoundLatitude><northBoundLatitude>50</northBoundLatitude>
    </EX_GeographicBoundingBox>
    <BoundingBox CRS="EPSG:32614" minx="400000" miny="3000000" maxx="700000" maxy="5000000"/>
   </Layer>
  </Layer>
 </Capability>
</WMS_Capabilities>"""


def png(cols: int, rows: int) -> bytes:
    """Return a PNG image of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", cols, rows, 8, 2, 0, 0, 0)
    lines = (b"\0" + bytes(COLOUR) * cols) * rows
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )  # fmt: skip


class MapHandler(BaseHTTPRequestHandler):
    """Answers the requests of QGIS."""

    def do_GET(self) -> None:
        url = urlparse(self.path)
        parts = url.path.split("/")
        if parts[1] == "none" or (parts[1] == "half" and int(parts[3]) % 2):
            self.send_error(500)
            return
        query = {name.lower(): values[0] for name, values in parse_qs(url.query).items()}
        if query.get("request") == "GetCapabilities":
            body, kind = CAPABILITIES.format(host=self.headers["Host"]).encode(), "text/xml"
        else:
            body = png(int(query.get("width", 256)), int(query.get("height", 256)))
            kind = "image/png"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), MapHandler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
