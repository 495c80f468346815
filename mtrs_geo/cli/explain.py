"""``mtrs-geo explain``: how sentences are understood, without a raster."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from mtrs_geo.cli.console import Json, Model, print_line, print_note

if TYPE_CHECKING:
    from mtrs_geo.understanding import Understanding

__all__ = ["explain", "refuse_missing_quotes", "understanding_lines"]


def explain(
    sentences: Annotated[list[str], typer.Argument(help="One or more sentences.")],
    model: Model = "tiny",
    gsd_m: Annotated[float | None, typer.Option(help="Pixel size of the rasters, metres.")] = None,
    with_model: Annotated[
        bool,
        typer.Option(
            "--with-model", help="Load the model, too, and show what its intent head reads."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how sentences are understood, and which the model can answer; no raster is needed.

    Example: `mtrs-geo explain "the largest new building near the river" "solar panels"`
    """
    refuse_missing_quotes(sentences)
    from mtrs_geo.models import load_vocabulary
    from mtrs_geo.understanding import understand

    vocabulary = load_vocabulary(model)
    found = [q for text in sentences for q in understand(text, vocabulary, gsd_m=gsd_m)]
    if with_model:
        from mtrs_geo.detect.questions import with_readings
        from mtrs_geo.models import load_model

        found = with_readings(found, load_model(model, "cpu"))
        if all(question.intent is None for question in found):
            print_note(f"note: {model} has no intent head.")
    if as_json:
        print_line(json.dumps([question.as_dict() for question in found], ensure_ascii=False))
        return
    for question in found:
        for line in understanding_lines(question):
            print_line(line)


def understanding_lines(question: Understanding) -> list[str]:
    """Return the lines that describe how a question is understood."""
    verdict = "" if question.status == "understood" else f" ({question.status})"
    head = f"{question.text!r}{verdict}"
    if question.is_answered:
        head += f": understood as {question.meaning}"
    else:
        head += ": not answered"
    lines = [head, *(f"  {message}" for message in question.messages())]
    if question.intent is not None:
        before, after = map(_likely, question.intent)
        lines.append(f"  the model reads: before {before}; after {after}")
    return lines


def _likely(classes: Mapping[str, float]) -> str:
    """Return the classes of a date that are read, with their probabilities; at least one."""
    from mtrs_geo.understanding.types import LIKELY

    ranked = sorted(classes.items(), key=lambda entry: -entry[1])
    likely = [entry for entry in ranked if entry[1] > LIKELY] or ranked[:1]
    return ", ".join(f"{name} {probability:.2f}" for name, probability in likely)


def refuse_missing_quotes(sentences: Sequence[str]) -> None:
    """Refuse words that are the parts of one sentence whose quotes were forgotten.

    Raises:
        typer.BadParameter: if neighbouring sentences are single words, and one of them is in
            lower case or asks nothing by itself.
    """
    for are_words, group in groupby(sentences, _is_word):
        words = list(group)
        if not are_words or len(words) < 2 or not _belong_together(words):
            continue
        together = " ".join(words)
        msg = (
            f"{len(words)} single words were given as sentences. Put one sentence in quotes: "
            f"{together!r}. For a query per word, separate them with semicolons: "
            f"{'; '.join(words)!r}."
        )
        raise typer.BadParameter(msg)


def _is_word(text: str) -> bool:
    return bool(text) and not any(character.isspace() or character == ";" for character in text)


def _belong_together(words: Sequence[str]) -> bool:
    """Return whether words are not queries of their own."""
    if any(word.strip(".,:!?").isalpha() and word.islower() for word in words):
        return True
    from mtrs_geo.understanding import understand

    def is_answered(text: str) -> bool:
        return any(question.is_answered for question in understand(text))

    return is_answered(" ".join(words)) and not all(map(is_answered, words))
