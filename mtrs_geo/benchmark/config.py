"""What a benchmark runs: models, splits and options, from a YAML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mtrs_geo.benchmark.paper import PAPER_SETTINGS
from mtrs_geo.errors import RequestError
from mtrs_geo.models.runtime.load import is_model_name
from mtrs_geo.strict_yaml import load_yaml

__all__ = ["BOUNDS", "PREDICTIONS", "BenchmarkConfig", "ModelEntry", "SplitEntry", "read_config"]

BOUNDS = ("oracle", "empty", "everything")
"""Answers that need no model: the true mask, no pixel, every pixel."""
PREDICTIONS = "predictions"
"""Prefix of a folder of masks: ``predictions:FOLDER``."""
_PRECISIONS = ("float32", "bfloat16")
_ADVICE = "docs/benchmark.md describes the file."


@dataclass(frozen=True)
class ModelEntry:
    """A model of a benchmark."""

    name: str
    """Name in tables; unique."""
    model: str
    """As in `mtrs_geo.load_model`, one of `BOUNDS`, ``predictions:FOLDER``, or
    ``python:MODULE:FUNCTION``, a function that returns a `ChangeSegmenter`."""
    device: str = "auto"
    precision: str = "float32"
    mirrored: bool = False
    splits: tuple[str, ...] = ()
    """Names of the splits to run on; empty is all."""

    @property
    def is_measured(self) -> bool:
        """Whether a model runs, whose speed and memory are worth a figure."""
        return self.model not in BOUNDS and self.folder is None

    @property
    def folder(self) -> Path | None:
        """The folder of predictions; None if it is a model."""
        kind, _, rest = self.model.partition(":")
        return Path(rest) if kind == PREDICTIONS and rest else None


@dataclass(frozen=True)
class SplitEntry:
    """A labelled split of a benchmark, in MTRefSeg-21K's layout."""

    name: str
    """Name in tables, such as RS or NS→RS; unique."""
    data: Path
    """Folder with A, B, masks and referring_expression."""
    gsd_m: float | None = None
    """Pixel size in metres, for km² per second."""
    paper: str = ""
    """Setting of the paper whose figures are shown beside: TV, NS or RS; by default the name."""


@dataclass(frozen=True)
class BenchmarkConfig:
    """A benchmark."""

    models: tuple[ModelEntry, ...]
    splits: tuple[SplitEntry, ...]
    title: str = "Benchmark of multi-temporal referring segmentation"
    seed: int = 0
    """Of resampling and of the random cases."""
    resamples: int = 2000
    """Bootstrap resamples of pairs; five times as many permutations."""
    rank_by: str = "miou"
    """Score that orders the models."""
    cases: int = 6
    """Worst, best and random cases per model and split in the report."""
    pages: int = 200
    """Most samples with a page of their own in the report."""
    stress: tuple[Path, ...] = ()
    """Folders of `mtrs-geo benchmark stress`, whose curves the report shows."""


def read_config(path: Path | str) -> BenchmarkConfig:
    """Read a YAML file.

    Relative paths are looked for beside the file first.

    Raises:
        RequestError: if the file cannot be read or an entry is unknown, missing or of another type.
    """
    import yaml

    path = Path(path)
    try:
        content = load_yaml(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        msg = f"{path} cannot be read as YAML: {error}."
        raise RequestError(msg, advice=_ADVICE) from error
    values = _known(content, BenchmarkConfig, str(path))
    models = tuple(_model(item, path.parent) for item in _items(values, "models", path))
    splits = tuple(_split(item, path.parent) for item in _items(values, "splits", path))
    stress = tuple(Path(_beside(str(item), path.parent)) for item in _listed(values, "stress"))
    _check_names("models", [entry.name for entry in models])
    _check_names("splits", [entry.name for entry in splits])
    for entry in models:
        if unknown := set(entry.splits) - {split.name for split in splits}:
            msg = f"model {entry.name!r} is to run on unknown splits: {', '.join(sorted(unknown))}."
            raise RequestError(msg, advice="Give names of entries of splits.")
    config = BenchmarkConfig(**values | {"models": models, "splits": splits, "stress": stress})
    _check_options(config)
    return config


def _model(item: object, base: Path) -> ModelEntry:
    values: dict[str, Any] = {"model": item}
    if not isinstance(item, str):
        values = _known(item, ModelEntry, "a model")
    if "model" not in values:
        raise RequestError(f"a model has no entry model: {item!r}.", advice=_ADVICE)
    kind, mark, rest = str(values["model"]).partition(":")
    if mark and kind != "python":
        values["model"] = f"{kind}:{_all_beside(rest, base)}"
    elif not mark and kind not in BOUNDS and not is_model_name(kind):
        values["model"] = _beside(kind, base)
    values.setdefault("name", str(item if isinstance(item, str) else kind + mark + rest))
    values["splits"] = tuple(map(str, _listed(values, "splits")))
    entry = ModelEntry(**values)
    if entry.precision not in _PRECISIONS:
        allowed = ", ".join(_PRECISIONS)
        msg = f"precision of model {entry.name!r} is {entry.precision!r}, not one of {allowed}."
        raise RequestError(msg, advice=_ADVICE)
    if entry.model == f"{PREDICTIONS}:":
        msg = f"model {entry.name!r} names no folder of predictions."
        raise RequestError(msg, advice="Write predictions:FOLDER.")
    return entry


def _split(item: object, base: Path) -> SplitEntry:
    values: dict[str, Any] = {"data": item}
    if not isinstance(item, str):
        values = _known(item, SplitEntry, "a split")
    if not isinstance(values.get("data"), str):
        raise RequestError(f"a split has no entry data: {item!r}.", advice=_ADVICE)
    values.setdefault("name", Path(values["data"]).name)
    values["data"] = Path(_beside(values["data"], base))
    entry = SplitEntry(**values)
    if entry.paper and entry.paper not in PAPER_SETTINGS:
        allowed = ", ".join(PAPER_SETTINGS)
        msg = f"paper of split {entry.name!r} is {entry.paper!r}, not one of {allowed}."
        raise RequestError(msg, advice=_ADVICE)
    return entry


def _beside(text: str, base: Path) -> str:
    """Return a path beside the configuration if it exists there, else the text."""
    return str(base / text) if text and (base / text).exists() else text


def _all_beside(text: str, base: Path) -> str:
    """Return a path, or several with commas between, as `_beside`."""
    if "," not in text or (base / text).exists() or Path(text).exists():
        return _beside(text, base)
    return ",".join(_beside(part.strip(), base) for part in text.split(","))


def _listed(values: Mapping[str, Any], name: str) -> Sequence[object]:
    """Return a list, or one text as a list."""
    items = values.get(name, [])
    return [items] if isinstance(items, str) else items


def _items(values: Mapping[str, Any], name: str, path: Path) -> Sequence[object]:
    items = values.get(name)
    if not isinstance(items, list) or not items:
        raise RequestError(f"{path} has no list {name}.", advice=_ADVICE)
    return items


def _known(item: object, kind: type, what: str) -> dict[str, Any]:
    """Return the entries of a mapping; each must be a field of a dataclass, of its type."""
    if not isinstance(item, dict):
        raise RequestError(f"{what} is not a mapping: {item!r}.", advice=_ADVICE)
    known = {field.name: str(field.type) for field in fields(kind)}
    if unknown := [str(name) for name in item if name not in known]:
        msg = f"{what} has unknown entries: {', '.join(unknown)}. Known: {', '.join(known)}."
        raise RequestError(msg, advice=_ADVICE)
    for name, value in item.items():
        if not _fits(value, known[name]):
            msg = f"entry {name} of {what} is {value!r}, which is not {known[name]}."
            raise RequestError(msg, advice=_ADVICE)
    return dict(item)


def _fits(value: object, kind: str) -> bool:
    if kind == "str":
        return isinstance(value, str) and bool(value)
    if kind == "int":
        return type(value) is int and value >= 0
    if kind == "bool":
        return isinstance(value, bool)
    if kind.startswith("float"):
        return type(value) in (int, float) and 0 < float(str(value)) < 1e6
    return isinstance(value, str | list)


def _check_names(what: str, names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        msg = f"several {what} are named {', '.join(twice)}."
        raise RequestError(msg, advice="Give each a name of its own.")


def _check_options(config: BenchmarkConfig) -> None:
    from mtrs_geo.benchmark.sample_counts import SCORES

    if config.rank_by not in SCORES:
        msg = f"rank_by is {config.rank_by!r}, which is not one of {', '.join(SCORES)}."
        raise RequestError(msg, advice=_ADVICE)
    if config.resamples < 100:
        msg = f"resamples is {config.resamples}, too few for an interval of 95 %."
        raise RequestError(msg, advice="Give 100 or more.")
