"""The application: all commands of `mtrs-geo`, and its exit codes."""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from mtrs_geo import __version__
from mtrs_geo.cli.batch import batch
from mtrs_geo.cli.benchmark import benchmark_app
from mtrs_geo.cli.console import (
    Device,
    Json,
    Mirrored,
    Model,
    Overwrite,
    Precision,
    choice,
    output_option,
    print_line,
    print_note,
)
from mtrs_geo.cli.craft import craft_app
from mtrs_geo.cli.detect import detect, stack
from mtrs_geo.cli.errors import prepare_streams, print_error
from mtrs_geo.cli.explain import explain
from mtrs_geo.cli.models import models_app
from mtrs_geo.cli.pairs import pairs_app
from mtrs_geo.cli.progress import show_progress
from mtrs_geo.cli.streams import check_folder
from mtrs_geo.cli.train import train_app
from mtrs_geo.errors import MTRSGeoError
from mtrs_geo.interruption import end_on_signals, raise_on_signals, signal_exit_code
from mtrs_geo.outputs import commit_count

__all__ = ["app", "main"]

app = typer.Typer(
    name="mtrs-geo",
    help="Find the changes between rasters of a place that a sentence describes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(detect)
app.command()(stack)
app.command()(batch)
app.command()(explain)
for group in (models_app, pairs_app, train_app, craft_app, benchmark_app):
    app.add_typer(group)

_DEFECT = "This is probably a defect: report it with the traceback."
_EXIT_USER, _EXIT_USAGE, _EXIT_CANCELLED = 1, 2, 130

# Click's UsageError, from the copy of click that this typer uses.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with A, B, masks and referring_expression.")],
    model: Model = "tiny",
    output: Annotated[
        Path | None,
        output_option("Folder for samples.csv, scores.json and cases.png."),
    ] = None,
    device: Device = "auto",
    precision: Precision = "float32",
    mirrored: Mirrored = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Score a model on pairs with sentences and masks in MTRefSeg-21K's layout.

    Example: `mtrs-geo evaluate --data MTRefSeg-21K/RS_FINAL_CLEAN_val -o report`
    """
    choice("--precision", precision, ("float32", "bfloat16"))
    from mtrs_geo.evaluation import evaluate as run

    with show_progress(as_json=as_json) as progress:
        result = run(
            data, model=model, output=output, device=device,
            precision=cast("Any", precision), mirrored=mirrored, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    if as_json:
        print_line(json.dumps(result.as_json()))
    else:
        for line in result.summary():
            print_line(line)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check versions, devices, GDAL and PROJ, weights, and run a self-test of five seconds.

    Example: `mtrs-geo doctor`
    """
    from mtrs_geo.doctor import examine

    findings = examine()
    if as_json:
        print_line(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            print_line(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(_EXIT_USER)


@app.command()
def worker() -> None:
    """Serve JSON lines on standard input, as the QGIS plugin needs it: docs/worker.md.

    Example: `mtrs-geo worker`
    """
    from mtrs_geo.worker.protocol import main as serve

    raise typer.Exit(serve())


@app.command()
def demo(
    output: Annotated[Path, output_option("Folder for the results.")] = Path("demo"),
    model: Model = "tiny",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Render a place at two dates, find its new buildings, compare them with the truth.

    Asks before it replaces files of an earlier demo.

    Example: `mtrs-geo demo --output demo`
    """
    from mtrs_geo.demo import existing_files, run_demo

    if not overwrite and not as_json and sys.stdin.isatty() and (taken := existing_files(output)):
        names = ", ".join(path.name for path in taken)
        overwrite = typer.confirm(f"Replace {names} in {output}?", abort=True, err=True)
    steps = []
    for step in run_demo(output, model, overwrite=overwrite):
        steps.append(step)
        if not as_json:
            print_line(step.text)
    if as_json:
        files = [str(path) for step in steps for path in step.files]
        found = [dict(step.found) for step in steps if step.found is not None]
        print_line(json.dumps({"output": str(output), "files": files, "queries": found}))


def _print_version(wanted: bool) -> None:
    if wanted:
        print_line(f"mtrs-geo {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    allow: Annotated[
        str | None,
        typer.Option(
            help="Hosts that files may refer to and GDAL drivers that may be used, such as "
            "host:tiles.example.com,driver:GTiff: docs/untrusted-data.md."
        ),
    ] = None,
) -> None:
    """Options before the command."""
    if allow is not None:
        from mtrs_geo.io.trust.source_policy import allow_sources

        allow_sources(allow)


def main() -> None:
    """Run the command line and exit.

    Exit codes: 0 done, 1 user's error, 2 usage, 3 done but for parts that failed, 130 cancelled,
    143 ended by SIGTERM.
    """
    prepare_streams()
    as_json = "--json" in sys.argv[1:]
    try:
        raise_on_signals()
        code = _run(as_json=as_json)
        sys.stdout.flush()
        code = code or _lost_output(as_json=as_json)
        end_on_signals(code)
    except BaseException:
        # A signal may arrive between any two instructions, also outside the command.
        stopped = signal_exit_code()
        if stopped is None:
            raise
        code = stopped
        end_on_signals(code)
        _print_cancelled(as_json=as_json)
    sys.exit(code)


def _run(*, as_json: bool) -> int:
    """Run a command, print why it failed, and return the exit code."""
    code = 0
    try:
        check_folder()
        code = app(standalone_mode=False) or 0
    except typer.Exit as leave:
        code = leave.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = _EXIT_CANCELLED
    except Exception as error:  # noqa: BLE001 - `_failed` raises what is unexpected
        # Libraries turn an interruption into errors of their own.
        if signal_exit_code() is None:
            return _failed(error, as_json=as_json)
        code = _EXIT_CANCELLED
    if code == _EXIT_CANCELLED:  # typer may turn Ctrl-C into this code by itself
        _print_cancelled(as_json=as_json)
        code = signal_exit_code() or code
    return int(code)


def _failed(error: Exception, *, as_json: bool) -> int:
    """Print an error and return its exit code; an unexpected one is raised without ``--json``."""
    if isinstance(error, MTRSGeoError):
        print_error(type(error).__name__, error.message, error.advice, as_json=as_json)
        return _EXIT_USER
    if isinstance(error, _UsageError):
        usage = cast("Any", error)
        if as_json:
            advice = "Run the command with --help."
            print_error(type(error).__name__, usage.format_message(), advice, as_json=True)
        else:
            usage.show()
        return _EXIT_USAGE
    from mtrs_geo.worker.error_codes import describe_error, is_out_of_memory

    if is_out_of_memory(error):
        print_error(*describe_error(error), as_json=as_json)
        return _EXIT_USER
    if not as_json:
        raise error
    traceback.print_exc()
    print_error(type(error).__name__, str(error), _DEFECT, as_json=True)
    return _EXIT_USER


def _lost_output(*, as_json: bool) -> int:
    """Return the exit code of a result that standard output could not take.

    It is not an error if the reader of a pipe has left.
    """
    error = getattr(sys.stdout, "error", None)
    if error is None or isinstance(error, BrokenPipeError):
        return 0
    msg = f"standard output cannot be written: {error.strerror or error}."
    print_error("OutputError", msg, "The files of this command are complete.", as_json=as_json)
    return _EXIT_USER


def _print_cancelled(*, as_json: bool) -> None:
    kept = "no output was written" if not commit_count() else "outputs that were done are kept"
    if as_json:
        print_error("Cancelled", f"cancelled; {kept}", "", as_json=True)
    else:
        print_note(f"cancelled; {kept}")
