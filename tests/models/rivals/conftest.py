"""Small random rival models, saved once for all tests of this folder."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from small_rivals import SAVE


@pytest.fixture(scope="session")
def rival_folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    """Return the folders of a rival model by its name; each is saved when it is first needed."""
    import torch

    root = tmp_path_factory.mktemp("rivals")

    def folders(name: str) -> list[Path]:
        found = []
        for save in SAVE[name]:
            folder = root / save.__name__
            if not folder.exists():
                torch.manual_seed(0)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    save(folder)
            found.append(folder)
        return found

    return folders


@pytest.fixture(scope="session")
def model_name(rival_folders: Callable[[str], list[Path]]) -> Callable[[str], str]:
    """Return what a user writes for a rival model: ``sam3:FOLDER``."""
    return lambda name: f"{name}:{','.join(map(str, rival_folders(name)))}"
