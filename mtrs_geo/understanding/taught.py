"""What a model learns to know from its training sentences, and when a sentence asks one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases import without_speech
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.translation import messages, translate
from mtrs_geo.understanding.translation.language_detection import detect_language
from mtrs_geo.understanding.translation.phrase_table import PhraseTable, phrase_table
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.verdict import Judge

__all__ = ["sentence_key", "taught_question", "taught_vocabulary"]

_MOST_SENTENCES = 1000
_REQUEST = re.compile(
    r"^(?:(?:(?:can|could|would|will) (?:you|we|i)|(?:i|we)(?:'d| would)? (?:like|need|want|wish)"
    r"(?: to)?|(?:i'm|i am|we're|we are) (?:looking|searching) for|please|kindly|just|only|show"
    r"|find|detect|map|mark|highlight|segment|outline|list|display|give|tell|see|get|me|us"
    r"|(?:where|which|what)(?: (?:are|is|were|was))?|all|any|some|every|each|of)[ ,:]+)+"
)
_MARKS = " .?!,;:。！？؟।"
_ARTICLES = frozenset({"the", "a", "an"})
_SINGULAR_VERBS = {"were": "was", "are": "is", "have": "has"}
_SHORTEST_STEM, _LONGEST_ENDING = 4, 2
"""Letters of a word that may get an ending in another language, and of the ending: "neue(n)"."""


def taught_vocabulary(sentences: Iterable[str]) -> dict[str, Any]:
    """Return the entry ``knows`` of a model folder for sentences that the model is trained on.

    Args:
        sentences: as they were trained; repeated ones count once.

    Returns:
        ``sentences``, normalised, and ``nouns``: words that no class has, each its own class.
        Sentences in another language add no nouns: their words are no words of English sentences.
    """
    texts = list(dict.fromkeys(filter(None, map(normalize, sentences))))[:_MOST_SENTENCES]
    nouns: dict[str, str] = {}
    for text in (text for text in texts if detect_language(text) is None):
        sentence = Sentence(text, english())
        for word in (*sentence.unknown, *sentence.outside):
            nouns[word.removesuffix("s") if not word.endswith("ss") else word] = ""
    return {"sentences": texts, "nouns": nouns}


def taught_question(text: str, judge: Judge) -> Understanding | None:
    """Return the question of a sentence that asks what the model was trained on; None if it is not.

    Rules for the whole scene, a question ("how many …?"), polite words, articles and the number
    (a rank has the singular) do not count, also in another language with a table.  The prompt is
    the sentence of the training.

    Args:
        text: a sentence that asks for one change.
        judge: of the model; its verdict on the rules counts.
    """
    if not judge.vocabulary.sentences:
        return None
    query = ChangeQuery.parse(text)
    trained = _by_key(judge.vocabulary.sentences).get(sentence_key(query.prompt))
    translated = None
    if trained is None:
        translated = _translated(text, judge.vocabulary.sentences)
        if translated is None:
            return None
        trained, query = translated.trained, translated.query
    # The words that no rule took are known to the model, so nothing is said against them.
    rules = replace(query, prompt="", text="")
    verdict = judge.verdict_on_rules(Sentence("", judge.lexicon), rules)
    found = Understanding(
        text,
        replace(query, prompt=trained),
        verdict.status,
        direction=query.direction if translated is None else ChangeQuery.parse(trained).direction,
        translated="" if translated is None else translated.english,
        language="en" if translated is None else translated.language,
        doubt=verdict.doubt,
        advice=verdict.advice,
        code=verdict.code,
        values=verdict.values,
    )
    return found.without_rules(judge.rules_without_effect(query))


@dataclass(frozen=True)
class _Translated:
    """A trained sentence with rules in another language: "neue Solaranlagen im Norden"."""

    trained: str
    query: ChangeQuery
    """Its rules; the prompt is that of a stand-in."""
    english: str
    """The translation, with the trained sentence as it is."""
    language: str


def _translated(text: str, sentences: frozenset[str]) -> _Translated | None:
    """Return the trained sentence in a text of another language, and what the rest asks.

    The tables need not know the words of a trained sentence, so a stand-in is translated in its
    place.  None if there is no trained sentence, or the rest is more than rules.
    """
    plain = unicodedata.normalize("NFKC", text)
    code = detect_language(plain)
    found = None if code is None else _longest_trained(plain, phrase_table(code), sentences)
    if code is None or found is None:
        return None
    trained, start, end = found
    one, other, noun = (
        _parsed(f"{plain[:start]} {word} {plain[end:]}") for word in _stand_ins(code)
    )
    # "Neue" beside a trained "Solaranlagen" is more than a rule: the bare noun is new as well.
    if one is None or not _asks(one, _STAND_IN) or (noun is not None and _asks(noun, _STAND_IN)):
        return None
    # "Gebäude neben neuen Solaranlagen" does not ask for what was trained, but for what is near it.
    if other is None or not _asks(other, _OTHER_STAND_IN) or other.rules != one.rules:
        return None
    english = one.text.replace(_STAND_IN, trained.strip(_MARKS), 1)
    return _Translated(trained, replace(one, text=text), english, code)


_STAND_IN, _OTHER_STAND_IN = "new buildings", "new roads"
"""In English, what the stand-ins of each language ask."""


def _asks(query: ChangeQuery, prompt: str) -> bool:
    return sentence_key(query.prompt) == sentence_key(prompt)


@cache
def _stand_ins(code: str) -> tuple[str, str, str]:
    """Return "new buildings", "new roads" and "buildings" in a language.

    The first is its example without the place, the second has the longest word for a road in it.
    """
    table = phrase_table(code)
    phrases = [p for p in table.phrases(messages(code)["try"]) if p.noun or p.has("changes")]
    roads = (
        "".join(words).strip("*")
        for words, meanings in table.meanings.items()
        if ("classes.road", "roads") in meanings and (len(words) == 1 or not table.spaces)
    )
    road = max(roads, key=len)
    change = " ".join(p.text for p in phrases)
    other = " ".join(road if p.noun else p.text for p in phrases)
    return change, other, " ".join(p.text for p in phrases if p.noun)


def _parsed(text: str) -> ChangeQuery | None:
    """Return what a sentence in another language asks; None if it is not translated as a whole."""
    found = translate(text)
    if found is None or not found.english or found.unknown or found.corrected:
        return None
    return ChangeQuery.parse(found.english)


def _longest_trained(
    text: str, table: PhraseTable, sentences: frozenset[str]
) -> tuple[str, int, int] | None:
    """Return the longest trained sentence in a text, with the characters that it covers.

    Words may have another ending than in the training: "die drei größten neuen Solaranlagen".
    """
    spans, position = [], 0
    for token in table.tokens(text):
        position = text.find(token, position)
        if position < 0:  # invisible characters in a word
            return None
        spans.append((position, position := position + len(token)))
    words, trained = table.words(text), _by_words(table.code, sentences)
    for length in sorted({len(key) for key in trained if len(key) < len(words)}, reverse=True):
        for start in range(len(words) - length + 1):
            part = words[start : start + length]
            for key, sentence in trained.items():
                if len(key) == length and all(map(_is_form, part, key)):
                    return sentence, spans[start][0], spans[start + length - 1][1]
    return None


@lru_cache(maxsize=8)
def _by_words(code: str, sentences: frozenset[str]) -> Mapping[tuple[str, ...], str]:
    """Return trained sentences by their words, in the spelling of a table."""
    table = phrase_table(code)
    found = {tuple(table.words(text.strip(_MARKS))): text for text in sorted(sentences)}
    return {words: text for words, text in found.items() if words}


def _is_form(word: str, other: str) -> bool:
    """Return whether two words are equal but for an ending that one of them has."""
    short, long = sorted((word, other), key=len)
    if word == other:
        return True
    return (
        len(short) >= _SHORTEST_STEM
        and long.startswith(short)
        and long.isalpha()
        and len(long) - len(short) <= _LONGEST_ENDING
    )


@lru_cache(maxsize=8)
def _by_key(sentences: frozenset[str]) -> Mapping[str, str]:
    """Return trained sentences by their key; of several, the shortest."""
    texts = sorted(sentences, key=lambda text: (-len(text), text))
    return {key: text for text in texts if (key := sentence_key(text))}


def sentence_key(text: str) -> str:
    """Return what spellings of one sentence have in common: "show the new roofs!" is "new roof".

    Capitals, requests, articles, final marks and the plural do not count.  The key may be empty.
    """
    plain = without_speech(normalize(text)).strip(_MARKS)
    words = _REQUEST.sub("", f"{plain} ").split()
    return " ".join(_singular(word) for word in words if word not in _ARTICLES)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if is_plural else _SINGULAR_VERBS.get(word, word)
