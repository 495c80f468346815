"""Facts of error and log events."""

from __future__ import annotations

from pathlib import Path

from json_lines_client import CHEAP, Client, rasters

from mtrs_geo.data.rendering.synthetic import PairPaths
from mtrs_geo.errors import Cancelled, MissingExtraError, RasterError
from mtrs_geo.worker.error_codes import describe_error, error_code


def test_codes() -> None:
    codes = {
        "cancelled": Cancelled("x"), "environment": MissingExtraError("x"), "memory": MemoryError(),
        "request": RasterError("x"), "defect": ZeroDivisionError(),
    }  # fmt: skip
    assert {error_code(error) for error in (ImportError(), OSError())} == {"environment", "defect"}
    assert {code: error_code(error) for code, error in codes.items()} == {c: c for c in codes}


def test_libraries_that_lack_memory() -> None:
    for error in (
        RuntimeError("Exception from src/inference/src/cpp/core.cpp:117:\nstd::bad_alloc\n"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB."),
    ):
        assert error_code(error) == "memory"
        assert "Free memory" in describe_error(error)[2]
    assert error_code(RuntimeError("a shape is wrong")) == "defect"
    assert error_code(RasterError("a.tif: std::bad_alloc")) == "request"


def test_errors_have_a_code_and_warnings_are_logged_once(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    missing = {"before": str(tmp_path / "none.tif"), "after": str(pair_paths.after)}
    assert client.answer("detect", query="x", **missing, **CHEAP)["code"] == "request"
    same = {**rasters(pair_paths), "after": str(pair_paths.before), "treshold": 3}
    client.send("detect", "2", query="x", **same, **CHEAP, output=str(tmp_path / "a.gpkg"))
    logged = []
    while (event := client.read())["event"] != "result":
        if event["event"] == "log":
            assert not event["message"].startswith("warning")
            logged += [event["message"]] if event["level"] == "warning" else []
    warnings = event["result"]["warnings"]
    assert any("ignores the unknown parameters ['treshold']" in warning for warning in warnings)
    assert len(warnings) > 1
    assert sorted(logged) == sorted(warnings)


def test_a_run_tells_how_its_sentences_are_understood_before_its_warnings(
    client: Client, pair_paths: PairPaths, tmp_path: Path
) -> None:
    queries = ["changes after the storm", "new buildings since 1990"]
    output = str(tmp_path / "b.gpkg")
    client.send("detect", "3", query=queries, **rasters(pair_paths), **CHEAP, output=output)
    events = []
    while not events or events[-1]["event"] not in ("result", "error"):
        events.append(client.read())
    names = [event["event"] for event in events if event.get("level") != "info"]
    assert names[0] == "questions"
    questions, result = events[names.index("questions")]["questions"], events[-1]["result"]
    doubts = [doubt for question in questions for doubt in question["doubts"]]
    assert [doubt["code"] for doubt in doubts] == ["time_without_date", "time_not_matched"]
    assert all(doubt["warning"] in result["warnings"] for doubt in doubts)
    found = result["questions"]
    assert [{name: q[name] for name in questions[0]} for q in found] == questions


def test_an_id_that_is_taken_gives_no_second_end_of_its_job(
    client: Client, large_pair: PairPaths
) -> None:
    client.send("detect", "twice", **rasters(large_pair), query="new buildings", model="tiny")
    client.until("progress")
    for job in ("detect", "explain"):
        client.send(job, "twice", query="houses")
        event = client.until("error", "result")
        assert (event["id"], event["class"]) == (None, "ProtocolError")
        assert "the id 'twice' is not finished yet" in event["message"]
        assert event["advice"]
    client.send("cancel", "c", id="twice")
    event = client.until("error", "result")
    assert (event["id"], event["class"]) == ("twice", "Cancelled")
