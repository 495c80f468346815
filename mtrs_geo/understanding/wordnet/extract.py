"""Write ``nouns.toml`` and ``modifiers.txt`` from WordNet 3.0 (Debian's package wordnet-base).

Example: ``python -m mtrs_geo.understanding.wordnet.extract /usr/share/wordnet``.

A noun belongs to a class if its first sense, the most frequent one, is a kind of one of ``ROOTS``.
Names of single places, scientific names and words that are verbs or adjectives too are left out.
A modifier is an adjective or adverb that is neither a noun nor a form of a verb.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

__all__ = ["class_nouns", "modifiers", "write_modifiers", "write_nouns"]

ROOTS: Mapping[str, tuple[str, ...]] = {
    "building": ("building", "housing", "dwelling", "tower", "place_of_business"),
    "road": ("road", "path:1", "pavement", "paved_surface", "parking_lot"),
    "vegetation": (
        "vegetation", "woody_plant", "herb", "forest", "forest:1", "grassland", "lawn", "garden",
        "garden:1", "field", "orchard", "greenery", "greensward",
    ),
    "water": ("body_of_water", "reservoir:1", "canal", "pool"),
    "bare": ("soil:1", "sand", "clearing", "desert", "quarry:1"),
}  # fmt: skip
"""Nouns of WordNet per class, with the number of the sense if it is not the first."""
EXCLUDED = (
    "railway", "lane", "crossing", "sea_lane", "trade_route", "skittle_alley", "kitty_litter",
    "quarters", "cabin_class", "tourist_class", "home_theater", "rain_barrel", "waterfall",
    "water_jump", "tidewater", "shooting_gallery", "rooms", "mid-water", "lager:1", "dollhouse",
    "supporting_tower", "power_pylon", "mooring_tower", "beacon", "pinnacle", "market", "cabaret",
)  # fmt: skip
"""Nouns that, with their kinds, are nothing that one of the classes stands for."""
OF_STANDING = (
    "absent", "always", "constant", "constantly", "everlasting", "ever", "extant", "extinct",
    "immutable", "imperishable", "indestructible", "intact", "invariable", "invariably", "never",
    "perennial", "permanent", "permanently", "pristine", "rarely", "seldom", "steadfast",
    "immune", "safe",
)  # fmt: skip
"""Modifiers that say that something stays or is not there."""
_HEADER = """\
# {title} of WordNet 3.0, written by `python -m mtrs_geo.understanding.wordnet.extract`.
# WordNet is (c) 2006 Princeton University; its licence is in the file LICENSE beside this one.
"""


class _WordNet:
    """The nouns of WordNet's database files."""

    def __init__(self, folder: Path) -> None:
        self.senses = {row[0]: row[-int(row[2]) :] for row in _rows(folder / "index.noun")}
        self.other = {row[0] for kind in ("verb", "adj") for row in _rows(folder / f"index.{kind}")}
        self.spelled: dict[str, tuple[str, ...]] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        self.named: set[str] = set()
        for row in _rows(folder / "data.noun"):
            synset, count = row[0], int(row[3], 16)
            self.spelled[synset] = tuple(row[4 : 4 + 2 * count : 2])
            first = 5 + 2 * count
            links = [row[first + 4 * i : first + 4 * i + 2] for i in range(int(row[first - 1]))]
            self.parents[synset] = tuple(to for kind, to in links if kind == "@")
            if any(kind == "@i" for kind, _ in links):
                self.named.add(synset)

    def synset(self, name: str) -> str:
        """Return the synset of "path:1", the second sense of "path"."""
        noun, _, sense = name.partition(":")
        return self.senses[noun][int(sense or 0)]

    def class_of(self, synset: str, roots: Mapping[str, str]) -> str:
        """Return the class of the nearest root above a synset, or an empty text."""
        if synset in roots:
            return roots[synset]
        found = (self.class_of(parent, roots) for parent in self.parents[synset])
        return next((name for name in found if name), "")

    def is_scientific(self, noun: str, synset: str) -> bool:
        """Return whether a noun is a name such as "Quercus alba"."""
        spelled = next(word for word in self.spelled[synset] if word.lower() == noun)
        return spelled[0].isupper() and "_" in noun and noun.rsplit("_", 1)[1] not in self.senses


def _rows(path: Path) -> Iterator[list[str]]:
    """Yield the fields of the lines below the licence."""
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("  "):
            yield line.split("|")[0].split()


def class_nouns(folder: Path) -> dict[str, list[str]]:
    """Return the nouns of each class.

    Args:
        folder: has ``index.noun``, ``index.verb``, ``index.adj`` and ``data.noun``.
    """
    wordnet = _WordNet(folder)
    roots = {wordnet.synset(noun): name for name, nouns in ROOTS.items() for noun in nouns}
    roots |= {wordnet.synset(noun): "" for noun in EXCLUDED}
    found: dict[str, list[str]] = {name: [] for name in ROOTS}
    for noun, senses in sorted(wordnet.senses.items()):
        name = wordnet.class_of(senses[0], roots)
        if (
            name
            and senses[0] not in wordnet.named
            and noun not in wordnet.other
            and re.fullmatch(r"[a-z_'-]+", noun)
            and not wordnet.is_scientific(noun, senses[0])
        ):
            found[name].append(noun.replace("_", " "))
    return found


def modifiers(folder: Path) -> list[str]:
    """Return the adjectives and adverbs that are neither nouns nor forms of verbs.

    Args:
        folder: has ``index.adj``, ``index.adv``, ``index.noun``, ``index.verb`` and ``verb.exc``.
    """
    words = {
        kind: {row[0] for row in _rows(folder / f"index.{kind}")}
        for kind in ("adj", "adv", "noun", "verb")
    }
    irregular = {row[0] for row in _rows(folder / "verb.exc")}
    found = (words["adj"] | words["adv"]) - words["noun"] - words["verb"] - irregular
    return sorted(
        word
        for word in found
        if re.fullmatch(r"[a-z]{4,}", word)
        and not word.endswith(("ed", "ing", "less", "lessly"))
        and not word.startswith(("un", "non"))
        and word not in OF_STANDING
    )


def write_nouns(folder: Path, target: Path) -> None:
    """Write the nouns of each class as TOML.

    Args:
        folder: files of WordNet.
        target: the TOML file.
    """
    lines = [_HEADER.format(title="Nouns per class")]
    for name, nouns in class_nouns(folder).items():
        lines += [f"{name} = [", *_rows_of(f'"{noun}",' for noun in nouns), "]"]
    target.write_text("\n".join(lines) + "\n", "utf-8")


def write_modifiers(folder: Path, target: Path) -> None:
    """Write the adjectives and adverbs as words between spaces, below the licence.

    Args:
        folder: files of WordNet.
        target: the text file.
    """
    lines = [_HEADER.format(title="Adjectives and adverbs"), *_rows_of(modifiers(folder))]
    target.write_text("\n".join(lines) + "\n", "utf-8")


def _rows_of(words: Iterable[str]) -> Iterator[str]:
    """Yield lines of at most 99 characters."""
    row = " "
    for word in words:
        if len(row) + len(word) > 98:
            yield row
            row = " "
        row += f" {word}"
    yield row


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="files of WordNet 3.0")
    arguments = parser.parse_args()
    write_nouns(arguments.folder, Path(__file__).with_name("nouns.toml"))
    write_modifiers(arguments.folder, Path(__file__).with_name("modifiers.txt"))
