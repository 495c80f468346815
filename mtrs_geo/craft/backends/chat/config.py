"""Settings of a chat endpoint, from a YAML file and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import yaml

from mtrs_geo.errors import RequestError, SourceNotAllowedError
from mtrs_geo.io.trust.source_policy import source_policy
from mtrs_geo.strict_yaml import load_yaml

__all__ = ["ChatConfig", "Structured", "read_config"]

Structured = Literal["schema", "object", "text"]
"""How JSON is asked for: by a JSON schema, as any JSON object, or in words alone."""

_URL_VARIABLE, _KEY_VARIABLE = "OPENAI_BASE_URL", "OPENAI_API_KEY"
_MOST_CONFIG_BYTES = 1 << 20
_EXAMPLE = "docs/craft-backends.md has an example."


@dataclass(frozen=True)
class ChatConfig:
    """A chat endpoint and its limits."""

    base_url: str
    """Up to and without ``/chat/completions``."""
    model: str
    api_key: str = field(default="", repr=False)
    """Empty for endpoints without a key."""
    structured: Structured = "schema"
    """Lowered by itself where the endpoint refuses it."""
    temperature: float | None = 0.0
    """None leaves it to the endpoint; some models refuse it."""
    max_output_tokens: int = 4000
    image_px: int = 1024
    """Longer side of the images that are sent; larger ones are reduced."""
    timeout_s: float = 180.0
    """For a whole answer."""
    connect_timeout_s: float = 10.0
    max_answer_bytes: int = 1 << 20
    retries: int = 4
    """Further attempts after a failure that may pass: 429, 5xx, a lost connection."""
    repeats: int = 1
    """Further attempts after an answer that cannot be used."""
    first_wait_s: float = 1.0
    """Before the first retry; doubled before each further one."""
    longest_wait_s: float = 60.0
    """If the endpoint asks to wait longer, the run stops."""
    give_up_after: int = 5
    """Number of questions in a row that the endpoint did not answer, after which the run stops."""
    requests_per_minute: float = 0.0
    """0 is no limit."""
    input_price: float = 0.0
    """Per million tokens."""
    output_price: float = 0.0
    budget: float | None = None
    """Most that the project may spend, in the currency of the prices."""
    budget_tokens: int | None = None
    """Most tokens, in and out."""
    budget_calls: int | None = None
    proxy: str | None = field(default=None, repr=False)
    """URL of a proxy; proxies of the environment are not used."""

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            msg = f"the chat endpoint {self.base_url!r} is not a URL of http or https."
            raise RequestError(msg, advice="Write it like http://localhost:8000/v1.")
        if not self.model:
            msg = "the chat endpoint has no model."
            raise RequestError(msg, advice=f"Name it with model. {_EXAMPLE}")
        if self.structured not in get_args(Structured):
            msg = f"structured is {self.structured!r}."
            raise RequestError(msg, advice=f"Use one of {', '.join(get_args(Structured))}.")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                msg = f"{name} is {getattr(self, name)}."
                raise RequestError(msg, advice="Use a positive number.")
        for name in _NOT_NEGATIVE:
            if not (getattr(self, name) or 0) >= 0:
                msg = f"{name} is {getattr(self, name)}."
                raise RequestError(msg, advice="Use zero or a positive number.")

    @property
    def host(self) -> str:
        """Name of the endpoint's machine."""
        return urlsplit(self.base_url).hostname or ""


_POSITIVE = (
    "max_output_tokens", "image_px", "timeout_s", "connect_timeout_s", "max_answer_bytes",
    "give_up_after",
)  # fmt: skip
_NOT_NEGATIVE = (
    "retries", "repeats", "first_wait_s", "longest_wait_s", "requests_per_minute", "input_price",
    "output_price", "budget", "budget_tokens", "budget_calls",
)  # fmt: skip


def read_config(argument: str) -> ChatConfig:
    """Return the settings of a YAML file, or of a model at the endpoint of the environment.

    Where the file has no ``base_url``, the environment variable OPENAI_BASE_URL counts.  The key is
    ``api_key`` of the file, or the value of the environment variable that ``api_key_env`` names, or
    of OPENAI_API_KEY.

    Args:
        argument: path of a .yaml or .yml file, or the name of a model.

    Raises:
        RequestError: if the file cannot be read or a value is not possible.
        SourceNotAllowedError: if hosts are listed in MTRS_GEO_ALLOW and this one is not.
    """
    is_file = argument.lower().endswith((".yaml", ".yml"))
    values = _read_file(Path(argument)) if is_file else {"model": argument}
    variable = values.pop("api_key_env", _KEY_VARIABLE)
    values.setdefault("api_key", os.environ.get(str(variable), ""))
    values.setdefault("base_url", os.environ.get(_URL_VARIABLE, ""))
    if not values["base_url"]:
        msg = f"{argument} names no chat endpoint."
        advice = f"Set base_url in a YAML file, or {_URL_VARIABLE}. {_EXAMPLE}"
        raise RequestError(msg, advice=advice)
    config = _as_config(values, argument)
    policy = source_policy()
    if policy.hosts and not policy.allows_host(config.base_url):
        msg = f"the chat endpoint {config.host} is not an allowed host."
        raise SourceNotAllowedError(msg, advice="Add it to MTRS_GEO_ALLOW, or use another one.")
    return config


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_CONFIG_BYTES:
            msg = f"{path} is too large for a configuration."
            raise RequestError(msg, advice=_EXAMPLE)
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        if isinstance(error, RequestError):
            raise
        msg = f"{path} cannot be read as YAML: {error}."
        raise RequestError(msg, advice=_EXAMPLE) from error
    if not isinstance(values, dict):
        msg = f"{path} has no settings."
        raise RequestError(msg, advice=_EXAMPLE)
    return values


def _as_config(values: Mapping[str, Any], name: str) -> ChatConfig:
    known = {entry.name: entry for entry in fields(ChatConfig)}
    unknown = sorted(str(key) for key in values if key not in known)
    if unknown:
        msg = f"{name} has unknown settings: {', '.join(unknown)}."
        raise RequestError(msg, advice=f"Known are: {', '.join(known)}, api_key_env.")
    start = ChatConfig("http://localhost/v1", "model")
    for key, value in values.items():
        expected = str(known[key].type)
        is_text = "str" in expected or expected == "Structured"
        number = int if expected.startswith("int") else (int, float)
        is_right = isinstance(value, str) if is_text else isinstance(value, number)
        if value is None and "None" in expected:
            is_right = True
        if not is_right or isinstance(value, bool):
            msg = f"{name}: {key} is not {'a text' if is_text else 'a number'}."
            raise RequestError(msg, advice=_EXAMPLE)
    return replace(start, **values)
