"""A describer that reads class maps: no picture is looked at and no language model is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from mtrs_geo.craft.backends.contract import (
    Described,
    GridCell,
    Judgement,
    PairImages,
    Proposal,
    Review,
    Rewrite,
)
from mtrs_geo.craft.backends.rules.evidence import Evidence
from mtrs_geo.craft.backends.rules.meaning import meant_instances
from mtrs_geo.craft.backends.rules.relations import (
    locate_in_words,
    place_words,
    rank_sentence,
    without_cell,
)
from mtrs_geo.craft.backends.rules.themes import (
    PLACE_OF_CELL,
    Theme,
    covered,
    locate,
    theme_of,
    themes_of,
)
from mtrs_geo.craft.backends.rules.wording import seeded, theme_sentence
from mtrs_geo.craft.project.records import CELLS, Origin
from mtrs_geo.data.sentences.instances import Instance
from mtrs_geo.data.sentences.select import extreme_instance, instances_in_place, union
from mtrs_geo.types import BoolArray

__all__ = ["RuleDescriber", "SecondOpinion"]

SecondOpinion = Callable[[PairImages, Proposal], BoolArray]
"""Segments the final sentence in another way."""
_MOST_CERTAIN, _LEAST_CERTAIN = 0.97, 0.5
_NOT_UNDERSTOOD = 0.6
_EMPTY_CERTAIN, _EMPTY_OPEN = 0.9, 0.75


class RuleDescriber:
    """Writes about the themes of the class maps of a pair.

    Args:
        origin: who it is.
        evidence: returns what is known of a pair.
        seed: the same seed gives the same sentences.
        second: a further segmentation, whose agreement with the mask counts in `verify`.
    """

    def __init__(
        self,
        origin: Origin,
        evidence: Callable[[PairImages], Evidence],
        seed: int = 0,
        second: SecondOpinion | None = None,
    ) -> None:
        self.origin = origin
        self._evidence, self._seed, self._second = evidence, seed, second

    def describe(self, pair: PairImages, cells: Sequence[GridCell]) -> list[Described]:
        """Return the themes that have the centre of an instance in each cell."""
        evidence = self._evidence(pair)
        answers = [
            Described(cell.name, tuple(self._proposals(pair, evidence, cell))) for cell in cells
        ]
        everywhere = tuple(self._over_all_cells(pair, evidence, answers))
        first = next((i for i, answer in enumerate(answers) if answer.proposals), None)
        if first is not None:
            found = answers[first]
            answers[first] = Described(found.cell, found.proposals + everywhere)
        return answers

    def review(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> Review:
        """Compare the mask with what the words of the cell mean."""
        evidence = self._evidence(pair)
        theme = theme_of(evidence, proposal)
        if not mask.any() or theme is None:
            return Review("no_change", note="no pixel of the class maps matches")
        selected = covered(theme.instances, mask)
        place = PLACE_OF_CELL.get(proposal.cell)
        if place is None or proposal.cell not in proposal.sentence:
            return Review("accept")
        inside = instances_in_place(theme.instances, place)
        if inside and {id(i) for i in inside} != {id(i) for i in selected}:
            note = f"{len(inside)} are in the {place}, the mask has {len(selected)}"
            return Review("change_mask", hint=place, note=note)
        return Review("accept")

    def rewrite(
        self, pair: PairImages, proposal: Proposal, mask: BoolArray, others: Sequence[BoolArray]
    ) -> Rewrite:
        """Replace the cell by a relation, a rank or a place that only the mask's instances have."""
        evidence = self._evidence(pair)
        rng = seeded(self._seed, pair.name, "rewrite", proposal.sentence)
        theme = theme_of(evidence, proposal)
        selected = covered(theme.instances, mask) if theme else []
        if theme is None or not selected:
            return Rewrite(without_cell(proposal.sentence), "no instance below the mask")
        found = locate_in_words(theme, selected, evidence, rng)
        if found is not None:
            return Rewrite(found.sentence, f"exact: {found.how}")
        plain, words = without_cell(proposal.sentence), place_words(proposal.cell, rng)
        return Rewrite(f"{plain} in the {words}" if words else plain, "no words are exact")

    def verify(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> list[Judgement]:
        """Read the sentence back into pixels, and compare them with the mask."""
        evidence = self._evidence(pair)
        meant = meant_instances(proposal.sentence, evidence)
        if not mask.any():
            return self._verify_empty(meant)
        right = self._share_of_changed(pair, proposal, mask, evidence)
        if meant is None:
            return [
                _judgement("mask", right),
                Judgement("sentence", yes=True, confidence=_NOT_UNDERSTOOD),
                Judgement("complete", yes=True, confidence=_NOT_UNDERSTOOD),
            ]
        asked = union(meant, (mask.shape[0], mask.shape[1]))
        shared = float(np.count_nonzero(asked & mask))
        precision = shared / int(np.count_nonzero(mask))
        recall = shared / max(int(np.count_nonzero(asked)), 1)
        certainty = float(evidence.probability[mask].mean())
        return [
            _judgement("mask", right),
            _judgement("sentence", precision * certainty),
            _judgement("complete", recall * certainty),
        ]

    def _verify_empty(self, meant: list[Instance] | None) -> list[Judgement]:
        certain = _EMPTY_OPEN if meant is None else _EMPTY_CERTAIN
        questions: tuple[Literal["mask", "sentence", "complete"], ...] = (
            "mask", "sentence", "complete",
        )  # fmt: skip
        return [Judgement(q, yes=not meant, confidence=certain) for q in questions]

    def _share_of_changed(
        self, pair: PairImages, proposal: Proposal, mask: BoolArray, evidence: Evidence
    ) -> float:
        """Return how probable the change is below a mask, and whether a second mask agrees."""
        theme = theme_of(evidence, proposal)
        changed = union(theme.instances, evidence.classes.changed.shape) if theme else ~mask
        share = float((evidence.probability * changed)[mask].mean())
        if self._second is None:
            return share
        other = self._second(pair, proposal)
        agreement = int(np.count_nonzero(other & mask)) / int(np.count_nonzero(other | mask))
        return (share + agreement) / 2

    def _proposals(
        self, pair: PairImages, evidence: Evidence, cell: GridCell
    ) -> Iterator[Proposal]:
        for theme in themes_of(evidence):
            place = Proposal("", theme.change_type, theme.object_class, "", cell.box)
            instances = locate(theme.instances, place)
            if instances:
                yield self._proposal(pair, evidence, theme, instances, cell.name)

    def _over_all_cells(
        self, pair: PairImages, evidence: Evidence, answers: Sequence[Described]
    ) -> Iterator[Proposal]:
        """Propose all instances of a theme that several cells have, and the clear largest."""
        found = [proposal for answer in answers for proposal in answer.proposals]
        for theme in themes_of(evidence):
            kind = (theme.change_type, theme.object_class)
            cells = [p for p in found if (p.change_type, p.object_class) == kind]
            if len(cells) < 2:
                continue
            yield self._proposal(pair, evidence, theme, theme.instances, "")
            largest = extreme_instance(theme.instances, "largest")
            if largest is not None and len(theme.instances) > 2:
                yield self._proposal(pair, evidence, theme, [largest], "", "the largest of {x}")

    def _proposal(
        self, pair: PairImages, evidence: Evidence, theme: Theme,
        instances: Sequence[Instance], cell: str, lead: str = "",
    ) -> Proposal:  # fmt: skip
        rng = seeded(self._seed, pair.name, theme.change_type, theme.object_class, cell, lead)
        if lead:
            text = rank_sentence(lead, theme, evidence, rng)
        else:
            text = theme_sentence(theme, instances, evidence, rng)
        where = f" in the {cell}" if cell in CELLS else f" in {cell}" if cell else ""
        return Proposal(
            f"{text}{where}", theme.change_type, theme.object_class, cell, _box(instances)
        )


def _judgement(question: Literal["mask", "sentence", "complete"], chance: float) -> Judgement:
    """Return an answer from the chance that it is yes."""
    confidence = min(max(chance, 1 - chance, _LEAST_CERTAIN), _MOST_CERTAIN)
    return Judgement(question, yes=chance >= 0.5, confidence=confidence)


def _box(instances: Sequence[Instance]) -> tuple[int, int, int, int]:
    windows = [i.window for i in instances]
    return (
        min(rows.start for rows, _ in windows),
        min(cols.start for _, cols in windows),
        max(rows.stop for rows, _ in windows),
        max(cols.stop for _, cols in windows),
    )
