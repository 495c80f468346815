"""One request to a chat endpoint, within limits of time and bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import httpx2
import openai
from pydantic import BaseModel, Field, ValidationError

from mtrs_geo.craft.backends.chat.config import ChatConfig
from mtrs_geo.craft.backends.language.sentences import clean_note
from mtrs_geo.redaction import redact

__all__ = ["Reply", "Transport", "TransportError"]

_UNREAD = "the answer is not a chat completion"
_MOST_TOKENS = 10**9


@dataclass(frozen=True)
class Reply:
    """The text of an answer and what it used."""

    text: str
    refusal: str
    is_cut: bool
    """The answer ended at the limit of tokens."""
    input_tokens: int
    output_tokens: int
    seconds: float
    has_usage: bool
    """Whether the endpoint said how many tokens it used."""


class TransportError(RuntimeError):
    """A request has no answer.

    Args:
        problem: what happened.
        kind: ``retry``: it may pass; ``format``: the endpoint may not know the response format;
            ``refused``: this request never passes; ``stop``: no request passes.
        wait_s: how long the endpoint asks to wait.
        seconds: how long the request took.
    """

    def __init__(
        self,
        problem: str,
        kind: Literal["retry", "format", "refused", "stop"],
        *,
        wait_s: float | None = None,
        seconds: float = 0.0,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.kind = kind
        self.wait_s = wait_s
        self.seconds = seconds


class Transport:
    """Sends requests with the client of openai.  Redirects are not followed.

    Args:
        config: endpoint and limits.
    """

    def __init__(self, config: ChatConfig) -> None:
        timeout = httpx2.Timeout(config.timeout_s, connect=config.connect_timeout_s)
        limited = _LimitedTransport(config)
        http = httpx2.Client(transport=limited, timeout=timeout, follow_redirects=False)
        self._client = openai.OpenAI(
            base_url=config.base_url,
            # The client demands one; servers without keys ignore it.
            api_key=config.api_key or "none",
            max_retries=0,
            http_client=http,
        )
        self._key = config.api_key

    def send(self, body: Mapping[str, Any]) -> Reply:
        """Send a request and return the answer.

        Args:
            body: arguments of a chat completion.

        Raises:
            TransportError: if there is none.
        """
        started = time.monotonic()
        try:
            raw = self._client.chat.completions.with_raw_response.create(**body)
            content = raw.http_response.content
        except openai.APIStatusError as error:
            problem = f"HTTP {error.status_code}: {self._plain(error.message)}"
            raise _status_error(error, problem, time.monotonic() - started) from error
        except openai.APIError as error:
            problem = self._plain(str(error.__cause__ or error))
            is_slow = isinstance(error, openai.APITimeoutError)
            text = "the endpoint did not answer in time" if is_slow else problem
            seconds = time.monotonic() - started
            raise TransportError(text or "no answer", "retry", seconds=seconds) from error
        return _reply(content, time.monotonic() - started)

    def _plain(self, text: str) -> str:
        """Return a text of the server without secrets; it may repeat the key."""
        return clean_note(redact(text.replace(self._key, "***") if self._key else text))


class _LimitedTransport(httpx2.HTTPTransport):
    """Ends an answer that is too long or too slow, whatever its status."""

    def __init__(self, config: ChatConfig) -> None:
        super().__init__(proxy=config.proxy)
        self._most_bytes, self._timeout_s = config.max_answer_bytes, config.timeout_s

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        # A compressed answer could be many times larger than what is counted.
        request.headers["Accept-Encoding"] = "identity"
        deadline = time.monotonic() + self._timeout_s
        response = super().handle_request(request)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            msg = "the answer is compressed, which was not asked for"
            raise httpx2.RemoteProtocolError(msg)
        stream = response.stream
        assert isinstance(stream, httpx2.SyncByteStream)
        limited = _LimitedStream(stream, self._most_bytes, deadline)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=limited,
            extensions=response.extensions,
        )


class _LimitedStream(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, most_bytes: int, deadline: float) -> None:
        self._stream, self._most_bytes, self._deadline = stream, most_bytes, deadline

    def __iter__(self) -> Iterator[bytes]:
        count = 0
        for chunk in self._stream:
            count += len(chunk)
            if count > self._most_bytes:
                msg = f"the answer is longer than {self._most_bytes:,} bytes"
                raise httpx2.RemoteProtocolError(msg)
            if time.monotonic() > self._deadline:
                msg = "the answer takes too long"
                raise httpx2.ReadTimeout(msg)
            yield chunk

    def close(self) -> None:
        self._stream.close()


class _Message(BaseModel):
    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: Any = None


def _reply(content: bytes, seconds: float) -> Reply:
    try:
        completion = _Completion.model_validate_json(content)
    except ValidationError as error:
        raise TransportError(_UNREAD, "retry", seconds=seconds) from error
    choice = completion.choices[0]
    text = choice.message.content or ""
    if isinstance(text, list):
        text = "".join(str(part.get("text") or "") for part in text)
    refusal = choice.message.refusal or ""
    if choice.finish_reason == "content_filter":
        refusal = refusal or "content filter"
    used = [_tokens(completion.usage, name) for name in ("prompt_tokens", "completion_tokens")]
    return Reply(
        text, clean_note(refusal), choice.finish_reason == "length",
        used[0] or 0, used[1] or 0, seconds, None not in used,
    )  # fmt: skip


def _tokens(usage: object, name: str) -> int | None:
    """Return a number of tokens; None if it is missing or impossible, as the answer counts."""
    value = usage.get(name) if isinstance(usage, dict) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return int(value) if 0 <= value <= _MOST_TOKENS else None


def _status_error(error: openai.APIStatusError, problem: str, seconds: float) -> TransportError:
    status = error.status_code
    if status in (408, 409, 425, 429) or status >= 500:
        wait_s = _wait_s(error.response.headers.get("Retry-After", ""))
        return TransportError(problem, "retry", wait_s=wait_s, seconds=seconds)
    if status in (400, 422):
        return TransportError(problem, "format", seconds=seconds)
    if status == 413:
        return TransportError(problem, "refused", seconds=seconds)
    return TransportError(problem, "stop", seconds=seconds)


def _wait_s(text: str) -> float | None:
    """Return the seconds of a Retry-After header, which is a number or a date."""
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
