"""Views of pooled crops: geometry, and what their sentences allow."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mtrs_geo.class_codes import BUILDING
from mtrs_geo.data.sampling.composed_split import open_composer
from mtrs_geo.data.sampling.crops import Crops, Sources
from mtrs_geo.data.sampling.pool_geometry import Geometry, cut_images, cut_labels
from mtrs_geo.data.sampling.pooled_crops import (
    PooledCrops,
    pooled_augmentation,
    pooled_px,
)
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.data.sentences.attributes import ATTRIBUTES, LOOKS
from mtrs_geo.data.sentences.instances import Instance

_TURNS = [(quarters, mirrored) for quarters in range(4) for mirrored in range(2)]


def turned(image: np.ndarray, turn: tuple[int, int]) -> np.ndarray:
    rotated = np.rot90(image, turn[0])
    return rotated[:, ::-1] if turn[1] else rotated


@pytest.mark.parametrize("turn", _TURNS)
@pytest.mark.parametrize("again", [(0, 0), (1, 1), (3, 0)])
def test_windows_of_the_size_of_a_crop_are_copied(
    turn: tuple[int, int], again: tuple[int, int]
) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 40, 40, 3), dtype=np.uint8)
    geometry = Geometry(
        24, torch.tensor([[5, 11, 24], [0, 16, 24]]),
        [torch.tensor([turn, (0, 0)]), torch.tensor([again, (0, 0)])],
    )  # fmt: skip
    places = torch.tensor([2, 0])
    expected = turned(turned(images[2, 5:29, 11:35], turn), again), images[0, :24, 16:]
    planar = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
    found = cut_images(planar, places, geometry).permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(found, np.stack(expected), atol=0.01)
    labels = cut_labels(torch.from_numpy(images[..., 0].copy()), places, geometry).numpy()
    np.testing.assert_array_equal(labels, np.stack(expected)[..., 0])


def test_a_shift_moves_the_crop_and_repeats_its_border() -> None:
    image = torch.arange(16, dtype=torch.uint8).reshape(1, 1, 4, 4).expand(-1, 3, -1, -1)
    geometry = Geometry(4, torch.tensor([[0, 0, 4]]), [torch.tensor([[0, 0]])])
    moved = cut_images(image, torch.tensor([0]), geometry, torch.tensor([[1, -1]]))[0, 0]
    moved = moved.round()
    assert moved.tolist() == [[4, 4, 5, 6], [8, 8, 9, 10], [12, 12, 13, 14], [12, 12, 13, 14]]


@pytest.mark.parametrize("side", [20, 24, 31, 40])
def test_zoomed_labels_follow_the_zoomed_image(side: int) -> None:
    blocks = np.kron(np.random.default_rng(1).integers(0, 2, (5, 5)), np.ones((8, 8)))
    label = torch.from_numpy(blocks.astype(np.uint8))[None]
    turns = torch.tensor(_TURNS)
    geometry = Geometry(24, torch.tensor([[40 - side, 0, side]] * 8), [turns])
    places = torch.zeros(8, dtype=torch.long)
    cut = cut_labels(label, places, geometry)
    image = cut_images(255 * label[:, None].expand(-1, 3, -1, -1), places, geometry)[:, 0]
    inside = (image < 1) | (image > 254)
    assert inside.float().mean() > 0.6
    assert torch.equal(cut[inside] == 1, image[inside] > 127)
    for number, turn in enumerate(_TURNS):
        np.testing.assert_array_equal(cut[number], turned(cut[0].numpy(), turn))


def test_both_zooms_together_have_the_range_of_the_configuration() -> None:
    augmentation = Augmentation(crop_px=192, zoom=(0.6, 1.6))
    larger = pooled_augmentation(augmentation)
    assert larger.crop_px == pooled_px(192) == 256
    smallest, largest = larger.zoom[0] * 192 / 256, larger.zoom[1] * 1.2
    assert (smallest, largest) == pytest.approx((0.6, 1.6))
    assert pooled_augmentation(Augmentation(192, zoom=(1, 1))).zoom[0] == pytest.approx(1, abs=0.1)


def test_looks_are_the_attributes_that_read_the_image() -> None:
    class Unread:
        def __getitem__(self, _: object) -> object:
            raise LookupError

    mask = np.ones((30, 30), bool)
    classes = np.full((60, 60), BUILDING, np.uint8)
    found = set()
    for name, test in ATTRIBUTES.items():
        image: np.ndarray = Unread()  # type: ignore[assignment]
        window = slice(10, 40), slice(10, 40)
        try:
            test(Instance(mask, window, (60, 60), image, classes, 0.5))
        except LookupError:
            found.add(name)
    assert found == LOOKS


def test_views_keep_what_their_sentences_name(scene_folder: Path) -> None:
    composer = open_composer(scene_folder, "train", seed=0, crop_px=96)
    crops = Crops(
        Sources(composer=composer), pooled_augmentation(Augmentation(64)), 3, 2, seed=0,
        composed=1.0,
    )  # fmt: skip
    pooled = PooledCrops(crops, 64, swap=0.5, views=6)
    views = [view for i in range(12) for view in pooled.sample(i).views]
    assert {len(view.sentences["texts"]) for view in views} == {3}
    assert {len(view.sentences["text_only"]) for view in views} == {2}
    for view in views:
        words = set(re.findall(r"\w+", " ".join(view.sentences["texts"]).lower()))
        if not view.keeps_turn:
            assert set(view.sentences["places"]) == {"everywhere"}
            assert not {"extreme", "attribute"} & set(view.sentences["tasks"])
            assert not words & {"north", "northern", "upper", "east", "eastern", "westernmost"}
        if not view.keeps_look:
            assert not words & {"red", "lawn", "lawns", "tree", "trees", "dark", "grass"}
    for name in ("keeps_turn", "keeps_look"):
        assert {getattr(view, name) for view in views} == {True, False}
    assert len({view.placement for view in views}) == len(views)
    again = pooled.sample(3)
    assert torch.equal(again.masks, pooled.sample(3).masks)


def test_views_of_a_changed_crop_mostly_have_a_change(scene_folder: Path) -> None:
    crops = Crops(Sources(), Augmentation(96), 3, 0, seed=0)
    pooled = PooledCrops(crops, 64, swap=0.5)
    has_change = np.zeros((96, 96), bool)
    has_change[:20, :20] = True
    rng = np.random.default_rng(0)
    windows = [pooled._window(has_change, rng) for _ in range(200)]
    changed = [has_change[r : r + s, c : c + s].any() for r, c, s in windows]
    assert np.mean(changed) > 0.75
    assert {s for *_, s in windows} <= set(range(53, 97))
    assert max(s for *_, s in windows) > 92
    assert all(max(r, c) + s <= 96 for r, c, s in windows)
