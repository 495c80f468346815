"""Errors carry a message and advice, whatever builtin they subclass."""

from __future__ import annotations

import pickle

import pytest

from mtrs_geo import errors

KINDS = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_message_and_advice_are_kept_apart_and_printed_together(
    kind: type[errors.MTRSGeoError],
) -> None:
    error = kind("a.tif has no CRS.", advice="Assign one with gdal_edit.")
    assert (error.message, error.advice) == ("a.tif has no CRS.", "Assign one with gdal_edit.")
    assert str(error) == "a.tif has no CRS. Assign one with gdal_edit."
    assert str(kind("a.tif has no CRS.")) == "a.tif has no CRS."


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_errors_survive_pickling(kind: type[errors.MTRSGeoError]) -> None:
    copy = pickle.loads(pickle.dumps(kind("message.", advice="advice.")))
    assert type(copy) is kind
    assert (copy.message, copy.advice) == ("message.", "advice.")
