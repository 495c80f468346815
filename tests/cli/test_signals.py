"""Exit codes of the command line when a signal arrives at chosen moments."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks a process for each moment")

SCRIPT = r"""
import atexit, json, os, signal, sys, threading

signal.signal(signal.SIGINT, signal.default_int_handler)
import mtrs_geo.cli
from mtrs_geo.errors import OutputError
from mtrs_geo.outputs import OutputSet

application = sys.modules["mtrs_geo.cli.app"]
target = sys.argv[1]


def arrive():
    signal.raise_signal(number)


def turned_into_another_error():
    try:
        arrive()
    except KeyboardInterrupt as error:
        raise RuntimeError("cannot release un-acquired lock") from error


def turned_into_an_error_of_the_user():
    try:
        arrive()
    except BaseException as error:
        raise OutputError("cannot be written") from error


def turned_into_an_import_error():
    class Finder:
        def find_spec(self, name, *rest):
            if name == "a_heavy_module":
                try:
                    arrive()
                except BaseException as error:
                    raise ImportError("numpy.core failed to import") from error

    sys.meta_path.insert(0, Finder())
    import a_heavy_module


def turned_into_an_exit():
    try:
        arrive()
    except BaseException:
        sys.exit(1)


def swallowed_before_the_commit():
    with OutputSet(overwrite=True) as outputs:
        outputs.stage("output", target).path.write_text("new")
        try:
            arrive()
        except BaseException:
            pass
        outputs.commit()


def swallowed_by_a_finalizer():
    class Cyclic:
        def __del__(self):
            arrive()

    with OutputSet(overwrite=True) as outputs:
        outputs.stage("output", target).path.write_text("new")
        Cyclic()
        outputs.commit()


def in_the_commit():
    replace = os.replace

    def interrupted(*names):
        arrive()
        replace(*names)

    os.replace = interrupted
    with OutputSet(overwrite=True) as outputs:
        outputs.stage("output", target).path.write_text("new")
        outputs.commit()


def while_an_error_is_printed():
    def interrupted(*_, **__):
        arrive()

    application.print_error = interrupted
    raise OutputError("the disk is full")


def after_the_command():
    run = application._run

    def interrupted(**options):
        run(**options)
        arrive()

    application._run = interrupted


def while_python_ends():
    atexit.register(arrive)


def while_python_joins_threads():
    def late():
        threading.main_thread().join(0.2)
        os.kill(os.getpid(), number)
        threading.main_thread().join(0.2)

    threading.Thread(target=late).start()


CASES = [value for value in list(globals().values())
         if getattr(value, "__module__", "") == "__main__" and value is not arrive]
found = {}
for i, case in enumerate(CASES):
    number = (signal.SIGINT, signal.SIGTERM)[i % 2]
    if os.path.exists(target):
        os.unlink(target)
    child = os.fork()
    if child == 0:
        sys.argv = ["mtrs-geo", "case"]
        application.app = application.typer.Typer()
        application.app.callback()(lambda: None)
        application.app.command("case")(case)
        if case is after_the_command:
            case()
            application.app.command("case")(lambda: None)
        application.main()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    found[f"{case.__name__} {signal.Signals(number).name}"] = code, os.path.exists(target)
print(json.dumps(found))
"""


def test_a_signal_decides_the_exit_code_at_any_moment(tmp_path) -> None:
    """Every other moment gives the signal's code; after the work it is the command's own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "output.txt")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == 11
    codes = {"SIGINT": 130, "SIGTERM": 143}
    for moment, (code, has_output) in found.items():
        is_late = moment.startswith("while_python")
        assert code == (0 if is_late else codes[moment.split()[1]]), (moment, done.stderr)
        assert has_output is moment.startswith("in_the_commit"), (moment, done.stderr)
    assert "error: " not in done.stderr
    assert done.stderr.count("cancelled; outputs that were done are kept") == 1
    assert done.stderr.count("cancelled; no output was written") == 8


def test_ctrl_c_during_the_imports_ends_the_program() -> None:
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Finder:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'mtrs_geo.cli.run_options':\n"
        "            try:\n"
        "                signal.raise_signal(signal.SIGINT)\n"
        "            except BaseException as error:\n"
        "                raise ImportError(name) from error\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from mtrs_geo.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == -2, done.stderr
    assert done.stderr == ""
