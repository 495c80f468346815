"""The pool of crops: the same crops, masks and targets as without it, in any geometry."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mtrs_geo.class_codes import APPEAR, BARE, DISAPPEAR, IGNORE, ROAD, UNKNOWN, VEGETATION
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.datasets.classes import ClassPair
from mtrs_geo.data.sampling.crops import Crops, Sources, collate
from mtrs_geo.data.sampling.pooled_crops import Placement, PooledCrop, PooledCrops
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.data.sampling.transforms import Augmentation, swap_dates
from mtrs_geo.errors import RequestError
from mtrs_geo.training.bundle.pool import CropPool, bytes_per_crop
from mtrs_geo.training.bundle.pooled_data import PooledDataModule, PooledLoader

SIDE = 64
CPU = torch.device("cpu")


def real_pair(side: int) -> Pair:
    """A pair with buildings and known ground, whose later date shows its label."""
    label = np.zeros((side, side), np.uint8)
    label[5:15, 8:20], label[30:44, 40:50], label[50:58, 10:16] = APPEAR, DISAPPEAR, APPEAR
    label[:3] = IGNORE
    ground = np.zeros((side, side, 2), np.uint8)
    ground[20:28, 20:36] = VEGETATION, ROAD
    ground[48:, 50:] = UNKNOWN
    rng = np.random.default_rng(3)
    before, after = rng.integers(0, 200, (2, side, side, 3), dtype=np.uint8)
    after[label == APPEAR] = 255
    return Pair("p", "levir", before, after, label, 0.5, ground)


def class_pair(side: int) -> ClassPair:
    before = np.full((side, side), VEGETATION, np.uint8)
    before[:, side // 2 :] = BARE
    after = before.copy()
    after[10:30, 12:24], after[40:52, 40:60] = ROAD, 1
    rng = np.random.default_rng(4)
    images = rng.integers(0, 255, (2, side, side, 3), dtype=np.uint8)
    return ClassPair("c", "czech", *images, before, after, before != after, 0.5, frozenset())


def crops(ground_sentences: float = 0.0, side: int = SIDE) -> Crops:
    weights = SourceWeights(ground_sentences=ground_sentences, no_target=0.3)
    return Crops(Sources(), Augmentation(side), 3, 2, seed=0, source_weights=weights)


def pool_of(pooled: PooledCrop, capacity: int = 2) -> CropPool:
    pool = CropPool(capacity, pooled, Augmentation(SIDE), 0, CPU)
    pool.add(pooled)
    return pool


def assert_same(batch: dict[str, Any], expected: dict[str, Any]) -> None:
    assert batch.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, torch.Tensor):
            assert batch[name].dtype == value.dtype, name
            assert torch.equal(batch[name], value), name
        elif name == "text_only":
            assert [e.text for e in batch[name]] == [e.text for e in value]
        else:
            assert batch[name] == value, name


@pytest.mark.parametrize("kind", ["buildings", "ground", "composed"])
@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_view_of_the_whole_crop_is_the_crop_of_the_present_path(
    kind: str, is_swapped: bool
) -> None:
    source = crops(float(kind == "ground"))
    pooled = PooledCrops(source, SIDE, swap=0)
    place = Placement((0, 0, SIDE), (0, 0), is_swapped)
    for seed in range(6):
        rng, same = np.random.default_rng(seed), np.random.default_rng(seed)
        if kind == "composed":
            composed = class_pair(SIDE)
            crop = pooled.pool(composed, [place], rng)
            sample = source.composed_sample(composed.swapped() if is_swapped else composed, same)
        else:
            pair = real_pair(SIDE)
            crop = pooled.pool(pair, [place], rng)
            sample = source.real_sample(swap_dates(pair) if is_swapped else pair, same)
        text_only = [source.text_only_sentence(same) for _ in range(2)]
        batch = pool_of(crop).batch([0], [0], [(0, 0)], has_new_light=False)
        assert_same(batch, collate([{**sample, "text_only": text_only}]))


@pytest.mark.parametrize("again", [(0, 0), (2, 1), (1, 0)])
def test_maps_and_masks_follow_the_image_in_any_geometry(again: tuple[int, int]) -> None:
    pair = real_pair(96)
    pooled = PooledCrops(crops(side=96), SIDE, swap=0)
    rng = np.random.default_rng(1)
    places = [
        Placement((int(rng.integers(32)), int(rng.integers(32)), SIDE),
                  (int(rng.integers(4)), int(rng.integers(2))), False)
        for _ in range(24)
    ]  # fmt: skip
    pool = pool_of(pooled.pool(pair, places, rng))
    batch = pool.batch([0] * 24, list(range(24)), [again] * 24, has_new_light=False)
    appeared = (batch["after"] == 255).all(1)
    assert torch.equal(batch["label"] == APPEAR, appeared)
    assert torch.equal(batch["known"], batch["label"] != IGNORE)
    everything = [i for i, task in enumerate(batch["tasks"]) if task == "appear"]
    assert len(everything) > 5
    for i in everything:
        assert torch.equal(batch["masks"][i], appeared[batch["index"][i]])


def test_sentences_that_name_a_place_stay_true() -> None:
    pair = real_pair(96)
    pooled = PooledCrops(crops(side=96), SIDE, swap=0.5)
    rng = np.random.default_rng(2)
    places = [
        Placement((int(rng.integers(32)), int(rng.integers(32)), SIDE),
                  (int(rng.integers(4)), int(rng.integers(2))), bool(rng.integers(2)))
        for _ in range(8)
    ]  # fmt: skip
    pool = pool_of(pooled.pool(pair, places, rng))
    halves = {"top": (0, 0), "bottom": (0, 1), "left": (1, 0), "right": (1, 1)}
    checked = 0
    for _ in range(8):
        batch = pool.draw(8)
        for i, (task, place) in enumerate(zip(batch["tasks"], batch["places"], strict=True)):
            mask = batch["masks"][i]
            if task == "position" and place in halves and mask.any():
                axis, is_second = halves[place]
                centre = mask.nonzero()[:, axis].float().mean() / SIDE
                assert (centre >= 0.4) if is_second else (centre <= 0.6)
                checked += 1
    assert checked > 10


def test_swapped_dates_swap_the_direction_of_every_target() -> None:
    composed = class_pair(SIDE)
    pooled = PooledCrops(crops(), SIDE, swap=0)
    places = [Placement((0, 0, SIDE), (0, 0), swapped) for swapped in (False, True)]
    pool = pool_of(pooled.pool(composed, places, np.random.default_rng(0)))
    batch = pool.batch([0, 0], [0, 1], [(0, 0)] * 2, has_new_light=False)
    assert torch.equal(batch["before"][0], batch["after"][1])
    assert torch.equal(batch["before_class"][0], batch["after_class"][1])
    assert torch.equal(batch["label"][0] == APPEAR, batch["label"][1] == DISAPPEAR)
    assert (batch["label"][0] == APPEAR).any()


def test_new_light_changes_pixels_but_not_where_a_sentence_names_a_look() -> None:
    pooled = PooledCrops(crops(), SIDE, swap=0)
    place = Placement((0, 0, SIDE), (0, 0), False)
    crop = pooled.pool(class_pair(SIDE), [place, place], np.random.default_rng(0))
    free, kept = (replace(crop.views[0], keeps_look=keeps) for keeps in (False, True))
    pool = pool_of(replace(crop, views=(free, kept)))
    same = pool.batch([0, 0], [0, 1], [(0, 0)] * 2, has_new_light=False)
    drawn = [pool.batch([0, 0], [0, 1], [(0, 0)] * 2, has_new_light=True) for _ in range(8)]
    for name in ("before", "after"):
        assert all(torch.equal(batch[name][1], same[name][1]) for batch in drawn)
        different = [batch[name][0] for batch in drawn if not batch[name][0].equal(same[name][0])]
        assert len(different) > 3
        assert not different[0].equal(different[1])
    assert all(batch["label"].equal(same["label"]) for batch in drawn)


def test_no_date_with_a_labelled_outline_is_moved() -> None:
    pair = real_pair(SIDE)
    label = np.where(pair.label == APPEAR, APPEAR, 0).astype(np.uint8)
    appears = replace(pair, label=label, ground=None)
    place = Placement((0, 0, SIDE), (0, 0), False)
    cases = ((appears, {"before"}), (swap_dates(appears), {"after"}), (pair, set()))
    for shown, expected in cases:
        crop = PooledCrops(crops(), SIDE, swap=0).pool(shown, [place], np.random.default_rng(0))
        pool = CropPool(1, crop, Augmentation(SIDE, colour=0.0, blur=0.0), 0, CPU)
        pool.add(crop)
        moved: dict[str, int] = {"before": 0, "after": 0}
        for _ in range(16):
            batch = pool.batch([0], [0], [(0, 0)], has_new_light=True)
            for name in moved:
                change = batch[name][0].permute(1, 2, 0).float() - torch.from_numpy(
                    getattr(shown, name)
                )
                moved[name] += float(change.abs().mean()) > 20  # noise alone: 5
        assert {name for name, count in moved.items() if count} == expected
        assert all(count < 16 for count in moved.values())


def test_new_crops_replace_the_oldest_and_views_take_turns() -> None:
    pooled = PooledCrops(crops(), SIDE, swap=0.5)
    place = Placement((0, 0, SIDE), (0, 0), False)
    made = []
    for value in range(3):
        pair = replace(real_pair(SIDE), before=np.full((SIDE, SIDE, 3), value, np.uint8))
        made.append(pooled.pool(pair, [place, place], np.random.default_rng(value)))
    pool = pool_of(made[0])
    pool.add(made[1])
    pool.add(made[2])
    assert (len(pool), pool.added) == (2, 3)
    found = pool.batch([0, 1], [0, 0], [(0, 0)] * 2, has_new_light=False)["before"]
    assert found.flatten(1).float().mean(1).tolist() == [2, 1]
    texts = {text for _ in range(2) for text in pool.draw(2)["texts"]}
    assert texts == {t for crop in made[1:] for view in crop.views for t in view.sentences["texts"]}
    assert pool.drawn == 4
    assert len(pool.draw(5)["label"]) == 5, "more than the pool holds"
    time.sleep(0.01)
    assert pool.age_s > 0


def options(**changed: Any) -> dict[str, Any]:
    weights = SourceWeights(0.5, 0.2, 0.1, 0.1, 0.1, levir_classes=0.3, ground_sentences=0.5)
    return {"batch_size": 4, "crop_px": SIDE, "text_only": 1, "composed": 0.3,
            "source_weights": weights, **changed}  # fmt: skip


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_while_workers_refill_the_pool(root: Path, workers: int) -> None:
    data = PooledDataModule(str(root), 3.0, **options(num_workers=workers))
    threads = threading.active_count()
    loader = data.train_dataloader()
    batches = iter(loader)
    first = next(batches)
    assert first["before"].shape == first["after"].shape == (4, 3, SIDE, SIDE)
    assert first["masks"].shape == (12, SIDE, SIDE)
    assert len(first["text_only"]) == 4
    pool = loader.pool
    assert pool is not None
    deadline = time.monotonic() + 60
    while pool.added <= pool.capacity and time.monotonic() < deadline:
        next(batches)
    figures = loader.figures()
    assert figures["pool_crops"] == pool.capacity < figures["pool_new_crops"]
    assert figures["pool_draws_per_crop"] > 0
    batches.close()  # type: ignore[attr-defined]
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.05)
    assert threading.active_count() <= threads


def test_a_pool_without_room_for_a_crop_is_refused(root: Path) -> None:
    data = PooledDataModule(str(root), 0.01, **options())
    with pytest.raises(RequestError, match=r"0\.01 MB has no room for a crop of 0\.1") as error:
        next(iter(data.train_dataloader()))
    assert "--pool-mb" in error.value.advice


def test_a_pool_of_automatic_size_has_many_crops(root: Path) -> None:
    loader = PooledDataModule(str(root), math.inf, **options(batch_size=1)).train_dataloader()
    next(iter(loader))
    assert loader.pool is not None
    crop = bytes_per_crop(next(iter(loader.source)))
    assert loader.pool.capacity == int(500e6 // crop)


def test_an_error_of_a_worker_ends_training() -> None:
    class Broken(torch.utils.data.IterableDataset[PooledCrop]):
        def __iter__(self) -> Any:
            msg = "a picture is damaged"
            raise ValueError(msg)

    source = DataLoader(Broken(), None, num_workers=1)
    with pytest.raises(ValueError, match="a picture is damaged"):
        next(iter(PooledLoader(source, 1.0, 2, Augmentation(SIDE), 0, CPU)))


def test_the_benchmark_compares_both_paths(root: Path) -> None:
    script = Path(__file__).parents[3] / "benchmarks/crop_pool.py"
    done = subprocess.run(
        [sys.executable, str(script), "--root", str(root), "--config", "tiny_stage2",
         "--seconds", "0.5", "--rounds", "1", "--crop-px", "64", "--batch-size", "4",
         "--pool-mb", "3"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split("ratio: ")[1].split()[0]) > 0
    for line in ("present path: ", "pool: ", "draws alone: ", "new crops alone: "):
        assert line in done.stdout
