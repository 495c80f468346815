"""Pack code, weights and pictures for training into a folder of limited size."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image
from tokenizers import Tokenizer

import mtrs_geo
from mtrs_geo.data.datasets.changes import IMAGE_SUFFIXES, read_image
from mtrs_geo.data.datasets.scenes import is_held_out_scene
from mtrs_geo.data.sampling.read_sources import is_held_out, source_folders
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.errors import RasterError, RequestError
from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.checkpoints.checkpoint import save_folder
from mtrs_geo.models.runtime.load import model_files, model_folder
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.training.bundle.text_encoder import pack_text_encoder, token_ids
from mtrs_geo.training.model_loading import Pretrained, build_starting_model
from mtrs_geo.training.run_config import CONFIGS, read_config

__all__ = ["PackedBundle", "pack_bundle"]

_CODE = Path(mtrs_geo.__file__).parent
_START, _DATA, _RECIPE = "start", "data", "recipe.json"
_CONTENTS = (
    "mtrs_geo/**/*", "train.py", "text_encoder", f"{_START}/**/*", _RECIPE,
    *(f"{_DATA}/**/*.{suffix}" for suffix in ("webp", "png", "json")),
)  # fmt: skip
"""Patterns of the files of a bundle."""
_TEXT_ENCODER = "minilm"
_QUALITIES = (82, 70, 60, 50, 40, 30)
_SAMPLE = 40
"""One of this many pictures is encoded at each quality, to estimate the size of all."""
_RESERVE = 0.97
"""Share of the free space that the estimate may take."""
_SHARES = (1.0, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15, 0.1)
_GOOD_SHARE = 0.5
"""Quality is lowered before the share falls below this, and the share before quality is lost."""
_THINNED = ("scenes", "geo")
"""Folders of which a share of the pictures is packed; pairs are packed whole."""
_ENTRY = '''"""Train from this folder: python train.py --minutes 10 --output OUT (see --help)."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from mtrs_geo.training.bundle.run import main

if __name__ == "__main__":
    main(Path(__file__).parent)
'''


@dataclass(frozen=True)
class PackedBundle:
    """Figures of a packed folder."""

    files: int
    megabytes: float
    pictures: int
    quality: int
    """Quality of the WebP pictures, up to 100."""
    share: float
    """Share of the scenes and of the unchanged places that is packed."""


def pack_bundle(
    data: Path | str,
    output: Path | str,
    *,
    max_mb: float = 60.0,
    share: float | None = None,
    model: str | Path | None = None,
    config: str = "tiny_stage2_ground",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> PackedBundle:
    """Pack what a training run needs into a folder.

    Pictures become WebP files of the highest quality at which the folder is small enough, with at
    least half of the scenes if that is possible.  Label maps stay PNG files.  Held-out scenes of
    LEVIR are packed for validation, and no others.

    Args:
        data: data root (docs/training.md).
        output: the folder; written to a temporary folder and renamed.
        max_mb: largest size of the folder in megabytes (10⁶ bytes).
        share: share of the scenes and of the unchanged places that is packed, in (0, 1].  None
            packs as many as fit.
        model: model to start from: a bundled name or a model folder.  None is tiny, or a new
            model with ImageNet weights if the configuration starts from no weights.
        config: bundled configuration whose sources are packed.
        overwrite: replace an existing folder.
        progress: receives one step per picture.

    Raises:
        RequestError: if ``share`` or ``max_mb`` is out of range, ``config`` is not a
            bundled configuration of stage 2, or the folder would be larger than ``max_mb``.
        RasterError: if the data root has no picture of the sources, or one is damaged or has more
            than 8 bits per band.
        ModelError: if the model does not exist.
        OutputError: if the folder exists, holds ``model`` or other files than a bundle has, or
            cannot be written.
    """
    if share is not None and not 0 < share <= 1:
        msg = f"share is {share}; it must be above 0 and at most 1."
        raise RequestError(msg, advice="Give 1 to pack all scenes.")
    if not max_mb > 0:
        msg = f"max_mb is {max_mb}; it must be above 0."
        raise RequestError(msg, advice="Give the largest size of the folder in megabytes.")
    data, output, progress = Path(data), Path(output), progress or Silent()
    recipe = _recipe_of(config)
    inputs = [data, *([] if model is None else model_files(model))]
    with staged_folder(output, overwrite=overwrite, inputs=inputs, contents=_CONTENTS) as folder:
        if not _files_of(data, recipe["data"], 1.0)[0]:
            msg = f"{data} has no picture of the sources of {config}."
            raise RasterError(msg, advice="Check the path of the data root (docs/training.md).")
        _pack_code(folder)
        _pack_start(model, recipe["model"], folder / _START)
        (folder / _RECIPE).write_text(json.dumps({n: recipe[n] for n in ("model", "data")}))
        room = 1e6 * max_mb - _bytes_of(folder)
        quality, share = _choose(data, recipe["data"], room, share, max_mb)
        pictures, labels = _files_of(data, recipe["data"], share)
        for path in labels:
            target = folder / _DATA / path.relative_to(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        progress.start(len(pictures), "pictures")
        with ThreadPoolExecutor() as pool:
            for _ in pool.map(partial(_pack_picture, data, folder / _DATA, quality), pictures):
                progress.advance()
        size, files = _bytes_of(folder), sum(1 for p in folder.rglob("*") if p.is_file())
        if size > 1e6 * max_mb:
            msg = f"the bundle has {size / 1e6:.1f} MB, {max_mb:g} are allowed."
            raise RequestError(msg, advice="Give a smaller --share of the scenes.")
    return PackedBundle(files, round(size / 1e6, 1), len(pictures), quality, share)


def _recipe_of(config: str) -> dict[str, Any]:
    """Return a configuration of stage 2 on a data root, which has sentences for its crops."""
    recipes = {path.stem: read_config(path.stem) for path in sorted(CONFIGS.glob("*.yaml"))}
    data = {name: recipe.get("data", {}) for name, recipe in recipes.items()}
    names = [name for name, one in data.items() if "batch_size" in one and one.get("sentences")]
    if config not in names:
        msg = f"{config!r} is not a configuration that a bundle can be trained with."
        raise RequestError(msg, advice=f"Give one of {', '.join(names)}.")
    return recipes[config]


def _pack_start(model: str | Path | None, recipe: dict[str, Any], target: Path) -> None:
    if model is None and not recipe.get("weights"):
        new = build_starting_model(recipe["preset"], "change_aware", Pretrained(imagenet=True))
        save_folder(new, target, {"name": recipe["preset"], "description": "not yet trained"})
    else:
        shutil.copytree(model_folder(model or "tiny"), target)


def _pack_code(folder: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "weights")
    shutil.copytree(_CODE, folder / "mtrs_geo", ignore=ignore)
    weights = folder / "mtrs_geo/models/weights"
    weights.mkdir()
    (folder / "train.py").write_text(_ENTRY)
    vocabulary = WEIGHTS / f"{_TEXT_ENCODER}.json"
    shutil.copyfile(vocabulary, weights / vocabulary.name)
    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_truncation()
    sentences = (_CODE / "data/sentences").rglob("*")
    texts = (line for path in sentences if path.suffix in (".txt", ".py")
             for line in path.read_text().splitlines())  # fmt: skip
    rows = token_ids(tokenizer, texts)
    pack_text_encoder(WEIGHTS / f"{_TEXT_ENCODER}.safetensors", folder / "text_encoder", rows)


def _files_of(data: Path, recipe: dict[str, Any], share: float) -> tuple[list[Path], list[Path]]:
    """Return the pictures and the label maps that training and validation read."""
    weights = SourceWeights(**recipe.get("source_weights", {}))
    validates = bool(recipe.get("composed_validation"))
    folders = source_folders(
        weights,
        has_scenes=bool(recipe.get("composed")) or validates,
        scene_sets=recipe.get("scene_sets"),
    )
    pictures: list[Path] = []
    labels: list[Path] = []
    for folder in folders:
        for path in sorted((data / folder).rglob("*")):
            name = path.relative_to(data)
            if not path.is_file() or not _is_packed(name, share, has_held_out=validates):
                continue
            if path.parent.name in ("A", "B", "images") or name.parts[0] == "geo":
                pictures += [path] if path.suffix.lower() in IMAGE_SUFFIXES else []
            elif path.suffix in (".png", ".json") and path.parent.name != "json":
                labels.append(path)
    return pictures, labels


def _is_packed(name: Path, share: float, *, has_held_out: bool) -> bool:
    """Return whether a file belongs to the share, and to training, LEVIR or held-out scenes."""
    source = {"guangzhou_direction": "guangzhou"}.get(name.parts[1], name.parts[1])
    if source in ("guangzhou", "storms") and is_held_out(source, name.stem):
        return False
    if name.parts[0] not in _THINNED:
        return True
    if name.parts[0] == "scenes" and is_held_out_scene(source, name.stem):
        return has_held_out
    parts = name.stem.split("_")
    # All dates of a place are packed, or none.
    place = "_".join([*parts[:-2], parts[-1]]) if source == "california_trees" else name.stem
    if source == "california_trees" and is_held_out(source, place):
        return False
    return int(hashlib.sha256(place.encode()).hexdigest()[:8], 16) < share * 2**32


def _choose(
    data: Path, recipe: dict[str, Any], room: float, share: float | None, max_mb: float
) -> tuple[int, float]:
    """Return quality and share of a folder that fits into ``room`` bytes."""
    pictures, labels = _files_of(data, recipe, 1.0)
    thinned, whole = (
        [path for path in pictures if (path.relative_to(data).parts[0] in _THINNED) == is_thinned]
        for is_thinned in (True, False)
    )
    of_labels = sum(path.stat().st_size for path in labels)
    sizes: dict[int, tuple[float, float]] = {}
    for least in (_GOOD_SHARE, min(_SHARES)):
        for quality in _QUALITIES:
            if quality not in sizes:
                sizes[quality] = _estimate(whole, quality), _estimate(thinned, quality)
            fixed, scenes = sizes[quality]
            for part in (share,) if share else (s for s in _SHARES if s >= least):
                if of_labels + fixed + part * scenes <= _RESERVE * room:
                    return quality, part
    fixed, scenes = sizes[_QUALITIES[-1]]
    need = of_labels + fixed + (share or min(_SHARES)) * scenes
    msg = (
        f"the bundle would have {max_mb + (need - room) / 1e6:.1f} MB at the lowest quality, "
        f"{max_mb:g} are allowed."
    )
    raise RequestError(msg, advice="Give a smaller --share of the scenes, or a larger --max-mb.")


def _estimate(pictures: Sequence[Path], quality: int) -> float:
    """Return the bytes of all pictures at a quality, from a sample."""
    sample = pictures[::_SAMPLE]
    return sum(len(_webp(p, quality)) for p in sample) * len(pictures) / max(1, len(sample))


def _pack_picture(data: Path, target: Path, quality: int, path: Path) -> None:
    packed = (target / path.relative_to(data)).with_suffix(".webp")
    packed.parent.mkdir(parents=True, exist_ok=True)
    packed.write_bytes(_webp(path, quality))


def _webp(path: Path, quality: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(read_image(path)).save(content, "WEBP", quality=quality)
    return content.getvalue()


def _bytes_of(folder: Path) -> int:
    def sizes() -> Iterator[int]:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.stat().st_size

    return sum(sizes())
