"""The rule that compares what is found at two dates."""

from __future__ import annotations

import pytest
import torch

from mtrs_geo.models.rivals.bitemporal import Finding, compare, rescaled
from mtrs_geo.models.rivals.phrases import Comparison


def square(top: int, left: int, side: int = 8, score: float = 0.9) -> Finding:
    mask = torch.zeros(1, 32, 32)
    mask[0, top : top + side, left : left + side] = 1
    return Finding.of_instances(mask, torch.tensor([score]))


def nothing() -> Finding:
    return Finding.of_instances(torch.zeros(0, 32, 32), torch.zeros(0))


def both(*findings: Finding) -> Finding:
    masks = torch.cat([f.instances for f in findings if f.instances is not None])
    return Finding.of_instances(masks, torch.ones(len(masks)))


def found(rule: str, before: Finding, after: Finding) -> set[tuple[int, int]]:
    comparison = Comparison(rule, ("x",), ("x",))  # type: ignore[arg-type]
    answer = compare({"x": before}, {"x": after}, comparison)
    assert answer.shape == (32, 32)
    assert 0 <= float(answer.min()) <= float(answer.max()) <= 1
    return {tuple(map(int, index)) for index in (answer > 0.5).nonzero()}  # type: ignore[misc]


def pixels(finding: Finding) -> set[tuple[int, int]]:
    return {tuple(map(int, index)) for index in (finding.presence > 0.5).nonzero()}  # type: ignore[misc]


def test_appeared_and_disappeared() -> None:
    old, new = square(2, 2), square(20, 20)
    assert found("appeared", old, both(old, new)) == pixels(new)
    assert found("disappeared", both(old, new), old) == pixels(new)
    assert found("disappeared", old, both(old, new)) == set()
    assert found("appeared", nothing(), new) == pixels(new)
    assert found("appeared", new, nothing()) == set()


def test_an_instance_that_moved_a_little_did_not_appear() -> None:
    before, after = square(4, 4), square(5, 6)
    assert found("appeared", before, after) == set()
    assert found("changed", before, after) == pixels(before) ^ pixels(after)


def test_weak_instances_count_little() -> None:
    assert found("appeared", nothing(), square(4, 4, score=0.4)) == set()
    assert found("appeared", square(4, 4, score=0.3), square(4, 4)) == pixels(square(4, 4))


def test_maps_without_instances_are_compared_per_pixel() -> None:
    before, after = (Finding(square(*place).presence) for place in ((4, 4), (4, 8)))
    assert found("appeared", before, after) == pixels(after) - pixels(before)
    assert found("disappeared", before, after) == pixels(before) - pixels(after)


def test_became_unchanged_and_present() -> None:
    pond, house = square(4, 4), square(4, 8)
    comparison = Comparison("became", ("pond",), ("house",))
    answer = compare({"pond": pond}, {"house": house}, comparison)
    assert int((answer > 0.5).sum()) == 8 * 4
    assert found("unchanged", pond, house) == pixels(pond) & pixels(house)
    assert found("present", pond, house) == pixels(house)


def test_several_phrases_are_joined() -> None:
    comparison = Comparison("appeared", ("a", "b"), ("a", "b"))
    before = {"a": nothing(), "b": nothing()}
    answer = compare(before, {"a": square(2, 2), "b": square(20, 20)}, comparison)
    assert int((answer > 0.5).sum()) == 2 * 64


@pytest.mark.parametrize(("score", "expected"), [(0.0, 0), (0.25, 0.5), (1.0, 1), (0.125, 0.25)])
def test_rescaled(score: float, expected: float) -> None:
    assert float(rescaled(torch.tensor(score), 0.25)) == pytest.approx(expected)
