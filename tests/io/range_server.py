"""HTTP server with range requests, like a static web host or a public S3 bucket.

Run: python range_server.py FOLDER.  The first line of its output is the port; each further
line is a request: status, method, path, range and kind of authorization.  The first request
for a path below /busy/ gets status 503.  Folders are listed as in S3.
"""

from __future__ import annotations

import functools
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from RangeHTTPServer import RangeRequestHandler

BUSY: set[str] = set()
OBJECT = (
    "<Contents><Key>{}</Key><Size>{}</Size>"
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
)


class Handler(RangeRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name in the base class
        if "delimiter=" in self.path:
            self.list_bucket()
        elif self.path.startswith("/busy/") and self.path not in BUSY:
            BUSY.add(self.path)
            self.send_error(503)
        else:
            super().do_GET()

    def list_bucket(self) -> None:
        address = urlsplit(self.path)
        (prefix,) = parse_qs(address.query).get("prefix", [""])
        objects = [
            OBJECT.format(path.name, path.stat().st_size)
            for path in Path(self.translate_path(address.path)).glob(f"{prefix}*")
        ]
        body = f"<ListBucketResult>{''.join(objects)}</ListBucketResult>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        signed = self.headers.get("Authorization", "-").split()[0]
        requested = self.headers.get("Range", "-")
        # One write per line: threads answer requests at the same time, and print would mix them.
        sys.stdout.write(f"{int(str(code))} {self.command} {self.path} {requested} {signed}\n")
        sys.stdout.flush()

    def log_message(self, *_: object) -> None:
        """Write nothing: `log_request` writes failed requests too."""


if __name__ == "__main__":
    handler = functools.partial(Handler, directory=sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
