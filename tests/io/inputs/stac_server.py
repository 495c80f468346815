"""A tiny STAC API over a folder of item files: ``python stac_server.py FOLDER`` prints its port."""

from __future__ import annotations

import functools
import json
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ASKED: list[dict[str, Any]] = []
CONFORMS = ["https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/item-search"]


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/api"):
            links = [
                {"rel": "self", "href": self.url("/api")},
                {"rel": "root", "href": self.url("/api")},
                {"rel": "search", "href": self.url("/api/search"), "method": "POST",
                 "type": "application/geo+json"},
            ]  # fmt: skip
            self.answer({
                "type": "Catalog", "id": "api", "description": "", "stac_version": "1.0.0",
                "conformsTo": CONFORMS, "links": links,
            })  # fmt: skip
        elif self.path == "/asked":
            self.answer(ASKED)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ASKED.append(asked)
        start, end = asked.get("datetime", "/9999").split("/")
        items = [
            json.loads(p.read_text()) for p in sorted(Path(self.directory).glob("api_items/*.json"))
        ]
        found = [i for i in items if start <= i["properties"]["datetime"] <= end]
        self.answer({"type": "FeatureCollection", "features": found, "links": []})

    def url(self, path: str) -> str:
        return f"http://{self.headers['Host']}{path}"

    def answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


if __name__ == "__main__":
    handler = functools.partial(Handler, directory=sys.argv[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(server.server_port, flush=True)  # noqa: T201 - read by the test
        server.serve_forever()
