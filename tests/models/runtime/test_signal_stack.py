"""Ctrl-C after OpenVINO models have come and gone."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from mtrs_geo.models.runtime.signal_stack import keep_signal_stack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="OpenVINO does so on Linux alone")

TWO_MODELS = """
import gc, signal
import numpy as np
from mtrs_geo.models import load_model

images = np.zeros((1, 2, 3, 256, 256), np.uint8)
models = [load_model("tiny", "openvino") for _ in range(2)]
for model in models:
    model.predict_tiles(images, [""])
while models:
    del model
    model = models.pop(0)
del model
gc.collect()
signal.signal(signal.SIGINT, lambda *_: print("interrupted"))
signal.raise_signal(signal.SIGINT)
"""


def test_ctrl_c_is_handled_after_two_models_are_gone() -> None:
    pytest.importorskip("openvino")
    run = subprocess.run([sys.executable, "-c", TWO_MODELS], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "interrupted\n"), run.stderr


def test_the_stack_of_the_thread_is_restored() -> None:
    libc = ctypes.CDLL(None)
    before, during, after = (ctypes.create_string_buffer(24) for _ in range(3))
    memory = ctypes.create_string_buffer(1 << 16)
    other = (ctypes.c_size_t * 3)(ctypes.addressof(memory), 0, len(memory))
    libc.sigaltstack(None, before)
    with keep_signal_stack():
        libc.sigaltstack(other, None)
        libc.sigaltstack(None, during)
    libc.sigaltstack(None, after)
    assert before.raw == after.raw != during.raw
