"""Layers, groups, files and projects that vanish while the dock uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mtrs_geo.data.rendering.synthetic import PairPaths

Desktop = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def facts(
    desktop: Desktop, tmp_path_factory: pytest.TempPathFactory, pair_paths: PairPaths
) -> dict[str, Any]:
    request = {
        "folder": str(tmp_path_factory.mktemp("vanish")),
        "before": str(pair_paths.before), "after": str(pair_paths.after),
    }  # fmt: skip
    return desktop("vanish_script.py", request)


def test_no_slot_fails(facts: dict[str, Any]) -> None:
    assert "slots" not in facts, "\n".join(facts["slots"])


def test_the_result_of_an_input_that_is_removed_during_the_run_is_kept(
    facts: dict[str, Any],
) -> None:
    was_running, head, has_result, layers = facts["one"]
    assert was_running
    assert "polygons" in head
    assert has_result
    assert layers == 2
    was_running, head, *left = facts["all"]
    assert was_running
    assert "polygons" in head
    assert left == [True, 1]
    assert facts["one: said"] == facts["all: said"] == [True, False]


def test_the_result_of_a_closed_project_is_named(facts: dict[str, Any]) -> None:
    head, has_result, layers = facts["closed at the end"]
    assert head.startswith("The project was closed during the run.")
    assert head.endswith("written.gpkg.")
    assert not has_result
    assert layers == 0


def test_a_run_does_not_add_its_result_to_another_project(facts: dict[str, Any]) -> None:
    was_running, _, has_result, layers = facts["project"]
    assert was_running
    assert not has_result
    assert layers == 2


def test_an_input_that_is_removed_before_the_run_cannot_be_asked(facts: dict[str, Any]) -> None:
    assert facts["before the run"] == [False, False]


def test_the_run_of_a_closed_project_cannot_go_on(facts: dict[str, Any]) -> None:
    assert facts["closed"] == ["The run was cancelled.", False]


def test_a_run_whose_layer_was_removed_ends_with_an_error(facts: dict[str, Any]) -> None:
    head, is_offered, problem = facts["gone"]
    assert head == "The run was cancelled. What was done is kept."
    assert is_offered
    assert "is no longer in the project" in problem


def test_the_area_is_not_replaced_by_another_layer(facts: dict[str, Any]) -> None:
    assert facts["area"] == [True, False, "Choose a layer.", "", "whole", ""]


def test_a_result_whose_group_is_removed_is_forgotten(facts: dict[str, Any]) -> None:
    assert facts["found"][1:] == [True, 3]
    assert facts["group"] == [False, False]


def test_a_renamed_layer_shows_the_date_in_its_name(facts: dict[str, Any]) -> None:
    assert facts["renamed"] == [True, True]


def test_a_result_whose_file_was_deleted_can_be_used_and_reopened(facts: dict[str, Any]) -> None:
    assert facts["deleted"]
    assert facts["reopened"] == ["survey of 1999-05", "after"]


def test_a_refused_sentence_adds_no_layer(facts: dict[str, Any]) -> None:
    head, has_result, layers = facts["refused"]
    assert head.startswith("The sentence was not answered")
    assert not has_result
    assert layers == 2
