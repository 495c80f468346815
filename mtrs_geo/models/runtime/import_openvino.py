"""Import OpenVINO without its reports of usage."""

from __future__ import annotations

import sys
from typing import Any, cast

from mtrs_geo.errors import MissingExtraError, ModelError

__all__ = ["import_openvino"]


def import_openvino() -> Any:  # noqa: ANN401 - untyped
    """Return the package ``openvino``.

    OpenVINO and NNCF send an event to their makers at each import and conversion, without asking.
    Nobody who looks at a raster expects that, so their package for it is hidden; both then use
    their own stub.  An ``openvino`` that the caller has imported already stays as it is.

    Raises:
        MissingExtraError: if it is not installed.
        ModelError: if it is installed and cannot be imported.
    """
    if "openvino" not in sys.modules:
        # None lets `import openvino_telemetry` raise ImportError.
        sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    try:
        import openvino
    except Exception as error:  # a broken installation raises ImportError, OSError and others
        if isinstance(error, ModuleNotFoundError) and error.name == "openvino":
            msg = f"device openvino needs a package that is not installed ({error})."
            raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[openvino]'") from error
        msg = f"OpenVINO is installed, but cannot be imported ({error})."
        advice = "Run: pip install --force-reinstall openvino. Or use --device cpu."
        raise ModelError(msg, advice=advice) from error
    return openvino
