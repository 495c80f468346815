"""A whole run at an endpoint that answers well and badly in turn."""

from __future__ import annotations

import random

import pytest
import yaml
from PIL import Image

from mtrs_geo.craft.backends.catalog import BackendOptions, open_describer, open_segmenter
from mtrs_geo.craft.backends.contract import BackendUnavailableError
from mtrs_geo.craft.project.items import last_round, list_items
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.craft.project.work import failures, total_price
from mtrs_geo.craft.stages.context import Context, RunOptions
from mtrs_geo.craft.stages.run import run_stages

PAIRS = 4


@pytest.fixture
def run(server, project, pair, tmp_path):
    """Return a function that runs the project and returns the report."""
    for number in range(PAIRS):
        paths = [tmp_path / f"{number}_{date}.png" for date in "ab"]
        for path, image in zip(paths, (pair.before, pair.after + number), strict=True):
            Image.fromarray(image).save(path)
        add_pair(project, NewPair(f"p{number}", *paths, 60, 90))

    def run_it(**settings):
        path = tmp_path / "chat.yaml"
        values = {"base_url": server.url, "model": "vlm", "first_wait_s": 0.01, "timeout_s": 1.5,
                  "retries": 0, "repeats": 0, "give_up_after": 99, "input_price": 1.0,
                  "output_price": 10.0}  # fmt: skip
        path.write_text(yaml.safe_dump(values | settings))
        backends = [
            opener(f"chat:{path}", BackendOptions(project))
            for opener in (open_describer, open_segmenter)
        ]
        return run_stages(Context(project, *backends, RunOptions(negative_share=0)))

    return run_it


def test_the_run_ends_and_says_what_failed_and_what_it_cost(run, server, project, ways):
    bad = [
        ways.fails(500), ways.fails(429), ways.breaks, ways.floods, ways.says("no JSON"),
        ways.says("", refusal="no"), ways.says({"cells": []}), ways.fails(400), ways.hangs,
    ]  # fmt: skip
    mixed = [*bad, *[ways.helpful] * 6]
    random.Random(5).shuffle(mixed)
    server.ways = [*mixed, ways.helpful]
    report = run()
    assert (report.pairs, report.stopped) == (PAIRS, "")
    assert report.failed == len(failures(project)) > 0
    assert all(reason for _, _, reason in failures(project))
    spent = total_price(project)
    assert spent > 0
    # What failed is tried again; what is done is neither asked nor paid again.
    server.ways = [ways.helpful]
    asked = len(server.requests)
    assert run().failed == 0
    items = list_items(project)
    assert [item.state for item in items] == ["ready"] * PAIRS
    assert {last_round(project, i.id).sentence for i in items} == {"a new house on the field"}
    paid = project.connection.execute(
        "SELECT stage, pair_id, COUNT(*) FROM costs WHERE outcome = 'ok' AND detail = '' "
        "GROUP BY 1, 2"
    ).fetchall()
    assert len(paid) == 5 * PAIRS
    assert all(row[2] == 1 for row in paid)
    assert asked < len(server.requests) <= asked + 5 * PAIRS
    asked = len(server.requests)
    assert run().failed == 0
    assert len(server.requests) == asked


def test_a_budget_and_a_dead_endpoint_stop_the_run(run, server, project, ways):
    server.ways = [ways.helpful]
    report = run(budget_calls=7)
    assert report.stopped.startswith("the budget is spent: 7 of 7 (calls)")
    assert len(server.requests) == 7
    server.ways = [ways.fails(401)]
    with pytest.raises(BackendUnavailableError, match="HTTP 401"):
        run()
    assert len(server.requests) == 8
    server.ways = [ways.helpful]
    assert run().failed == 0
    assert [item.state for item in list_items(project)] == ["ready"] * PAIRS
