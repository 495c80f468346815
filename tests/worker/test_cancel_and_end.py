"""Cancelled jobs, signals and the end of the worker, in real processes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from json_lines_client import CHEAP, COMMAND, Client, rasters

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.worker.protocol import MAX_LINE_BYTES


def test_cancel(client: Client, large_pair: PairPaths, tmp_path: Path) -> None:
    request = {**rasters(large_pair), "query": "new buildings", "model": "tiny", "device": "cpu"}
    client.send("detect", "long", **request, output=str(tmp_path / "c.gpkg"))
    client.send("detect", "waits", **request)
    while client.until("progress")["done"] == 0:
        pass
    assert client.answer("explain", "quick", query="houses")["event"] == "result"
    client.send("cancel", "c1", id="waits")
    client.send("cancel", "c2", id="long")
    began = time.monotonic()
    gone = {client.until("error")["id"]: 0, client.until("error")["id"]: 0}
    assert set(gone) == {"long", "waits"}
    assert time.monotonic() - began < 10  # 2 s on a machine of its own: benchmarks/worker.py
    assert [path.name for path in tmp_path.iterdir()] == ["c.gpkg.run"]
    client.send("detect", "next", **{**request, "model": "brightness"})
    assert client.until("progress", "error")["id"] == "next"
    client.send("cancel", "c3", id="next")
    assert client.until("result", "error")["id"] == "next"


def test_a_job_that_ignores_a_cancellation_is_interrupted() -> None:
    code = (
        "import signal, time; from mtrs_geo.worker import protocol as worker, jobs\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)  # as under nohup\n"
        "def deaf(self, params, progress):\n"
        "    progress.start(1, 'tiles')\n"
        "    while True: time.sleep(0.01)\n"
        "jobs.Jobs.doctor = deaf\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code])
    client.send("doctor", "deaf")
    client.until("progress")
    client.send("cancel", "c", id="deaf")
    assert client.until("result", "error")["class"] == "Cancelled"
    assert client.answer("explain", query="houses")["event"] == "result"
    client.close()


def test_a_job_that_waits_ends_with_its_cancellation(tmp_path: Path) -> None:
    """Its id is free again, and only the second job with it runs."""
    code = (
        "import os, sys, time; from mtrs_geo.worker import protocol as worker, jobs\n"
        "def until_file(self, params, progress):\n"
        "    progress.start(1, 'tiles')\n"
        "    while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
        "    return {'params': dict(params)}\n"
        "jobs.Jobs.doctor = until_file\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code, str(tmp_path / "go")])
    client.send("doctor", "runs")
    client.until("progress")
    client.send("doctor", "waits", number=1)
    client.send("cancel", "c", id="waits")
    ended = client.until("result", "error")
    assert (ended["id"], ended["class"]) == ("waits", "Cancelled")
    client.send("doctor", "waits", number=2)
    (tmp_path / "go").touch()
    results = [client.until("result", "error") for _ in range(2)]
    assert [(event["id"], event["result"]["params"]) for event in results] == [
        ("runs", {}), ("waits", {"number": 2})
    ]  # fmt: skip
    client.close()


def test_fifty_cancels_of_one_job_give_one_answer() -> None:
    code = (
        "import threading, time; from mtrs_geo.worker import protocol as worker, jobs\n"
        "def deaf(self, params, progress):\n"
        "    progress.start(1, 'tiles')\n"
        "    try:\n"
        "        while True: time.sleep(0.01)\n"
        "    finally:\n"
        "        time.sleep(2.5); progress.log(f'{threading.active_count()} threads')\n"
        "jobs.Jobs.doctor = deaf\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code])
    client.send("doctor", "deaf")
    client.send("doctor", "waits")
    client.until("progress")
    for number in range(50):
        client.send("cancel", f"c{number}", id="deaf")
        client.send("cancel", f"w{number}", id="waits")
    answers = [client.until("log", "result", "error")]
    threads = client.until("log", "result", "error")  # the clean-up was not interrupted
    assert int(threads["message"].split()[0]) < 8
    answers.append(client.until("result", "error"))
    assert [(event["id"], event["class"]) for event in answers] == [
        ("waits", "Cancelled"), ("deaf", "Cancelled")
    ]  # fmt: skip
    assert client.answer("explain", query="houses")["event"] == "result"
    client.send("evaluate", "bad")
    last = client.until("result", "error")  # no further answer to the cancelled jobs
    assert last["id"] == "bad"
    client.close()


def test_an_import_is_not_interrupted(tmp_path: Path) -> None:
    (tmp_path / "slow_module.py").write_text("import time\ntime.sleep(2.5)\nready = True\n")
    code = (
        f"import sys, time; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from mtrs_geo.worker import protocol as worker, jobs\n"
        "def importing(self, params, progress):\n"
        "    progress.start(1, 'tiles')\n"
        "    import slow_module\n"
        "    progress.log(f'imported {slow_module.ready}')\n"
        "    while True: time.sleep(0.01)\n"
        "jobs.Jobs.doctor = importing\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code])
    client.send("doctor", "1")
    client.until("progress")
    client.send("cancel", "c", id="1")
    assert client.until("log", "error")["message"] == "imported True"
    assert client.until("result", "error")["class"] == "Cancelled"
    client.close()


def test_a_job_that_has_written_its_output_is_not_interrupted(tmp_path: Path) -> None:
    code = (
        "import sys, time; from mtrs_geo.outputs import staged_file\n"
        "from mtrs_geo.worker import protocol as worker, jobs\n"
        "def writing(self, params, progress):\n"
        "    with staged_file(sys.argv[1]) as path: path.write_text('new')\n"
        "    progress.start(1, 'tiles'); time.sleep(2.5); return {'done': True}\n"
        "jobs.Jobs.doctor = writing\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code, str(tmp_path / "a")])
    client.send("doctor", "1")
    client.until("progress")
    client.send("cancel", "c", id="1")
    assert client.until("result", "error")["result"] == {"done": True}
    client.close()


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_sigterm_ends_the_worker_and_answers_its_jobs(
    large_pair: PairPaths, tmp_path: Path
) -> None:
    client = Client()
    request = {**rasters(large_pair), "query": "new buildings", "output": str(tmp_path / "c.gpkg"),
               "device": "cpu"}  # fmt: skip
    client.send("detect", "1", **request)
    client.send("detect", "2", **request)
    client.send("batch", "3", rows=[{**rasters(large_pair), "query": "new roads"}],
                output=str(tmp_path / "rows"))  # fmt: skip
    client.until("progress")
    client.process.send_signal(signal.SIGTERM)
    left = {"1": "no output was written", "2": "no output was written", "3": "rows are kept"}
    for request_id, text in left.items():
        event = client.until("error")
        assert (event["id"], event["class"]) == (request_id, "Cancelled")
        assert event["message"].endswith(text)
    assert client.process.wait(timeout=60) == 128 + signal.SIGTERM
    assert not list(tmp_path.iterdir())
    client.close()


def test_failed_jobs_leave_no_temporary_folder(
    pair_paths: PairPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    client = Client([sys.executable, "-u", "-m", "mtrs_geo.worker"])
    request = {**rasters(pair_paths), "query": "x", **CHEAP}
    for wrong in ({"threshold": 7}, {"model": "huge"}, {"after": "none.tif"}, {"aoi": [0] * 4}):
        assert client.answer("detect", **{**request, **wrong})["event"] == "error"
    assert not list(tmp_path.glob("*_mtrs_geo"))
    assert client.answer("detect", **request)["event"] == "result"
    assert len(list(tmp_path.glob("*_mtrs_geo"))) == 1
    client.close()


@pytest.mark.parametrize("busy", [False, True])
def test_the_worker_ends_with_its_input(large_pair: PairPaths, tmp_path: Path, busy: bool) -> None:
    client = Client()
    if busy:
        client.send(
            "detect",
            "1",
            **rasters(large_pair),
            query="new buildings",
            output=str(tmp_path / "c.gpkg"),
        )
        client.until("progress")
    assert client.process.stdin
    client.process.stdin.close()
    assert client.process.wait(timeout=60) == 0
    # What a run that goes on needs is kept (docs/resume.md).
    kept = {"c.gpkg.run"} if busy else set()
    assert {path.name for path in tmp_path.iterdir()} <= kept
    for pipe in (client.process.stdout, client.process.stderr):
        assert pipe
        pipe.close()


@pytest.mark.skipif(os.name != "posix", reason="kills a process group leader as POSIX does")
def test_no_orphan_when_the_parent_is_killed() -> None:
    code = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)
    parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=30)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and is_alive(pid):
        time.sleep(0.1)
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_last_line_may_lack_a_line_break() -> None:
    from mtrs_geo.worker.protocol import _lines

    long = b"x" * (MAX_LINE_BYTES + 1)
    assert list(_lines(io.BytesIO(b"a\n\nb"))) == [b"a\n", b"\n", b"b"]
    assert list(_lines(io.BytesIO(long + b"\nb"))) == [None, b"b"]
    assert list(_lines(io.BytesIO(long))) == [None]
