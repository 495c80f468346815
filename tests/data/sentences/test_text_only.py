"""Text-only sentences: their intents are exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mtrs_geo.data.sentences import write_class_text
from mtrs_geo.data.sentences.land_cover import NUMBERS
from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES


def test_every_class_of_the_intent_is_named_in_the_text() -> None:
    rng = np.random.default_rng(0)
    nouns = (*TRAIN_CLASSES.nouns, *TRAIN_CLASSES.hyponyms)
    longest_first = sorted(nouns, key=lambda noun: -len(noun.plural_or_mass))
    intents: set[tuple[str, str]] = set()
    for _ in range(600):
        expression = write_class_text(TRAIN_CLASSES, rng)
        named = (expression.from_classes | expression.to_classes) - {"any", "nothing"}
        intents.add((expression.kind, expression.cell or expression.place))
        if len(named) > 2 or not named:
            continue
        text = expression.text
        for class_name in named:
            of_class = [noun for noun in longest_first if noun.class_name == class_name]
            words = [w for noun in of_class for w in (noun.singular, noun.plural_or_mass)]
            assert any(word in text for word in words), text
    assert {kind for kind, _ in intents} == {"any", "appear", "disappear", "state"}
    assert {"everywhere", "top left", "centre", "upper middle"} <= {place for _, place in intents}


def test_the_same_seed_gives_the_same_sentences() -> None:
    first, second = (
        [write_class_text(TRAIN_CLASSES, rng).text for _ in range(20)]
        for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert first == second
    assert len(set(first)) > 15


def test_sentences_with_numbers_and_with_an_excluded_place() -> None:
    marked = replace(
        TRAIN_CLASSES,
        except_place=("{x} BUT {p}",),
        counted_new=("NOW {k} {n}",),
        counted_gone=("ONCE {k} {n}",),
    )
    rng = np.random.default_rng(1)
    expressions = [write_class_text(marked, rng) for _ in range(1500)]
    for word, kind in (("NOW", "appear"), ("ONCE", "disappear")):
        counted = [e for e in expressions if e.text.startswith(word)]
        assert {e.kind for e in counted} == {kind}
        assert {e.text.split()[1] for e in counted} == set(NUMBERS)
    # The excluded place is not the place of the intent.
    assert {e.place for e in expressions if " BUT " in e.text} == {"everywhere"}
