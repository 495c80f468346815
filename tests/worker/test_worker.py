"""The worker in a real process, with real pipes and real rasters."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrs_geo.data.rendering.synthetic import PairPaths, write_large_pair
from mtrs_geo.worker.protocol import MAX_LINE_BYTES, Request, Worker

COMMAND = [sys.executable, "-I", "-u", "-m", "mtrs_geo.worker"]
CHEAP = {"model": "brightness", "threshold": 0.25}


class Client:
    """Writes requests and reads events."""

    def __init__(self, command: list[str] = COMMAND) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, job: str, request_id: str, **params: Any) -> None:
        line = {"protocol": 1, "id": request_id, "job": job, "params": params}
        self.write(json.dumps(line).encode() + b"\n")

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the worker ended"
        return json.loads(line)

    def until(self, *kinds: str) -> dict[str, Any]:
        while (event := self.read())["event"] not in kinds:
            pass
        return event

    def answer(self, job: str, request_id: str = "1", **params: Any) -> dict[str, Any]:
        self.send(job, request_id, **params)
        event = self.until("result", "error")
        assert event["id"] == request_id
        return event

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One worker for most tests: no request may end it."""
    client = Client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def large_pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_large_pair(tmp_path_factory.mktemp("large"), 3000, 3000, seed=0)


def rasters(pair: PairPaths) -> dict[str, str]:
    return {"before": str(pair.before), "after": str(pair.after)}


def test_hello_then_quick_answers(client: Client) -> None:
    hello = client.until("hello")
    assert hello["protocol"] == 1
    assert set(hello) >= {"version", "device", "python"}
    output = client.answer("explain", query="The two largest new houses in the north")["result"]
    assert output["model_text"] == "new houses"
    assert output["rules"] == ["in the north", "the 2 largest"]
    assert output["understood"] == "new houses, in the north, the 2 largest"
    assert output["change"] == "appeared"
    names = {fact["name"] for fact in client.answer("models")["result"]["models"]}
    assert "tiny" in names


def test_detect_twice_with_the_real_model(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    request = {"query": ["new buildings", "x, smaller than 0.1 m²"], "min_area_m2": 5, **CHEAP}
    out = tmp_path / "c.gpkg"
    done = client.answer("detect", **rasters(pair_paths), output=str(out), **request)["result"]
    frame = geopandas.read_file(out, layer=done["layers"][0])
    assert done["output"] == str(out)
    assert done["counts"] == {"new buildings": len(frame), "x, smaller than 0.1 m²": 0}
    assert done["changes"] == {"new buildings": "appeared", "x, smaller than 0.1 m²": "changed"}
    assert set(frame["change"]) == {"appeared"}
    assert len(frame) > 0
    assert done["warnings"] == []
    assert "before.tif is of 2016-06-01" in done["notes"][0]
    assert done["seconds"] > 0

    second = client.answer("detect", "2", **rasters(pair_paths), query="new buildings")["result"]
    assert Path(second["output"]).is_file()  # a temporary GeoPackage
    assert second["model"].startswith("tiny")


def test_options_reach_the_run(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    whole = client.answer("detect", **rasters(pair_paths), query="x", **CHEAP)["result"]
    frame = geopandas.read_file(whole["output"], layer="changes")
    left, bottom, right, top = frame.to_crs(4326).total_bounds.tolist()
    half = [left, bottom, (left + right) / 2, top]
    plain = client.answer(
        "detect", **rasters(pair_paths), query="x", aoi=half, aoi_crs="EPSG:4326", **CHEAP
    )["result"]
    assert 0 < plain["area_m2"] < whole["area_m2"]
    loose = client.answer(
        "detect", **rasters(pair_paths), query="x", simplify_m=5, surprise=1, **CHEAP,
        probability=str(tmp_path / "p.tif"),
    )["result"]  # fmt: skip
    few = geopandas.read_file(loose["output"], layer="changes").count_coordinates().sum()
    assert few < frame.count_coordinates().sum()
    assert (tmp_path / "p.tif").is_file()
    assert "surprise" in loose["warnings"][0]


def test_a_replaced_raster_is_read_again(client: Client, tmp_path: Path) -> None:
    before, after = tmp_path / "a.tif", tmp_path / "b.tif"
    pair = write_large_pair(tmp_path / "pair", 512, 512, seed=1)
    before.write_bytes(pair.before.read_bytes())
    after.write_bytes(pair.before.read_bytes())
    request = {"before": str(before), "after": str(after), "query": "x", **CHEAP}
    assert client.answer("detect", **request)["result"]["counts"] == {"x": 0}
    after.write_bytes(pair.after.read_bytes())
    assert client.answer("detect", **request)["result"]["counts"]["x"] > 0


def test_evaluate(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    done = client.answer("detect", **rasters(pair_paths), query="x", **CHEAP)["result"]
    same = client.answer("evaluate", predicted=done["output"], reference=done["output"])["result"]
    assert same["iou"] == same["f1"] == 1
    frame = geopandas.read_file(done["output"], layer="changes")
    part = tmp_path / "part.gpkg"
    frame.iloc[: len(frame) // 2].to_file(part)
    kept = client.answer("evaluate", predicted=str(part), reference=done["output"])["result"]
    assert kept["precision"] == pytest.approx(1)
    share = frame.area_m2[: len(frame) // 2].sum() / frame.area_m2.sum()
    assert kept["recall"] == pytest.approx(share, rel=1e-3)
    assert kept["true_positive_m2"] == pytest.approx(share * frame.area_m2.sum(), rel=5e-3)


def test_errors_have_a_class_a_message_and_advice(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.gpkg"
    taken.write_text("mine")
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"output": str(taken)}, "OutputError", "exists"),
        ({"model": "huge"}, "ModelError", "no model 'huge'"),
        ({"after": "none.tif"}, "RasterError", "none.tif cannot be opened"),
        ({"threshold": "high"}, "RequestError", "'threshold' must be a number"),
        ({"threshold": 7}, "RequestError", "between 0 and 1"),
        ({"before": None}, "RequestError", "'before' must be a text, but is missing"),
        ({"aoi": [1, 2]}, "RequestError", "'aoi' must be"),
        ({"query": 7}, "RequestError", "'query' must be a text"),
        ({"aoi": [0, 0, 1, 1], "aoi_crs": "nonsense"}, "VectorError", "not a known CRS"),
    ]
    for params, name, message in cases:
        request = {**rasters(pair_paths), "query": "x", **CHEAP, **params}
        event = client.answer("detect", **request)
        assert event["event"] == "error", params
        assert event["class"] == name
        assert message in event["message"]
        assert event["advice"]
    assert client.answer("doctor")["result"]["ok"]
    assert taken.read_text() == "mine"


def test_export_pairs(client: Client, pair_paths: PairPaths, tmp_path: Path) -> None:
    found = client.answer("detect", **rasters(pair_paths), query="new houses", **CHEAP)["result"]
    frame = geopandas.read_file(found["output"], layer="changes")
    polygons = tmp_path / "reviewed.gpkg"
    frame.assign(review="accepted").to_file(polygons, layer="r")
    request = {**rasters(pair_paths), "polygons": str(polygons), "polygons_layer": "r",
             "tile_px": 256, "output": str(tmp_path / "pairs")}  # fmt: skip
    done = client.answer("export_pairs", **request)["result"]
    assert done["pairs"] == len(list((tmp_path / "pairs" / "A").iterdir())) > 0
    assert done["no_target"] == 0
    again = client.answer("export_pairs", **request)
    assert again["class"] == "OutputError"
    assert client.answer("export_pairs", **{**request, "tile_px": "x"})["class"] == "RequestError"


def test_malformed_and_oversized_lines(client: Client) -> None:
    lines = [
        b"not json", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b"{}", b"1" * 10_000,
        b'{"protocol": 2, "id": "a", "job": "detect"}',
        b'{"protocol": 1, "id": "a", "job": "fly"}',
        b'{"protocol": 1, "id": "a", "job": "detect", "params": []}',
        b'{"protocol": 1, "id": 7, "job": "detect"}',
        b"x" * (3 * MAX_LINE_BYTES),
    ]  # fmt: skip
    for line in lines:
        client.write(line + b"\n")
        event = client.until("error")
        assert event["class"] == "ProtocolError", line[:80]
    assert client.answer("explain", query="houses")["result"]["model_text"] == "houses"
    assert client.answer("explain", query="x" * 20_000)["class"] == "QueryError"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "protocol": st.just(1) | _JSON,
        "id": st.text() | _JSON,
        "job": st.sampled_from(
            ["detect", "explain", "models", "evaluate", "export_pairs", "cancel"]
        )
        | _JSON,
        "params": st.dictionaries(
            st.sampled_from(["query", "before", "aoi", "id", "raw", "polygons"]), _JSON
        )
        | _JSON,
    },
)


@given(st.lists(st.binary() | _REQUESTS.map(lambda r: json.dumps(r).encode()), max_size=8))
def test_fuzz(lines: list[bytes]) -> None:
    """Every line but blanks and cancellations is answered once; no line ends the worker."""
    sent = [part for line in lines for part in line.split(b"\n") if part.strip()]
    last = b'{"protocol": 1, "id": "last one", "job": "evaluate"}'
    ends, answers = os.pipe(), os.pipe()
    requests, events = os.fdopen(ends[0], "rb"), os.fdopen(answers[1], "wb")
    worker = Worker(requests, events)
    worker._end = lambda: worker._queue.put(None)  # type: ignore[method-assign]
    thread = threading.Thread(target=worker.run)
    thread.start()
    with os.fdopen(ends[1], "wb") as sink, os.fdopen(answers[0], "rb") as source:
        sink.write(b"\n".join([*sent, last, b""]))
        sink.flush()
        found = []
        while not found or found[-1].get("id") != "last one":
            event = json.loads(source.readline())
            found += [event] if event["event"] in ("result", "error") else []
        sink.close()
        thread.join(30)
    assert not thread.is_alive()
    cancels = sum(is_cancel(line) for line in sent)
    assert len(found) == len(sent) + 1 - cancels
    requests.close()
    events.close()


def is_cancel(line: bytes) -> bool:
    try:
        return Request.parse(line).job == "cancel"
    except ValueError:
        return False


def test_prints_of_other_code_do_not_reach_the_protocol() -> None:
    code = (
        "import os, sys, subprocess; from mtrs_geo.worker import protocol as worker, jobs\n"
        "def loud(params):\n"
        "    print('python'); os.write(1, b'C library\\n'); subprocess.run(['echo', 'child'])\n"
        "    return {'read': sys.stdin.read() if sys.stdin else ''}\n"
        "worker._QUICK['models'] = loud\n"
        "worker.main()\n"
    )
    client = Client([sys.executable, "-c", code])
    assert client.answer("models")["result"] == {"read": ""}
    assert client.process.stdin
    client.process.stdin.close()
    client.process.wait(timeout=30)
    assert client.process.stderr
    output = client.process.stderr.read().decode()
    assert {"python", "C library", "child"} <= set(output.split("\n"))
    client.process.stdout.close()  # type: ignore[union-attr]
    client.process.stderr.close()


def test_cancel(client: Client, large_pair: PairPaths, tmp_path: Path) -> None:
    request = {**rasters(large_pair), "query": "x", "model": "tiny", "device": "cpu"}
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
    assert not list(tmp_path.iterdir())
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
    threads = client.until("log")  # the clean-up of the job was not interrupted
    assert int(threads["message"].split()[0]) < 8
    answers = [client.until("result", "error") for _ in range(2)]
    assert [(event["id"], event["class"]) for event in answers] == [
        ("deaf", "Cancelled"), ("waits", "Cancelled")
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
    request = {**rasters(large_pair), "query": "x", "output": str(tmp_path / "c.gpkg"),
               "device": "cpu"}  # fmt: skip
    client.send("detect", "1", **request)
    client.send("detect", "2", **request)
    client.until("progress")
    client.process.send_signal(signal.SIGTERM)
    for request_id in ("1", "2"):
        event = client.until("error")
        assert (event["id"], event["class"]) == (request_id, "Cancelled")
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
            "detect", "1", **rasters(large_pair), query="x", output=str(tmp_path / "c.gpkg")
        )
        client.until("progress")
    assert client.process.stdin
    client.process.stdin.close()
    assert client.process.wait(timeout=60) == 0
    assert not list(tmp_path.iterdir())
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
