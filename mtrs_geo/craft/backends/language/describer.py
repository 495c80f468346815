"""A describer and a segmenter that ask an `Answerer`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtrs_geo.craft.backends.contract import (
    BackendError,
    Described,
    GridCell,
    Judgement,
    PairImages,
    Proposal,
    Review,
    Rewrite,
)
from mtrs_geo.craft.backends.language.answers import (
    read_described,
    read_judgements,
    read_polygons,
    read_review,
    read_rewrite,
)
from mtrs_geo.craft.backends.language.pictures import (
    both_dates,
    date_of_type,
    dates_with_grid,
    mask_over_dates,
)
from mtrs_geo.craft.backends.language.prompts import (
    describe_text,
    polygon_text,
    review_text,
    rewrite_text,
    verify_text,
)
from mtrs_geo.craft.backends.language.question import Answerer, CaptionedImage, Question
from mtrs_geo.craft.backends.language.schemas import (
    DescribeAnswer,
    PolygonAnswer,
    ReviewAnswer,
    RewriteAnswer,
    VerifyAnswer,
)
from mtrs_geo.types import BoolArray

__all__ = ["LanguageDescriber", "LanguageSegmenter"]


class LanguageDescriber:
    """A `Describer` that asks in words.

    Args:
        answerer: who answers.
        side_px: longer side of the images that are shown; larger ones are reduced.
    """

    def __init__(self, answerer: Answerer, side_px: int = 1024) -> None:
        self.answerer, self.side_px = answerer, side_px
        self.origin = answerer.origin

    def describe(self, pair: PairImages, cells: Sequence[GridCell]) -> Sequence[Described]:
        """Ask for all cells at once, and once more for those that the answer leaves out.

        Raises:
            BackendError: if there is no usable answer, or a cell is left out again.
        """
        found = {answer.cell: answer for answer in self._describe(pair, cells)}
        missing = [cell for cell in cells if cell.name not in found]
        if missing:
            found |= {answer.cell: answer for answer in self._describe(pair, missing)}
        left_out = [cell.name for cell in cells if cell.name not in found]
        if left_out:
            msg = f"the answer leaves out {', '.join(left_out)}"
            raise BackendError(msg)
        return [found[cell.name] for cell in cells]

    def review(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> Review:
        """Ask whether a sentence and its mask (rows, cols) are right."""
        images = mask_over_dates(pair, proposal, mask, self.side_px)
        question = Question("review", pair.name, review_text(proposal), images, ReviewAnswer)
        return self.answerer.ask(question, read_review)

    def rewrite(
        self, pair: PairImages, proposal: Proposal, mask: BoolArray, others: Sequence[BoolArray]
    ) -> Rewrite:
        """Ask for a sentence without words of the grid."""
        images = mask_over_dates(pair, proposal, mask, self.side_px)
        text = rewrite_text(proposal, len(others))
        question = Question("rewrite", pair.name, text, images, RewriteAnswer)
        return self.answerer.ask(question, read_rewrite)

    def verify(self, pair: PairImages, proposal: Proposal, mask: BoolArray) -> Sequence[Judgement]:
        """Ask the three questions."""
        images = mask_over_dates(pair, proposal, mask, self.side_px)
        question = Question("verify", pair.name, verify_text(proposal), images, VerifyAnswer)
        return self.answerer.ask(question, read_judgements)

    def _describe(self, pair: PairImages, cells: Sequence[GridCell]) -> Sequence[Described]:
        shape = pair.after.shape[0], pair.after.shape[1]
        question = Question(
            "describe", pair.name, describe_text(pair, cells),
            dates_with_grid(pair, cells, self.side_px), DescribeAnswer,
        )  # fmt: skip
        return self.answerer.ask(question, lambda text: read_described(text, cells, shape))


class LanguageSegmenter:
    """A `Segmenter` that asks for polygons.  Outlines of language models are coarse.

    Args:
        answerer: who answers.
        side_px: longer side of the image that is shown.
    """

    def __init__(self, answerer: Answerer, side_px: int = 1024) -> None:
        self.answerer, self.side_px = answerer, side_px
        self.origin = answerer.origin

    def segment(self, pair: PairImages, proposal: Proposal, hint: str = "") -> BoolArray:
        """Ask for the outline in the date that the type calls for; in both for ``state``."""
        both = both_dates(pair, self.side_px)
        if proposal.change_type == "state":
            images: tuple[CaptionedImage, ...] = both
        else:
            is_later = date_of_type(pair, proposal) is pair.after
            images = (CaptionedImage("The image:", both[int(is_later)].pixels),)
        shape = pair.after.shape[0], pair.after.shape[1]
        text = polygon_text(proposal, hint)
        question = Question("segment", pair.name, text, images, PolygonAnswer)
        return np.asarray(self.answerer.ask(question, lambda text: read_polygons(text, shape)))
