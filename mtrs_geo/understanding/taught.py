"""What a model learns to know from its training sentences, and when a sentence asks one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize
from mtrs_geo.understanding.lexicon import english
from mtrs_geo.understanding.phrases import without_speech
from mtrs_geo.understanding.reading import Sentence
from mtrs_geo.understanding.understanding import Understanding
from mtrs_geo.understanding.verdict import Judge

__all__ = ["taught_question", "taught_vocabulary"]

_MOST_SENTENCES = 1000
_REQUEST = re.compile(
    r"^(?:(?:(?:can|could|would|will) (?:you|we|i)|(?:i|we)(?:'d| would)? (?:like|need|want|wish)"
    r"(?: to)?|(?:i'm|i am|we're|we are) (?:looking|searching) for|please|kindly|just|only|show"
    r"|find|detect|map|mark|highlight|segment|outline|list|display|give|tell|see|get|me|us"
    r"|(?:where|which|what)(?: (?:are|is|were|was))?|all|any|some|every|each|of)[ ,:]+)+"
)
_ARTICLES = frozenset({"the", "a", "an"})
_SINGULAR_VERBS = {"were": "was", "are": "is", "have": "has"}


def taught_vocabulary(sentences: Iterable[str]) -> dict[str, Any]:
    """Return the entry ``knows`` of a model folder for sentences that the model is trained on.

    Args:
        sentences: as they were trained; repeated ones count once.

    Returns:
        ``sentences``, normalised, and ``nouns``: words that no class has, each its own class.
    """
    texts = list(dict.fromkeys(filter(None, map(normalize, sentences))))[:_MOST_SENTENCES]
    nouns: dict[str, str] = {}
    for text in texts:
        sentence = Sentence(text, english())
        for word in (*sentence.unknown, *sentence.outside):
            nouns[word.removesuffix("s") if not word.endswith("ss") else word] = ""
    return {"sentences": texts, "nouns": nouns}


def taught_question(text: str, judge: Judge) -> Understanding | None:
    """Return the question of a sentence that asks what the model was trained on; None if it is not.

    Rules for the whole scene, a question ("how many …?"), polite words, articles and the number
    (a rank has the singular) do not count.  The prompt is the sentence of the training.

    Args:
        text: a sentence that asks for one change.
        judge: of the model; its verdict on the rules counts.
    """
    if not judge.vocabulary.sentences:
        return None
    query = ChangeQuery.parse(text)
    trained = _by_key(judge.vocabulary.sentences).get(_key(query.prompt))
    if trained is None:
        return None
    # The words that no rule took are known to the model, so nothing is said against them.
    rules = replace(query, prompt="", text="")
    verdict = judge.verdict_on_rules(Sentence("", judge.lexicon), rules)
    found = Understanding(
        text,
        replace(query, prompt=trained),
        verdict.status,
        direction=query.direction,
        doubt=verdict.doubt,
        advice=verdict.advice,
        code=verdict.code,
        values=verdict.values,
    )
    return found.without_rules(judge.rules_without_effect(query))


@lru_cache(maxsize=8)
def _by_key(sentences: frozenset[str]) -> Mapping[str, str]:
    """Return trained sentences by their key; of several, the shortest."""
    texts = sorted(sentences, key=lambda text: (-len(text), text))
    return {key: text for text in texts if (key := _key(text))}


def _key(text: str) -> str:
    """Return what is compared of a sentence: "the water tower that was built"."""
    plain = without_speech(normalize(text)).strip(" .?!,;:")
    words = _REQUEST.sub("", f"{plain} ").split()
    return " ".join(_singular(word) for word in words if word not in _ARTICLES)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if is_plural else _SINGULAR_VERBS.get(word, word)
