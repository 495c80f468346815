"""``mtrs-geo explain``: how sentences are understood, without a raster."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from mtrs_geo.cli.console import Json, Model, print_line, print_note

if TYPE_CHECKING:
    from mtrs_geo.understanding import Understanding, Vocabulary

__all__ = ["explain", "refuse_missing_quotes", "understanding_lines"]

_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of Thai, Lao, Burmese, Khmer, Japanese and Chinese, written without spaces."""


def explain(
    sentences: Annotated[list[str], typer.Argument(help="One or more sentences.")],
    model: Model = "tiny",
    gsd_m: Annotated[float | None, typer.Option(help="Pixel size of the rasters in m.")] = None,
    with_model: Annotated[
        bool,
        typer.Option(
            "--with-model", help="Also load the model, and show what its intent head predicts."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how sentences are understood and which of them the model can answer, without a raster.

    Example: `mtrs-geo explain "the largest new building near the river" "solar panels"`

    With --json, `sentence` of each question is the sentence that it was read from.
    """
    if gsd_m is not None and not (math.isfinite(gsd_m) and gsd_m > 0):
        msg = f"--gsd-m {gsd_m:g} is not the size of a pixel: give metres, more than 0."
        raise typer.BadParameter(msg)
    if all(map(_is_word, sentences)):
        refuse_missing_quotes(sentences)
    else:
        for problem in _missing_quotes(sentences):
            print_note(f"note: {problem}")
    from mtrs_geo.models import load_vocabulary, shadowed_folder
    from mtrs_geo.understanding import understand

    if note := shadowed_folder(model):
        print_note(f"note: {note}")
    vocabulary = load_vocabulary(model)
    _note_pixel_size(gsd_m, vocabulary, model)
    parts = [understand(text, vocabulary, gsd_m=gsd_m) for text in sentences]
    found = [question for part in parts for question in part]
    if with_model:
        from mtrs_geo.detect.questions import with_readings
        from mtrs_geo.models import load_model

        found = with_readings(found, load_model(model, "cpu"))
        if all(question.intent is None for question in found):
            print_note(f"note: {model} has no intent head.")
    if as_json:
        origins = [text for text, part in zip(sentences, parts, strict=True) for _ in part]
        rows = [{"sentence": s, **q.as_dict()} for s, q in zip(origins, found, strict=True)]
        print_line(json.dumps(rows, ensure_ascii=False))
        return
    for question in found:
        for line in understanding_lines(question):
            print_line(line)


def _note_pixel_size(gsd_m: float | None, vocabulary: Vocabulary, model: str) -> None:
    """Note a pixel size for which a model is not trained, as a run with it would warn."""
    low, high = vocabulary.finest_m or 0.0, vocabulary.coarsest_m or math.inf
    if gsd_m is not None and not low <= gsd_m <= high:
        print_note(
            f"note: pixels of {gsd_m:g} m are outside the range of {model} ({low:g} to {high:g} m)."
        )


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
    for problem in _missing_quotes(sentences):
        raise typer.BadParameter(problem)


def _missing_quotes(sentences: Sequence[str]) -> Iterator[str]:
    """Yield what is said about each group of neighbouring words that belong together."""
    for are_words, group in groupby(sentences, _is_word):
        words = list(group)
        if not are_words or len(words) < 2 or not _belong_together(words):
            continue
        yield (
            f"{len(words)} single words were given as sentences. Put one sentence in quotes: "
            f"{' '.join(words)!r}. For a query per word, separate them with semicolons: "
            f"{'; '.join(words)!r}."
        )


def _is_word(text: str) -> bool:
    if _WITHOUT_SPACES.search(text):
        return False
    return bool(text) and not any(character.isspace() or character == ";" for character in text)


def _belong_together(words: Sequence[str]) -> bool:
    """Return whether words are not queries of their own."""
    if any(word.strip(".,:!?").isalpha() and word.islower() for word in words):
        return True
    from mtrs_geo.understanding import understand

    def is_answered(text: str) -> bool:
        return any(question.is_answered for question in understand(text))

    def names_ground(word: str) -> bool:
        """Return whether a word is a query with a thing; "New" alone asks for anything new."""
        return any(q.is_answered and (q.before or q.after) for q in understand(word))

    return is_answered(" ".join(words)) and not all(map(names_ground, words))
