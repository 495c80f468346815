"""From image pairs to a trained model: every step of `mtrs-geo craft` once, with an audit by keys.

Pairs are added with their labels, and the rules describe them, without any network.  Two auditors
judge the items in a headless Chromium on the real pages: all keys, each mode, brush, eraser and
polygon, undo, and a reload in the middle.  The export is read back and compared with the project.
Stage 2 then trains an epoch on it.  Every command is the real one, in a process of its own.

Example: ``python benchmarks/craft_chain.py --root ../shared/data``
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from craft_kills import make_project, render

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks/browser"))

from audit_page import AuditPage, served  # noqa: E402 - beside this script
from chromium import COMMAND, Chromium  # noqa: E402

from mtrs_geo.craft.project import Project  # noqa: E402
from mtrs_geo.craft.project.images import read_date  # noqa: E402
from mtrs_geo.craft.project.items import last_round, read_mask  # noqa: E402
from mtrs_geo.craft.project.pairs import read_pair  # noqa: E402
from mtrs_geo.data.sampling.read_sources import is_held_out  # noqa: E402
from mtrs_geo.data.split.reader import open_split  # noqa: E402

ADDED = (("levir_classes", ["--limit", "7", "--tile-px", "512"]),
         ("guangzhou_direction", ["--limit", "22"]))  # fmt: skip
CONFIG = ROOT / "mtrs_geo/training/configs/tiny_stage2_pairs.yaml"
AUDITORS = ("Ana", "Ben")
SECOND_OPINIONS = 12
DRAWN_FOR_PX = 64
"""Side of the images whose pixels `AuditPage.draw` names."""


def main() -> int:
    """Run the chain, print each step with its time, and return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, help="data root; without it pairs are rendered")
    parser.add_argument("--pairs", type=int, default=2, help="number of rendered pairs")
    parser.add_argument("--accepted", type=int, default=160, help="triplets that Ana accepts")
    parser.add_argument("--needed", type=int, default=150, help="accepted triplets promised")
    parser.add_argument(
        "--output",
        type=Path,
        help="folder that keeps project and model; a project.db that is there is used",
    )
    parser.add_argument("--train", nargs=argparse.REMAINDER, default=[],
                        help="further arguments of the training, as the last option")  # fmt: skip
    options = parser.parse_args()
    if COMMAND is None:
        sys.stdout.write("no Chromium is installed: nothing was measured\n")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.output or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return run_chain(folder, options)


def run_chain(folder: Path, options: argparse.Namespace) -> int:
    """Run all steps in a folder."""
    with step("pairs and proposals"):
        project = propose(folder, options)
    with step("audit in Chromium"):
        judged = audit(project, folder, options.accepted)
    report(f"  {judged['accepted']} accepted by Ana, {judged['rejected']} rejected, "
           f"{judged['second']} judged by Ben too; pages: {judged['page_s']:.2f} s per item; "
           f"keys that were not pressed: {judged['untried']}")  # fmt: skip
    with step("export, read back and compared"):
        mtrs_geo("craft", "export", project, "-o", folder / "split", "--overwrite")
        sentences, differences = compare(project, folder / "split")
    report(f"  {sentences} triplets, {differences} differences; needed {options.needed}")
    with step("an epoch of stage 2"):
        metrics = train(folder, options.train)
    report("  " + ", ".join(f"{name} {value:.3f}" for name, value in metrics.items()))
    is_kept = sentences >= options.needed and not differences and not judged["untried"]
    report("kept" if is_kept else "BROKEN")
    return 0 if is_kept else 1


def propose(folder: Path, options: argparse.Namespace) -> Path:
    """Make a project and its items by the rules; return its file."""
    path = folder / "project.db"
    if path.is_file():
        pass
    elif options.root is None:
        render(folder, options.pairs)
        make_project(folder, "project", options.pairs)
    else:
        mtrs_geo("craft", "init", path)
        for layout, more in ADDED:
            mtrs_geo("craft", "add", path, options.root, "--layout", layout, *more)
    mtrs_geo("craft", "run", path, "--describer", "rules", "--segmenter", "labels")
    with Project(path) as project:
        names = [row[0] for row in project.connection.execute("SELECT name FROM pairs")]
        states = dict(
            project.connection.execute("SELECT state, COUNT(*) FROM items GROUP BY 1").fetchall()
        )
    held_out = [n for n in names for source in ("levir", "guangzhou") if is_held_out(source, n)]
    assert not held_out, held_out
    report(f"  {len(names)} pairs, items: {states}")
    return path


def audit(path: Path, folder: Path, wanted: int) -> dict[str, object]:
    """Judge items until so many are accepted, or none waits; return what was done."""
    judged: Counter[str] = Counter()
    with (
        served(path, AUDITORS) as (_, addresses),
        Chromium(folder / "profile") as chrome,
    ):
        page = AuditPage(chrome, AUDITORS[0])
        page.enter(addresses[0])
        item = use_all_keys(page, addresses[0])
        untried = sorted(page.untried_keys())
        judged.update(rejected=1, accepted=1)
        started, pages = time.perf_counter(), 0
        while item and judged["accepted"] < wanted:
            item = judge(page, pages, judged)
            pages += 1
        page_s = (time.perf_counter() - started) / max(pages, 1)
        second = AuditPage(chrome, AUDITORS[1])
        second.enter(addresses[1])
        item, twice = second.begin(), 0
        while item and twice < SECOND_OPINIONS:
            item, twice = second.accept(), twice + 1
        second.read_dashboard()
    assert not chrome.errors, chrome.errors
    return {**judged, "second": twice, "page_s": page_s, "untried": untried}


def use_all_keys(page: AuditPage, address: str) -> int:
    """Use every key on the first items, and reject the first one; return the item that is open."""
    first = page.begin()
    page.check_buttons()
    page.look()
    page.draw(page.item()["pair"]["cols"] / DRAWN_FOR_PX)
    page.edit_sentence("a sentence that is <b>not</b> true")
    kind = page.item()["type"]
    for other in ("appear", "disappear", "state", kind):
        page.change_type(other)
    page.read_history_and_help()
    page.chrome.press("r")
    page.chrome.wait("document.activeElement.id === 'reason'")
    page.chrome.press("Escape")
    page.chrome.run("document.activeElement.blur()")
    for key in ("S", "C", "s", "c"):
        page.chrome.press(key, shift=key.isupper())
    second = page.reject("drawn over, to try the tools")
    assert page.skip() not in (0, second)
    assert page.undo() == second
    third = page.accept()
    page.make_gold(address.partition("/enter")[0], second)
    page.read_dashboard()
    assert page.begin() == third != first
    return third


def judge(page: AuditPage, number: int, judged: Counter[str]) -> int:
    """Judge the open item and return the next one; most are accepted as they are."""
    if number % 12 == 5:
        judged["rejected"] += 1
        return page.reject("refused, to try a no", "SC"[number % 2])
    if number % 25 == 7:
        return page.skip()
    if number % 25 == 9:
        item = page.item()["item"]
        page.accept()
        assert page.undo() == item
    if number % 30 == 11:
        page.reload()
    judged["accepted"] += 1
    return page.accept()


def compare(path: Path, folder: Path) -> tuple[int, int]:
    """Return the triplets of an export, and how many differ from the accepted items."""
    subsets = [name for name in ("train", "val") if (folder / name).is_dir()]
    exported = [pair for subset in subsets for pair in open_split(folder / subset)]
    found = Counter(
        triplet(text, mask, pair.before, pair.after)
        for pair in exported
        for text, mask in zip(pair.expressions, pair.masks, strict=True)
    )
    expected: Counter[tuple[str, str]] = Counter()
    with Project(path) as project:
        items = project.connection.execute(
            "SELECT id, pair_id FROM items WHERE state = 'accepted' AND NOT is_gold"
        ).fetchall()
        for item_id, pair_id in items:
            stored = read_pair(project, pair_id)
            last = last_round(project, item_id)
            empty = np.zeros((stored.rows, stored.cols), bool)
            mask = empty if last.mask_id is None else read_mask(project, last.mask_id)
            dates = read_date(project, stored, "before"), read_date(project, stored, "after")
            expected[triplet(last.sentence, mask, *dates)] += 1
    return found.total(), ((found - expected) + (expected - found)).total()


def triplet(sentence: str, *arrays: np.ndarray) -> tuple[str, str]:
    """Return a sentence, and the SHA-256 of a mask and of both dates."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.shape} {array.dtype}".encode())
        total.update(array.tobytes())
    return sentence, total.hexdigest()


def train(folder: Path, more: list[str]) -> dict[str, float]:
    """Train an epoch of stage 2 on the export; return the last metrics."""
    run = folder / "run"
    config = folder / "config.yaml"
    config.write_text(CONFIG.read_text().replace("runs/tiny_stage2_pairs", str(run)))
    data = ["--data.train", folder / "split/train"]
    if (folder / "split/val").is_dir():
        data += ["--data.val", folder / "split/val"]
    mtrs_geo("train", "stage2-pairs", "fit", "--config", config, *data,
             "--trainer.max_epochs", "1", *more)  # fmt: skip
    mtrs_geo("train", "export", run / "last.ckpt", "-o", folder / "model", "--overwrite")
    lines = [line.split(",") for line in (run / "log/metrics.csv").read_text().splitlines()]
    metrics: dict[str, float] = {}
    for values in lines[1:]:
        metrics |= {n: float(v) for n, v in zip(lines[0], values, strict=True) if v}
    kept = ("step", "train_loss", "val_own", "val_own_empty", "val_presence")
    return {name: metrics[name] for name in kept if name in metrics}


def mtrs_geo(*arguments: object) -> None:
    """Run a command; its output is shown if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "mtrs_geo", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        msg = f"{' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}"
        raise RuntimeError(msg)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print how long a step took."""
    started = time.perf_counter()
    yield
    report(f"{name}: {time.perf_counter() - started:.0f} s")


def report(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
