"""The sentence reader: the same numbers as in PyTorch, without torch, for any text."""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
import torch
from safetensors.torch import load_file

from mtrs_geo.errors import ModelError
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.reader import DIRECTIONS, MEANINGS, Meaning, SentenceReader, probabilities
from mtrs_geo.training.reader.network import ReaderNetwork
from mtrs_geo.training.reader.train import read

TEXTS = ("new buildings", "they grubbed up the hedge to park lorries", "Solar panels?!", "")


def test_numbers_are_those_of_the_training() -> None:
    network = ReaderNetwork()
    network.load_trained(load_file(WEIGHTS / "reader.safetensors"))
    network.eval()
    with torch.no_grad():
        expected = read(network, TEXTS)
    for text, (meaning, confidence) in zip(TEXTS, expected, strict=True):
        found = SentenceReader()(text)[0]
        assert Meaning(found.direction, found.before, found.after) == meaning
        assert found.confidence == pytest.approx(confidence, abs=0.02)


def test_plain_sentences_are_read() -> None:
    read_sentence = SentenceReader()
    found = read_sentence("show me all the houses that were torn down")[0]
    assert (found.direction, found.before, found.after) == ("disappeared", ("building",), ())
    assert read_sentence("what is the weather like today")[0].direction == "none"


@pytest.mark.parametrize("text", ["", " ", "\x00", "x" * 1000, "新しい建物", "ß" * 500, "🏠🏠"])
def test_any_text_has_opinions(text: str) -> None:
    found = SentenceReader()(text)
    confidences = [opinion.confidence for opinion in found]
    assert confidences == sorted(confidences, reverse=True)
    assert 0.95 < sum(confidences) < 1.001
    assert {opinion.direction for opinion in found} <= set(DIRECTIONS)


def test_probabilities_add_up() -> None:
    rng = np.random.default_rng(0)
    sizes = len(DIRECTIONS), 5, 5
    found = probabilities(*(rng.normal(0, 3, n).astype(np.float32) for n in sizes))
    assert found.shape == (len(MEANINGS),)
    assert found.sum() == pytest.approx(1, abs=1e-4)
    assert len(set(MEANINGS)) == len(MEANINGS)


def test_the_number_of_threads_is_as_before() -> None:
    def threads() -> list[int]:
        found = threadpoolctl.threadpool_info()
        return [pool["num_threads"] for pool in found if pool["user_api"] == "blas"]

    SentenceReader()("new huts")
    before = threads()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(SentenceReader(), [f"new huts and {i} sheds" for i in range(40)]))
    assert threads() == before


def test_it_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(SentenceReader()))
    assert again == SentenceReader()


def test_no_torch_is_loaded() -> None:
    code = (
        "import sys; from mtrs_geo.models import load_vocabulary;"
        "from mtrs_geo.understanding import understand;"
        "understand('granfelts sprouted by the sheds', load_vocabulary('tiny'));"
        "assert 'tokenizers' in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing or damaged"):
        SentenceReader(tmp_path)("new huts")
