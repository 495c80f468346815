"""``mtrs-geo explain``, and sentences whose quotes were forgotten."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer

from mtrs_geo.cli.explain import refuse_missing_quotes


def explain(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mtrs_geo.cli", "explain", *arguments],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip


def test_sentences_are_explained_without_rasters() -> None:
    done = explain("the largest new buidling near the river", "solar panels", "neue Gebäude")
    assert done.returncode == 0, done.stderr
    assert "buildings · appeared · within 50 m of the river · the largest" in done.stdout
    assert "'buidling' was read as 'building'." in done.stdout
    assert "'solar panels' (outside the vocabulary): not answered" in done.stdout
    assert "'neue Gebäude' was read as 'new buildings'." in done.stdout


def test_json() -> None:
    done = explain("new roads and demolished houses", "hello", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [question["text"] for question in found] == ["new roads", "demolished houses", "hello"]
    assert [question["answered"] for question in found] == [True, True, False]


@pytest.mark.parametrize("words", [["new", "buildings"], ["houses", "built", "near"]])
def test_forgotten_quotes_are_noticed(words: list[str]) -> None:
    with pytest.raises(typer.BadParameter, match=" ".join(words)):
        refuse_missing_quotes(words)


@pytest.mark.parametrize("sentences", [["buildings"], ["new houses", "roads"], ["Häuser", "Wald"]])
def test_sentences_are_taken(sentences: list[str]) -> None:
    refuse_missing_quotes(sentences)
