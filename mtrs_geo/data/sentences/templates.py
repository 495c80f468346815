"""Templates: built from relative clauses, and filled so that number, article and verb agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtrs_geo.data.sentences.wording import Noun

__all__ = [
    "AFTER_WORDS",
    "BEFORE_WORDS",
    "NounPhrase",
    "clause_templates",
    "fill",
    "fill_noun",
    "verb_clauses",
    "visible_clauses",
    "with_article",
]

_SINGULAR_VERBS = {
    "were": "was", "have": "has", "are": "is", "exist": "exists", "differ": "differs",
    "lie": "lies",
}  # fmt: skip

_SINCE = (
    "",
    " since then",
    " since the first image",
    " since the earlier date",
    " between the two dates",
    " between the images",
    " after the first picture was taken",
    " by the second date",
    " by the time of the later image",
    " over the years",
    " over time",
    " lately",
)
AFTER_WORDS = (
    "in the second image",
    "in the later picture",
    "in the newer image",
    "in the recent photo",
    "at the second date",
    "at the later date",
    "afterwards",
    "today",
    "now",
    "in the second one",
    "in image two",
    "on the new imagery",
)
"""Adverbials for the later date, in the order of `BEFORE_WORDS`."""
BEFORE_WORDS = (
    "in the first image",
    "in the earlier picture",
    "in the older image",
    "in the old photo",
    "at the first date",
    "at the earlier date",
    "previously",
    "earlier",
    "back then",
    "in the first one",
    "in image one",
    "on the old imagery",
)
"""Adverbials for the earlier date."""
_VISIBLE = ("visible", "present", "there", "seen", "shown", "found", "standing")
_FRAMES = (
    "{n} that {x}",
    "the {n} that {x}",
    "{n} which {x}",
    "all the {n} that {x}",
    "where are the {n} that {x}?",
    "show {n} that {x}",
    "find the {n} which {x}",
)


@dataclass(frozen=True)
class NounPhrase:
    """A noun with its number and an optional adjective."""

    noun: Noun
    is_one: bool
    """Whether it names one object; False for several, or for a mass noun."""
    adjective: str = ""

    @property
    def text(self) -> str:
        """The words without an article."""
        word = self.noun.singular if self.is_one else self.noun.plural_or_mass
        return f"{self.adjective} {word}".strip()

    @property
    def has_singular_verb(self) -> bool:
        """Whether its verb is in the singular."""
        return self.is_one or self.noun.is_mass


def verb_clauses(verbs: Sequence[str]) -> list[str]:
    """Return relative clauses: every verb with every adverbial of time."""
    return [verb + since for verb in verbs for since in _SINCE]


def visible_clauses(visible: Sequence[str], missing: Sequence[str]) -> list[str]:
    """Return relative clauses about an object that is visible at one date only.

    Args:
        visible: adverbials for the date at which the object is visible.
        missing: adverbials for the other date, as many.
    """
    return [
        clause
        for seen in _VISIBLE
        for here, there in zip(visible, missing, strict=True)
        for clause in (
            f"are {seen} only {here}",
            f"are {seen} {here} but not {there}",
            f"are not {seen} {there} but are {here}",
            f"are missing {there} and {seen} {here}",
            f"one sees {here} and not {there}",
            f"exist {here}, not {there}",
        )
    ]


def clause_templates(clauses: Sequence[str]) -> list[str]:
    """Return one template with a noun {n} per relative clause.

    Each clause gets one frame, in rotation, which limits the number of templates to thousands.
    """
    return [_FRAMES[i % len(_FRAMES)].replace("{x}", x) for i, x in enumerate(clauses)]


def with_article(phrase: NounPhrase) -> str:
    """Return "a parking lot", "parking lots" or "grass"."""
    text = phrase.text
    if not phrase.is_one or phrase.noun.is_mass:
        return text
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"


def fill(template: str, head: NounPhrase, **others: str) -> str:
    """Put the head noun and other words into a template.

    Args:
        template: in the plural; {n}, {a} and {b} are the head unless ``others`` has them.
        head: subject of the sentence; the verbs agree with its number.
        others: words for the other slots of the template.
    """
    if head.has_singular_verb:
        template = " ".join(_in_singular(word) for word in template.split(" "))
    slots = {"n": head.text, "a": head.text, "b": head.text, **others}
    return template.format(**slots)


def fill_noun(template: str, phrase: NounPhrase) -> str:
    """Put a noun phrase into the slot {n} and correct its number for the template."""
    # The building vocabulary has singular frames: "every new {n}".
    is_each = any(f"{word} " in template for word in ("every", "each"))
    # A countable noun in the singular needs an article.
    is_one = (phrase.is_one and "the {n}" in template) or is_each
    return fill(template, replace(phrase, is_one=is_one and not phrase.noun.is_mass))


def _in_singular(word: str) -> str:
    bare = word.rstrip("?,.")
    return _SINGULAR_VERBS.get(bare, bare) + word[len(bare) :]
