"""What differs between two runs, as text."""

from __future__ import annotations

from mtrs_geo.ledger import describe_differences


def test_names_values_and_times() -> None:
    old = {"input": {"a.tif": {"bytes": 5, "modified_ns": 0}}, "option": [1], "format": 1}
    new = {"input": {"a.tif": {"bytes": 6, "modified_ns": 10**9}}, "option": [1], "format": 2}
    assert describe_differences(old, new, ("format",)) == (
        "input a.tif bytes was 5 and is 6; input a.tif modified_ns was 1970-01-01 "
        "00:00:00.000000 and is 1970-01-01 00:00:01.000000"
    )
    assert describe_differences(old, old) == ""


def test_many_and_long_ones_are_cut() -> None:
    text = describe_differences({}, {str(i): "x" * 100 for i in range(7)})
    assert text.endswith("; 2 more")
    assert len(text) < 600
