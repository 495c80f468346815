"""Grammar: templates filled so that number, article and verb agree."""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.data.sentences.wording import Noun

__all__ = ["Named", "fill", "with_article"]

_SINGULAR_VERBS = {
    "were": "was", "have": "has", "are": "is", "exist": "exists", "differ": "differs",
    "lie": "lies",
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A noun as a sentence uses it: which adjective, and whether one thing or several."""

    noun: Noun
    is_one: bool
    adjective: str = ""

    @property
    def text(self) -> str:
        """The words without an article."""
        word = self.noun.singular if self.is_one else self.noun.many
        return f"{self.adjective} {word}".strip()

    @property
    def is_singular(self) -> bool:
        """Whether its verb stands in the singular."""
        return self.is_one or self.noun.is_mass


def with_article(named: Named) -> str:
    """Return "a parking lot", "parking lots" or "grass"."""
    text = named.text
    if not named.is_one or named.noun.is_mass:
        return text
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"


def fill(template: str, head: Named, **others: str) -> str:
    """Put the head noun and other words into a template.

    Args:
        template: in the plural; {n} is the head where {a} and {b} are not named in ``others``.
        head: what the sentence speaks of; its number turns the verbs.
        others: words for the remaining places of the template.
    """
    if head.is_singular:
        template = " ".join(_turned(word) for word in template.split(" "))
    places = {"n": head.text, "a": head.text, "b": head.text, **others}
    return template.format(**places)


def _turned(word: str) -> str:
    bare = word.rstrip("?,.")
    return _SINGULAR_VERBS.get(bare, bare) + word[len(bare) :]
