"""Composed pairs on disk, in MTRefSeg-21K's layout."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtrs_geo.data.compose import Composer, Library, Recipe
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.datasets.scenes import SCENE_SETS, is_held_out_scene, read_labelled_scenes
from mtrs_geo.data.sampling.scene_sets import check_present, composed_sets
from mtrs_geo.data.sentences import ClassWording, draw_expressions
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.data.split.layout import Subset
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import RasterError, RequestError
from mtrs_geo.progress import Progress, Silent

__all__ = ["ComposedSplit", "open_composer", "write_composed_split"]

_LEAST_PX = 32
"""Smallest side of a pair, in pixels."""
_SENTENCE_STREAM = 1
"""Last part of the sentences' seed: makes their draws independent of those of the pixels."""


@dataclass(frozen=True)
class ComposedSplit:
    """Figures of a written split."""

    pairs: int
    expressions: int
    empty: int
    """Expressions whose mask is empty."""
    pairs_per_s: float
    """Composing and writing pairs with their sentences, without reading the scenes."""


def open_composer(
    scenes: Path,
    subset: Subset,
    *,
    seed: int,
    crop_px: int = 256,
    backgrounds: Sequence[Pair] = (),
    scene_sets: Sequence[str] | None = None,
) -> Composer:
    """Read the scene sets of a folder and return a composer that uses them.

    Args:
        scenes: folder with one folder per set, see
            `mtrs_geo.data.datasets.scenes.SCENE_SETS`.
        subset: ``val`` uses the held-out scenes, ``train`` the others.
        seed: seed of the composer.
        crop_px: side of a pair in pixels.
        backgrounds: real pairs without change.
        scene_sets: names of the sets to read, which must exist; None reads those that exist.

    Raises:
        RasterError: if the folder lacks a named set or has no set, or a scene is damaged.
        RequestError: if no named set is for composed pairs.
    """
    wanted = composed_sets(scene_sets)
    sources = [name for name in wanted if (scenes / name / "images").is_dir()]
    if scene_sets is not None:
        check_present(scenes, wanted)
    if not sources:
        msg = f"{scenes} has none of the scene sets {', '.join(SCENE_SETS)}."
        raise RasterError(msg, advice="Give the folder that has SET/images and SET/labels in it.")
    is_validation = subset == "val"
    labelled = read_labelled_scenes(
        scenes,
        sources,
        keep=lambda source, name: is_held_out_scene(source, name) == is_validation,
    )
    recipe = Recipe(crop_px=crop_px)
    return Composer(Library(labelled), recipe, seed=seed, backgrounds=backgrounds)


def write_composed_split(
    scenes: Path,
    output: Path,
    *,
    count: int,
    sentences: int = 4,
    subset: Subset = "train",
    seed: int = 0,
    crop_px: int = 256,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ComposedSplit:
    """Write composed pairs; ``val`` uses held-out scenes, wordings and synonyms.

    Args:
        scenes: folder of labelled scenes.
        output: folder of the split.
        count: number of pairs.
        sentences: sentences per pair.
        subset: ``train`` or ``val``.
        seed: the same seed gives the same files.
        crop_px: side of a pair in pixels.
        overwrite: replace a folder that is not empty.
        progress: receives one step per pair.

    Raises:
        RequestError: if a number cannot be used.
        RasterError: if the scenes cannot be read.
        OutputError: if the output exists or cannot be written.
    """
    if min(count, sentences, crop_px // _LEAST_PX) < 1 or seed < 0:
        numbers = f"count {count}, sentences {sentences}, crop_px {crop_px} or seed {seed}"
        msg = f"{numbers} is too small."
        advice = f"Ask for one pair and one sentence or more, of {_LEAST_PX} pixels or more."
        raise RequestError(msg, advice=advice)
    progress = progress or Silent()
    composer = open_composer(scenes, subset, seed=seed, crop_px=crop_px)
    wording = HELD_OUT_CLASSES if subset == "val" else TRAIN_CLASSES
    progress.start(count, "pairs")
    started, empty = time.perf_counter(), 0
    with write_split(output, overwrite=overwrite, inputs=[scenes]) as split:
        for index in range(count):
            pair = composer.sample(index)
            expressions = _expressions(pair, sentences, wording, (seed, index, _SENTENCE_STREAM))
            empty += sum(not e.mask.any() for e in expressions)
            split.add(_as_referring_pair(pair, expressions))
            progress.advance()
    seconds = time.perf_counter() - started
    return ComposedSplit(count, count * sentences, empty, count / max(seconds, 1e-9))


def _expressions(
    pair: ClassPair, count: int, wording: ClassWording, seed: tuple[int, ...]
) -> list[Expression]:
    return draw_expressions(pair, count, wording, np.random.default_rng(seed))


def _as_referring_pair(pair: ClassPair, expressions: list[Expression]) -> ReferringPair:
    empty = np.zeros((0, *pair.changed.shape), bool)
    masks = np.stack([e.mask for e in expressions]) if expressions else empty
    texts = tuple(e.text for e in expressions)
    return ReferringPair(pair.name, pair.before, pair.after, texts, masks)
