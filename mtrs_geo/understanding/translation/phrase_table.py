"""The phrases of one language other than English, read from its file in ``languages/``."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from mtrs_geo.understanding.spelling import one_letter_away

__all__ = ["LANGUAGES", "Phrase", "PhraseTable", "phrase_table"]

LANGUAGES = (
    "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "zh", "ja", "ar", "hi", "id", "sw",
)  # fmt: skip
"""ISO 639-1 codes of the languages that have a file."""

_MAX_WORDS = 12
_MAX_ENDING = 3
_MIN_BEGINNING = 3
"""Least letters in front of the last part of a compound, or none: "install" is no "Stall"."""
_CORRECTED = ("de", "fr", "es", "pt", "it", "nl", "pl", "ru", "id", "sw")
"""Languages in which a typing error is one letter."""
_WITH_ABLAUT = ("de", "nl")
"""Languages in which another vowel makes another verb: "gefällt" is felled, "gefüllt" filled."""
_SHORTEST_CORRECTED = 7
_MARKS = r"\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963"
_TOKEN = re.compile(
    r"\d[/⁄]\d(?!\d)"
    r"|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?(?![.,]?\d)|\d+(?:[.,'’٬٫]\d+)*"
    rf"|k?m2(?!\w)|m\^2|(?:[^\W\d_]|[{_MARKS}])+(?:['’](?=\w))?|->|→|[;:,.!?()、。，；？！؟،।¿¡]"
)
_HIDDEN = re.compile(r"[\u0640\u064b-\u0652\u0670\u200b-\u200f]")
_HIRAGANA = re.compile(r"[\u3041-\u309f]+")


@dataclass(frozen=True)
class Phrase:
    """A known phrase of a sentence, or a stretch of text that the table does not know.

    ``meanings`` holds pairs of a table and an entry, such as ("classes.building", "houses").
    """

    text: str
    meanings: frozenset[tuple[str, str]] = frozenset()

    def entry(self, table: str) -> str | None:
        """Return the entry of a table, such as "near" of "relations"; None if there is none."""
        return next((name for kind, name in sorted(self.meanings) if kind == table), None)

    def has(self, table: str, *entries: str) -> bool:
        """Return whether the phrase means one of the entries; without entries, any of them."""
        return any(kind == table and (not entries or e in entries) for kind, e in self.meanings)

    @property
    def noun(self) -> tuple[str, str] | None:
        """The class and the English noun, or None."""
        for kind, name in sorted(self.meanings):
            if kind.startswith("classes."):
                return kind[8:], name
        return None

    @property
    def is_joint(self) -> bool:
        """Whether the phrase is "and" or "or"."""
        # The French "où" says where; the tables have no accents.
        return self.has("words", "and", "or") and "ù" not in self.text.lower()

    @property
    def is_unknown(self) -> bool:
        """Whether these are words without a meaning in the table."""
        return not self.meanings and any(c.isalpha() for c in self.text)


@dataclass
class _Patterns:
    """Phrases by how their first word matches: as it is, by its beginning or by its end."""

    exact: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    ends: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, words: tuple[str, ...]) -> None:
        first = words[0]
        if first.startswith("*"):
            self.ends.setdefault(first.strip("*"), []).append(words)
        elif first.endswith("*"):
            self.stems.setdefault(first[:-1], []).append(words)
        else:
            self.exact.setdefault(first, []).append(words)

    def starting(
        self, word: str, *, has_ends: bool = True
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the phrases that may begin with a word, each with how exact the match is."""
        for words in self.exact.get(word, ()):
            yield 1000, words
        for cut in (0, *range(_MIN_BEGINNING, min(len(word), 40))) if has_ends else ():
            for words in self.ends.get(word[cut:], ()):
                yield 500 - cut, words
        for ending in range(min(_MAX_ENDING, len(word) - 1) + 1):
            for words in self.stems.get(word[: len(word) - ending], ()):
                yield 100 - ending, words


@dataclass(frozen=True)
class PhraseTable:
    """The phrases, the spelling and the messages of one language."""

    code: str
    name: str
    decimal: str
    spaces: bool
    meanings: Mapping[tuple[str, ...], frozenset[tuple[str, str]]]
    messages: Mapping[str, str]
    spelling: Mapping[str, str]
    alternatives: Mapping[str, str]
    prefixes: tuple[str, ...]
    negative_prefixes: tuple[str, ...]
    plural: tuple[str, ...]
    """Endings that only the plural of a noun has, where a question word has no number."""
    verb_last: bool
    no_search: Mapping[str, str]
    """Phrases of `mtrs_geo.understanding.translation.no_search` by entry, as in the file."""
    patterns: _Patterns = field(repr=False, compare=False)

    def tokens(self, text: str) -> list[str]:
        """Split a text into words and marks, as the user wrote them."""
        return _tokens(text, spaces=self.spaces)

    def words(self, text: str) -> list[str]:
        """Split a text into words and marks in the spelling of the tables."""
        return [_folded(token, self.spelling) for token in self.tokens(text)]

    def phrases(self, text: str) -> list[Phrase]:
        """Split a text into known phrases, as few as cover most of it; other words stand alone."""
        tokens = self.tokens(text)
        options = [self._spellings(token) for token in tokens]
        # From the end: unknown words and phrases of the rest, and the phrase that begins here.
        best: list[tuple[int, int, tuple[str, ...] | None]] = [(0, 0, None)]
        for start in range(len(tokens) - 1, -1, -1):
            unknown, count, _ = best[-1]
            chosen: tuple[int, int, tuple[str, ...] | None]
            chosen = (unknown + tokens[start][0].isalpha(), count + 1, None)
            for words in self._matches(options, start):
                unknown, count, _ = best[-len(words)]
                if (unknown, count + 1) < chosen[:2] or chosen[2] is None:
                    chosen = (unknown, count + 1, words)
            best.append(chosen)
        found: list[Phrase] = []
        start = 0
        while start < len(tokens):
            phrase = best[len(tokens) - start][2]
            end = start + (len(phrase) if phrase else 1)
            surface = (" " if self.spaces else "").join(tokens[start:end])
            found.append(Phrase(surface, self._meanings(phrase, options[start][0])))
            start = end
        return found if self.spaces else _joined(found)

    def corrected(self, word: str) -> str | None:
        """Return the noun or the change that is one letter away from a word, or None.

        None if there are several that mean different things.
        """
        plain = _folded(word, self.spelling)
        is_long = len(plain) >= _SHORTEST_CORRECTED and plain.isalpha()
        if self.code not in _CORRECTED or not is_long:
            return None
        found: dict[str, frozenset[tuple[str, str]]] = {}
        for other in one_letter_away(plain, has_vowels=self.code not in _WITH_ABLAUT):
            for _, words in self.patterns.starting(other, has_ends=False):
                meant = frozenset(m for m in self.meanings[words] if _is_meant(m))
                if len(words) == 1 and meant and len(words[0]) >= _SHORTEST_CORRECTED - 1:
                    found.setdefault(other, meant)
        return next(iter(found)) if len({*found.values()}) == 1 else None

    def _meanings(self, words: tuple[str, ...] | None, first: str) -> frozenset[tuple[str, str]]:
        if words is None:
            return frozenset()
        is_negative = words[0].startswith("*") and first.startswith(self.negative_prefixes)
        return self.meanings[words] | ({("words", "negation")} if is_negative else frozenset())

    def _spellings(self, token: str) -> list[str]:
        word = _folded(token, self.spelling)
        spellings = [word]
        other = word
        for old, new in self.alternatives.items():
            other = other.replace(old, new)
        if other != word:
            spellings.append(other)
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) > len(prefix) + 1:
                spellings.append(word[len(prefix) :])
        return spellings

    def _matches(self, options: Sequence[Sequence[str]], start: int) -> Iterator[tuple[str, ...]]:
        """Return the best phrase of each length that begins at ``start``, long ones first."""
        if not self.spaces:
            plain = tuple(spellings[0] for spellings in options[start : start + _MAX_WORDS])
            lengths = range(len(plain), 0, -1)
            return (plain[:length] for length in lengths if plain[:length] in self.meanings)
        best: dict[int, tuple[int, tuple[str, ...]]] = {}
        for rank, word in enumerate(options[start]):
            for score, words in self.patterns.starting(word):
                rest = options[start + 1 : start + len(words)]
                if len(rest) < len(words) - 1 or not _follows(words[1:], rest):
                    continue
                last = best.get(len(words))
                if last is None or score - rank > last[0]:
                    best[len(words)] = score - rank, words
        return (best[length][1] for length in sorted(best, reverse=True))


@cache
def phrase_table(code: str) -> PhraseTable:
    """Return the phrases of a language.

    Args:
        code: one of `LANGUAGES`.
    """
    path = files("mtrs_geo.understanding").joinpath("languages", f"{code}.toml")
    tables = tomllib.loads(path.read_text("utf-8"))
    language, spelling = tables.pop("language"), tables.pop("spelling", {})
    messages, no_search = tables.pop("messages"), tables.pop("no_search", {})
    spaces = language.get("spaces", True)
    meanings: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    patterns = _Patterns()
    nouns, markers = tables.pop("disasters", {}), tables.pop("disaster_markers", {})
    for table, name, listed in (*_entries(tables), *_disasters(nouns, markers)):
        for phrase in _folded(listed, spelling).split(","):
            words = _pattern(phrase, spaces=spaces)
            if words and words not in meanings:
                patterns.add(words)
            if words:
                meanings.setdefault(words, set()).add((table, name))
    for phrase in _folded(nouns.get("flood", ""), spelling).split(","):
        meanings.get(_pattern(phrase, spaces=spaces), set()).add(("disasters", "flood"))
    _mark_images(meanings)
    _mark_joined(meanings)
    _mark_comparatives(meanings)
    _mark_where(meanings)
    return PhraseTable(
        code, language["name"], language["decimal"], spaces,
        {words: frozenset(found) for words, found in meanings.items()},
        messages, spelling, language.get("alternatives", {}),
        tuple(sorted(language.get("prefixes", ()), key=len, reverse=True)),
        tuple(language.get("negative_prefixes", ())), tuple(language.get("plural", ())),
        language.get("verb_last", False), no_search, patterns,
    )  # fmt: skip


def _mark_images(meanings: Mapping[tuple[str, ...], set[tuple[str, str]]]) -> None:
    """Mark images and dates as words of requests, which name no thing."""
    for found in meanings.values():
        if ("words", "images") in found:
            found.add(("words", "requests"))


def _mark_joined(meanings: Mapping[tuple[str, ...], set[tuple[str, str]]]) -> None:
    """Mark comparisons such as "or more" with the entry of their first word, "and" or "or"."""
    for words, found in meanings.items():
        joints = {name for table, name in meanings.get(words[:1], ()) if table == "words"}
        if len(words) > 1 and any(table == "sizes_after" for table, _ in found):
            found |= {("joined", name) for name in joints & {"and", "or"}}


def _mark_comparatives(meanings: Mapping[tuple[str, ...], set[tuple[str, str]]]) -> None:
    """Mark positions such as "más al norte", which only an article makes a superlative."""
    if any(("words", "definite") in found for found in meanings.values()):
        for found in meanings.values():
            names = {name for table, name in found if table == "ranks" and name.endswith("most")}
            found |= {("comparatives", name) for name in names}


def _mark_where(meanings: Mapping[tuple[str, ...], set[tuple[str, str]]]) -> None:
    """Mark phrases such as "where now" with the entry of their first word, "where"."""
    where = {words for words, found in meanings.items() if ("transitions", "where") in found}
    for words, found in meanings.items():
        begins = any(words[:k] in where for k in range(1, len(words)))
        if begins and ("transitions", "became") in found:
            found.add(("transitions", "where"))


def _entries(tables: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str, str]]:
    for table, entries in tables.items():
        for name, value in entries.items():
            if isinstance(value, Mapping):
                yield from ((f"{table}.{name}", noun, str(v)) for noun, v in value.items())
            else:
                yield table, name, str(value)


def _disasters(
    nouns: Mapping[str, str], markers: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield "after the flood" and the like: each marker, with "…" for the noun, with each noun."""
    for name, listed in nouns.items():
        for marker, found in markers.items():
            phrases = (
                pattern.strip().replace("…", noun.strip())
                for pattern in found.split(",")
                for noun in listed.split(",")
            )
            yield "circumstances", f"{marker} the {name}", ",".join(phrases)


def _pattern(phrase: str, *, spaces: bool) -> tuple[str, ...]:
    """Return the words of a phrase of a table, whose spelling is already even."""
    words: list[str] = []
    for part in phrase.split():
        plain = part.strip("*")
        if spaces and plain.isalpha():
            words.append(part)
            continue
        # A letter behind an apostrophe, as in sentences, keeps the two together: "d'".
        tokens = _tokens(plain + ("x" if part.endswith("'") else ""), spaces=spaces)
        tokens = tokens[:-1] if part.endswith("'") else tokens
        if tokens and part.startswith("*"):
            tokens[0] = "*" + tokens[0]
        if tokens and part.endswith("*"):
            tokens[-1] += "*"
        words += tokens
    return tuple(words[:_MAX_WORDS])


def _is_meant(meaning: tuple[str, str]) -> bool:
    return meaning[0] == "changes" or meaning[0].startswith("classes.")


def _follows(words: Sequence[str], options: Sequence[Sequence[str]]) -> bool:
    return all(
        any(_equal(word, option) for option in spellings)
        for word, spellings in zip(words, options, strict=True)
    )


def _equal(pattern: str, word: str) -> bool:
    if pattern.endswith("*") and not pattern.startswith("*"):
        return word.startswith(pattern[:-1]) and len(word) - len(pattern) < _MAX_ENDING
    return word.endswith(pattern[1:]) if pattern.startswith("*") else pattern == word


def _tokens(text: str, *, spaces: bool) -> list[str]:
    plain = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    found = _TOKEN.findall(plain)
    if spaces:
        return found
    return [part for token in found for part in (list(token) if _is_dense(token) else [token])]


def _is_dense(token: str) -> bool:
    return token[0].isalpha() and not token.isascii()


def _folded(token: str, spelling: Mapping[str, str]) -> str:
    """Return a token in lower case, without the accents of Latin letters."""
    word = token.casefold().replace("’", "'")
    for old, new in spelling.items():
        word = word.replace(old, new)
    if any("\u00c0" <= c < "\u0250" or "\u1e00" <= c < "\u1f00" for c in word):
        plain = unicodedata.normalize("NFD", word)
        word = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    return word


def _joined(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Join unknown characters to words; a known single character next to one is part of it.

    Hiragana that are not known are endings and particles, which stand alone without a meaning.
    """
    found: list[Phrase] = []
    for phrase in phrases:
        last = found[-1] if found else None
        unknown = phrase.is_unknown and not _HIRAGANA.fullmatch(phrase.text)
        if last is not None and _is_part(last, phrase, unknown=unknown):
            found[-1] = Phrase(last.text + phrase.text)
        elif phrase.is_unknown and not unknown:
            found.append(Phrase(phrase.text, frozenset({("words", "function")})))
        else:
            found.append(phrase)
    return found


def _is_part(last: Phrase, phrase: Phrase, *, unknown: bool) -> bool:
    """Return whether two neighbours are one unknown word."""
    short_noun = len(phrase.text) == 1 and phrase.noun is not None
    if last.is_unknown:
        return unknown or short_noun
    return unknown and len(last.text) == 1 and last.noun is not None
