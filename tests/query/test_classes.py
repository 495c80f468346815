from __future__ import annotations

import pytest

from mtrs_geo.data.sentences.land_cover_words import TRAIN_CLASSES
from mtrs_geo.data.sentences.land_cover_words_held_out import HELD_OUT_CLASSES
from mtrs_geo.query.classes import class_of

NOUNS = [*TRAIN_CLASSES.nouns, *HELD_OUT_CLASSES.nouns]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.plural or noun.singular)
def test_every_noun_of_training_and_validation_has_its_class(noun: object) -> None:
    name = noun.class_name if noun.class_name != "car" else "other"
    for word in filter(None, (noun.singular, noun.plural)):
        assert class_of(f"the new {word}") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "any"),
        ("  ", "any"),
        ("each and every alteration", "any"),
        ("anything that looks otherwise now", "any"),
        ("castles that disappeared", "other"),
        ("Houses that were torn down", "building"),
        ("grass turned into a road", "several"),
        ("new castles", "other"),
        ("boathouse", "other"),
        ("новые дома", "other"),
    ],
)
def test_classes_of_sentences(text: str, name: str) -> None:
    assert class_of(text) == name
