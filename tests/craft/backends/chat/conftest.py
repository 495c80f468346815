"""A real HTTP server that answers as a chat endpoint, well and badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from mtrs_geo.craft.backends.contract import PairImages
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.records import CELLS

Way = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ChatServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        ways = self.server.ways
        (ways.pop(0) if len(ways) > 1 else ways[0])(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class ChatServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.ways: list[Way] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None:
        """Print nothing when a client has left."""


class Ways:
    """How a server can answer."""

    @staticmethod
    def says(content: object, *, finish: str = "stop", refusal: str | None = None) -> Way:
        text = content if isinstance(content, str) else json.dumps(content)
        message = {"role": "assistant", "content": text, "refusal": refusal}
        answer = {
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
        }
        return Ways.body(json.dumps(answer).encode())

    @staticmethod
    def helpful(handler: Handler) -> None:
        """Answer what is asked: a house appeared in the center."""
        asked = str(handler.server.requests[-1][2]["messages"][0]["content"][-1])
        (form,) = [name for name in _ANSWERS if name in asked]
        Ways.says(_ANSWERS[form])(handler)

    @staticmethod
    def body(body: bytes) -> Way:
        return lambda handler: handler.send(200, body)

    @staticmethod
    def fails(status: int, **headers: str) -> Way:
        body = b'{"error": {"message": "no, with api_key=abcdef123 and k3y-of-mine"}}'
        return lambda handler: handler.send(status, body, **headers)

    @staticmethod
    def hangs(handler: Handler) -> None:
        handler.server.ended.wait(20)

    @staticmethod
    def drips(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not handler.server.ended.wait(0.05):
            handler.wfile.write(b" ")

    @staticmethod
    def breaks(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"choices": [{"mess')
        handler.close_connection = True

    @staticmethod
    def floods(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(50 << 20))
        handler.end_headers()
        for _ in range(50):
            handler.wfile.write(bytes(1 << 20))


_HOUSE = {
    "sentence": "a new house in the center",
    "change_type": "appear",
    "object_class": "house",
    "box": None,
}
_ANSWERS: dict[str, object] = {
    "DescribeAnswer": {
        "cells": [{"cell": c, "changes": [_HOUSE] if c == "center" else []} for c in CELLS]
    },
    "PolygonAnswer": {"polygons": [[[356, 367], [644, 367], [644, 633], [356, 633]]]},
    "ReviewAnswer": {"decision": "accept"},
    "RewriteAnswer": {"sentence": "a new house on the field"},
    "VerifyAnswer": {
        "mask_right": True, "mask_confidence": 0.9, "sentence_right": True,
        "sentence_confidence": 0.9, "complete": True, "complete_confidence": 0.9,
    },
}  # fmt: skip


@pytest.fixture
def ways():
    return Ways


@pytest.fixture
def server():
    server = ChatServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project.db") as project:
        yield project


@pytest.fixture
def pair():
    before = np.full((60, 90, 3), 90, np.uint8)
    after = before.copy()
    after[22:38, 32:58] = 200
    return PairImages("secret_file_name", before, after, 0.5)


@pytest.fixture
def cells(pair):
    return plan_cells(pair.after.shape[:2])
