"""What a model folder declares to know decides what it is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo.models import load_vocabulary
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.understanding import understand


@pytest.mark.parametrize(
    ("knows", "text"),
    [
        ({"classes": ["building"]}, "new swimming pools"),
        ({"classes": ["building"]}, "neue Schwimmbäder"),
        ({"classes": ["building"]}, "forest that was turned into roads"),
        ({"classes": ["pool"], "nouns": {"swimming pool": "pool"}}, "new buildings"),
        ({"classes": ["pool"], "nouns": {"swimming pool": "pool"}}, "new green roofs"),
    ],
)
def test_a_model_is_not_asked_for_a_class_that_it_does_not_know(
    knows: dict[str, Any], text: str, tmp_path: Path
) -> None:
    about = json.loads((WEIGHTS / "tiny" / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**about, "knows": knows}))
    (question,) = understand(text, load_vocabulary(tmp_path))
    assert question.status == "outside the vocabulary"
    assert not question.is_answered


def test_a_class_of_its_own_is_a_noun(tmp_path: Path) -> None:
    about = json.loads((WEIGHTS / "tiny" / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**about, "knows": {"classes": ["Pool"]}}))
    for text in ("new pools", "the largest new pool", "pools that were removed"):
        (question,) = understand(text, load_vocabulary(tmp_path))
        assert question.status == "understood", text
    (question,) = understand("new lakes", load_vocabulary(tmp_path))
    assert question.status == "outside the vocabulary"


def test_a_model_of_more_classes_has_the_reader(tmp_path: Path) -> None:
    about = json.loads((WEIGHTS / "tiny" / "config.json").read_text("utf-8"))
    classes = [*load_vocabulary("tiny").classes, "pool"]
    knows = {"classes": classes, "nouns": {"pool": "pool"}}
    (tmp_path / "config.json").write_text(json.dumps({**about, "knows": knows}))
    vocabulary = load_vocabulary(tmp_path)
    assert vocabulary.reader is not None
    (question,) = understand("new pools", vocabulary)
    assert (question.status, question.query.prompt) == ("understood", "new pools")
