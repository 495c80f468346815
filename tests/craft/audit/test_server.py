"""What keeps the server from starting, and a short form of the benchmark that kills it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mtrs_geo.craft.audit.server import serve
from mtrs_geo.errors import OutputError, RequestError

ROOT = Path(__file__).parents[3]


def ready(_):
    pytest.fail("the server must not listen")


def test_what_keeps_the_server_from_starting(site, tmp_path):
    with pytest.raises(OutputError, match="does not exist"):
        serve(tmp_path / "none.db", "127.0.0.1", 0, [], ready)
    with pytest.raises(RequestError, match="cannot be the name of an auditor"):
        serve(site.path, "127.0.0.1", 0, ["Ana", " "], ready)
    with pytest.raises(RequestError, match="cannot listen on 192"):
        serve(site.path, "192.0.2.1", 0, [], ready)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RequestError, match=f"port {port}"):
            serve(site.path, "127.0.0.1", port, [], ready)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_verdicts_are_stored(site, number, code):
    command = [sys.executable, "-m", "mtrs_geo", "craft", "audit", site.path, "--no-browser"]
    server = subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background lets them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        # It listens before it serves, so the first answer comes when it does.
        client = HTTPConnection(urlsplit(server.stdout.readline().strip()).netloc, timeout=60)
        client.request("GET", "/")
        client.getresponse().read()
        client.close()
        server.send_signal(number)
        _, said = server.communicate(timeout=60)
    finally:
        server.kill()
    assert server.returncode == code
    assert said.splitlines()[-1] == "ended; every verdict is stored"


def test_no_verdict_is_lost_when_the_server_is_killed():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks/craft_audit.py", "--items", "200", "--kills", "2"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "0 lost, integrity ok: kept" in done.stdout, done.stdout + done.stderr
