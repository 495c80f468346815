"""YAML that PyYAML would take without a word, or end with another error."""

from __future__ import annotations

import pytest
import yaml

from mtrs_geo.strict_yaml import load_yaml


def test_values_are_those_of_pyyaml() -> None:
    text = "a: [1, x]\nb: &base {c: 2020-01-05}\nd: {<<: *base, e: null}\n"
    assert load_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: {c: 1,\n  c: 2}", r"'c' is given twice\s[^$]*line 3"),
        ("a: 2020-13-45", "month"),
        ("[" * 5000, "recursion"),
        ("a: {", "expected"),
    ],
)
def test_errors_are_of_one_kind(text: str, message: str) -> None:
    with pytest.raises(yaml.YAMLError, match=message):
        load_yaml(text)
