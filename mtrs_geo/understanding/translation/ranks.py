"""Superlatives of a sentence in another language: "das zweitgrößte", "les trois plus au nord"."""

from __future__ import annotations

from collections.abc import Sequence

from mtrs_geo.understanding.translation.phrase_table import Phrase
from mtrs_geo.understanding.translation.quantities import Quantity

__all__ = ["find_rank", "unread_ranks"]

_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def find_rank(
    phrases: Sequence[Phrase], numbers: Sequence[Quantity], used: set[int]
) -> tuple[str, str] | None:
    """Return the foreign words of a superlative and its English phrase, such as "the 3 largest".

    Args:
        phrases: of a sentence.
        numbers: of the sentence.
        used: indices of the numbers that a condition uses; the number of the rank is added.
    """
    ranks = _ranks(phrases, numbers)
    if not ranks:
        return None
    at, name = ranks[0]
    ordinal = _ordinal(phrases, at)
    if ordinal is not None:
        text = _text(phrases, min(ordinal, at), max(ordinal, at) + 1)
        number = int(phrases[ordinal].entry("ordinals") or 2)
        return text, f"the {_ORDINALS[number]} {name}"
    bare = _bare(numbers)
    if not bare:
        return phrases[at].text, f"the {name}"
    k = min(bare, key=lambda k: abs(numbers[k].start - at))
    used.add(k)
    count = numbers[k].text
    text = _text(phrases, numbers[k].start, numbers[k].end)
    return f"{text} {phrases[at].text}", f"the {name}" if count == "1" else f"the {count} {name}"


def _ranks(phrases: Sequence[Phrase], numbers: Sequence[Quantity]) -> list[tuple[int, str]]:
    """Return the indices and names of the superlatives; "larger than 50 m" is none."""
    measured = {q.start for q in numbers if q.unit}
    return [
        (i, name)
        for i, p in enumerate(phrases)
        if (name := p.entry("ranks")) and not (p.has("sizes") and measured & {i + 1, i + 2})
    ]


def _bare(numbers: Sequence[Quantity]) -> list[int]:
    return [k for k, q in enumerate(numbers) if q.number and not q.unit and not q.is_year]


def _ordinal(phrases: Sequence[Phrase], rank: int) -> int | None:
    """Return the index of "second" beside a rank; other words may stand between them."""
    beside = range(max(0, rank - 4), min(len(phrases), rank + 3))
    found = [i for i in beside if phrases[i].has("ordinals") and not _is_of_image(phrases, i)]
    return min(found, key=lambda i: abs(i - rank), default=None)


def _is_of_image(phrases: Sequence[Phrase], i: int) -> bool:
    """Return whether an ordinal is of an image or date behind it or in it: "second image"."""
    return any(p.has("words", "images") for p in phrases[i : i + 2])


def unread_ranks(phrases: Sequence[Phrase], numbers: Sequence[Quantity]) -> list[str]:
    """Return superlatives that the English sentence would not say, or not as meant.

    Args:
        phrases: of a sentence.
        numbers: of the sentence.
    """
    ranks = _ranks(phrases, numbers)
    found = [phrases[i].text for i, name in ranks if name == "unranked"]
    if len({name for _, name in ranks}) > 1:
        found += [phrases[i].text for i, _ in ranks[1:]]
    found += [phrases[i].text for i, name in ranks if not _is_clear(phrases, numbers, i, name)]
    # "In the second image, not in the first": the direction of one part may be wrong.
    is_contrast = any(p.is_unknown or p.has("words", "negation") for p in phrases)
    for i, phrase in enumerate(phrases):
        is_other_word = phrase.has("words") and not phrase.has("words", "images")
        if phrase.has("ordinals") and not is_other_word:
            is_read = not is_contrast if _is_of_image(phrases, i) else bool(ranks)
            found += () if is_read else (phrase.text,)
    return list(dict.fromkeys(found))


def _is_clear(phrases: Sequence[Phrase], numbers: Sequence[Quantity], i: int, name: str) -> bool:
    is_counted, ordinal = bool(_bare(numbers)), _ordinal(phrases, i)
    is_second = " " in name or ordinal is not None
    if is_second and (is_counted or (" " in name and ordinal is not None)):
        return False  # "The three second largest".
    return not (name.endswith("most") and _is_place_word(phrases, i, is_counted=is_counted))


def _is_place_word(phrases: Sequence[Phrase], i: int, *, is_counted: bool) -> bool:
    """Return whether "northernmost" may be "further north": of a part, of a thing, no article."""
    after = phrases[i + 1 : i + 3]
    if after and after[0].has("words", "requests"):
        return True
    of = after[:1] and (after[0].has("words", "of") or after[0].has("relations", "from"))
    if of and len(after) > 1 and (after[1].noun or after[1].has("outside") or after[1].is_unknown):
        return True
    is_definite = is_counted or any(p.has("words", "definite") for p in phrases[:i])
    return phrases[i].has("comparatives") and not is_definite


def _text(phrases: Sequence[Phrase], start: int, end: int) -> str:
    return " ".join(p.text for p in phrases[start:end])
