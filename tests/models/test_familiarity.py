from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.data.rendering.synthetic import RenderedPair
from mtrs_geo.models import model_folder
from mtrs_geo.models.calibration import read_calibration
from mtrs_geo.models.catalog import sha256
from mtrs_geo.models.familiarity import STATISTICS, Familiarity, image_statistics


@pytest.fixture(scope="module")
def bundled() -> Familiarity:
    folder = model_folder("tiny")
    familiarity = read_calibration(folder, sha256(folder / "model.safetensors")).familiarity
    assert familiarity is not None
    return familiarity


def test_statistics_describe_colour_and_texture() -> None:
    image = np.zeros((3, 64, 64), np.uint8)
    image[0], image[1], image[2] = 128, 64, 32
    found = image_statistics(image)
    assert found.shape == (STATISTICS,)
    np.testing.assert_allclose(found[:5], [2, 1, 0.5, 2, -1])
    np.testing.assert_allclose(found[5:9], np.log(0.25))  # no spread, no contrast
    image[:, :, ::2] = 0
    assert image_statistics(image)[8] > 3


def test_rendered_places_are_familiar(bundled: Familiarity, rendered: RenderedPair) -> None:
    images = np.stack([rendered.before, rendered.after])[:, :256, :256].transpose(0, 3, 1, 2)
    assert (bundled.distances(images) < bundled.limit).all()


@pytest.mark.parametrize("kind", ["noise", "panchromatic", "radar", "near infrared as red"])
def test_other_sensors_are_unfamiliar(
    bundled: Familiarity, rendered: RenderedPair, kind: str
) -> None:
    rng = np.random.default_rng(0)
    image = rendered.before[:256, :256].transpose(2, 0, 1)
    grey = np.repeat(image.mean(0, keepdims=True), 3, 0)
    other = {
        "noise": rng.integers(0, 256, image.shape),
        "panchromatic": grey,
        "radar": grey * rng.gamma(4, 0.25, grey.shape[1:]),
        "near infrared as red": np.stack([255 - image[1] // 4, image[0], image[1]]),
    }[kind]
    (distance,) = bundled.distances(other.clip(0, 255).astype(np.uint8)[None])
    assert distance > bundled.limit


@pytest.mark.parametrize(
    "change",
    [{"mean": [0.0] * 14}, {"precision": [[1.0] * 15] * 14}, {"limit": 0.0},
     {"mean": [float("nan")] * 15}],
)  # fmt: skip
def test_a_description_must_be_complete(change: dict) -> None:
    fields = {"mean": [0.0] * 15, "precision": np.eye(15).tolist(), "limit": 5.0}
    assert Familiarity(**fields).limit == 5
    with pytest.raises(ValueError, match="familiarity"):
        Familiarity(**{**fields, **change})
