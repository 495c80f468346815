"""Load a model by name or folder for a device."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from mtrs_geo.errors import ModelError
from mtrs_geo.models.calibration import CALIBRATION_FILE, Calibration, read_calibration
from mtrs_geo.models.catalog import WEIGHTS, bundled_models, sha256
from mtrs_geo.models.contract import BrightnessSegmenter, ChangeSegmenter
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Vocabulary

if TYPE_CHECKING:
    import torch

    from mtrs_geo.models.runtime.segmenter import Precision

__all__ = ["load_model", "load_vocabulary", "model_folder", "model_version"]

_OPENVINO = "openvino"


def load_model(
    name_or_dir: str | Path = "tiny", device: str = "auto", precision: Precision = "float32"
) -> ChangeSegmenter:
    """Load a model.

    Several threads may share one loaded model, in PyTorch and in OpenVINO: each call of
    ``predict`` and ``predict_tiles`` is independent.  The calls use the same cores, so threads
    do not make a single CPU faster.  Processes load a model each.

    Args:
        name_or_dir: a bundled model (``tiny``), ``brightness`` (the baseline), or a folder with
            ``config.json`` and ``model.safetensors``.
        device: a torch device, or ``openvino``: the CPU with OpenVINO, faster for tiny (extra
            ``openvino``).  ``auto`` selects CUDA or MPS if available, else OpenVINO for a bundled
            model if it is installed, else the CPU.
        precision: ``bfloat16`` is faster on processors that support it; not for OpenVINO.

    Raises:
        ModelError: if the model or device is unknown, or a file is damaged or is not the one
            that ``config.json`` or ``calibration.json`` states.
        MissingExtraError: if the device is ``openvino`` and OpenVINO is not installed.
    """
    if str(name_or_dir) == "brightness":
        return BrightnessSegmenter()
    # Imported here because torch and transformers take seconds to import.
    from mtrs_geo.models.checkpoints.checkpoint import load_folder
    from mtrs_geo.models.runtime.folding import fold_batch_norms
    from mtrs_geo.models.runtime.segmenter import Segmenter

    is_openvino = device == _OPENVINO
    if is_openvino and precision != "float32":
        msg = f"device openvino does not support precision {precision}, only float32."
        raise ModelError(msg, advice=f"Use --device cpu for {precision}.")
    torch_device = _torch_device(device)
    folder = model_folder(name_or_dir)
    model, metadata = load_folder(folder)
    metadata["sha256"] = metadata.get("sha256") or sha256(folder / "model.safetensors")
    metadata["calibration"] = _calibration(folder, metadata["sha256"])
    model = fold_batch_norms(model)
    # Not for a user's own folder: it may be used once, and the conversion takes about 20 s.
    is_auto = device == "auto" and torch_device.type == "cpu" and precision == "float32"
    is_auto &= str(name_or_dir) in bundled_models()
    if not is_openvino and not (is_auto and importlib.util.find_spec(_OPENVINO)):
        return Segmenter(model, metadata, torch_device, precision)
    from mtrs_geo.models.runtime.openvino import OpenVinoSegmenter

    return OpenVinoSegmenter(model, metadata)


def load_vocabulary(name_or_dir: str | Path = "tiny") -> Vocabulary:
    """Return what a model knows, without loading its weights.

    Raises:
        ModelError: if the model is unknown, or a file of its folder cannot be read.
    """
    if str(name_or_dir) == "brightness":
        return BrightnessSegmenter.info.knows
    return read_vocabulary(model_folder(name_or_dir))


def _calibration(folder: Path, checksum: str) -> Calibration | None:
    if not (folder / CALIBRATION_FILE).is_file():
        return None
    return read_calibration(folder, checksum)


def model_folder(name_or_dir: str | Path) -> Path:
    """Return the folder of a bundled model, or the folder itself.

    Raises:
        ModelError: if neither exists.
    """
    folder = WEIGHTS / name_or_dir if str(name_or_dir) in bundled_models() else Path(name_or_dir)
    if not folder.is_dir():
        names = ", ".join(bundled_models()) or "none"
        msg = f"there is no model {str(name_or_dir)!r}. Bundled: {names}."
        raise ModelError(msg, advice="Give one of them, or a folder that `mtrs-geo train` wrote.")
    return folder


def model_version(name_or_dir: str | Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return name, size, and times of the last changes, in ns, of the files of a model folder.

    A loaded model is out of date if this value changes; empty for a model without a folder.
    """
    if str(name_or_dir) == "brightness":
        return ()
    stats = [(path.name, path.stat()) for path in sorted(model_folder(name_or_dir).iterdir())]
    return tuple((name, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in stats)


def _torch_device(name: str) -> torch.device:
    import torch

    if name == "auto":
        fallback = "cuda" if torch.cuda.is_available() else "cpu"
        return torch.device("mps" if torch.backends.mps.is_available() else fallback)
    try:
        device = torch.device("cpu" if name == _OPENVINO else name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        msg = f"device {name!r} cannot be used on this machine ({error})."
        raise ModelError(msg, advice="Try --device auto or cpu.") from error
    return device
