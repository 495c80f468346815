"""Draw the pictures of docs/craft-audit.md from rendered pairs: `python docs/images/make_audit.py`.

The pages are those of `mtrs-geo craft audit`, in a headless Chromium.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import binary_dilation, label

from mtrs_geo.craft.project import Origin, Project, Verdict
from mtrs_geo.craft.project.items import NewItem, NewRound, add_item, add_round, store_mask
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.craft.project.verdicts import insert_verdict
from mtrs_geo.data.rendering.synthetic import render_pair, write_pair
from mtrs_geo.types import BoolArray

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks/browser"))

from audit_page import served  # noqa: E402 - not a part of the package
from chromium import Chromium  # noqa: E402

PAIRS, ROWS, COLS, FIRST = 3, 720, 960, 6
RULE, MODEL, HEAD = Origin("rule", "class maps", "1"), Origin("model", "qwen-vl", "3"), Origin(
    "model", "tiny, dense head", "0.9"
)  # fmt: skip
PLACES = (("north-west", "north", "north-east"), ("west", "middle", "east"),
          ("south-west", "south", "south-east"))  # fmt: skip
SIZES = ((1280, 800), (2560, 1440))
MOST_COLORS = 256


def main() -> None:
    """Make a project, open its pages and save them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "project.db"
        fill(path)
        with served(path) as (_, [address]), Chromium(folder / "profile") as page:
            draw(page, address, output)


def draw(page: Chromium, address: str, output: Path) -> None:
    """Save every picture."""
    page.open(address)
    site = address.partition("/enter")[0]
    for width, height in SIZES:
        page.resize(width, height)
        page.open(f"{site}/items/1")
        settle(page)
        page.press("w")
        page.press("0")
        page.press("m")
        save(page, output / f"craft_audit_swipe_{width}.png")
        page.press("v")
        page.press("f")
        page.press("s")
        page.press("C", shift=True)
        save(page, output / f"craft_audit_side_{width}.png")
        page.open(f"{site}/dashboard")
        save(page, output / f"craft_audit_dashboard_{width}.png")
        page.open(f"{site}/queue")
        save(page, output / f"craft_audit_queue_{width}.png")
    page.resize(1280, 800)
    page.open(f"{site}/items/2")
    settle(page)
    page.press("w")
    page.press("f")
    page.press("g")
    box = page.run("(({x, y, width, height}) => [x, y, width, height])"
                   "(document.getElementById('canvas').getBoundingClientRect())")  # fmt: skip
    corners = ((0.62, 0.3), (0.8, 0.34), (0.78, 0.55), (0.64, 0.5))
    for x, y in corners:
        at = (box[0] + x * box[2], box[1] + y * box[3])
        page.mouse("mousePressed", *at)
        page.mouse("mouseReleased", *at)
    save(page, output / "craft_audit_polygon.png")
    page.press("Escape")
    page.resize(480, 900)
    page.open(f"{site}/items/1")
    settle(page)
    page.press("w")
    page.press("0")
    save(page, output / "craft_audit_narrow.png", full=True)


def settle(page: Chromium) -> None:
    """Wait until the images are drawn."""
    page.wait("document.getElementById('zoom-label').textContent")
    time.sleep(0.6)


def save(page: Chromium, path: Path, *, full: bool = False) -> None:
    """Save the page with few colours, as a small file."""
    time.sleep(0.7)
    page.screenshot(path, full=full)
    picture = Image.open(path).convert("RGB")
    picture.quantize(MOST_COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def fill(path: Path) -> None:
    """Make a project with items of rendered pairs and verdicts of two auditors."""
    chance = random.Random(4)
    with Project.create(path) as project:
        project.set("audit_double_share", 1.0)
        items = []
        for number in range(PAIRS):
            pair = render_pair(ROWS, COLS, seed=21 + number, new_buildings=14, demolished=6)
            paths = write_pair(path.parent / f"place_{number + 1}", pair)
            with project.transaction():
                row = add_pair(
                    project,
                    NewPair(
                        f"place {number + 1}", paths.before, paths.after, ROWS, COLS, "rendered"
                    ),
                )
                items += add_items(project, row, pair.appeared, "appear", chance)
                items += add_items(project, row, pair.disappeared, "disappear", chance)
        with project.transaction():
            for item in filter(lambda item: item > FIRST and item % 4, items):
                for auditor in ("Ana", "Ben"):
                    judge(project, item, auditor, chance)


def add_items(
    project: Project, pair: int, truth: BoolArray, change_type: str, chance: random.Random
) -> list[int]:
    """Add one item per building and return their rows."""
    parts, count = label(truth)
    rows = []
    for number in range(1, count + 1):
        mask = parts == number
        row_share, col_share = np.argwhere(mask).mean(axis=0) / truth.shape
        place = PLACES[int(3 * row_share)][int(3 * col_share)]
        verb = "A house was built" if change_type == "appear" else "A house was torn down"
        describer = MODEL if number % 3 else RULE
        row = add_item(
            project, NewItem(pair, f"{change_type} {number}", change_type, "building", "center")
        )
        first = store_mask(project, binary_dilation(mask, iterations=3), HEAD)
        last = store_mask(project, mask, HEAD)
        sentence = f"{verb} in the {place} of the image"
        add_round(project, row, NewRound("perceive", f"{verb} in cell center", describer, first))
        add_round(project, row, NewRound("correct", sentence, describer, last, "mask made smaller"))
        project.connection.execute(
            "UPDATE items SET state = 'ready', doubt = ? WHERE id = ?", (chance.random(), row)
        )
        rows.append(row)
    return rows


def judge(project: Project, item: int, auditor: str, chance: random.Random) -> None:
    """Add a verdict in which nine of ten answers follow from the item."""
    answers = [((item * k) % 7 > 0) != (chance.random() < 0.06) for k in (1, 2, 3)]
    insert_verdict(
        project,
        Verdict(
            f"{item}|0|{auditor}", item, 1, auditor, answers[0], answers[1], answers[2],
            "" if all(answers) else "the mask covers the garden", chance.lognormvariate(2.2, 0.6),
            created=time.time() - chance.random() * 7200,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    main()
