"""How far auditors agree: Cohen's kappa, Krippendorff's alpha, IoU of their masks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.items import read_mask

__all__ = [
    "QUESTIONS",
    "Agreement",
    "MaskAgreement",
    "Opinion",
    "PairOfAuditors",
    "cohen_kappa",
    "krippendorff_alpha",
    "mask_agreement",
    "measure_agreement",
    "read_opinions",
]

QUESTIONS = ("mask", "sentence", "complete", "accepted")
"""The three questions, and whether all three answers are yes."""

_VERDICTS = """SELECT v.item_id, v.auditor, v.round_number, v.mask_right, v.sentence_right,
    v.complete, r.mask_id, r.sentence, (SELECT MAX(b.number) FROM rounds AS b LEFT JOIN edits AS e
        ON e.item_id = b.item_id AND e.round_number = b.number
        WHERE b.item_id = v.item_id AND b.number <= v.round_number AND e.auditor IS NULL) AS base
    FROM standing_verdicts AS v JOIN rounds AS r
        ON r.item_id = v.item_id AND r.number = v.round_number
    WHERE v.item_id IN (SELECT item_id FROM standing_verdicts GROUP BY item_id
        HAVING COUNT(DISTINCT auditor) > 1)
    AND v.item_id IN (SELECT id FROM items WHERE NOT is_gold) ORDER BY v.created"""
_BASES = "SELECT mask_id, sentence FROM rounds WHERE item_id = ? AND number = ?"


@dataclass(frozen=True)
class Opinion:
    """What one auditor thinks of the round that the stages made."""

    item_id: int
    base_round: int
    auditor: str
    answers: tuple[bool, bool, bool, bool]
    """In the order of `QUESTIONS`.  Who edits a mask or a sentence finds that it was wrong."""
    mask_id: int | None
    """The mask that the auditor accepted, or judged."""
    accepts: bool
    """Whether the verdict, after any edits, is a yes to all three."""


@dataclass(frozen=True)
class PairOfAuditors:
    """Two auditors who judged the same items."""

    auditors: tuple[str, str]
    items: int
    kappa: tuple[float, ...]
    """Cohen's kappa in the order of `QUESTIONS`; NaN where both always gave one answer."""
    agreement: float
    """Share of the items that both accept or both do not."""


@dataclass(frozen=True)
class Agreement:
    """Agreement over all auditors."""

    items: int
    """Judged by two auditors or more."""
    alpha: tuple[float, ...]
    """Krippendorff's alpha in the order of `QUESTIONS`; NaN without variation."""
    pairs: tuple[PairOfAuditors, ...]


@dataclass(frozen=True)
class MaskAgreement:
    """Masks that two auditors accepted for the same item."""

    items: int
    iou: float
    """Mean; NaN without items."""
    edited: int
    """Items whose two masks come from different rounds."""
    edited_iou: float


def read_opinions(project: Project) -> list[Opinion]:
    """Return the last opinion of every auditor on items that two or more have judged."""
    found: dict[tuple[int, int, str], Opinion] = {}
    for row in project.connection.execute(_VERDICTS):
        answers = [bool(row[name]) for name in ("mask_right", "sentence_right", "complete")]
        accepts = all(answers)
        if row["base"] != row["round_number"]:
            base = project.connection.execute(_BASES, (row["item_id"], row["base"])).fetchone()
            answers[0] &= base["mask_id"] == row["mask_id"]
            answers[1] &= base["sentence"] == row["sentence"]
        opinion = Opinion(
            row["item_id"], row["base"], row["auditor"],
            (answers[0], answers[1], answers[2], all(answers)), row["mask_id"], accepts,
        )  # fmt: skip
        found[opinion.item_id, opinion.base_round, opinion.auditor] = opinion
    return list(found.values())


def measure_agreement(opinions: Sequence[Opinion]) -> Agreement:
    """Return kappa per pair of auditors and alpha over all, per question."""
    by_unit = _by_unit(opinions)
    auditors = sorted({opinion.auditor for opinion in opinions})
    shared: dict[tuple[str, str], list[tuple[Opinion, Opinion]]] = defaultdict(list)
    for unit in by_unit:
        for a, b in combinations(sorted(unit), 2):
            shared[a, b].append((unit[a], unit[b]))
    pairs = []
    for names, both in sorted(shared.items()):
        answers = np.array([(a.answers, b.answers) for a, b in both])  # (items, 2, questions)
        kappa = tuple(
            cohen_kappa(answers[:, 0, q], answers[:, 1, q]) for q in range(len(QUESTIONS))
        )
        same = float(np.mean(answers[:, 0, -1] == answers[:, 1, -1]))
        pairs.append(PairOfAuditors(names, len(both), kappa, same))
    table = np.full((len(auditors), len(by_unit), len(QUESTIONS)), np.nan)
    for column, unit in enumerate(by_unit):
        for auditor, opinion in unit.items():
            table[auditors.index(auditor), column] = opinion.answers
    alpha = tuple(krippendorff_alpha(table[..., q]) for q in range(len(QUESTIONS)))
    return Agreement(len(by_unit), alpha, tuple(pairs))


def mask_agreement(
    project: Project,
    opinions: Sequence[Opinion],
    known: MutableMapping[tuple[int, int], float] | None = None,
) -> MaskAgreement:
    """Return the IoU of the masks that two auditors accepted for the same item.

    Args:
        project: the project.
        opinions: from `read_opinions`.
        known: IoU of two masks by their rows, which is added to; masks never change.
    """
    known = {} if known is None else known
    ious, edited = [], []
    for unit in _by_unit(opinions):
        accepted = [unit[name].mask_id for name in sorted(unit) if unit[name].accepts]
        for a, b in combinations(accepted, 2):
            iou = 1.0 if a == b else _known_iou(project, a or 0, b or 0, known)
            ious.append(iou)
            if a != b:
                edited.append(iou)
    return MaskAgreement(len(ious), _mean(ious), len(edited), _mean(edited))


def cohen_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's kappa of two raters, (N,) each; NaN if chance alone explains agreement.

    Cohen, "A coefficient of agreement for nominal scales", 1960.
    """
    first, second = np.asarray(first), np.asarray(second)
    observed = np.mean(first == second)
    values = np.union1d(first, second)
    chance = sum(np.mean(first == value) * np.mean(second == value) for value in values)
    return float((observed - chance) / (1 - chance)) if chance < 1 else math.nan


def krippendorff_alpha(ratings: np.ndarray) -> float:
    """Return Krippendorff's nominal alpha of (raters, units) with NaN where none was given.

    NaN if fewer than two different values can be compared.  Krippendorff, "Computing
    Krippendorff's alpha-reliability", 2011.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[..., None] == values).sum(axis=0)  # (units, values)
    counts = counts[counts.sum(axis=1) > 1]  # a single rating of a unit is compared with none
    raters = counts.sum(axis=1)
    totals = counts.sum(axis=0)
    count = int(totals.sum())
    expected = count**2 - float((totals**2).sum())
    if not expected:
        return math.nan
    disagreeing = ((raters**2 - (counts**2).sum(axis=1)) / (raters - 1)).sum()
    return float(1 - (count - 1) * disagreeing / expected)


def _by_unit(opinions: Sequence[Opinion]) -> list[Mapping[str, Opinion]]:
    """Return the opinions of each round that at least two auditors judged, by auditor."""
    units: dict[tuple[int, int], dict[str, Opinion]] = defaultdict(dict)
    for opinion in opinions:
        units[opinion.item_id, opinion.base_round][opinion.auditor] = opinion
    return [unit for unit in units.values() if len(unit) > 1]


def _known_iou(
    project: Project, first: int, second: int, known: MutableMapping[tuple[int, int], float]
) -> float:
    """Return the IoU of two masks by their rows; row 0 is no mask."""
    if (first, second) not in known:
        known[first, second] = _iou(project, first, second)
    return known[first, second]


def _iou(project: Project, first: int, second: int) -> float:
    masks = [read_mask(project, row) if row else None for row in (first, second)]
    areas = [0 if mask is None else int(mask.sum()) for mask in masks]
    if masks[0] is None or masks[1] is None:
        return float(sum(areas) == 0)
    union = int((masks[0] | masks[1]).sum())
    return int((masks[0] & masks[1]).sum()) / union if union else 1.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan
