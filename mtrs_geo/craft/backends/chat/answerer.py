"""Asks a chat endpoint: waits, retries, repeats, and stops when that is of no use."""

from __future__ import annotations

import base64
import io
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from PIL import Image

from mtrs_geo.craft.backends.chat.config import ChatConfig, Structured
from mtrs_geo.craft.backends.chat.ledger import ChatLedger
from mtrs_geo.craft.backends.chat.transport import Reply, Transport, TransportError
from mtrs_geo.craft.backends.contract import BackendError, BackendUnavailableError
from mtrs_geo.craft.backends.language.prompts import PROMPTS_VERSION
from mtrs_geo.craft.backends.language.question import AnswerError, Question
from mtrs_geo.craft.backends.language.schemas import strict_schema
from mtrs_geo.craft.project import Origin, Project
from mtrs_geo.types import UInt8Array

__all__ = ["ChatAnswerer"]

T = TypeVar("T")

_JPEG_QUALITY = 92
_SEED_OF_WAITS = 0
_MOST_SHOWN = 2000
"""Characters of an unusable answer that the model is shown again."""
_LOWER: dict[Structured, Structured] = {"schema": "object", "object": "text"}


class ChatAnswerer:
    """An `Answerer` at an OpenAI-compatible chat endpoint.

    Args:
        project: for cache, costs and budget.
        config: endpoint and limits.
    """

    def __init__(self, project: Project, config: ChatConfig) -> None:
        self.config = config
        self.origin = Origin("model", config.model, f"{config.host}, prompts {PROMPTS_VERSION}")
        self.ledger = ChatLedger(project, config, self.origin)
        self.transport = Transport(config)
        self._structured: Structured = config.structured
        self._silent = 0
        self._last_sent = float("-inf")
        self._random = random.Random(_SEED_OF_WAITS)

    def ask(self, question: Question, read: Callable[[str], T]) -> T:
        """Return what ``read`` makes of the answer, from the cache if it is there.

        Raises:
            BackendError: if the answer is refused or unusable, or does not come.
            BackendUnavailableError: if the endpoint refuses every request, or did not answer for
                `ChatConfig.give_up_after` questions in a row.
            BudgetExceededError: if the budget is spent.
        """
        messages = _messages(question)
        temperature = self.config.temperature
        key = self.ledger.key({"model": self.config.model, "t": temperature, "m": messages})
        cached = self.ledger.cached(key)
        if cached is not None:
            try:
                value = read(cached)
            except AnswerError:
                cached = None
            else:
                self.ledger.record(question.stage, question.pair, "cached")
                return value
        for attempt in range(self.config.repeats + 1):
            is_last = attempt == self.config.repeats
            reply = self._reply(question, messages)
            try:
                value = read(_text(reply))
            except AnswerError as error:
                if is_last and error.usable is not None:
                    # Not kept in the cache: the next run may get a whole answer.
                    self._record(question, "ok", reply, error.problem)
                    return cast(T, error.usable)
                outcome = "failed" if is_last else "retried"
                self._record(question, outcome, reply, error.problem)
                messages = [*messages, *_correction(reply.text, error.problem)]
                problem = error.problem
            else:
                self._record(question, "ok", reply)
                self.ledger.store(key, reply.text)
                return value
        msg = f"the answer cannot be used: {problem}"
        raise BackendError(msg)

    def _reply(self, question: Question, messages: list[dict[str, Any]]) -> Reply:
        """Send until there is an answer."""
        wait_s = self.config.first_wait_s
        retries = 0
        while True:
            self.ledger.check_budget()
            self._wait_for_rate()
            try:
                reply = self.transport.send(self._body(question, messages))
            except TransportError as error:
                if error.kind == "format" and self._structured in _LOWER:
                    self._record_failure(question, "retried", error)
                    self._structured = _LOWER[self._structured]
                    continue
                if error.kind != "retry" or retries == self.config.retries:
                    raise self._given_up(question, error) from error
                self._record_failure(question, "retried", error)
                self._wait(question, error, wait_s)
                wait_s, retries = wait_s * 2, retries + 1
            else:
                self._silent = 0
                if reply.refusal:
                    self._record(question, "failed", reply, f"refused: {reply.refusal}")
                    msg = f"the model refuses to answer: {reply.refusal}"
                    raise BackendError(msg)
                return reply

    def _given_up(self, question: Question, error: TransportError) -> Exception:
        """Record a failure that ends the question, and return the error to raise."""
        self._record_failure(question, "failed", error)
        if error.kind == "format":  # it was not the response format
            self._structured = self.config.structured
        if error.kind == "stop":
            msg = f"{self.config.host} refuses requests: {error.problem}."
            advice = "Check base_url, model and key, then run again: what is done is kept."
            return BackendUnavailableError(msg, advice=advice)
        self._silent += error.kind == "retry"
        if self._silent >= self.config.give_up_after:
            msg = f"{self.config.host} did not answer {self._silent} questions in a row: "
            advice = "Check the endpoint, then run again: what is done is kept."
            return BackendUnavailableError(f"{msg}{error.problem}.", advice=advice)
        return BackendError(error.problem)

    def _wait(self, question: Question, error: TransportError, wait_s: float) -> None:
        """Wait as long as the endpoint asks, or longer from retry to retry."""
        if error.wait_s is not None and error.wait_s > self.config.longest_wait_s:
            msg = f"{self.config.host} asks to wait {error.wait_s:.0f} seconds: {error.problem}."
            raise BackendUnavailableError(msg, advice="Run again later: what is done is kept.")
        planned = min(wait_s, self.config.longest_wait_s) * self._random.uniform(0.75, 1.25)
        time.sleep(planned if error.wait_s is None else error.wait_s)

    def _wait_for_rate(self) -> None:
        if self.config.requests_per_minute:
            interval_s = 60 / self.config.requests_per_minute
            time.sleep(max(0.0, self._last_sent + interval_s - time.monotonic()))
        self._last_sent = time.monotonic()

    def _body(self, question: Question, messages: list[dict[str, Any]]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": messages,
            "max_tokens": self.config.max_output_tokens,
        }
        if self.config.temperature is not None:
            body["temperature"] = self.config.temperature
        if self._structured == "schema":
            schema = {
                "name": question.schema.__name__,
                "schema": strict_schema(question.schema),
                "strict": True,
            }
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._structured == "object":
            body["response_format"] = {"type": "json_object"}
        return body

    def _record(self, question: Question, outcome: str, reply: Reply, detail: str = "") -> None:
        self.ledger.record(question.stage, question.pair, outcome, reply=reply, detail=detail)

    def _record_failure(self, question: Question, outcome: str, error: TransportError) -> None:
        self.ledger.record(
            question.stage, question.pair, outcome, seconds=error.seconds, detail=error.problem
        )


def _text(reply: Reply) -> str:
    if reply.is_cut:
        msg = "the answer was cut off: it is longer than max_output_tokens"
        raise AnswerError(msg)
    return reply.text


def _messages(question: Question) -> list[dict[str, Any]]:
    schema = strict_schema(question.schema)
    # In words too, for endpoints that ignore the response format.
    form = f"Answer with one JSON object of this schema and nothing else:\n{schema}"
    parts: list[dict[str, Any]] = [{"type": "text", "text": question.instructions}]
    for image in question.images:
        parts.append({"type": "text", "text": image.caption})
        parts.append({"type": "image_url", "image_url": {"url": _data_url(image.pixels)}})
    parts.append({"type": "text", "text": form})
    return [{"role": "user", "content": parts}]


def _correction(text: str, problem: str) -> list[dict[str, Any]]:
    return [
        {"role": "assistant", "content": text[:_MOST_SHOWN] or "(empty)"},
        {"role": "user", "content": f"This cannot be used: {problem}. Answer again, in full."},
    ]


def _data_url(pixels: UInt8Array) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
