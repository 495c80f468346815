"""Import OpenVINO without its reports of usage."""

from __future__ import annotations

import sys
from typing import Any, cast

from mtrs_geo.errors import MissingExtraError

__all__ = ["import_openvino"]


def import_openvino() -> Any:  # noqa: ANN401 - untyped
    """Return the package ``openvino``.

    OpenVINO and NNCF send an event to their makers at each import and conversion, without asking.
    Nobody who looks at a raster expects that, so their package for it is hidden; both then use
    their own stub.  An ``openvino`` that the caller has imported already stays as it is.

    Raises:
        MissingExtraError: if it is not installed.
    """
    if "openvino" not in sys.modules:
        # None lets `import openvino_telemetry` raise ImportError.
        sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    try:
        import openvino
    except ImportError as error:
        msg = f"device openvino needs a package that is not installed ({error})."
        raise MissingExtraError(msg, advice="Run: pip install 'mtrs-geo[openvino]'") from error
    return openvino
