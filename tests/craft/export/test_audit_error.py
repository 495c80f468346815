from __future__ import annotations

import pytest

from mtrs_geo.craft.export.audit_error import estimate_errors, wilson_interval
from mtrs_geo.craft.project.work import mark


@pytest.mark.parametrize(
    ("count", "total", "interval"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_wilson(count, total, interval):
    assert wilson_interval(count, total) == pytest.approx(interval, abs=5e-5)


def test_what_was_judged_again(made):
    mask = made.masks["p0 house"]
    for name, verdicts in [
        ("a house", ("Ana", "Ben")),
        ("b house", ("Ana", "-Ben")),
        ("c house", ("-Ana", "Ben")),
        ("d house", ()),
        ("e house", ("-Ben",)),
        ("f house", ("Ben",)),
        ("g house", ("Ana", "-Ben")),
    ]:
        made.add(1, name, "appear", "a house", mask, verdicts)
    for name in ("d", "e", "f"):
        subject = f"item {made.items[f'{name} house']}"
        mark(made.project, "auto-accept", subject, detail="for people, chance 0.97")
    mark(made.project, "auto-accept", "item 1", detail="accepted, chance 0.97")
    gold = made.items["g house"]
    made.project.connection.execute("UPDATE items SET is_gold = 1 WHERE id = ?", (gold,))
    made.project.connection.execute("INSERT INTO gold VALUES (?, 0, 1, 1)", (gold,))
    automatic, twice, wrong = estimate_errors(made.project)
    assert (automatic.audited, automatic.rejected) == (2, 1)
    assert (twice.audited, twice.rejected) == (2, 1)
    assert (wrong.audited, wrong.rejected) == (2, 1)
    assert twice.share == 0.5
    assert automatic.interval == pytest.approx((0.0945, 0.9055), abs=1e-4)
