"""Load a model by name or folder for a device."""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.control_groups import usable_cpus
from mtrs_geo.errors import ModelError, MTRSGeoError
from mtrs_geo.heavy_imports import heavy_imports
from mtrs_geo.models.calibration import CALIBRATION_FILE, Calibration, read_calibration
from mtrs_geo.models.catalog import WEIGHTS, bundled_models, sha256
from mtrs_geo.models.classical import CLASSICAL, ClassicalSegmenter
from mtrs_geo.models.contract import BrightnessSegmenter, ChangeSegmenter
from mtrs_geo.models.latent.names import LATENT_NAME, encoder_source
from mtrs_geo.models.rivals.folders import cached_folder, check_source
from mtrs_geo.models.rivals.names import RIVALS, rival_name
from mtrs_geo.models.runtime.forked import check_not_forked
from mtrs_geo.models.runtime.import_openvino import import_openvino
from mtrs_geo.models.runtime.int8 import INT8_FILE
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Vocabulary

if TYPE_CHECKING:
    import torch

    from mtrs_geo.models.latent.segmenter import LatentSegmenter
    from mtrs_geo.models.runtime.segmenter import Precision

__all__ = [
    "given_model",
    "is_model_name",
    "load_model",
    "load_vocabulary",
    "model_files",
    "model_folder",
    "model_version",
    "shadowed_folder",
]

_OPENVINO = "openvino"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables of the environment with which a user sets PyTorch's threads."""
_PRECISIONS = ("float32", "bfloat16")


def load_model(
    name_or_dir: str | Path = "tiny", device: str = "auto", precision: Precision = "float32"
) -> ChangeSegmenter:
    """Load a model.

    Several threads may share one loaded model, in PyTorch and in OpenVINO: each call of
    ``predict`` and ``predict_tiles`` is independent.  The calls use the same cores, so threads
    do not make a single CPU faster.  Processes load a model each; they are spawned, or forked
    before the first run.

    Args:
        name_or_dir: a bundled model (``tiny``), ``brightness`` (the baseline), a classical method
            (``cva``, ``irmad``, ``pca-kmeans``), latent matching (``anychange-like``, or
            ``anychange-like:FOLDER`` with the encoder of a model folder), a rival model with its
            folder or the name of a public checkpoint (``sam3:FOLDER``, see docs/models.md), or a
            folder with ``config.json`` and ``model.safetensors``.  A `Path` of such a folder is
            that folder, also if a bundled model has its name.
        device: a torch device, or ``openvino``: the CPU with OpenVINO, faster for tiny (extra
            ``openvino``).  ``auto`` selects CUDA or MPS if available, else OpenVINO for a bundled
            model if it is installed, else the CPU.  If OpenVINO is installed and cannot be
            imported, ``auto`` takes the CPU, and ``info.warnings`` says so.
        precision: ``bfloat16`` is faster on processors that support it; not for OpenVINO, nor for
            models without weights.

    Raises:
        ModelError: if the model, device or precision is unknown, a file is damaged or is not the
            one that ``config.json`` or ``calibration.json`` states, or the process was forked after
            a run.
        MissingExtraError: if the device is ``openvino`` and OpenVINO is not installed.
    """
    _check_precision(precision)
    name_or_dir = _full_name(name_or_dir)
    if (without_weights := _without_weights(name_or_dir)) is not None:
        _check_unused(name_or_dir, device, precision)
        without_weights.info = replace(without_weights.info, warnings=_shadowed(name_or_dir))
        return without_weights
    check_not_forked()
    is_openvino = device == _OPENVINO
    if (rival := rival_name(str(name_or_dir))) is not None:
        from mtrs_geo.models.rivals.loading import load_rival

        if is_openvino:
            msg = f"device openvino cannot run {rival.rival.name}."
            raise ModelError(msg, advice="Use --device auto, cuda or cpu.")
        return load_rival(rival, _torch_device(device), precision)
    if (source := encoder_source(str(name_or_dir))) is not None:
        latent = _latent_matching(model_folder(source), device, precision)
        latent.info = replace(latent.info, warnings=_shadowed(name_or_dir))
        return latent
    if is_openvino and precision != "float32":
        msg = f"device openvino does not support precision {precision}, only float32."
        raise ModelError(msg, advice=f"Use --device cpu for {precision}.")
    folder = model_folder(name_or_dir)
    # Imported here because torch and transformers take seconds to import.
    with heavy_imports():
        from mtrs_geo.models.checkpoints.checkpoint import load_folder
        from mtrs_geo.models.runtime.folding import fold_batch_norms
        from mtrs_geo.models.runtime.segmenter import Segmenter

    torch_device = _torch_device(device)
    warnings = _shadowed(name_or_dir)
    model, metadata = load_folder(folder)
    metadata["sha256"] = metadata.get("sha256") or sha256(folder / "model.safetensors")
    metadata["calibration"] = _calibration(folder, metadata["sha256"])
    model = fold_batch_norms(model)
    # Not for a user's own folder, unless its encoder is quantized: it may be used once, and the
    # conversion takes about 20 s.
    is_auto = device == "auto" and torch_device.type == "cpu" and precision == "float32"
    is_auto &= name_or_dir in bundled_models() or (folder / INT8_FILE).exists()
    if is_auto and importlib.util.find_spec(_OPENVINO):
        try:
            import_openvino()
            is_openvino = True
        except MTRSGeoError as error:
            warnings += (f"{error.message} The model runs without it, and slower.",)
    segmenter: Segmenter
    if is_openvino:
        with heavy_imports():
            from mtrs_geo.models.runtime.openvino import OpenVinoSegmenter

        segmenter = OpenVinoSegmenter(model, metadata, folder)
    else:
        segmenter = Segmenter(model, metadata, torch_device, precision)
    segmenter.info = replace(segmenter.info, warnings=warnings)
    return segmenter


def given_model(
    model: str | Path | ChangeSegmenter, device: str = "auto", precision: Precision = "float32"
) -> ChangeSegmenter:
    """Return a model that a caller named or has loaded.

    Args:
        model: as in `load_model`, or a loaded model, which stays as it is.
        device: as in `load_model`; for a loaded model ``auto`` or its own device.
        precision: as in `load_model`; for a loaded model ``float32`` or its own precision.

    Raises:
        ModelError: as `load_model`; if it is neither, or was loaded with another device or
            precision.
    """
    if isinstance(model, str | Path):
        return load_model(model, device, precision)
    if not isinstance(model, ChangeSegmenter):
        raise _no_model(model)
    own = getattr(model, "precision", "float32")
    for name, value, default, loaded in (
        ("device", device, "auto", model.info.device),
        ("precision", precision, "float32", own),
    ):
        kind = re.split("[: ]", loaded)[0]  # of cuda:0 and of OpenVINO with an int8 encoder
        if value != default and str(value) not in {loaded, kind}:
            msg = f"{name} {value!r} has no effect on a model that is loaded with {loaded}."
            raise ModelError(msg, advice=f"Leave {name} out, or give it to load_model.")
    return model


def _no_model(given: object) -> ModelError:
    msg = f"{str(given)[:80]!r} ({type(given).__name__}) is not a model."
    advice = "Give a name, such as tiny, the path of a model folder, or what load_model returns."
    return ModelError(msg, advice=advice)


def load_vocabulary(name_or_dir: str | Path = "tiny") -> Vocabulary:
    """Return what a model knows, without loading its weights; a public checkpoint is not looked up.

    Raises:
        ModelError: if the model or its folder is unknown, or a file of its folder cannot be read.
    """
    name_or_dir = _full_name(name_or_dir)
    if (without_weights := _without_weights(name_or_dir)) is not None:
        return without_weights.info.knows
    if (rival := rival_name(name_or_dir)) is not None:
        for source in rival.sources:
            check_source(source)
        return Vocabulary(open=True)
    if (encoder := encoder_source(name_or_dir)) is not None:
        model_folder(encoder)
        return Vocabulary(open=True)
    return read_vocabulary(model_folder(name_or_dir))


def _full_name(name_or_dir: str | Path) -> str:
    """Return a name, with the folder in full if it is a `Path` of a model folder.

    ``Path("./tiny")`` is ``Path("tiny")``, so the text of a `Path` does not tell a folder from the
    bundled model of that name.

    Raises:
        ModelError: if it is neither a text nor a path.
    """
    if not isinstance(name_or_dir, str | os.PathLike):
        raise _no_model(name_or_dir)
    name = os.path.expanduser(os.fspath(name_or_dir))
    if not isinstance(name_or_dir, str) and _has_config(name):
        return os.path.abspath(name)
    return name


def _has_config(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "config.json"))


def _latent_matching(folder: Path, device: str, precision: Precision) -> LatentSegmenter:
    from mtrs_geo.models.checkpoints.checkpoint import load_folder
    from mtrs_geo.models.latent.segmenter import LatentSegmenter

    if device == _OPENVINO or precision != "float32":
        msg = f"{LATENT_NAME} cannot run with device {device} and precision {precision}."
        raise ModelError(msg, advice="Use float32 and --device auto, cuda or cpu.")
    model, metadata = load_folder(folder)
    metadata["sha256"] = metadata.get("sha256") or sha256(folder / "model.safetensors")
    return LatentSegmenter(model.vision, metadata, _torch_device(device))


def _is_rival_or_latent(name_or_dir: str | Path) -> bool:
    """Return whether a name is of a rival model or of latent matching."""
    name = str(name_or_dir)
    return rival_name(name) is not None or encoder_source(name) is not None


def is_model_name(text: str) -> bool:
    """Return whether a text names a model without a folder, such as ``tiny`` or ``cva``."""
    return text in (*bundled_models(), LATENT_NAME) or _without_weights(text) is not None


def shadowed_folder(name_or_dir: str | Path) -> str:
    """Return what a user must know whose model folder has the name of another model; else ""."""
    full = _full_name(name_or_dir)
    name = full.removeprefix(f"{LATENT_NAME}:")
    if not is_model_name(name) or not _has_config(name):
        return ""
    return (
        f"{name} is a model of mtrs-geo, which is used. For your folder of that name, give "
        f"{full.removesuffix(name)}./{name}."
    )


def _shadowed(name_or_dir: str | Path) -> tuple[str, ...]:
    note = shadowed_folder(name_or_dir)
    return (note,) if note else ()


def _without_weights(name_or_dir: str | Path) -> ClassicalSegmenter | BrightnessSegmenter | None:
    """Return a model that has no weights, or None if the name is of another one."""
    name = str(name_or_dir)
    if name in CLASSICAL:
        return ClassicalSegmenter(name)
    return BrightnessSegmenter() if name == "brightness" else None


def _calibration(folder: Path, checksum: str) -> Calibration | None:
    if not (folder / CALIBRATION_FILE).is_file():
        return None
    return read_calibration(folder, checksum)


def model_folder(name_or_dir: str | Path) -> Path:
    """Return the folder of a bundled model, or the folder itself.

    Raises:
        ModelError: if neither exists, or the model is a rival or has no weights.
    """
    name_or_dir = _full_name(name_or_dir)
    if _without_weights(name_or_dir) is not None or _is_rival_or_latent(name_or_dir):
        msg = f"{name_or_dir} cannot be used here: it has no folder that mtrs-geo wrote."
        raise ModelError(msg, advice="Give a bundled model, or a folder of `mtrs-geo train`.")
    if name_or_dir in bundled_models():
        return WEIGHTS / name_or_dir
    if os.path.isfile(name_or_dir):
        msg = f"{name_or_dir} is a file, and a model is a folder."
        advice = (
            "Give the folder that holds config.json and model.safetensors. Unpack an archive; make "
            "a folder of a checkpoint with `mtrs-geo train export`."
        )
        raise ModelError(msg, advice=advice)
    # Unlike Path.is_dir it takes any text, also one that is too long for a path.
    if not os.path.isdir(name_or_dir):
        names = ", ".join(bundled_models()) or "none"
        msg = f"there is no model {name_or_dir[:80]!r}. Bundled: {names}."
        others = ", ".join([*CLASSICAL, LATENT_NAME, *(rival.usage for rival in RIVALS.values())])
        advice = f"Give one of them, a folder that `mtrs-geo train` wrote, or one of: {others}."
        raise ModelError(msg, advice=advice)
    return Path(name_or_dir)


def model_files(name_or_dir: str | Path) -> list[Path]:
    """Return the files in a model's folders; none for a model without a folder.

    Raises:
        ModelError: if there is no such model.
    """
    name_or_dir = _full_name(name_or_dir)
    if _without_weights(name_or_dir) is not None:
        return []
    if (source := encoder_source(str(name_or_dir))) is not None:
        return model_files(source)
    rival = rival_name(str(name_or_dir))
    sources = [cached_folder(source) for source in rival.sources] if rival else []
    folders = [folder for folder in sources if folder] if rival else [model_folder(name_or_dir)]
    return [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]


def model_version(name_or_dir: str | Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return name, size, and times of the last changes, in ns, of the files of a model's folders.

    A loaded model is out of date if this value changes; empty for a model without a folder.
    """
    stats = [(path.name, path.stat()) for path in model_files(name_or_dir)]
    return tuple((name, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in stats)


def _check_precision(name: str) -> None:
    if name not in _PRECISIONS:
        msg = f"there is no precision {name!r}."
        raise ModelError(msg, advice=f"Give one of: {', '.join(_PRECISIONS)}.")


def _check_unused(model: str | Path, device: str, precision: str) -> None:
    """Refuse a precision for a model without weights, and a device that this machine has not."""
    if precision != "float32":
        msg = f"precision {precision} has no effect on {model}, which has no weights."
        raise ModelError(msg, advice="Leave the precision out (--precision).")
    if device == _OPENVINO:
        import_openvino()
    elif device not in {"auto", "cpu"}:  # importing torch takes seconds
        _torch_device(device)


def _torch_device(name: str) -> torch.device:
    """Return a device, with no more threads of PyTorch than this process may use CPUs."""
    import torch

    # PyTorch sees the CPUs of the machine: beyond a container's quota its threads only wait.
    is_chosen = any(variable in os.environ for variable in _THREADS)
    if not is_chosen and (cpus := usable_cpus()) < torch.get_num_threads():
        torch.set_num_threads(cpus)
    if name == "auto":
        fallback = "cuda" if torch.cuda.is_available() else "cpu"
        return torch.device("mps" if torch.backends.mps.is_available() else fallback)
    try:
        device = torch.device("cpu" if name == _OPENVINO else name)
        torch.zeros(1, device=device).item()  # torch's device "meta" holds no values
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]  # torch adds pages
        msg = f"device {name!r} cannot be used on this machine ({reason})."
        raise ModelError(msg, advice="Try --device auto or cpu.") from error
    return device
