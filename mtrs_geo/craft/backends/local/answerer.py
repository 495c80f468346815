"""Asks a local image-text-to-text model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from PIL import Image

from mtrs_geo.craft.backends.contract import BackendError
from mtrs_geo.craft.backends.language.prompts import PROMPTS_VERSION
from mtrs_geo.craft.backends.language.question import AnswerError, Question
from mtrs_geo.craft.backends.language.schemas import strict_schema
from mtrs_geo.craft.backends.local.folders import load_folder
from mtrs_geo.craft.project import Origin, Project
from mtrs_geo.craft.project.pairs import find_pair
from mtrs_geo.craft.project.work import Cost, add_cost

__all__ = ["LocalAnswerer"]

T = TypeVar("T")


class LocalAnswerer:
    """An `Answerer` on this machine; it writes the most likely text, so it is asked once.

    Args:
        project: for the log of costs, which has tokens and seconds.
        folder: a model of transformers that takes images and a chat, with its processor.
        device: see `load_folder`.
        max_output_tokens: most tokens of an answer.

    Raises:
        ModelError: if the folder cannot be loaded.
    """

    def __init__(
        self, project: Project, folder: Path, device: str = "auto", max_output_tokens: int = 2000
    ) -> None:
        self.project, self.max_output_tokens = project, max_output_tokens
        self._local = load_folder(folder, "AutoModelForImageTextToText", device)
        known = self._local.origin
        self.origin = Origin(known.kind, known.name, f"{known.version}, prompts {PROMPTS_VERSION}")

    def ask(self, question: Question, read: Callable[[str], T]) -> T:
        """Return what ``read`` makes of the answer.

        Raises:
            BackendError: if the model fails or its answer cannot be used.
        """
        started = time.monotonic()
        try:
            text, tokens = self._generate(question)
        except (RuntimeError, ValueError, IndexError) as error:
            problem = f"the model failed: {str(error).splitlines()[0] if str(error) else error!r}"
            self._record(question, "failed", (0, 0), time.monotonic() - started, problem)
            raise BackendError(problem) from error
        seconds = time.monotonic() - started
        try:
            value = read(text)
        except AnswerError as error:
            if error.usable is None:
                self._record(question, "failed", tokens, seconds, error.problem)
                msg = f"the answer cannot be used: {error.problem}"
                raise BackendError(msg) from error
            value = cast(T, error.usable)
        self._record(question, "ok", tokens, seconds)
        return value

    def _generate(self, question: Question) -> tuple[str, tuple[int, int]]:
        """Return the text, and the number of tokens in and out."""
        import torch

        processor = self._local.processor
        inputs = processor.apply_chat_template(
            _messages(question), add_generation_prompt=True, tokenize=True, return_dict=True,
            return_tensors="pt",
        ).to(self._local.device, self._local.model.dtype)  # fmt: skip
        asked = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            written = self._local.model.generate(
                **inputs, max_new_tokens=self.max_output_tokens, do_sample=False
            )
        answer = written[:, asked:]
        text = processor.batch_decode(answer, skip_special_tokens=True)[0]
        return str(text), (int(asked), int(answer.shape[1]))

    def _record(
        self,
        question: Question,
        outcome: str,
        tokens: tuple[int, int],
        seconds: float,
        detail: str = "",
    ) -> None:
        cost = Cost(
            question.stage, self.origin, outcome, *tokens, seconds=seconds, detail=detail,
            pair_id=find_pair(self.project, question.pair),
        )  # fmt: skip
        add_cost(self.project, cost)


def _messages(question: Question) -> list[dict[str, Any]]:
    form = f"Answer with one JSON object of this schema: {strict_schema(question.schema)}"
    parts: list[dict[str, Any]] = [{"type": "text", "text": question.instructions}]
    for image in question.images:
        parts.append({"type": "text", "text": image.caption})
        parts.append({"type": "image", "image": Image.fromarray(image.pixels)})
    parts.append({"type": "text", "text": form})
    return [{"role": "user", "content": parts}]
