"""Write a folder of predictions with a model of ours."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path

import numpy as np

from mtrs_geo.benchmark.config import ModelEntry, SplitEntry
from mtrs_geo.benchmark.hardware import hardware, peak_memory
from mtrs_geo.benchmark.predictions.folder import FORMAT, METADATA, find_mask
from mtrs_geo.benchmark.serve import ask, reason_of
from mtrs_geo.benchmark.sources import AnswerSource, open_source, source_files
from mtrs_geo.benchmark.split_samples import SplitPair, list_pairs, read_samples
from mtrs_geo.errors import Cancelled
from mtrs_geo.outputs import staged_folder
from mtrs_geo.progress import Progress, Silent
from mtrs_geo.types import BoolArray

__all__ = ["write_predictions"]

_CONTENTS = (METADATA, "masks/*.png")


def write_predictions(
    entry: ModelEntry,
    data: Path | str,
    output: Path | str,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> dict[str, str]:
    """Answer every sample of a split and write the masks.

    Args:
        entry: the model.
        data: folder of the split.
        output: new folder.
        overwrite: replace an existing folder.
        progress: advances once per sample.

    Returns:
        Why samples failed, by id; these have no mask and are listed in ``predictions.json``.

    Raises:
        RasterError: if the split cannot be read.
        ModelError: if the model cannot be loaded.
        OutputError: if the folder exists, holds the model or other files than predictions, or
            cannot be written.
        Cancelled: if ``progress`` is cancelled; nothing is written.
    """
    pairs = list_pairs(SplitEntry("split", Path(data)))
    progress = progress or Silent()
    source = open_source(entry)
    failed: dict[str, str] = {}
    seconds = []
    progress.start(sum(len(pair.samples) for pair in pairs), "sentences")
    inputs = [data, *source_files(entry)]
    with staged_folder(
        Path(output), overwrite=overwrite, inputs=inputs, contents=_CONTENTS
    ) as folder:
        (folder / "masks").mkdir()
        for pair in pairs:
            if progress.cancelled:
                msg = "writing predictions was cancelled; nothing was written."
                raise Cancelled(msg)
            started = time.perf_counter()
            failed |= _write_pair(pair, source, folder)
            seconds.append(time.perf_counter() - started)
            progress.advance(len(pair.samples))
        machine, peak = hardware(), peak_memory()
        command = f"mtrs-geo benchmark write {shlex.quote(entry.model)} --data DATA -o FOLDER"
        content = {
            "format": FORMAT,
            "model": entry.name,
            "command": command,
            "hardware": f"{peak['gpu'] or machine['processor']}, {machine['cores']} cores",
            "parameters": source.facts().get("parameters"),
            "seconds_per_pair": float(np.median(seconds)) if seconds else None,
            "peak_memory_bytes": peak["gpu_peak_bytes"] or peak["peak_bytes"],
            "failed": failed,
        }
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / METADATA).write_text(text, encoding="utf-8")
    return failed


def _write_pair(pair: SplitPair, source: AnswerSource, folder: Path) -> dict[str, str]:
    try:
        images = read_samples(pair)
    except Exception as error:  # noqa: BLE001 - recorded as the reason of the failure
        return {sample.id: reason_of(error) for sample in pair.samples}
    answers, _ = ask(source, images, pair.split, pair.samples)
    failed = {}
    for sample, answer in zip(pair.samples, answers, strict=True):
        if isinstance(answer, str):
            failed[sample.id] = answer
        else:
            _save(find_mask(folder, sample), answer)
    return failed


def _save(path: Path, mask: BoolArray) -> None:
    from PIL import Image

    Image.fromarray(mask.astype(np.uint8) * 255).save(path)
