"""A change that a later one has ended has no effect: "newly planted trees removed"."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("old-growth forest felled", "vegetation"),
        ("loss of old-growth forest", "vegetation"),
        ("new-growth trees removed", "vegetation"),
        ("newly planted trees removed", "vegetation"),
        ("newly planted trees died", "vegetation"),
        ("planted trees that died", "vegetation"),
        ("freshly planted hedges were grubbed out", "vegetation"),
        ("newly built houses demolished", "building"),
        ("newly built houses in the north were demolished", "building"),
        ("newly constructed buildings that collapsed", "building"),
        ("recently built houses destroyed by fire", "building"),
        ("new houses destroyed", "building"),
        ("removal of newly built sheds", "building"),
        ("the newly laid path disappeared", "road"),
        ("a newly dug pond has dried up", "water"),
    ],
)
def test_losses_of_what_was_new(text: str, kind: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", "disappeared")
    assert (found.before, found.after) == ((kind,), ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("destroyed forest replanted", "vegetation"),
        ("felled forest was replanted", "vegetation"),
        ("burnt forest regrown", "vegetation"),
        ("newly planted trees", "vegetation"),
        ("new fields cleared", "vegetation"),
        ("newly built houses", "building"),
        ("new-growth forest", "vegetation"),
        ("new houses missing from the first image", "building"),
        ("new houses near the felled forest", "building"),
    ],
)
def test_gains(text: str, kind: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("appeared", (), (kind,))


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("newly built houses where trees were felled", "vegetation", "building"),
        ("newly built houses replaced felled trees", "vegetation", "building"),
        ("demolished houses that were rebuilt", "building", "building"),
    ],
)
def test_other_changes(text: str, before: str, after: str) -> None:
    found = one(text)
    assert (found.before, found.after) == ((before,), (after,))
