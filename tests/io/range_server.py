"""HTTP server with range requests, like a static web host or a public S3 bucket.

Run: python range_server.py FOLDER.  The first line of its output is the port; each further
line is a request: status, method, path, range and kind of authorization.  The first request
for a path below /busy/ gets status 503.  Folders are listed as in S3.  Below /stall/4/ the first
four requests are answered, and later ones never; below /drip/4/ GET sends headers and then a byte
per second.  Below /cut/ half of the bytes of each answer are sent.
"""

from __future__ import annotations

import functools
import io
import re
import sys
import time
from collections import Counter
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

from RangeHTTPServer import RangeRequestHandler

BUSY: set[str] = set()
SLOW = re.compile(r"/(stall|drip)/(\d+)/")
CUT = "/cut"
ANSWERED: Counter[str] = Counter()
OBJECT = (
    "<Contents><Key>{}</Key><Size>{}</Size>"
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
)


class Handler(RangeRequestHandler):
    is_cut = False

    def do_HEAD(self) -> None:  # noqa: N802 - the name in the base class
        self.path = self.path.removeprefix(CUT)
        if not self.stalls():
            super().do_HEAD()

    def do_GET(self) -> None:  # noqa: N802 - the name in the base class
        self.is_cut = self.path.startswith(CUT)
        self.path = self.path.removeprefix(CUT)
        if self.stalls():
            return
        if "delimiter=" in self.path:
            self.list_bucket()
        elif self.path.startswith("/busy/") and self.path not in BUSY:
            BUSY.add(self.path)
            self.send_error(503)
        else:
            super().do_GET()

    def stalls(self) -> bool:
        """Answer slowly, or remove the prefix that asks for it from the path."""
        match = SLOW.match(self.path)
        if match is None:
            return False
        is_drip = match[1] == "drip"
        ANSWERED[match[0]] += 1
        if ANSWERED[match[0]] <= int(match[2]) or (is_drip and self.command == "HEAD"):
            self.path = self.path[match.end() - 1 :]
            return False
        try:
            if is_drip:
                self.send_response(206)
                self.send_header("Content-Range", "bytes 0-999999/1000000")
                self.send_header("Content-Length", "1000000")
                self.end_headers()
            for _ in range(600):
                time.sleep(1)
                if is_drip:
                    self.wfile.write(b"I")
        except OSError:  # the client gave up
            pass
        return True

    def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:
        """Send the bytes of a file, or half of them."""
        if not self.is_cut:
            super().copyfile(source, outputfile)
            return
        whole = io.BytesIO()
        super().copyfile(source, whole)
        outputfile.write(whole.getvalue()[: whole.tell() // 2])

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
