"""The command line in real processes, with real files and exit codes.

One test per command starts Python anew; the others run in forks, see `command_server`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas
import pytest
from command_server import run_command, start_command

from mtrs_geo import __version__
from mtrs_geo.data.rendering.synthetic import PairPaths, write_large_pair

COMMAND = [sys.executable, "-m", "mtrs_geo.cli"]
CHEAP = ["--model", "brightness", "--threshold", "0.25"]


def test_detect(pair_paths: PairPaths, tmp_path: Path) -> None:
    done = start_command(
        "detect", pair_paths.before, pair_paths.after, "new buildings", "demolished houses",
        "-o", tmp_path / "c.gpkg", "--probability", tmp_path / "p.tif",
        "--preview", tmp_path / "p.png", *CHEAP,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "understood as: new buildings" in done.stdout
    assert "polygons" in done.stdout
    assert done.stderr == ""
    frame = geopandas.read_file(tmp_path / "c.gpkg", layer="changes")
    assert set(frame["query"]) == {"new buildings", "demolished houses"}


def test_json_prints_one_object_and_progress_lines(pair_paths: PairPaths, tmp_path: Path) -> None:
    out = tmp_path / "c.parquet"
    done = run_command("detect", pair_paths.before, pair_paths.after, "-o", out, "--json", *CHEAP)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["output"] == str(out)
    assert answer["polygons"] == len(geopandas.read_parquet(out))
    assert answer["report"]["understood"] == ["any change"]
    events = [json.loads(line) for line in done.stderr.splitlines()]
    last = [event for event in events if event["event"] == "progress"][-1]
    assert last["done"] == last["total"] == answer["report"]["tiles"]


def test_bands_can_be_given_per_date(pair_paths: PairPaths, tmp_path: Path) -> None:
    for bands in (("--bands", "3,2,1"), ("--bands", "3,2,1", "--bands", "1,2,3")):
        done = run_command("detect", pair_paths.before, pair_paths.after, *bands, "--overwrite",
                           "-o", tmp_path / "c.gpkg", *CHEAP)  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_stack(pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = pair_paths.before, pair_paths.after, pair_paths.before
    done = start_command("stack", *rasters, "--query", "x", "-o", tmp_path / "c.gpkg", *CHEAP)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning: after.tif seems to be of 2023-06-01") == 1


def test_users_errors(pair_paths: PairPaths, tmp_path: Path) -> None:
    before, after = pair_paths.before, pair_paths.after
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    taken = tmp_path / "taken.gpkg"
    taken.write_text("mine")
    cases = [
        ((before, tmp_path / "none.tif", "x"), "none.tif cannot be opened"),
        ((before, after, "--dates", "15.06.2016,2020"), "'15.06.2016' is not a date"),
        ((before, after, "--dates", "2016"), "2 rasters were given with 1 dates"),
        ((before, after, *("--bands", "1,2,3") * 3), "3 choices of bands were given for 2 rasters"),
        ((text, after, "x"), "text.tif cannot be opened"),
        ((before, after, "x", "-o", taken), "pass --overwrite"),
        ((before, after, "x", "--model", "huge"), "no model 'huge'"),
        ((before, after, "x" * 100_001), "100,001 characters"),
        ((before, after, "x", "--aoi", "0,0,1,1,EPSG:4326"), "°"),
        ((before, after, "x", "-o", tmp_path / "c.kml"), ".kml"),
        ((before, after, "x", "--probability", tmp_path / "p.png"), "written as GeoTIFF"),
    ]
    for arguments, message in cases:
        done = run_command("detect", "-o", tmp_path / "c.gpkg", "--model", "brightness", *arguments)
        assert done.returncode == 1, arguments
        assert done.stderr.startswith("error: ")
        assert message in done.stderr
        assert "Traceback" not in done.stderr
    assert taken.read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["taken.gpkg", "text.tif"]


def test_json_errors(pair_paths: PairPaths, tmp_path: Path) -> None:
    rasters = pair_paths.before, pair_paths.after
    cases: list[tuple[tuple[object, ...], int, str, str]] = [
        (("detect", *rasters, "--model", "huge"), 1, "ModelError", "no model 'huge'"),
        (("detect", *rasters, "-o", tmp_path / "no" / "c.gpkg"), 1, "OutputError", "exist"),
        (("detect", rasters[0]), 2, "MissingParameter", "after"),
        (("detect", *rasters, "--grid", "sideways"), 2, "BadParameter", "sideways"),
        (("evaluate", "--data", tmp_path / "none"), 1, "", "none"),
    ]
    for arguments, code, name, message in cases:
        done = run_command(*arguments, "--json")
        assert done.returncode == code, arguments
        assert done.stdout == ""
        event = json.loads(done.stderr.splitlines()[-1])
        assert set(event) == {"event", "class", "message", "advice"}
        assert event["event"] == "error"
        assert name in event["class"]
        assert message in event["message"]
        assert event["advice"]


def test_version() -> None:
    done = start_command("--version")
    assert done.returncode == 0
    assert done.stdout == f"mtrs-geo {__version__}\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "gbk"])
def test_other_code_pages(pair_paths: PairPaths, tmp_path: Path, encoding: str) -> None:
    page = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = start_command("detect", pair_paths.before, pair_paths.after, "nové domy 新", "-o",
                         tmp_path / "c.gpkg", *CHEAP, **page)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert " m2 -> " in done.stdout
    assert start_command("detect", "--help", **page).returncode == 0


@pytest.mark.parametrize("name", ["a!b", "a;b", "a\nb", "a?b#c", "x" * 235, "täst ²"])
def test_any_name_of_an_output(pair_paths: PairPaths, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    outputs = {folder / f"{name}.{suffix}" for suffix in ("gpkg", "tif", "png")}
    vector, raster, picture = sorted(outputs)[0], *sorted(outputs)[:0:-1]
    done = run_command("detect", pair_paths.before, pair_paths.after, "x", "-o", vector,
                       "--probability", raster, "--preview", picture, *CHEAP)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(folder.iterdir()) == outputs


@pytest.mark.parametrize(
    "arguments",
    [("detect",), ("fly",), ("detect", "a", "b", "--grid", "sideways"),
     ("detect", "a", "b", "--bands", "red"), ("detect", "a", "b", "--reference", "river"),
     ("detect", "a", "b", "--threshold", "high"), ("detect", "a", "b", "--max-failed", "200%"),
     ("detect", "a", "b", "--max-failed", "nan%"), ("detect", "a", "b", "--reference", "river="),
     ("detect", "a", "b", "--output", ""), ("stack", "a", "b", "--timeline", ""),
     ("batch", "jobs.csv", "--output", ""), ("detect", "a", "b", "--preview", " "),
     ("detect", "a", "b", "--probability", "")],
)  # fmt: skip
def test_usage_errors(arguments: tuple[str, ...]) -> None:
    done = run_command(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


@pytest.mark.parametrize(
    "command",
    ["detect", "stack", "models", "models list", "models convert", "models export", "doctor",
     "demo"],
)  # fmt: skip
def test_help_has_an_example(command: str) -> None:
    done = run_command(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout


@pytest.fixture(scope="module")
def large_pair(tmp_path_factory: pytest.TempPathFactory) -> PairPaths:
    return write_large_pair(tmp_path_factory.mktemp("large"), 4096, 4096, seed=0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_only_what_resume_needs(
    large_pair: PairPaths, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    events = tmp_path / "events"
    command = [*COMMAND, "detect", str(large_pair.before), str(large_pair.after), "x", "--json",
               "-o", str(folder / "c.gpkg"), "--probability", str(folder / "p.tif"),
               *CHEAP]  # fmt: skip
    with events.open("w") as stderr:
        # A child of a background shell ignores interruptions; reset that.
        unignored = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
        process = subprocess.Popen(command, stderr=stderr, **unignored)
        while '"done": 8' not in events.read_text():  # tiles are being done
            assert process.poll() is None
            time.sleep(0.05)
        assert list(folder.iterdir())  # something is being written
        process.send_signal(number)
        process.wait(timeout=60)
    assert process.returncode == code
    output = events.read_text()
    last = json.loads(output.splitlines()[-1])
    assert last == {"event": "error", "class": "Cancelled", "advice": "",
                    "message": "cancelled; no output was written"}  # fmt: skip
    assert "Traceback" not in output
    assert [path.name for path in folder.iterdir()] == ["c.gpkg.run"]


@pytest.mark.parametrize("command", [("models",), ("models", "list")])
def test_models_lists_the_bundled_models(command: tuple[str, ...]) -> None:
    done = run_command(*command, "--json")
    assert done.returncode == 0
    assert "tiny" in {fact["name"] for fact in json.loads(done.stdout)}


def test_doctor_finds_no_problem() -> None:
    done = start_command("doctor", "--json")
    findings = json.loads(done.stdout)
    assert [f for f in findings if not f["ok"]] == []
    assert done.returncode == 0
    assert {"GDAL", "PROJ", "weights", "self-test"} <= {f["name"] for f in findings}


def test_demo(tmp_path: Path) -> None:
    done = start_command("demo", "--output", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    assert "the buildings that appeared" in done.stdout
    names = {p.name for p in (tmp_path / "demo").iterdir()}
    assert {"changes.gpkg", "probability.tif", "preview.png", "before.tif"} <= names


def test_train_passes_arguments_to_lightning() -> None:
    done = start_command("train", "stage1", "fit", "--print_config")
    assert done.returncode == 0, done.stderr
    assert "preset: tiny" in done.stdout
    wrong = run_command("train", "stage9")
    assert wrong.returncode == 2


@pytest.mark.parametrize("stage", ["stage1", "intent", "stage2", "stage2-pairs"])
def test_the_help_of_a_stage_begins_with_its_description(stage: str) -> None:
    done = run_command("train", stage, "--help")
    assert done.returncode == 0, done.stderr
    usage, description, *more = (" ".join(part.split()) for part in done.stdout.split("\n\n"))
    assert usage.startswith(f"usage: mtrs-geo train {stage} ")
    assert description.startswith("Train ")
    options = next(i for i, part in enumerate(more) if part.startswith("options:"))
    config = f"mtrs_geo/training/configs/tiny_{stage.replace('-', '_')}.yaml"
    assert more[options - 1].startswith(f"Example: mtrs-geo train {stage} fit --config {config}")
