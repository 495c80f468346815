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
from mtrs_geo.data.datasets.scenes import SCENE_SETS, held_back_scene, read_labelled_scenes
from mtrs_geo.data.sentences import ClassWording, draw_expressions
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.data.split.layout import Subset
from mtrs_geo.data.split.reader import ReferringPair
from mtrs_geo.data.split.writer import write_split
from mtrs_geo.errors import RasterError
from mtrs_geo.progress import Progress, Silent

__all__ = ["ComposedSplit", "open_composer", "write_composed_split"]

_WORDS = 1
"""Second part of the seed of sentences, so that they do not repeat the choices of pixels."""


@dataclass(frozen=True)
class ComposedSplit:
    """What was written."""

    pairs: int
    expressions: int
    empty: int
    """Expressions whose mask is empty."""
    pairs_per_s: float
    """Composing, wording and writing, without reading the scenes."""


def open_composer(
    scenes: Path,
    subset: Subset,
    *,
    seed: int,
    crop_px: int = 256,
    backgrounds: Sequence[Pair] = (),
) -> Composer:
    """Read the sets of scenes that a folder holds, and compose pairs from them.

    Args:
        scenes: folder with one folder a set, see `mtrs_geo.data.datasets.scenes.SCENE_SETS`.
        subset: ``val`` takes the scenes that are held back, ``train`` the others.
        seed: of the composer.
        crop_px: side of a pair.
        backgrounds: real pairs of unchanged ground.

    Raises:
        RasterError: if the folder holds none of the sets, or a scene is damaged.
    """
    sources = [name for name in SCENE_SETS if (scenes / name / "images").is_dir()]
    if not sources:
        msg = f"{scenes} holds none of the sets {', '.join(SCENE_SETS)}. Check the path."
        raise RasterError(msg)
    wanted = subset == "val"
    found = read_labelled_scenes(
        scenes, sources, keep=lambda source, name: held_back_scene(source, name) == wanted
    )
    recipe = Recipe(crop_px=crop_px)
    return Composer(Library(found), recipe, seed=seed, backgrounds=backgrounds)


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
    """Write pairs; ``val`` uses held-back scenes, wordings and synonyms.

    Args:
        scenes: folder of labelled scenes.
        output: folder of the split.
        count: pairs.
        sentences: sentences a pair.
        subset: ``train`` or ``val``.
        seed: the same seed gives the same files.
        crop_px: side of a pair.
        overwrite: replace a folder that holds something.
        progress: told of every pair.

    Raises:
        RasterError: if the scenes cannot be read.
        OutputError: if the output is taken or cannot be written.
    """
    progress = progress or Silent()
    composer = open_composer(scenes, subset, seed=seed, crop_px=crop_px)
    wording = HELD_OUT_CLASSES if subset == "val" else TRAIN_CLASSES
    progress.start(count, "pairs")
    started, empty = time.perf_counter(), 0
    with write_split(output, overwrite=overwrite) as split:
        for index in range(count):
            pair = composer.sample(index)
            said = _sentences(pair, sentences, wording, (seed, index, _WORDS))
            empty += sum(not e.mask.any() for e in said)
            split.add(_referring(pair, said))
            progress.advance()
    seconds = time.perf_counter() - started
    return ComposedSplit(count, count * sentences, empty, count / max(seconds, 1e-9))


def _sentences(
    pair: ClassPair, count: int, wording: ClassWording, seed: tuple[int, ...]
) -> list[Expression]:
    return draw_expressions(pair, count, wording, np.random.default_rng(seed))


def _referring(pair: ClassPair, said: list[Expression]) -> ReferringPair:
    masks = np.stack([e.mask for e in said]) if said else np.zeros((0, *pair.changed.shape), bool)
    return ReferringPair(pair.name, pair.before, pair.after, tuple(e.text for e in said), masks)
