"""Training of the sentence reader on a few sentences."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.reader import Meaning, compressed, restored
from mtrs_geo.training.reader.augmentation import SentenceWriter
from mtrs_geo.training.reader.evidence import Reading, fit
from mtrs_geo.training.reader.sentences import (
    Labelled,
    meaning_of,
    read_sentences,
    read_templates,
    read_written,
    without_part,
)
from mtrs_geo.training.reader.train import TrainOptions, read, train
from mtrs_geo.understanding.lexicon import split_words
from mtrs_geo.understanding.weighing import EVIDENCE

SENTENCES = Path(__file__).parents[2] / "understanding" / "sentences.jsonl"
ROWS = [
    Labelled("new houses by the lake", Meaning("appeared", (), ("building",)), "in scope"),
    Labelled("the lake has dried up", Meaning("disappeared", ("water",), ()), "in scope"),
    Labelled("hello there", Meaning("none"), "nonsense"),
]


def test_labels() -> None:
    assert meaning_of("changed", ["road"], ["road"]) == Meaning("any", ("road",), ("road",))
    assert meaning_of("changed", ["water", "bare"], []) == Meaning(
        "disappeared", ("bare", "water"), ()
    )
    assert meaning_of("changed", [], ["road"]) == Meaning("appeared", (), ("road",))
    assert meaning_of(None, ["road"], ["road"]) == Meaning("none")
    rows = read_sentences(SENTENCES)
    assert len(rows) > 3000
    outside = [row for row in rows if row.group in ("outside", "nonsense")]
    assert {row.meaning for row in outside} == {Meaning("none")}


def test_report_sentences_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = {"text": "new huts", "group": "in scope", "direction": "appeared", "before": [],
           "after": ["building"]}  # fmt: skip
    path.write_text("".join(json.dumps({**row, "split": s}) + "\n" for s in ("tune", "report")))
    assert len(read_sentences(path)) == 1


def test_written_sentences_of_the_package() -> None:
    rows = read_written()
    assert len(rows) > 8000
    assert {row.group for row in rows} == {"in scope", "negation", "outside", "nonsense"}
    texts = {tuple(split_words(row.text)) for row in rows}
    reported = [
        tuple(split_words(row["text"]))
        for row in map(json.loads, SENTENCES.read_text("utf-8").splitlines())
        if row["split"].startswith("report")
    ]
    assert len(reported) > 1500
    assert texts.isdisjoint(reported)


def test_a_part_that_is_left_out_shares_no_wording() -> None:
    texts = ["new houses in town", "new houses near town", "the lake dried", "lake that dried"]
    rows = [Labelled(text, Meaning("none")) for text in texts]
    kept, left_out = without_part(rows, 0, 2)
    assert {row.text for row in left_out} in (set(texts[:2]), set(texts[2:]))
    assert len(kept) == len(left_out) == 2


def test_written_sentences() -> None:
    assert all(template.meaning.direction for template in read_templates())
    writer = SentenceWriter(ROWS, seed=1)
    written = [writer.write() for _ in range(500)]
    assert not any("{" in row.text for row in written)
    assert {row.meaning.direction for row in written} >= {"appeared", "changed", "none"}
    again = SentenceWriter(ROWS, seed=1)
    assert [again.write() for _ in range(500)] == written


def test_training_writes_what_the_reader_takes() -> None:
    network = train(ROWS, TrainOptions(sentences=64, epochs=1.0))
    tensors = network.trained_tensors()
    bundled = load_file(WEIGHTS / "reader.safetensors")
    assert {n: tuple(t.shape) for n, t in tensors.items()} == {
        n: t.shape for n, t in bundled.items()
    }
    ((_, confidence),) = read(network, ["new houses"])
    assert 0 < confidence <= 1


def test_differences_are_small_and_near() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.001, (96, 64)).astype(np.float32)
    low = rng.normal(0, 0.1, (96, 4)) @ rng.normal(0, 0.1, (4, 64))
    difference = (low + noise).astype(np.float32)
    parts = compressed(difference, rank=4)
    assert sum(part.nbytes for part in parts.values()) < difference.nbytes / 8
    ((layer, found),) = restored({f"layer.{name}": part for name, part in parts.items()})
    assert layer == "layer"
    assert np.abs(found - difference).mean() < np.abs(noise).mean()


def test_reliable_verdicts_weigh_more() -> None:
    """One verdict is always right, the other one never, and the reader does not know."""
    new, gone, none = ("appeared", (), ("building",)), ("disappeared", ("building",), ()), (
        "none", (), ()
    )  # fmt: skip
    unsure = {none: 0.3, new: 0.3, gone: 0.4}
    rows = [
        Reading(kind, new, unsure, label)
        for kind, label in (("understood", new), ("doubt", gone), ("unknown_thing", none))
        for _ in range(20)
    ]
    found = fit(rows)
    assert set(found) == {"meaning", "none"} | {
        f"{side} {kind}" for kind in EVIDENCE for side in ("rules", "none")
    }
    assert found["rules understood"] > 1 > found["rules doubt"]
    assert found["none unknown_thing"] > 1 > found["none understood"]
