"""A folder over HTTP with range requests, as a static web host or a public bucket gives it.

Run: python range_server.py FOLDER; the first line of its output is its port, and every
request that follows is a line: status, method, path, range and the kind of authorization.
Paths below /busy/ are answered with 503 the first time; a folder lists as a bucket does.
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
    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
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
        found = [
            OBJECT.format(path.name, path.stat().st_size)
            for path in Path(self.translate_path(address.path)).glob(f"{prefix}*")
        ]
        body = f"<ListBucketResult>{''.join(found)}</ListBucketResult>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        signed = self.headers.get("Authorization", "-").split()[0]
        asked = self.headers.get("Range", "-")
        # One write a line: a thread of its own answers each request, and parts would mix.
        sys.stdout.write(f"{int(str(code))} {self.command} {self.path} {asked} {signed}\n")
        sys.stdout.flush()

    def log_message(self, *_: object) -> None:
        """Errors are requests too, and are told by their status."""


if __name__ == "__main__":
    handler = functools.partial(Handler, directory=sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
