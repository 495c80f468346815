"""Kill `craft run` at random moments and run it again: the end is that of an unbroken run.

Rendered pairs with label maps are run by the rules, in forks of a process that has imported
everything, and killed with SIGKILL.  Then the project must have the same items, rounds, masks,
checks and judgements as an unbroken one, no mask that no round has, and at most two calls of
backends per kill may have been repeated: the review and the mask of one correction.

Example: ``python benchmarks/craft_kills.py --kills 20``
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.importing import add_pairs
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.pairs import NewPair
from mtrs_geo.craft.stages.context import Context
from mtrs_geo.craft.stages.run import run_stages
from mtrs_geo.data.rendering.synthetic import render_pair

SIDE_PX = 192
MOST_REPEATED = 2
"""Calls of backends that one kill may cause to be made again."""
TABLES = {
    "items": "SELECT pair_id, key, change_type, state, doubt, is_negative FROM items",
    "rounds": "SELECT items.key, items.pair_id, number, stage, sentence, png FROM rounds "
    "JOIN items ON items.id = item_id LEFT JOIN masks ON masks.id = mask_id",
    "checks": "SELECT pair_id, key, name, passed, detail FROM checks "
    "JOIN items ON items.id = item_id",
    "judgements": "SELECT pair_id, key, question, yes, confidence FROM judgements "
    "JOIN items ON items.id = item_id",
    "cells": "SELECT pair_id, name, answer FROM cells",
    "masks": "SELECT COUNT(*) FROM masks",
    "work": "SELECT stage, subject, outcome, detail FROM work",
}


class Counted:
    """A backend that writes a line to a log before each call."""

    def __init__(self, backend: Any, log: Path) -> None:  # noqa: ANN401 - any backend
        self._backend, self._log = backend, log

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        found = getattr(self._backend, name)
        if not callable(found):
            return found

        def call(*arguments: object) -> object:
            with self._log.open("a") as stream:
                stream.write(f"{name}\n")
            return found(*arguments)

        return call


def main() -> int:
    """Run the loop, print what was found, and return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = kill_loop(Path(folder), arguments.kills, arguments.pairs, arguments.seed)
    sys.stdout.write("\n".join(found["lines"]) + "\n")
    return int(bool(found["broken"]))


def kill_loop(folder: Path, kills: int, pairs: int, seed: int) -> dict[str, Any]:
    """Kill runs until there were so many kills; return lines for people and what is broken."""
    rng = random.Random(seed)
    render(folder, pairs)
    whole = make_project(folder, "whole", pairs)
    run(whole, folder / "whole.log")
    started = time.monotonic()
    run(make_project(folder, "again", pairs), folder / "again.log")  # all words are read by now
    seconds = time.monotonic() - started
    expected, calls = contents(whole), count_lines(folder / "whole.log")
    killed, projects, broken, repeated = 0, 0, [], 0
    while killed < kills:
        name = f"killed_{projects}"
        path, log = make_project(folder, name, pairs), folder / f"{name}.log"
        projects += 1
        here = run_killed(path, log, rng, seconds, kills - killed)
        killed += here
        again = count_lines(log) - calls
        repeated += again
        broken += [f"{name}: {table}" for table, rows in contents(path).items()
                   if rows != expected[table]]  # fmt: skip
        if again > MOST_REPEATED * here:
            broken.append(f"{name}: {again} calls were repeated after {here} kills")
    lines = [
        f"{killed} kills in {projects} projects of {pairs} pairs, {len(expected['items'])} items",
        f"{repeated} of {projects * calls} calls of backends were repeated",
        *(f"BROKEN {what}" for what in broken),
        f"{len(broken)} broken; promised 0",
    ]
    return {"lines": lines, "broken": broken, "killed": killed}


def render(folder: Path, pairs: int) -> None:
    """Write rendered pairs with label maps of their buildings."""
    for number in range(pairs):
        rendered = render_pair(SIDE_PX, SIDE_PX, seed=number)
        maps = {
            "before": rendered.before, "after": rendered.after,
            "appear": rendered.appeared.astype(np.uint8) * 255,
            "disappear": rendered.disappeared.astype(np.uint8) * 255,
        }  # fmt: skip
        for kind, pixels in maps.items():
            Image.fromarray(pixels).save(folder / f"{number}_{kind}.png")


def make_project(folder: Path, name: str, pairs: int) -> Path:
    """Make a project with the rendered pairs."""
    new = [
        NewPair(
            f"rendered_{i}", folder / f"{i}_before.png", folder / f"{i}_after.png", SIDE_PX,
            SIDE_PX, "rendered",
            labels={kind: folder / f"{i}_{kind}.png" for kind in ("appear", "disappear")},
        )
        for i in range(pairs)
    ]  # fmt: skip
    with Project.create(folder / f"{name}.db") as project:
        add_pairs(project, new)
        return project.path


def run(path: Path, log: Path) -> None:
    """Run a project by the rules, with a log of the calls."""
    with Project(path) as project:
        options = BackendOptions(project)
        context = Context(
            project,
            Counted(open_describer("rules", options), log),
            Counted(open_segmenter("labels", options), log),
        )
        run_stages(context)


def run_killed(path: Path, log: Path, rng: random.Random, seconds: float, most: int) -> int:
    """Run a project until it ends, killed at most so often; return the number of kills."""
    kills = 0
    while True:
        process = ForkProcess(target=run, args=(path, log))
        process.start()
        if kills < most:
            process.join(rng.uniform(0, seconds / 3))
            if process.is_alive() and process.pid:
                os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == 0:
            return kills
        if process.exitcode != -signal.SIGKILL:
            msg = f"the run ended with {process.exitcode}"
            raise RuntimeError(msg)
        kills += 1


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of a project that do not depend on time, in a fixed order."""
    with Project(path) as project:
        return {
            table: sorted((tuple(row) for row in project.connection.execute(sql)), key=repr)
            for table, sql in TABLES.items()
        }


def count_lines(log: Path) -> int:
    """Return the number of calls in a log."""
    return len(log.read_text().splitlines()) if log.is_file() else 0


if __name__ == "__main__":
    sys.exit(main())
