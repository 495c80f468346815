"""``mtrs-geo explain``, and sentences whose quotes were forgotten."""

from __future__ import annotations

import json
import subprocess

import pytest
import typer
from command_server import run_command, start_command
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.cli.explain import refuse_missing_quotes
from mtrs_geo.understanding import understand


def explain(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("explain", *arguments)


def test_sentences_are_explained_without_rasters() -> None:
    sentences = "the largest new buidling near the river", "solar panels", "neue Gebäude"
    done = start_command("explain", *sentences)
    assert done.returncode == 0, done.stderr
    assert "buildings · appeared · within 50 m of the river · the largest" in done.stdout
    assert "'buidling' was read as 'building'." in done.stdout
    assert "'solar panels' (outside the vocabulary): not answered" in done.stdout
    assert "'neue Gebäude' was read as 'new buildings'." in done.stdout


@pytest.mark.parametrize(
    "sentence", ["neue Gebäude; abgerissene Häuser", "neue Häuser und Straßen", "neue Gebäude"]
)
def test_no_note_is_about_words_that_nobody_wrote(sentence: str) -> None:
    notes = [note for one in understand(sentence) for note in one.messages() if "read as" in note]
    assert all(note.startswith(repr(sentence)) for note in notes)


def test_a_second_opinion_says_how_a_sentence_was_taken() -> None:
    sentence = "Developers gobble up farmland for homes"
    done = explain(sentence)
    assert done.returncode == 0, done.stderr
    assert f"'{sentence}' (uncertain): understood as vegetation → buildings" in done.stdout
    assert "Taken as: 'vegetation turned into buildings'; ask so to be sure." in done.stdout


@pytest.mark.parametrize("size", ["nan", "-1", "0", "inf"])
def test_a_pixel_has_a_size(size: str) -> None:
    done = explain("new houses", "--gsd-m", size)
    assert done.returncode == 2
    assert "is not the size of a pixel" in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(("size", "is_noted"), [("0.05", True), ("0.5", False), ("10", True)])
def test_pixels_outside_the_range_of_the_model_are_noted(size: str, is_noted: bool) -> None:
    done = explain("new buildings", "--gsd-m", size)
    assert done.returncode == 0, done.stderr
    assert ("outside the range of tiny (0.2 to 1.5 m)" in done.stderr) == is_noted
    assert "outside" not in explain("new buildings", "--gsd-m", size, "--model", "cva").stderr


def test_json() -> None:
    done = explain("new roads and demolished houses", "hello", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [question["text"] for question in found] == ["new roads", "demolished houses", "hello"]
    assert [question["answered"] for question in found] == [True, True, False]
    assert [question["sentence"] for question in found] == [
        "new roads and demolished houses", "new roads and demolished houses", "hello",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [["new", "buildings"], ["houses", "built", "near"], ["New", "buildings"], ["New", "Buildings"],
     ["How", "many", "houses", "were", "built?"], ["houses", "larger", "than", "500", "m²"]],
)  # fmt: skip
def test_forgotten_quotes_are_noticed(words: list[str]) -> None:
    with pytest.raises(typer.BadParameter, match=" ".join(words)):
        refuse_missing_quotes(words)


@pytest.mark.parametrize(
    "sentences",
    [["buildings"], ["new houses", "roads"], ["Häuser", "Wald"], [""], ["新建筑物", "新道路"],
     ["农田变成了建筑", "没有变化的房子"], ["新しい家", "こんにちは"]],
)  # fmt: skip
def test_sentences_are_taken(sentences: list[str]) -> None:
    refuse_missing_quotes(sentences)


def test_words_beside_a_sentence_in_quotes_are_noticed() -> None:
    with pytest.raises(typer.BadParameter, match="'new buildings'"):
        refuse_missing_quotes(["roads that were removed", "new", "buildings"])


def test_single_words_among_sentences_are_only_noted() -> None:
    done = CliRunner().invoke(app, ["explain", "new houses", "north", "large"])
    assert done.exit_code == 0, done.output
    assert "Put one sentence in quotes: 'north large'" in done.output
    assert "'new houses': understood as buildings · appeared" in done.output
    assert CliRunner().invoke(app, ["explain", "new", "houses"]).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [["detect", "a.tif", "b.tif", "New", "--model", "tiny", "houses", "--overwrite", "nearby"],
     ["stack", "a.tif", "b.tif", "--query", "New", "houses", "nearby"]],
)  # fmt: skip
def test_options_between_the_words_do_not_hide_them(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert "New houses nearby" in " ".join(done.output.replace("│", "").split())


def test_readings_of_the_model_are_added_on_request() -> None:
    done = CliRunner().invoke(
        app, ["explain", "new wind turbines", "solar panels", "--with-model", "--json"]
    )
    for question in json.loads(done.stdout):
        assert question["intent"]["after"]["nothing"] > 0.5
    assert json.loads(explain("solar panels", "--json").stdout)[0]["intent"] is None
