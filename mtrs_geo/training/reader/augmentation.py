"""Sentences to train on: labelled ones with other nouns, templates, frames and typing errors."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from mtrs_geo.data.sentences.phrasebook import read_phrases
from mtrs_geo.models.reader import Meaning
from mtrs_geo.training.reader.nouns import OTHER, nouns
from mtrs_geo.training.reader.sentences import CLASSES, Labelled, read_templates
from mtrs_geo.understanding import LAND_COVER

__all__ = ["SentenceWriter"]

_TEMPLATE, _PHRASE = 0.12, 0.10
"""Shares of the sentences from `templates.txt` and from the phrases of `data.sentences`; the rest
are labelled ones."""
_UNCHANGED_WORDS, _OTHER_THING, _NOUN = 0.45, 0.12, 0.6
"""Shares of labelled sentences that keep their nouns, of those whose thing becomes another thing,
which no model knows, and of the nouns that are swapped in the others."""
_FRAME, _PLACE, _TYPING_ERROR, _NO_PUNCTUATION = 0.10, 0.08, 0.12, 0.2
_FRAMES = (
    "please {x}", "show me {x}", "can you find {x}", "could you mark {x}", "I need {x}", "hi, {x}",
    "{x} please", "{x} thanks", "so {x}", "we are looking for {x}", "{x}, that is what I want",
    "map {x}", "list {x}", "polygons of {x}", "{x}?", "{x}!", "{x}.",
)  # fmt: skip
_PLACES = (
    "{x} in the north", "{x} in the south-west", "{x} in the upper left corner",
    "{x} near the centre", "{x} since 2015", "{x} between 2012 and 2019", "{x} larger than 500 m²",
    "{x} bigger than 1 ha", "in the east, {x}", "{x} within 100 m of the {r}",
    "{x} next to the {r}", "{x} along the {r}", "{x} close to the {r}",
)  # fmt: skip
_SLOT = re.compile(r"\{([brvwso])\}", re.IGNORECASE)
_PHRASE_SLOT = re.compile(r"\{(\w+)[^}]*\}")
_ONE_WAY = frozenset({"appeared", "disappeared", "any"})
_BOTH_DATES = frozenset({"unchanged", "any"})
_SHORTEST = 5


class SentenceWriter:
    """Writes sentences with their meanings.

    Args:
        rows: labelled sentences.
        seed: of all draws.
    """

    def __init__(self, rows: Sequence[Labelled], seed: int) -> None:
        self._rows, self._nouns = rows, nouns()
        self._rng = random.Random(seed)

    def write(self) -> Labelled:
        """Return a sentence."""
        draw = self._rng.random()
        if draw < _TEMPLATE:
            return self._disturbed(self._filled(self._rng.choice(read_templates())))
        if draw < _TEMPLATE + _PHRASE:
            return self._disturbed(self._phrase())
        return self._disturbed(self._swapped(self._rng.choice(self._rows)))

    def _filled(self, template: Labelled) -> Labelled:
        def noun(slot: re.Match[str]) -> str:
            name = CLASSES[slot[1].lower()]
            return self._nouns.draw(self._rng, name, is_plural=slot[1].isupper())

        return replace(template, text=_SLOT.sub(noun, template.text))

    def _phrase(self) -> Labelled:
        """Return one of the phrases that the intent head trains with."""
        first, second = self._rng.sample(LAND_COVER, 2)
        kinds: dict[Callable[[], Labelled], float] = {
            lambda: self._one_way("appear", Meaning("appeared", (), (first,))): 0.28,
            lambda: self._one_way("disappear", Meaning("disappeared", (first,), ())): 0.28,
            lambda: self._one_way("state", Meaning("any", (first,), (first,))): 0.06,
            lambda: self._transition(first, second): 0.23,
            lambda: self._one_way("everything", Meaning("any")): 0.03,
            lambda: self._one_way(self._rng.choice(("appear", "disappear")), Meaning("none")): 0.12,
        }
        (write,) = self._rng.choices(list(kinds), list(kinds.values()))
        return write()

    def _one_way(self, kind: str, meaning: Meaning) -> Labelled:
        name = next(iter((*meaning.before, *meaning.after)), OTHER)
        has_own = kind in ("appear", "disappear") and name != OTHER
        own = f"{kind}_{name}" if has_own and self._rng.random() < 0.4 else kind
        return Labelled(self._with_nouns(self._rng.choice(read_phrases(own)), n=name), meaning)

    def _transition(self, before: str, after: str) -> Labelled:
        phrases = (*read_phrases("became"), *read_phrases("replaced"))
        text = self._with_nouns(self._rng.choice(phrases), a=before, b=after, n=before)
        return Labelled(text, Meaning("changed", (before,), (after,)))

    def _with_nouns(self, phrase: str, n: str, **classes: str) -> str:
        def noun(slot: re.Match[str]) -> str:
            name = classes.get(slot[1], n)
            return self._nouns.draw(self._rng, name, is_plural=self._rng.random() < 0.8)

        return _PHRASE_SLOT.sub(noun, phrase)

    def _swapped(self, row: Labelled) -> Labelled:
        """Return a labelled sentence with other nouns."""
        meaning, rng = row.meaning, self._rng
        if rng.random() < _UNCHANGED_WORDS:
            return row
        named = {*meaning.before, *meaning.after}
        segments = self._nouns.segments(row.text)
        words = [text for text, _ in segments]
        at = [i for i, (_, name) in enumerate(segments) if name in named]
        if not at:
            return row
        is_one = len(at) == len(named) == 1
        other = rng.random() < _OTHER_THING and row.group == "in scope"
        if is_one and other and meaning.direction in _ONE_WAY:
            words[at[0]] = self._noun_like(words[at[0]], OTHER)
            return Labelled(" ".join(words), Meaning("none"))
        if is_one and meaning.direction in _BOTH_DATES and rng.random() < 0.5:
            name = rng.choice(LAND_COVER)
            words[at[0]] = self._noun_like(words[at[0]], name)
            return Labelled(" ".join(words), Meaning(meaning.direction, (name,), (name,)))
        for i in at:
            if rng.random() < _NOUN:
                words[i] = self._noun_like(words[i], segments[i][1] or OTHER)
        return replace(row, text=" ".join(words))

    def _noun_like(self, word: str, name: str) -> str:
        return self._nouns.draw(self._rng, name, is_plural=self._nouns.is_plural(word))

    def _disturbed(self, row: Labelled) -> Labelled:
        """Return a sentence with a place, a frame, typing errors or without punctuation."""
        rng, text = self._rng, row.text
        if rng.random() < _PLACE:
            place = self._nouns.draw(rng, rng.choice(LAND_COVER), is_plural=False)
            text = rng.choice(_PLACES).format(x=text.rstrip(".?!"), r=place)
        if rng.random() < _FRAME:
            text = rng.choice(_FRAMES).format(x=text)
        if rng.random() < _TYPING_ERROR:
            words = text.split()
            for _ in range(rng.choice((1, 1, 2))):
                i = rng.randrange(len(words))
                words[i] = self._misspelt(words[i])
            text = " ".join(words)
        if rng.random() < _NO_PUNCTUATION:
            text = re.sub(r"[.,?!;:]", "", text)
        return replace(row, text=text)

    def _misspelt(self, word: str) -> str:
        """Return a word without a letter, with two swapped, one doubled or another one."""
        rng = self._rng
        if len(word) < _SHORTEST or not word.isalpha():
            return word
        i = rng.randrange(1, len(word) - 1)
        draw = rng.random()
        if draw < 0.3:
            return word[:i] + word[i + 1 :]
        if draw < 0.6:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        if draw < 0.8:
            return word[:i] + word[i] + word[i:]
        return word[:i] + rng.choice("abcdefghilmnoprstu") + word[i + 1 :]
