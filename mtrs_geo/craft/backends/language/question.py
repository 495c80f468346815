"""A question to a model with images, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from mtrs_geo.craft.project.records import Origin
from mtrs_geo.types import UInt8Array

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["AnswerError", "Answerer", "CaptionedImage", "Question"]

T = TypeVar("T")


@dataclass(frozen=True)
class CaptionedImage:
    """An image (rows, cols, 3) and the words that stand before it."""

    caption: str
    pixels: UInt8Array


@dataclass(frozen=True)
class Question:
    """Instructions, images, and the form of the answer."""

    stage: str
    """Name of the step, for the log of costs."""
    pair: str
    """Name of the pair, for the log of costs; it is not sent, because it is a file name."""
    instructions: str
    images: tuple[CaptionedImage, ...]
    schema: type[BaseModel]


class AnswerError(ValueError):
    """An answer cannot be used as it is.

    Args:
        problem: what is wrong, as a sentence for the model.
        usable: what can be used nevertheless if no better answer comes; None if nothing.
    """

    def __init__(self, problem: str, usable: object = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.usable = usable


class Answerer(Protocol):
    """Answers questions."""

    origin: Origin

    def ask(self, question: Question, read: Callable[[str], T]) -> T:
        """Return what ``read`` makes of the answer.

        Args:
            question: what is asked.
            read: reads the text of the answer; raises `AnswerError` if it cannot be used.

        Raises:
            BackendError: if there is no usable answer.
        """
        ...
