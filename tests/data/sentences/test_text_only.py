"""Sentences without pictures: their readings are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mtrs_geo.data.sentences import say_of_classes
from mtrs_geo.data.sentences.land_cover import NUMBERS
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES


def test_bare_sentences_read_as_what_they_name() -> None:
    """Every class that a sentence names by one of its nouns is in its reading, and no other."""
    rng = np.random.default_rng(0)
    every = (*TRAIN_CLASSES.nouns, *TRAIN_CLASSES.kinds_of)
    longest_first = sorted(every, key=lambda noun: -len(noun.many))
    seen: set[tuple[str, str]] = set()
    for _ in range(600):
        said = say_of_classes(TRAIN_CLASSES, rng)
        named = (said.from_classes | said.to_classes) - {"any", "nothing"}
        seen.add((said.kind, said.cell or said.place))
        if len(named) > 2 or not named:
            continue
        text = said.text
        for land in named:
            nouns = [noun for noun in longest_first if noun.land == land]
            assert any(noun.singular in text or noun.many in text for noun in nouns), text
    assert {kind for kind, _ in seen} == {"any", "appear", "disappear", "state"}
    assert {"everywhere", "top left", "centre", "upper middle"} <= {place for _, place in seen}


def test_bare_sentences_of_the_same_seed_are_the_same() -> None:
    one, two = (
        [say_of_classes(TRAIN_CLASSES, rng).text for _ in range(20)]
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert one == two
    assert len(set(one)) > 15


def test_numbers_and_all_but_a_place_are_said() -> None:
    marked = replace(
        TRAIN_CLASSES,
        except_place=("{x} BUT {p}",),
        counted_new=("NOW {k} {n}",),
        counted_gone=("ONCE {k} {n}",),
    )
    rng = np.random.default_rng(1)
    said = [say_of_classes(marked, rng) for _ in range(1500)]
    for word, kind in (("NOW", "appear"), ("ONCE", "disappear")):
        counted = [s for s in said if s.text.startswith(word)]
        assert {s.kind for s in counted} == {kind}
        assert {s.text.split()[1] for s in counted} == set(NUMBERS)
    # The part that is left out is not the part that is asked about.
    assert {s.place for s in said if " BUT " in s.text} == {"everywhere"}
