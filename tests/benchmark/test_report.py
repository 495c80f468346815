"""The report: no external URL, every text escaped, every link and picture there; the commands."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from mtrs_geo.benchmark.report.pictures import codes_of, reduced_codes
from mtrs_geo.cli import app
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split

NASTY = '</td><script>alert("x")</script> & "new" houses \u202e <img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the command on two splits, with two masks of another program."""
    folder = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    for name, sentences in (("RS", (NASTY, "new ponds")), ("mine", ("",))):
        with write_split(folder / name) as writer:
            for i in range(5):
                before, after = rng.integers(0, 255, (2, 600, 40, 3), dtype=np.uint8)
                masks = np.zeros((len(sentences), 600, 40), bool)
                masks[0, 100 : 110 + i, 5:30] = True
                writer.add(ReferringPair(f"p{i}", before, after, sentences, masks))
    (folder / "config.yaml").write_text(
        f"title: {json.dumps(NASTY)}\nresamples: 100\ncases: 1\npages: 40\n"
        f"models: [everything, {{name: {json.dumps(NASTY)}, model: brightness}}]\n"
        "splits: [RS, mine]\n"
    )
    done = command("run", folder / "config.yaml", "-o", folder / "out")
    assert done.exit_code == 0, done.output
    assert "report: " in done.stdout
    return folder / "out/results"


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["benchmark", *map(str, arguments)])


def test_pages_load_nothing_from_elsewhere_and_run_no_text(results: Path) -> None:
    paths = [results / "index.html", *(results / "samples").iterdir()]
    assert len(paths) - 1 == 5 * 2 + 5
    for path in paths:
        text = path.read_text("utf-8")
        assert not re.search(r"https?://|url\(|@import|src=\"//", text)
        page = Page(text)
        assert page.tags.count("script") == (path.name == "index.html")
        assert not page.handlers
        for link in page.links:
            assert (path.parent / link).is_file(), link
    index = Page((results / "index.html").read_text("utf-8"))
    assert NASTY in index.words
    assert "MTRefSeg-R1" in index.words
    assert "fine-tuned LVLM, paper" in index.words


def test_tables(results: Path) -> None:
    scores = json.loads((results / "scores.json").read_text())
    assert [split["name"] for split in scores["splits"]] == ["RS", "mine"]
    assert len(scores["splits"][0]["paper"]) == 25
    assert scores["splits"][1]["paper"] == []
    assert json.loads((results / "speed.json").read_text())["machine"]["cores"]
    markdown = (results / "table.md").read_text("utf-8")
    assert "| LAVT (specialist, paper) |  |  |  | 66.57 | 68.61 |" in markdown
    assert (results / "table.csv").read_text("utf-8").count("\n") == 1 + 4 + 25


def test_pictures(results: Path) -> None:
    with Image.open(results / "pictures/0_0_after.webp") as image:
        assert image.size == (34, 512)
    with Image.open(results / "pictures/0_0_0_truth.png") as mask:
        assert mask.size == (20, 300)
        assert mask.convert("RGBA").getpixel((10, 52)) == (255, 212, 0, 255)
        assert mask.convert("RGBA").getpixel((0, 0))[3] == 0
    truth, prediction = np.eye(3, dtype=bool), np.ones((3, 3), bool)
    assert codes_of(prediction, truth).tolist() == [[1, 2, 2], [2, 1, 2], [2, 2, 1]]
    assert codes_of(~prediction, truth).max() == 3
    line = np.zeros((1024, 1024), np.uint8)
    line[:, 500] = 3
    assert reduced_codes(line).shape == (512, 512)
    assert (reduced_codes(line)[:, 250] == 3).all()


def test_write_and_check(results: Path, tmp_path: Path) -> None:
    data = results.parents[1] / "RS"
    done = command("write", "empty", "--data", data, "-o", tmp_path / "masks", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["failed"] == {}
    (tmp_path / "masks/masks/p0_1.png").unlink()
    done = command("check", tmp_path / "masks", "--data", data)
    assert done.exit_code == 1, done.output
    assert done.stdout.startswith("missing: p0_1.png, for 'new ponds'")
